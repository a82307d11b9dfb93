import { Coin } from "@interfirm/proto/gen/cosmos/base/v1beta1";
import { AgreementStatus, EventProposed, EventStatusChanged } from "@interfirm/proto/gen/interfirm/agreements/v1";
import type { Address } from "@interfirm/proto/types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Branch } from "./branch.ts";
import type { Ctx } from "./context.ts";
import { createQueryCtx, RunCtx } from "./ctx.ts";
import { GasMeter } from "./gas.ts";
import { sdkError } from "./sdk-errors.ts";
import { MemoryStore } from "./stores.ts";

const key = (n: number): Uint8Array => Uint8Array.of(n);
const header = { chainId: "test-1", height: 5n, time: 7n, addressPrefix: "firm" };

function open(gas = new GasMeter(Number.POSITIVE_INFINITY)) {
  const store = new MemoryStore();
  const branch = new Branch((name) => {
    if (name !== "x") throw new Error(`store ${name} is unknown`);
    return store;
  });
  return { store, branch, block: new RunCtx(header, branch, gas, () => true), flush: () => branch.flush(() => store) };
}

const fails = (ctx: Ctx): never => {
  ctx.store("x").set(key(9), key(9));
  ctx.emitRaw("lost", []);
  throw sdkError.logic("on purpose");
};

describe("Ctx", () => {
  it("keeps a branch that returns and drops one that throws, state and events alike", () => {
    const { store, block, flush } = open();
    const result = block.atomically((ctx) => {
      ctx.store("x").set(key(1), key(1));
      ctx.emitRaw("kept", [["a", "b"]]);
      expect(() => ctx.atomically(fails)).toThrow("on purpose");
      return "done";
    });
    expect(result).toBe("done");
    expect(block.events).toEqual([{ type: "kept", attributes: [{ key: "a", value: "b", index: true }] }]);
    expect([...store.range()]).toEqual([]);
    flush();
    expect([...store.range()]).toEqual([[key(1), key(1)]]);
  });

  it("leaves state and events as they were, whatever a dropped branch did", () => {
    const step = fc.tuple(fc.constantFrom("set", "delete", "emit"), fc.integer({ min: 1, max: 4 }));
    fc.assert(
      fc.property(fc.array(step), fc.array(step), (kept, dropped) => {
        const { block } = open();
        const run = (ctx: Ctx, steps: readonly (readonly [string, number])[]) => {
          for (const [what, n] of steps) {
            if (what === "set") ctx.store("x").set(key(n), key(steps.length));
            else if (what === "delete") ctx.store("x").delete(key(n));
            else ctx.emitRaw(`event ${n}`, []);
          }
        };
        run(block, kept);
        const before = [[...block.store("x").range(undefined, undefined)], [...block.events]];
        expect(() =>
          block.atomically((ctx) => {
            ctx.atomically((inner) => run(inner, dropped));
            fails(ctx);
          }),
        ).toThrow();
        expect([[...block.store("x").range(undefined, undefined)], [...block.events]]).toEqual(before);
      }),
    );
  });

  it("keeps gas spent in a branch that is dropped, and charges each access once", () => {
    const { block } = open(new GasMeter(1e6));
    expect(() => block.atomically((ctx) => ctx.atomically(fails))).toThrow();
    expect(block.gas.used).toBe(2000 + 30 + 30);
    block.store("x").get(key(1));
    expect(block.gas.used).toBe(2060 + 1003);
  });

  it("gives a transaction on the same branch its own meter and its own events", () => {
    const { block, branch, flush, store } = open();
    block.emitRaw("begin", []);
    const tx = new RunCtx(header, branch, new GasMeter(5000), () => true);
    tx.atomically((ante) => {
      ante.store("x").set(key(1), key(1));
      ante.emitRaw("ante", []);
    });
    const messages = (ctx: Ctx) => {
      ctx.emitRaw("lost", []);
      ctx.store("x").set(key(2), new Uint8Array(40));
    };
    expect(() => tx.atomically(messages)).toThrow(expect.objectContaining({ code: 11 }));
    expect(tx.takeEvents().map(({ type }) => type)).toEqual(["ante"]);
    expect(block.takeEvents().map(({ type }) => type)).toEqual(["begin"]);
    expect(tx.gas.used).toBe(2060 + 2000 + 30 + 1200);
    expect(block.gas.used).toBe(0);
    flush();
    expect([...store.range()]).toEqual([[key(1), key(1)]]);
  });

  it("makes no events where nobody asks for them, indexes as it is told, and ends each with the suffix", () => {
    const { branch } = open();
    const silent = new RunCtx(header, branch, new GasMeter(1), undefined);
    silent.emitRaw("a", [["b", "c"]]);
    expect(silent.events).toEqual([]);
    const ctx = new RunCtx(header, branch, new GasMeter(1), (type, key) => `${type}.${key}` === "a.b");
    ctx.suffix = ["msg_index", "0"];
    ctx.emitRaw("a", [["b", "c"]]);
    const attributes = [
      { key: "b", value: "c", index: true },
      { key: "msg_index", value: "0", index: false },
    ];
    expect(ctx.events).toEqual([{ type: "a", attributes }]);
  });

  it("has no store that was not declared", () => {
    expect(() => open().block.store("y")).toThrow("store y is unknown");
  });

  it("emits typed events as proto3 JSON in field order", () => {
    const { block } = open();
    block.emit(EventStatusChanged, {
      id: 1n << 60n,
      from: AgreementStatus.AGREEMENT_STATUS_UNSPECIFIED,
      to: AgreementStatus.AGREEMENT_STATUS_ACTIVE,
    });
    block.emit(EventProposed, {
      id: 0n,
      payer: 'a"b' as Address,
      payee: "" as Address,
      price: Coin.fromPartial({ denom: "ufirm", amount: 5n }),
      termsHash: Uint8Array.of(255, 0),
      deadlineHeight: 3n,
    });
    const plain = block.events.map(({ type, attributes }) => [type, ...attributes.map((a) => `${a.key}=${a.value}`)]);
    expect(plain).toEqual([
      [
        "interfirm.agreements.v1.EventStatusChanged",
        'id="1152921504606846976"',
        'from="AGREEMENT_STATUS_UNSPECIFIED"',
        'to="AGREEMENT_STATUS_ACTIVE"',
      ],
      [
        "interfirm.agreements.v1.EventProposed",
        'id="0"',
        'payer="a\\"b"',
        'payee=""',
        'price={"denom":"ufirm","amount":"5"}',
        'terms_hash="/wA="',
        'deadline_height="3"',
      ],
    ]);
  });
});

describe("QueryCtx", () => {
  it("reads a committed version and charges for it", () => {
    const store = new MemoryStore();
    store.set(key(1), key(7));
    const gas = new GasMeter(1006);
    const ctx = createQueryCtx({ ...header, gas, open: () => store });
    expect(ctx.store("x").get(key(1))).toEqual(key(7));
    expect(() => ctx.store("x").get(key(1))).toThrow(expect.objectContaining({ codespace: "sdk", code: 11 }));
    expect("set" in ctx.store("x")).toBe(false);
  });
});

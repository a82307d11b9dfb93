/** What the application does about modules that break its rules. */

import type { AnyModule, ValidatorUpdate } from "@interfirm/modules/kernel/module";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { Empty } from "@interfirm/proto/gen/google/protobuf";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { afterEach, describe, expect, it } from "vitest";
import type { Logger } from "../abci/logger.ts";
import { send } from "./accounts.ts";
import { type ChainOptions, realModules, TestChain, VALIDATOR_KEY } from "./chain.ts";

const chains: TestChain[] = [];

afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.close();
});

/** A chain with one more module, without a store, that does `parts`. */
async function withModule(parts: Partial<AnyModule>, options: ChainOptions = {}): Promise<TestChain> {
  const extra: AnyModule = {
    name: "extra",
    version: 1,
    keeper: {},
    genesis: { type: Empty, empty: {}, validate() {}, init() {}, export: () => ({}) },
    ...parts,
  };
  const composition = () => {
    const real = realModules();
    return { ...real, modules: [...real.modules, extra] };
  };
  const chain = await TestChain.start({ composition, ...options });
  chains.push(chain);
  return chain;
}

const update = (seed: number, power: bigint): ValidatorUpdate => ({
  pubKeyType: "ed25519",
  pubKey: new Uint8Array(32).fill(seed),
  power,
});

describe("validator updates", () => {
  it("U1: reach CometBFT merged, and are remembered for the checks of later ones", async () => {
    const updates = [[update(1, 5n)], [update(1, 7n), update(2, 1n)], [update(1, 0n)]];
    const chain = await withModule({ endBlock: (ctx) => updates[Number(ctx.height) - 1] ?? [] });
    const seen: string[] = [];
    for (let i = 0; i < 4; i++) {
      const { validatorUpdates } = await chain.block();
      seen.push(validatorUpdates.map(({ pubKey, power }) => `${pubKey.ed25519?.[0]}=${power}`).join(" "));
    }
    expect(seen).toEqual(["1=5", "1=7 2=1", "1=0", ""]);
    const { validators } = await chain.app.export(0n);
    expect(validators.map(({ pubKey, power }) => `${pubKey[0]}=${power}`)).toEqual(["2=1", "7=10"]);
  });

  it.each([
    ["an unknown validator's removal", [update(9, 0n)]],
    ["the last validator's removal", [{ ...update(0, 0n), pubKey: VALIDATOR_KEY }]],
    ["too much power", [update(1, 2n ** 62n)]],
    ["a negative power", [update(1, -1n)]],
    ["another type of key", [{ pubKeyType: "secp256k1" as const, pubKey: new Uint8Array(33), power: 1n }]],
  ])("U2: %s stops the node before CometBFT has it", async (_, updates) => {
    const chain = await withModule({ endBlock: () => updates });
    await expect(chain.finalize()).rejects.toThrow(/validator updates would halt every node/);
    expect(chain.store.version).toBe(0n);
  });

  it("H2: validators that modules name must be those of the genesis file, where it has any", async () => {
    const genesis = { type: Empty, empty: {}, validate() {}, export: () => ({}), init: () => [update(3, 4n)] };
    await expect(withModule({ genesis })).rejects.toThrow(/validators are .*, but modules name /);
  });
});

describe("invariants", () => {
  it("are checked at every k-th height, and a broken one stops the node", async () => {
    const parts = { invariants: { never: () => "it broke" } };
    const chain = await withModule(parts, { invariantPeriod: 3n });
    await chain.block();
    await chain.block();
    await expect(chain.finalize()).rejects.toThrow("invariant extra/never is broken: it broke");
  });

  it("of the real modules hold after every block", async () => {
    const chain = await withModule({}, { invariantPeriod: 1n });
    for (let i = 0; i < 3; i++) {
      const tx = chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 5n)]);
      expect((await chain.block([tx])).txResults[0]!.code).toBe(0);
    }
  });
});

describe("X1: begin and end of a block", () => {
  it("an error there stops the node, since every node has it alike", async () => {
    const chain = await withModule({
      beginBlock() {
        throw new Error("ledger lost");
      },
    });
    await expect(chain.finalize()).rejects.toThrow("ledger lost");
  });

  it("events there carry the mode, as in the SDK", async () => {
    const chain = await withModule({
      beginBlock: (ctx) => ctx.emitRaw("tick", [["n", "1"]]),
      endBlock: (ctx) => ctx.emitRaw("tock", [["n", "2"]]),
    });
    const { events } = await chain.block();
    const own = events.filter(({ type }) => type === "tick" || type === "tock");
    expect(own.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)])).toEqual(
      [
        ["tick", "n=1", "mode=BeginBlock"],
        ["tock", "n=2", "mode=EndBlock"],
      ],
    );
  });
});

describe("versions", () => {
  it("a program refuses the state of another version of a module", async () => {
    let version = 1;
    const composition = () => {
      const real = realModules();
      const modules = real.modules.map((module) => (module.name === "bank" ? { ...module, version } : module));
      return { ...real, modules };
    };
    const chain = await TestChain.start({ composition });
    chains.push(chain);
    await chain.block();
    version = 2;
    await expect(chain.reopen()).rejects.toThrow("state has version 1 of module bank, want 2");
    await chain.store.close();
    version = 1;
    await chain.open();
  });
});

describe("outside of blocks", () => {
  const errors: string[] = [];
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: (_, text) => void errors.push(text) };

  it("a listener that throws does not keep a block from being committed", async () => {
    const chain = await withModule({}, { logger });
    chain.app.onCommit(() => {
      throw new Error("disk of the listener");
    });
    await chain.block();
    expect(chain.store.version).toBe(1n);
    expect(errors.at(-1)).toBe("a listener of commits failed");
  });

  it("X2: a bug in a check refuses the transaction and the node lives on", async () => {
    const composition = () => ({
      ...realModules(),
      ante: () => {
        throw new RangeError("Maximum call stack size exceeded");
      },
    });
    const chain = await TestChain.start({ composition, logger });
    chains.push(chain);
    await chain.block();
    const tx = chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 5n)]);
    expect(await chain.check(tx)).toMatchObject({ codespace: "internal", code: 1, log: "internal error" });
    expect(errors.at(-1)).toBe("a check met a bug");
  });

  it("before there is a chain, every method that may come is answered", async () => {
    const chain = await withModule({});
    await chain.reopen();
    const tx = Uint8Array.of(1);
    expect(await chain.check(tx)).toMatchObject({ codespace: "sdk", code: 26 });
    expect((await chain.abciQuery("/cosmos.bank.v1beta1.Query/Params", new Uint8Array(0))).code).toBe(26);
    const info = await chain.app.handlers.info(abci.RequestInfo.fromPartial({}));
    expect(info).toMatchObject({ lastBlockHeight: 0n, appVersion: 0n });
    expect(info.lastBlockAppHash).toHaveLength(0);
    const request = abci.RequestFinalizeBlock.fromPartial({ height: 1n, time: nsToTimestamp(0n) });
    await expect(async () => chain.app.handlers.finalizeBlock(request)).rejects.toThrow(/no chain yet/);
  });
});

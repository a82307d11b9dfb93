/** Shows that a module is one folder and one line: this one is a counter, declared here with its own protos. */
import { createAnte } from "@interfirm/modules/auth/ante";
import { auth } from "@interfirm/modules/auth/module";
import { bank } from "@interfirm/modules/bank/module";
import { consensus } from "@interfirm/modules/consensus/module";
import { defineState } from "@interfirm/modules/kernel/collections";
import type { Ctx, QueryCtx } from "@interfirm/modules/kernel/context";
import { defineErrors } from "@interfirm/modules/kernel/errors";
import { defineModule, serve } from "@interfirm/modules/kernel/module";
import { upgrade } from "@interfirm/modules/upgrade/module";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import { Reader, Writer } from "@interfirm/proto/runtime";
import type { Address, Field, MessageType, ServiceType } from "@interfirm/proto/types";
import { afterAll, describe, expect, it } from "vitest";
import type { Composition } from "../app/composition.ts";
import { message, verifier } from "./accounts.ts";
import { TestChain } from "./chain.ts";

// What the generator would write for counter/v1.

type Shape = Readonly<Record<string, "string" | "uint64">>;

/** A codec of strings and 64-bit numbers, in the form of generated ones. */
function messageType<T>(name: string, shape: Shape, signers: readonly string[] = []): MessageType<T> {
  const fields = Object.entries(shape).map(
    ([field, scalar], index): Field => ({
      no: index + 1,
      name: field,
      protoName: field,
      kind: "scalar",
      scalar,
      repeated: false,
      required: false,
      aminoKeepEmpty: false,
      comment: "",
    }),
  );
  const empty = Object.fromEntries(Object.entries(shape).map(([field, kind]) => [field, kind === "string" ? "" : 0n]));
  return {
    typeUrl: `/counter.v1.${name}`,
    typeName: `counter.v1.${name}`,
    fields,
    signers,
    aminoName: undefined,
    aminoEncoding: undefined,
    comment: "",
    encode(value, writer = new Writer()) {
      const given = value as Readonly<Record<string, string | bigint>>;
      for (const { no, name: field, scalar } of fields) {
        if (scalar === "string" && given[field] !== "") writer.uint32(no * 8 + 2).string(given[field] as string);
        if (scalar === "uint64" && given[field] !== 0n) writer.uint32(no * 8).uint64(given[field] as bigint);
      }
      return writer;
    },
    decode(input) {
      const reader = input instanceof Reader ? input : new Reader(input);
      const value: Record<string, string | bigint> = { ...empty } as Record<string, string | bigint>;
      while (reader.pos < reader.len) {
        const field = fields[(reader.tag() >> 3) - 1]!;
        value[field.name] = field.scalar === "string" ? reader.string() : reader.uint64();
      }
      return value as T;
    },
    fromPartial: (partial) => ({ ...empty, ...(partial as object) }) as T,
  };
}

interface MsgAdd {
  readonly who: Address;
  readonly amount: bigint;
}
interface Total {
  readonly total: bigint;
}
const MsgAdd = messageType<MsgAdd>("MsgAdd", { who: "string", amount: "uint64" }, ["who"]);
const MsgAddResponse = messageType<Total>("MsgAddResponse", { total: "uint64" });
const QueryTotal = messageType<Record<never, never>>("QueryTotal", {});
const QueryTotalResponse = messageType<Total>("QueryTotalResponse", { total: "uint64" });
const GenesisState = messageType<Total>("GenesisState", { total: "uint64" });
const Msg = {
  typeName: "counter.v1.Msg",
  comment: "",
  methods: { add: { name: "Add", input: MsgAdd, output: MsgAddResponse, http: [], comment: "" } },
} as const satisfies ServiceType;
const Query = {
  typeName: "counter.v1.Query",
  comment: "",
  methods: { total: { name: "Total", input: QueryTotal, output: QueryTotalResponse, http: [], comment: "" } },
} as const satisfies ServiceType;

// The module.

const fail = defineErrors("counter", { nothing: [2, (amount: bigint) => `amount is ${amount}, want more than 0`] });
const state = defineState("counter", (store) => ({ total: store.item(0x00, MsgAddResponse) }));

function counter() {
  const total = (ctx: QueryCtx): bigint => state.total.get(ctx)?.total ?? 0n;
  const keeper = {
    total,
    add(ctx: Ctx, amount: bigint): bigint {
      if (amount === 0n) throw fail.nothing(amount);
      state.total.set(ctx, { total: total(ctx) + amount });
      return total(ctx);
    },
  };
  return defineModule({
    name: "counter",
    storeKey: "counter",
    version: 1,
    keeper,
    msgs: [serve(Msg, { add: (ctx: Ctx, { amount }) => ({ total: keeper.add(ctx, amount) }) })],
    queries: [serve(Query, { total: (ctx: QueryCtx) => ({ total: total(ctx) }) })],
    genesis: {
      type: GenesisState,
      empty: { total: 0n },
      validate() {},
      init: (ctx, genesis) => state.total.set(ctx, genesis),
      export: (ctx) => ({ total: total(ctx) }),
    },
    endBlock: (ctx) => ctx.emitRaw("counted", [["total", `${total(ctx)}`]]),
  });
}

function withCounter(): Composition {
  const accounts = auth({ moduleAccounts: { fee_collector: [] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector"] });
  const params = consensus();
  const plans = upgrade({ staking: { votePowers: () => [], lastValidatorPower: () => 0n } });
  return {
    modules: [accounts, money, params, plans, counter()],
    ante: createAnte({ accounts: accounts.keeper, bank: money.keeper, verifier }),
    consensusParams: params.keeper,
    upgrade: plans.keeper,
    upgrades: [],
    registry: createRegistry([...allTypes, MsgAdd, MsgAddResponse, QueryTotal, QueryTotalResponse, GenesisState]),
  };
}

describe("a module of one's own", async () => {
  const chain = await TestChain.start({ composition: withCounter, appState: { counter: { total: "100" } } });
  afterAll(() => chain.close());

  it("gets its genesis, its messages, its events and its end of block", async () => {
    const add = (amount: bigint) => chain.tx("alice", [message(MsgAdd, { who: chain.address("alice"), amount })]);
    const { txResults, events } = await chain.block([add(5n), add(0n)]);
    expect(txResults[0]).toMatchObject({ code: 0, log: "" });
    expect(txResults[1]).toMatchObject({
      codespace: "counter",
      code: 2,
      log: "failed to execute message; message index: 0: amount is 0, want more than 0",
    });
    expect(events.map(({ type, attributes }) => [type, ...attributes.map(({ value }) => value)])).toEqual([
      ["counted", "105", "EndBlock"],
    ]);
    const action = txResults[0]!.events.find(({ type, attributes }) => type === "message" && attributes.length === 4);
    expect(action?.attributes.map(({ value }) => value)).toEqual([
      "/counter.v1.MsgAdd",
      chain.address("alice"),
      "v1",
      "0",
    ]);
  });

  it("answers its queries by path, and is exported and restarted with the rest", async () => {
    expect(await chain.query(Query.typeName, Query.methods.total, {})).toEqual({ total: 105n });
    await chain.reopen();
    expect(await chain.query(Query.typeName, Query.methods.total, {})).toEqual({ total: 105n });
    expect((await chain.app.export(0n)).appState).toMatchObject({ counter: { total: "105" } });
  });

  it("does not change the rest of the chain: unknown messages of others stay unknown", async () => {
    const other = { typeUrl: "/interfirm.agreements.v1.MsgAccept", value: new Uint8Array(0) };
    const { txResults } = await chain.block([chain.tx("alice", [other], { sequence: 2n })]);
    expect(txResults[0]).toMatchObject({ codespace: "sdk", code: 2 });
  });
});

import { allServices, allTypes } from "@interfirm/proto/gen/index";
import { expect, expectTypeOf, test } from "vitest";
import { createMsgs, type Msgs, msgMethods, msgs } from "./msgs.ts";
import { createQueries, type Queries } from "./queries.ts";
import { byModule, type ModuleKey, msgServices, queryServices } from "./services.ts";

test("every service of the chain is there, under its module's name", () => {
  const names = (services: typeof msgServices) => [...services].map(([{ typeName }, key]) => `${key} ${typeName}`);
  expect(names(msgServices)).toContain("bank cosmos.bank.v1beta1.Msg");
  expect(names(msgServices)).toContain("agreements interfirm.agreements.v1.Msg");
  expect(names(msgServices)).toContain("staking cosmos.staking.v1beta1.Msg");
  expect(names(msgServices)).toContain("interfirmStaking interfirm.staking.v1.Msg");
  expect(names(queryServices)).toContain("node cosmos.base.node.v1beta1.Service");
  expect(names(queryServices)).toContain("tx cosmos.tx.v1beta1.Service");
  const counted = msgServices.size + queryServices.size;
  expect(counted).toBe(allServices.filter(({ typeName }) => /\.(Msg|Query|Service)$/.test(typeName)).length);
});

test("types and values agree on the names", () => {
  expectTypeOf<keyof Msgs>().toExtend<string>();
  expect(Object.keys(msgs).sort()).toEqual([...new Set(msgServices.values())].sort());
  const queries = createQueries(async () => new Uint8Array());
  expect(Object.keys(queries).sort()).toEqual([...new Set(queryServices.values())].sort());
  expectTypeOf<Queries["bank"]["balance"]>().toBeFunction();
  // @ts-expect-error no such module
  expect(msgs.nothing).toBeUndefined();
});

test("a signer that is left out is the account, or the operator with it", () => {
  const address = "firm19hqjrhqx3djagyheh0aqrfnxdeulrnkcszfpm2";
  const own = createMsgs(address);
  expect(own.slashing.unjail({}).value).toEqual({
    validatorAddr: "firmvaloper19hqjrhqx3djagyheh0aqrfnxdeulrnkckrth85",
  });
  expect(own.bank.send({ toAddress: address }).value.fromAddress).toBe(address);
});

test("a module in v1 has the plain name, its other versions carry theirs", () => {
  type Service<N extends string> = {
    readonly typeName: N;
    readonly comment: "";
    readonly methods: Record<string, never>;
  };
  type V1 = Service<"cosmos.gov.v1.Query">;
  type Beta = Service<"cosmos.gov.v1beta1.Query">;
  expectTypeOf<ModuleKey<V1, V1 | Beta>>().toEqualTypeOf<"gov">();
  expectTypeOf<ModuleKey<Beta, V1 | Beta>>().toEqualTypeOf<"govV1beta1">();
  expectTypeOf<ModuleKey<Beta, Beta>>().toEqualTypeOf<"gov">();
  type Stake = Service<"cosmos.staking.v1beta1.Msg">;
  type OwnStake = Service<"interfirm.staking.v1.Msg">;
  expectTypeOf<ModuleKey<Stake, Stake | OwnStake>>().toEqualTypeOf<"staking">();
  expectTypeOf<ModuleKey<OwnStake, Stake | OwnStake>>().toEqualTypeOf<"interfirmStaking">();
  expectTypeOf<ModuleKey<OwnStake, OwnStake>>().toEqualTypeOf<"staking">();
  expectTypeOf<ModuleKey<Service<"cosmos.base.node.v1beta1.Service">, V1>>().toEqualTypeOf<"node">();
});

test("two services that would hide one another are refused", () => {
  const [service] = msgServices.keys();
  const twice = new Map([
    [service!, "bank"],
    [{ ...service! }, "bank"],
  ]);
  expect(() => byModule(twice, () => 0)).toThrow("is served twice");
});

/** Of `TxInfo`, which a response is put beside. */
const TX_INFO = ["height", "txIndex", "txHash", "time", "gasUsed", "gasWanted", "events"];
/** Of `Client` and its signing part, which modules stand beside. */
const MEMBERS =
  "chain query msgs verified height block tx balance broadcast watch watchBlocks trustRoot cosmjs comet rpc close address submit dispatch simulate";

test("no response hides what is known of its transaction, no module a member of the client", () => {
  const hidden = [...msgMethods.values()].flatMap(({ output }) =>
    output.fields.filter(({ name }) => TX_INFO.includes(name)).map(({ name }) => `${output.typeName}.${name}`),
  );
  expect(hidden).toEqual([]);
  expect([...msgServices.values()].filter((key) => MEMBERS.split(" ").includes(key))).toEqual([]);
});

test("every message names its signers, and its response is a known type", () => {
  for (const { input, output } of msgMethods.values()) {
    expect([input.typeName, input.signers.length > 0]).toEqual([input.typeName, true]);
    expect(allTypes).toContain(output);
  }
});

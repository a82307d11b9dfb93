import { GenericAuthorization, type GenesisState, MsgExec, MsgGrant } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { MsgMultiSend, MsgSend, MsgUpdateParams, SendAuthorization } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import {
  AuthorizationType,
  MsgBeginRedelegate,
  MsgCancelUnbondingDelegation,
  MsgDelegate,
  MsgUndelegate,
  StakeAuthorization,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { DeepPartial } from "@interfirm/proto/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { govAuthority } from "../kernel/authority.ts";
import { formatCoins } from "../kernel/coins.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, TEST_PREFIX, type World } from "../kernel/testing.ts";
import { NS_PER_SECOND, nsToTimestamp, type Timestamp } from "../kernel/time.ts";
import { readAuthorization } from "./authorization.ts";
import { fail } from "./errors.ts";
import { EXEC_DEPTH_MAX, PRUNED_PER_BLOCK_MAX, REVOKED_PER_MESSAGE_MAX } from "./keeper.ts";
import { msgs as handlers, ownMsgs, queries } from "./services.ts";
import { state } from "./state.ts";
import { alice, any, at, bob, carol, coin, compose, NOW, setup as open } from "./testing.ts";

const SEND = MsgSend.typeUrl;
const generic = (msg: string = SEND): Any => any(GenericAuthorization, { msg });
const sending = (amount: bigint, ...allowList: string[]): Any =>
  any(SendAuthorization, { spendLimit: [coin(amount)], allowList });
const payment = (amount: bigint, from: string = alice, to: string = carol): Any =>
  any(MsgSend, { fromAddress: from, toAddress: to, amount: [coin(amount)] });
const code = (codespace: string, number: number) => expect.objectContaining({ codespace, code: number });

function setup() {
  const chain = open();
  const { world, keeper } = chain;
  const msgs = handlers(keeper);
  const own = ownMsgs(keeper);
  return {
    ...chain,
    queries: queries(keeper),
    grant: (authorization: Any | undefined, expiration?: Timestamp, granter = alice, grantee = bob) =>
      world.tx((ctx) => msgs.grant(ctx, { granter, grantee, grant: { authorization, expiration } })),
    exec: (messages: readonly Any[], grantee = bob) => world.tx((ctx) => msgs.exec(ctx, { grantee, msgs: messages })),
    revoke: (msgTypeUrl = SEND, granter = alice, grantee = bob) =>
      world.tx((ctx) => msgs.revoke(ctx, { granter, grantee, msgTypeUrl })),
    revokeAll: (grantee = "", granter = alice) =>
      world.tx((ctx) => own.revokeAll(ctx, { granter, grantee: grantee as typeof bob })),
    stored: () => world.query((ctx) => keeper.get(ctx, [alice, bob, SEND])),
  };
}

const eventsOf = (world: World) =>
  world.events.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)]);

moduleLaws("authz", () => {
  const { module, modules } = compose();
  return {
    module,
    modules,
    fill(world) {
      const msgs = handlers(module.keeper);
      const expiration = nsToTimestamp(world.time + 60n * NS_PER_SECOND);
      const give = (authorization: Any, grantee = bob, end: Timestamp | undefined = expiration) =>
        world.tx((ctx) => msgs.grant(ctx, { granter: alice, grantee, grant: { authorization, expiration: end } }));
      give(generic(MsgMultiSend.typeUrl));
      give(sending(9n, carol));
      give(generic(MsgExec.typeUrl));
      give(generic(), carol, undefined);
      // Order in the queue must not tell of history.
      give(generic(MsgExec.typeUrl), bob, undefined);
      give(generic(MsgExec.typeUrl));
    },
  };
});

readmeLaws({
  module: compose().module,
  readme: new URL("README.md", import.meta.url),
  state,
  errors: fail,
  events: ["cosmos.authz.v1beta1.EventGrant", "cosmos.authz.v1beta1.EventRevoke"],
});

describe("a grant", () => {
  it("makes an account for a grantee that has none, and is told", () => {
    const { world, grant, accounts } = setup();
    grant(generic(), undefined, alice, carol);
    expect(world.query((ctx) => accounts.get(ctx, carol)?.base)).toMatchObject({ address: carol });
    expect(eventsOf(world)).toEqual([
      ["cosmos.authz.v1beta1.EventGrant", `grantee="${carol}"`, `granter="${alice}"`, `msg_type_url="${SEND}"`],
    ]);
  });

  it("takes the place of an earlier one, in the queue too", () => {
    const { world, grant, stored, pass } = setup();
    grant(sending(5n), at(10n));
    grant(sending(7n), at(10n));
    expect(world.broken()).toEqual([]);
    grant(generic(), at(20n));
    expect(world.broken()).toEqual([]);
    grant(generic());
    pass(60n);
    world.beginBlock();
    expect(stored()?.authorization).toEqual(generic());
    expect(world.broken()).toEqual([]);
  });

  const stake = (value: DeepPartial<StakeAuthorization>) => any(StakeAuthorization, value);
  const unknown = 9 as AuthorizationType;
  it.each<[string, string, number, () => Any | undefined, Timestamp?]>([
    ["nothing", "sdk", 29, () => undefined],
    ["a message", "sdk", 29, () => payment(1n)],
    ["bytes that are none", "sdk", 34, () => ({ ...generic(), value: Uint8Array.of(10, 9) })],
    ["no message type", "sdk", 29, () => generic("")],
    ["a message type that nobody handles", "sdk", 29, () => generic("/cosmos.bank.v1beta1.MsgNothing")],
    ["a message type of prototypes", "sdk", 29, () => generic("__proto__")],
    ["no coins to send", "sdk", 10, () => any(SendAuthorization, {})],
    ["0 coins to send", "sdk", 10, () => sending(0n)],
    ["negative coins to send", "sdk", 10, () => sending(-4n)],
    ["an account twice", "bank", 8, () => sending(1n, carol, carol)],
    ["stake for nothing", "authz", 4, () => stake({})],
    ["stake for something unknown", "authz", 4, () => stake({ authorizationType: unknown })],
    ["negative stake", "authz", 12, () => stake({ maxTokens: coin(-1n), authorizationType: 1 })],
    ["an end that is now", "authz", 3, generic, at(0n)],
    ["an end that is past", "authz", 3, generic, at(-1n)],
    ["an end beyond the calendar", "sdk", 18, generic, { seconds: 1n << 60n, nanos: 0 }],
    ["an end with a second of 10⁹ ns", "sdk", 18, generic, { seconds: NOW + 5n, nanos: 1_000_000_000 }],
  ])("refuses %s (%s/%i)", (_, codespace, number, authorization, expiration) => {
    const { world, grant } = setup();
    const before = world.dump();
    expect(() => grant(authorization(), expiration)).toThrow(code(codespace, number));
    expect(world.dump()).toBe(before);
  });

  it("refuses oneself, no addresses and a blocked module without account", () => {
    const { grant, world, accounts } = setup();
    expect(() => grant(generic(), undefined, alice, alice)).toThrow(code("authz", 7));
    expect(() => grant(generic(), undefined, alice, "" as typeof bob)).toThrow(code("sdk", 7));
    expect(() => grant(generic(), undefined, alice, addr("bob", "cosmos"))).toThrow(code("sdk", 7));
    const blocked = world.query((ctx) => accounts.moduleAddress(ctx, "fee_collector"));
    world.tx((ctx) => accounts.state.accounts.delete(ctx, blocked));
    expect(() => grant(generic(), undefined, alice, blocked)).toThrow(code("sdk", 4));
  });
});

describe("an execution", () => {
  it("handles the granter's message and marks its events", () => {
    const { world, grant, exec, balance } = setup();
    grant(generic());
    world.events.length = 0;
    const { results } = exec([payment(3n), payment(4n, bob)]);
    expect(results).toEqual([new Uint8Array(0), new Uint8Array(0)]);
    expect([balance(alice), balance(bob), balance(carol)]).toEqual([997n, 996n, 7n]);
    const marks = eventsOf(world).map((event) => event.at(-1));
    expect(marks).toEqual([...Array(4).fill("authz_msg_index=0"), ...Array(4).fill("authz_msg_index=1")]);
  });

  it("keeps nothing when one message fails", () => {
    const { world, grant, exec } = setup();
    grant(sending(50n));
    const before = world.dump();
    const events = world.events.length;
    expect(() => exec([payment(3n), payment(4_000n, bob)])).toThrow(code("sdk", 5));
    expect(world.dump()).toBe(before);
    expect(world.events.length).toBe(events);
  });

  it("is not for what nobody authorised", () => {
    const { grant, exec, revoke } = setup();
    expect(() => exec([payment(1n)])).toThrow(code("authz", 2));
    grant(generic(MsgMultiSend.typeUrl));
    expect(() => exec([payment(1n)])).toThrow(code("authz", 2));
    grant(generic());
    expect(() => exec([payment(1n)], carol)).toThrow(code("authz", 2));
    expect(() => exec([payment(1n, bob, alice)], alice)).toThrow(code("authz", 2));
    revoke();
    expect(() => exec([payment(1n)])).toThrow(code("authz", 2));
  });

  it.each<[string, string, number, () => readonly Any[]]>([
    ["nothing", "sdk", 18, () => []],
    ["a message that nobody handles", "sdk", 6, () => [{ typeUrl: "/x.Unknown", value: new Uint8Array(0) }]],
    ["bytes that are no message", "sdk", 34, () => [{ typeUrl: SEND, value: Uint8Array.of(10, 9) }]],
    ["a message without signer", "authz", 9, () => [any(MsgMultiSend, {})]],
    ["a signer that is no address", "sdk", 7, () => [payment(1n, "nobody")]],
    ["two signers", "authz", 9, () => [any(MsgMultiSend, { inputs: [{ address: alice }, { address: carol }] })]],
    ["governance's message", "authz", 2, () => [any(MsgUpdateParams, { authority: govAuthority(TEST_PREFIX) })]],
  ])("refuses %s (%s/%i)", (_, codespace, number, messages) => {
    const { world, grant, exec } = setup();
    grant(generic());
    const before = world.dump();
    expect(() => exec(messages())).toThrow(code(codespace, number));
    expect(world.dump()).toBe(before);
  });

  it("passes grants on through executions in executions, each with its own grant", () => {
    const { world, grant, exec, balance } = setup();
    grant(generic());
    grant(generic(MsgExec.typeUrl), undefined, bob, carol);
    const inner = any(MsgExec, { grantee: bob, msgs: [payment(5n)] });
    world.events.length = 0;
    exec([inner], carol);
    expect(balance(carol)).toBe(5n);
    expect(eventsOf(world)[0]?.slice(-2)).toEqual(["authz_msg_index=0", "authz_msg_index=0"]);
    expect(() => exec([inner], alice)).toThrow(code("authz", 2));
  });

  it("nests so deep and no deeper", () => {
    const { exec } = setup();
    const nest = (depth: number) => {
      let messages = [payment(1n, bob)];
      for (let i = 1; i < depth; i++) messages = [any(MsgExec, { grantee: bob, msgs: messages })];
      return messages;
    };
    exec(nest(EXEC_DEPTH_MAX));
    expect(() => exec(nest(EXEC_DEPTH_MAX + 1))).toThrow(code("authz", 101));
  });

  it("can grant for oneself only what is one's own", () => {
    const { exec, world, keeper } = setup();
    const gift = any(MsgGrant, { granter: alice, grantee: bob, grant: { authorization: generic() } });
    expect(() => exec([gift])).toThrow(code("authz", 2));
    exec([any(MsgGrant, { granter: bob, grantee: carol, grant: { authorization: generic() } })]);
    expect(world.query((ctx) => keeper.get(ctx, [bob, carol, SEND]))).toBeDefined();
  });

  it("works in the moment of the expiration, and not after it", () => {
    const { world, grant, exec, pass, revoke, stored } = setup();
    grant(generic(), at(10n));
    pass(9n);
    // Another second.
    world.beginBlock();
    exec([payment(1n)]);
    expect(stored()).toBeDefined();
    world.time++;
    expect(() => exec([payment(1n)])).toThrow(code("authz", 2));
    expect(() => revoke()).toThrow(code("authz", 2));
    expect(stored()).toBeUndefined();
  });
});

describe("an authorisation to send", () => {
  it("is good for so much in all, and then it is gone", () => {
    const { world, grant, exec, stored } = setup();
    grant(sending(10n), at(50n));
    exec([payment(4n)]);
    const { spendLimit } = SendAuthorization.decode(stored()!.authorization!.value);
    expect(formatCoins(spendLimit)).toBe("6ufirm");
    expect(() => exec([payment(7n)])).toThrow(code("sdk", 5));
    world.events.length = 0;
    exec([payment(6n)]);
    expect(eventsOf(world)[0]?.[0]).toBe("cosmos.authz.v1beta1.EventRevoke");
    expect(() => exec([payment(1n)])).toThrow(code("authz", 2));
    expect(world.broken()).toEqual([]);
  });

  it("is for the accounts that it names", () => {
    const { grant, exec } = setup();
    grant(sending(10n, addr("dora"), carol));
    exec([payment(1n)]);
    expect(() => exec([payment(1n, alice, bob)])).toThrow(code("sdk", 4));
  });

  it("is not for other coins, no coins or negative ones", () => {
    const { grant, exec } = setup();
    grant(sending(10n));
    const pay = (...amount: { denom: string; amount: bigint }[]) =>
      exec([any(MsgSend, { fromAddress: alice, toAddress: carol, amount })]);
    expect(() => pay(coin(1n, "uusd"))).toThrow(code("sdk", 5));
    expect(() => pay(coin(-5n))).toThrow(code("sdk", 10));
    expect(() => pay(coin(1n), coin(1n))).toThrow(code("sdk", 10));
    expect(() => pay()).toThrow(code("sdk", 10));
  });

  it("never lets more be sent than it says", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 60n), fc.array(fc.bigInt(1n, 30n), { maxLength: 8 }), (limit, payments) => {
        const { grant, exec, balance } = setup();
        grant(sending(limit));
        for (const amount of payments) {
          try {
            exec([payment(amount)]);
          } catch {
            expect(balance(carol) + amount > limit || balance(carol) === limit).toBe(true);
          }
        }
        expect(balance(carol)).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 40 },
    );
  });
});

describe("an authorisation to stake", () => {
  const use = (value: DeepPartial<StakeAuthorization>, message: Any) => {
    const authorization = readAuthorization(any(StakeAuthorization, value));
    expect(authorization.messageType).toBe(message.typeUrl);
    const result = setup().world.query((ctx) => authorization.use(ctx, message));
    return typeof result === "string" ? result : StakeAuthorization.decode(result.left.value);
  };
  const to = (validatorAddress: string, amount = 3n, denom = "ufirm") =>
    any(MsgDelegate, { delegatorAddress: alice, validatorAddress, amount: coin(amount, denom) });
  const delegate = AuthorizationType.AUTHORIZATION_TYPE_DELEGATE;

  it("is good for so much in all, or for anything", () => {
    const authorizationType = delegate;
    expect(use({ authorizationType, maxTokens: coin(5n) }, to("a"))).toMatchObject({ maxTokens: coin(2n) });
    expect(use({ authorizationType, maxTokens: coin(3n) }, to("a"))).toBe("spent");
    expect(use({ authorizationType }, to("a", 1n << 200n))).toMatchObject({ authorizationType });
    expect(() => use({ authorizationType, maxTokens: coin(2n) }, to("a"))).toThrow(code("sdk", 5));
    expect(() => use({ authorizationType, maxTokens: coin(5n) }, to("a", 1n, "uusd"))).toThrow(code("sdk", 10));
    expect(() => use({ authorizationType, maxTokens: coin(5n) }, to("a", -1n))).toThrow(code("sdk", 10));
  });

  it("is for some validators, or for all but some", () => {
    const allow = { authorizationType: delegate, allowList: { address: ["a", "b"] } };
    expect(use(allow, to("b"))).toMatchObject({ allowList: { address: ["a", "b"] } });
    expect(() => use(allow, to("c"))).toThrow(code("sdk", 4));
    const deny = { authorizationType: delegate, denyList: { address: ["a", "b"] } };
    expect(use(deny, to("c"))).toMatchObject({ denyList: { address: ["a", "b"] } });
    expect(() => use(deny, to("b"))).toThrow(code("sdk", 4));
  });

  it("is for one kind of message", () => {
    const amount = coin(3n);
    const maxTokens = coin(3n);
    expect(use({ authorizationType: 2, maxTokens }, any(MsgUndelegate, { validatorAddress: "a", amount }))).toBe(
      "spent",
    );
    const redelegation = any(MsgBeginRedelegate, { validatorSrcAddress: "x", validatorDstAddress: "a", amount });
    expect(use({ authorizationType: 3, maxTokens, allowList: { address: ["a"] } }, redelegation)).toBe("spent");
    const cancelled = any(MsgCancelUnbondingDelegation, { validatorAddress: "a", amount });
    expect(use({ authorizationType: 4, maxTokens }, cancelled)).toBe("spent");
  });
});

describe("revoking", () => {
  it("takes one grant back, and refuses where there is none", () => {
    const { world, grant, revoke } = setup();
    grant(generic(), at(5n));
    grant(generic(MsgExec.typeUrl), at(5n));
    revoke();
    expect(world.broken()).toEqual([]);
    expect(() => revoke()).toThrow(code("authz", 2));
    expect(() => revoke("")).toThrow(code("sdk", 18));
    expect(() => revoke(SEND, alice, alice)).toThrow(code("authz", 7));
    expect(() => revoke(SEND, bob, alice)).toThrow(code("authz", 2));
  });

  it("takes all back, of everybody or of one, and nothing of others", () => {
    const { world, grant, revokeAll } = setup();
    for (const grantee of [bob, carol]) {
      grant(generic(), at(5n), alice, grantee);
      grant(generic(MsgExec.typeUrl), undefined, alice, grantee);
    }
    grant(generic(), undefined, bob, alice);
    expect(revokeAll(carol)).toEqual({ revoked: 2n });
    expect(world.broken()).toEqual([]);
    world.events.length = 0;
    expect(revokeAll()).toEqual({ revoked: 2n });
    expect(eventsOf(world).map(([type]) => type)).toEqual(Array(2).fill("cosmos.authz.v1beta1.EventRevoke"));
    expect(revokeAll()).toEqual({ revoked: 0n });
    expect(world.query((ctx) => [...state.grants.keys(ctx)])).toEqual([[bob, alice, SEND]]);
    expect(() => revokeAll(alice)).toThrow(code("authz", 7));
    expect(() => revokeAll("nobody")).toThrow(code("sdk", 7));
    expect(world.broken()).toEqual([]);
  });

  it("takes all back only when one message can, and otherwise says how", () => {
    const { world, grant, revokeAll } = setup();
    for (let i = 0; i <= REVOKED_PER_MESSAGE_MAX; i++) grant(generic(), undefined, alice, addr(`grantee ${i}`));
    expect(() => revokeAll()).toThrow(code("authz", 102));
    expect(revokeAll(addr("grantee 0"))).toEqual({ revoked: 1n });
    expect(revokeAll()).toEqual({ revoked: BigInt(REVOKED_PER_MESSAGE_MAX) });
    expect(world.dump("authz")).toBe("");
  });
});

describe("the beginning of blocks", () => {
  it("removes so many grants at most; those that wait are dead", () => {
    const { world, grant, exec, pass, queries, stored } = setup();
    const types = [SEND, MsgMultiSend.typeUrl, MsgExec.typeUrl];
    for (let i = 0; i < 150; i++) {
      for (const type of types) grant(generic(type), at(5n), alice, addr(`grantee ${i}`));
    }
    for (const type of types) grant(generic(type), at(6n));
    grant(generic(), at(500n), alice, carol);
    pass(7n);
    const count = () => world.query((ctx) => [...state.grants.keys(ctx)].length);
    expect(() => exec([payment(1n)])).toThrow(code("authz", 2));
    for (let block = 1; block <= 3; block++) {
      world.beginBlock();
      expect(count()).toBe(Math.max(1, 454 - block * PRUNED_PER_BLOCK_MAX));
      expect(world.broken()).toEqual([]);
      expect(stored()).toBeUndefined();
      const request = { granter: alice, pagination: undefined };
      expect(world.query((ctx) => queries.granterGrants(ctx, request)).grants).toHaveLength(1);
    }
  });

  it("lets a grant that waits be given anew", () => {
    const { world, grant, exec, pass } = setup();
    grant(generic(), at(5n));
    pass(9n);
    grant(generic(), at(50n));
    world.beginBlock();
    exec([payment(1n)]);
    expect(world.broken()).toEqual([]);
  });
});

describe("queries", () => {
  it("find grants by pair, type, granter and grantee", () => {
    const { world, grant, queries } = setup();
    grant(generic(), at(5n));
    grant(generic(MsgExec.typeUrl));
    grant(generic(), undefined, carol, bob);
    const pagination = undefined;
    const between = (msgTypeUrl: string) =>
      world.query((ctx) => queries.grants(ctx, { granter: alice, grantee: bob, msgTypeUrl, pagination })).grants;
    expect(between("")).toHaveLength(2);
    expect(between(SEND)).toEqual([{ authorization: generic(), expiration: at(5n) }]);
    expect(() => between("/x")).toThrow(code("authz", 2));
    const of = world.query((ctx) => queries.granterGrants(ctx, { granter: carol, pagination })).grants;
    expect(of).toEqual([{ granter: carol, grantee: bob, authorization: generic(), expiration: undefined }]);
    const to = world.query((ctx) => queries.granteeGrants(ctx, { grantee: bob, pagination })).grants;
    expect(to.map(({ granter }) => granter).sort()).toEqual([alice, alice, carol].sort());
    expect(world.query((ctx) => queries.granteeGrants(ctx, { grantee: carol, pagination })).grants).toEqual([]);
  });
});

describe("genesis", () => {
  const { module } = compose();
  const check = (authorization: GenesisState["authorization"]) => () =>
    module.genesis.validate({ authorization }, TEST_PREFIX);
  const grant = { granter: alice, grantee: bob, authorization: generic(), expiration: undefined };
  it.each<[string, () => void]>([
    ["a grant twice", check([grant, { ...grant, authorization: sending(1n) }])],
    ["a grant for oneself", check([{ ...grant, grantee: alice }])],
    ["no authorisation", check([{ ...grant, authorization: undefined }])],
    ["a bad authorisation", check([{ ...grant, authorization: sending(0n) }])],
    ["another chain's address", check([{ ...grant, granter: addr("alice", "cosmos") }])],
    ["a time that is none", check([{ ...grant, expiration: { seconds: 1n << 61n, nanos: 0 } }])],
  ])("refuses %s", (_, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "ChainError" }));
  });
});

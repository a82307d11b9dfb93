import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import {
  AllowedMsgAllowance,
  BasicAllowance,
  type GenesisState,
  PeriodicAllowance,
} from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auth } from "../auth/module.ts";
import { bank } from "../bank/module.ts";
import { type Coin, formatCoins } from "../kernel/coins.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX, type World } from "../kernel/testing.ts";
import { NS_PER_SECOND, nsToTimestamp } from "../kernel/time.ts";
import { fail } from "./errors.ts";
import { PRUNED_PER_BLOCK_MAX } from "./keeper.ts";
import { feegrant } from "./module.ts";
import { msgs as handlers, queries } from "./services.ts";
import { state } from "./state.ts";

const alice = addr("alice");
const bob = addr("bob");
const carol = addr("carol");
const coin = (amount: bigint, denom = "ufirm"): Coin => ({ denom, amount });
const NOW = 1_700_000_000n;
/** Seconds from when every world begins. */
const at = (seconds: bigint) => nsToTimestamp((NOW + seconds) * NS_PER_SECOND);
const any = <T>(type: MessageType<T>, value: DeepPartial<T>): Any => ({
  typeUrl: type.typeUrl,
  value: type.encode(type.fromPartial(value)).finish(),
});
const basic = (value: DeepPartial<BasicAllowance> = {}): Any => any(BasicAllowance, value);
const periodic = (value: DeepPartial<PeriodicAllowance> = {}): Any =>
  any(PeriodicAllowance, {
    basic: {},
    period: { seconds: 10n, nanos: 0 },
    periodSpendLimit: [coin(10n)],
    periodCanSpend: [coin(10n)],
    periodReset: at(10n),
    ...value,
  });
const only = (allowance: Any | undefined, ...allowedMessages: string[]): Any =>
  any(AllowedMsgAllowance, { allowance, allowedMessages });

function compose() {
  const accounts = auth({ moduleAccounts: { fee_collector: [] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector"] });
  const module = feegrant({ accounts: accounts.keeper, bank: money.keeper });
  return { accounts, money, module, modules: [accounts, money, module] };
}

function setup() {
  const { accounts, module, modules } = compose();
  const world = createWorld(modules, { time: NOW * NS_PER_SECOND });
  world.init();
  const { keeper } = module;
  const msgs = handlers(keeper);
  return {
    world,
    keeper,
    accounts: accounts.keeper,
    queries: queries(keeper),
    pass(seconds: bigint) {
      world.time += seconds * NS_PER_SECOND;
    },
    grant: (allowance: Any | undefined, granter = alice, grantee = bob) =>
      world.tx((ctx) => msgs.grantAllowance(ctx, { granter, grantee, allowance })),
    revoke: (granter = alice, grantee = bob) => world.tx((ctx) => msgs.revokeAllowance(ctx, { granter, grantee })),
    prune: () => world.tx((ctx) => msgs.pruneAllowances(ctx, { pruner: carol })),
    use: (fee: readonly Coin[], ...types: string[]) =>
      world.tx((ctx) =>
        keeper.use(ctx, alice, bob, fee, { messages: types.map((typeUrl) => ({ type: { typeUrl } })) }),
      ),
    left: () => {
      const grant = world.query((ctx) => keeper.get(ctx, alice, bob));
      return grant?.allowance && formatCoins(BasicAllowance.decode(grant.allowance.value).spendLimit);
    },
    leftInPeriod: () => {
      const value = world.query((ctx) => keeper.get(ctx, alice, bob))!.allowance!.value;
      const { periodCanSpend, periodReset, basic } = PeriodicAllowance.decode(value);
      return [formatCoins(periodCanSpend), periodReset.seconds - NOW, formatCoins(basic.spendLimit)];
    },
  };
}

const eventsOf = (world: World) =>
  world.events.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)]);

moduleLaws("feegrant", () => {
  const { module, modules } = compose();
  return {
    module,
    modules,
    fill(world) {
      const msgs = handlers(module.keeper);
      const expiration = nsToTimestamp(world.time + 60n * NS_PER_SECOND);
      world.tx((ctx) => {
        msgs.grantAllowance(ctx, { granter: alice, grantee: bob, allowance: basic() });
        msgs.grantAllowance(ctx, { granter: bob, grantee: alice, allowance: basic({ expiration }) });
        const basicPart = { spendLimit: [coin(5n)], expiration };
        msgs.grantAllowance(ctx, {
          granter: carol,
          grantee: bob,
          allowance: only(periodic({ basic: basicPart, periodSpendLimit: [coin(1n)] }), "/x"),
        });
      });
    },
  };
});

readmeLaws({
  module: compose().module,
  readme: new URL("README.md", import.meta.url),
  state,
  errors: fail,
  events: ["use_feegrant", "revoke_feegrant", "set_feegrant", "update_feegrant", "prune_feegrant"],
});

describe("a grant", () => {
  it("makes an account for a grantee that has none", () => {
    const { world, grant, accounts } = setup();
    grant(basic());
    expect(world.query((ctx) => accounts.get(ctx, bob)?.base)).toMatchObject({ address: bob, sequence: 0n });
    expect(eventsOf(world)).toEqual([["set_feegrant", `granter=${alice}`, `grantee=${bob}`]]);
  });

  it("waits until one that has expired is removed, and is not ended by it", () => {
    const { world, grant, pass, keeper } = setup();
    grant(basic({ expiration: at(5n) }));
    pass(6n);
    const renew = () => grant(basic({ expiration: at(100n) }));
    expect(renew).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
    world.endBlock();
    renew();
    expect(world.broken()).toEqual([]);
    world.endBlock();
    expect(world.query((ctx) => keeper.get(ctx, alice, bob))).toBeDefined();
  });

  // The SDK leaves the queue entry of a revoked allowance, which then ends the one granted after it.
  it("is not ended by one that was revoked before it", () => {
    const { world, grant, revoke, pass, keeper } = setup();
    grant(basic({ expiration: at(5n) }));
    revoke();
    grant(basic());
    pass(6n);
    world.endBlock();
    expect(world.query((ctx) => keeper.get(ctx, alice, bob))).toBeDefined();
    expect(world.broken()).toEqual([]);
  });

  const tooDeep = () => {
    let allowance = basic();
    for (let i = 0; i < 12; i++) allowance = only(allowance, "/x");
    return allowance;
  };
  it.each<[string, string, number, () => Any | undefined]>([
    ["none", "feegrant", 5, () => undefined],
    ["another message", "feegrant", 5, () => any(MsgSend, {})],
    ["bytes that are none", "sdk", 34, () => ({ typeUrl: BasicAllowance.typeUrl, value: Uint8Array.of(10, 9) })],
    ["one that is over", "sdk", 18, () => basic({ expiration: at(-1n) })],
    ["one that ended before 1970", "feegrant", 4, () => basic({ expiration: { seconds: -1n, nanos: 0 } })],
    ["an end beyond the calendar", "sdk", 18, () => basic({ expiration: { seconds: 1n << 60n, nanos: 0 } })],
    ["a limit of 0", "sdk", 10, () => basic({ spendLimit: [coin(0n)] })],
    ["a negative limit", "sdk", 10, () => basic({ spendLimit: [coin(-1n)] })],
    ["an unsorted limit", "sdk", 10, () => basic({ spendLimit: [coin(1n, "uusd"), coin(1n)] })],
    ["a period without limit", "sdk", 10, () => periodic({ periodSpendLimit: [] })],
    ["a period with a limit of 0", "sdk", 10, () => periodic({ periodSpendLimit: [coin(0n)] })],
    ["a rest of 0 coins", "sdk", 10, () => periodic({ periodCanSpend: [coin(0n)] })],
    ["a period in other coins", "sdk", 10, () => periodic({ basic: { spendLimit: [coin(5n, "uusd")] } })],
    ["a negative period", "feegrant", 4, () => periodic({ period: { seconds: -1n, nanos: 0 } })],
    ["a period beyond 64 bits", "feegrant", 4, () => periodic({ period: { seconds: 1n << 62n, nanos: 0 } })],
    ["a reset beyond the calendar", "sdk", 18, () => periodic({ periodReset: { seconds: 1n << 60n, nanos: 0 } })],
    ["no messages", "feegrant", 6, () => only(basic())],
    ["messages without allowance", "feegrant", 5, () => only(undefined, "/x")],
    ["a bad one for some messages", "sdk", 10, () => only(basic({ spendLimit: [coin(0n)] }), "/x")],
    ["allowances in allowances without end", "feegrant", 5, tooDeep],
  ])("refuses %s (%s/%i)", (_, codespace, code, allowance) => {
    const { world, grant } = setup();
    const before = world.dump();
    expect(() => grant(allowance())).toThrow(expect.objectContaining({ codespace, code }));
    expect(world.dump()).toBe(before);
  });

  it("refuses oneself, no addresses, a second one and a blocked module", () => {
    const { grant, world, accounts } = setup();
    const code = (codespace: string, number: number) => expect.objectContaining({ codespace, code: number });
    expect(() => grant(basic(), alice, alice)).toThrow(code("sdk", 7));
    expect(() => grant(basic(), alice, "" as typeof bob)).toThrow(code("sdk", 7));
    expect(() => grant(basic(), alice, addr("bob", "cosmos"))).toThrow(code("sdk", 7));
    grant(basic());
    expect(() => grant(basic())).toThrow(code("sdk", 18));
    const blocked = world.query((ctx) => accounts.moduleAddress(ctx, "fee_collector"));
    world.tx((ctx) => accounts.state.accounts.delete(ctx, blocked));
    expect(() => grant(basic(), alice, blocked)).toThrow(code("sdk", 4));
  });
});

describe("a basic allowance", () => {
  it("pays until it is spent, and then it is gone", () => {
    const { world, grant, use, left } = setup();
    grant(basic({ spendLimit: [coin(10n), coin(3n, "uusd")] }));
    use([coin(4n)]);
    expect(left()).toBe("6ufirm,3uusd");
    expect(() => use([coin(7n)])).toThrow(expect.objectContaining({ codespace: "feegrant", code: 2 }));
    expect(() => use([coin(1n, "other")])).toThrow(expect.objectContaining({ codespace: "feegrant", code: 2 }));
    world.events.length = 0;
    use([coin(6n), coin(3n, "uusd")]);
    const who = [`granter=${alice}`, `grantee=${bob}`];
    expect(eventsOf(world)).toEqual([
      ["revoke_feegrant", ...who],
      ["use_feegrant", ...who],
    ]);
    expect(() => use([])).toThrow(expect.objectContaining({ codespace: "sdk", code: 38 }));
    expect(world.broken()).toEqual([]);
  });

  it("pays anything without a limit, and tells what it does", () => {
    const { world, grant, use, left } = setup();
    grant(basic());
    world.events.length = 0;
    use([coin(1n << 200n)]);
    const who = [`granter=${alice}`, `grantee=${bob}`];
    expect(eventsOf(world)).toEqual([
      ["use_feegrant", ...who],
      ["update_feegrant", ...who],
    ]);
    expect(left()).toBe("");
  });

  it("pays in the moment of its end, and not after it", () => {
    const { world, grant, use, pass } = setup();
    grant(basic({ expiration: at(5n) }));
    pass(5n);
    world.endBlock();
    use([coin(1n)]);
    world.time++;
    expect(() => use([coin(1n)])).toThrow(expect.objectContaining({ codespace: "feegrant", code: 3 }));
  });

  it("never pays more than its limit in all", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 100n), fc.array(fc.bigInt(0n, 40n), { maxLength: 8 }), (limit, fees) => {
        const { grant, use } = setup();
        grant(basic({ spendLimit: [coin(limit)] }));
        let paid = 0n;
        for (const fee of fees) {
          try {
            use(fee === 0n ? [] : [coin(fee)]);
            paid += fee;
          } catch {
            expect(paid === limit || paid + fee > limit).toBe(true);
          }
        }
        expect(paid).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a periodic allowance", () => {
  it("pays so much a period and fills up at its end, in rhythm", () => {
    const { grant, use, pass, leftInPeriod } = setup();
    grant(periodic());
    use([coin(8n)]);
    expect(leftInPeriod()).toEqual(["2ufirm", 10n, ""]);
    expect(() => use([coin(3n)])).toThrow(expect.objectContaining({ codespace: "feegrant", code: 2 }));
    pass(13n);
    use([coin(3n)]);
    expect(leftInPeriod()).toEqual(["7ufirm", 20n, ""]);
  });

  it("starts again from now after a long pause", () => {
    const { grant, use, pass, leftInPeriod } = setup();
    grant(periodic());
    pass(55n);
    use([coin(1n)]);
    expect(leftInPeriod()).toEqual(["9ufirm", 65n, ""]);
  });

  it("fills up to what is left at all, and goes when nothing is", () => {
    const { grant, use, pass, leftInPeriod, world, keeper } = setup();
    grant(periodic({ basic: { spendLimit: [coin(15n)] } }));
    use([coin(10n)]);
    pass(10n);
    use([coin(2n)]);
    expect(leftInPeriod()).toEqual(["3ufirm", 20n, "3ufirm"]);
    use([coin(3n)]);
    expect(world.query((ctx) => keeper.get(ctx, alice, bob))).toBeUndefined();
  });

  it("ends with its basic part", () => {
    const { grant, use, pass } = setup();
    grant(periodic({ basic: { expiration: at(5n) } }));
    pass(6n);
    expect(() => use([coin(1n)])).toThrow(expect.objectContaining({ codespace: "feegrant", code: 3 }));
  });
});

describe("an allowance for some messages", () => {
  it("pays only for transactions that have no others, and keeps count", () => {
    const { grant, use, world, keeper } = setup();
    grant(only(basic({ spendLimit: [coin(10n)] }), "/a", "/b"));
    use([coin(1n)], "/a", "/b", "/a");
    expect(() => use([coin(1n)], "/a", "/c")).toThrow(expect.objectContaining({ codespace: "feegrant", code: 7 }));
    expect(() => use([coin(1n)], "/__proto__")).toThrow(expect.objectContaining({ codespace: "feegrant", code: 7 }));
    const { value } = world.query((ctx) => keeper.get(ctx, alice, bob))!.allowance!;
    const inner = AllowedMsgAllowance.decode(value).allowance!;
    expect(formatCoins(BasicAllowance.decode(inner.value).spendLimit)).toBe("9ufirm");
  });
});

describe("revoking", () => {
  it("takes an allowance back, and refuses where there is none", () => {
    const { world, grant, revoke, use } = setup();
    grant(basic({ expiration: at(9n) }));
    world.events.length = 0;
    revoke();
    expect(eventsOf(world)).toEqual([["revoke_feegrant", `granter=${alice}`, `grantee=${bob}`]]);
    expect(() => use([])).toThrow(expect.objectContaining({ codespace: "sdk", code: 38 }));
    expect(() => revoke()).toThrow(expect.objectContaining({ codespace: "sdk", code: 38 }));
    expect(() => revoke(bob, alice)).toThrow(expect.objectContaining({ codespace: "sdk", code: 38 }));
    expect(() => revoke(alice, alice)).toThrow(expect.objectContaining({ codespace: "sdk", code: 7 }));
  });
});

describe("the end of blocks", () => {
  const count = (world: World) => world.query((ctx) => [...state.grants.keys(ctx)].length);

  it("removes so many expired ones at most; those that wait pay nothing and are not shown", () => {
    const { world, grant, pass, keeper, queries, prune } = setup();
    const grantees = Array.from({ length: 450 }, (_, i) => addr(`grantee ${i}`));
    for (const grantee of grantees) grant(basic({ expiration: at(5n) }), alice, grantee);
    grant(basic({ expiration: at(500n) }));
    pass(5n);
    world.endBlock();
    expect(count(world)).toBe(451);
    pass(1n);
    world.endBlock();
    expect(count(world)).toBe(451 - PRUNED_PER_BLOCK_MAX);
    const waiting = world.query((ctx) => [...state.grants.keys(ctx)]).filter(([grantee]) => grantee !== bob);
    const [first] = waiting[0]!;
    const use = () => world.tx((ctx) => keeper.use(ctx, alice, first, [], { messages: [] }));
    expect(use).toThrow(expect.objectContaining({ codespace: "feegrant", code: 3 }));
    const request = { granter: alice, pagination: undefined };
    expect(world.query((ctx) => queries.allowancesByGranter(ctx, request)).allowances).toHaveLength(1);
    world.events.length = 0;
    prune();
    expect(eventsOf(world)).toEqual([["prune_feegrant", `pruner=${carol}`]]);
    expect(count(world)).toBe(176);
    world.endBlock();
    expect(count(world)).toBe(1);
    expect(world.broken()).toEqual([]);
  });
});

describe("queries", () => {
  it("find allowances by pair, by grantee and by granter", () => {
    const { world, grant, queries } = setup();
    grant(basic());
    grant(basic(), carol, bob);
    grant(basic(), alice, carol);
    const pairs = (list: readonly { granter: string; grantee: string }[]) =>
      list.map(({ granter, grantee }) => `${granter}>${grantee}`).sort();
    const pagination = undefined;
    const one = world.query((ctx) => queries.allowance(ctx, { granter: alice, grantee: bob })).allowance;
    expect(one).toEqual({ granter: alice, grantee: bob, allowance: basic() });
    const toBob = world.query((ctx) => queries.allowances(ctx, { grantee: bob, pagination })).allowances;
    expect(pairs(toBob)).toEqual([`${alice}>${bob}`, `${carol}>${bob}`].sort());
    const byAlice = world.query((ctx) => queries.allowancesByGranter(ctx, { granter: alice, pagination })).allowances;
    expect(pairs(byAlice)).toEqual([`${alice}>${bob}`, `${alice}>${carol}`].sort());
    expect(() => world.query((ctx) => queries.allowance(ctx, { granter: bob, grantee: alice }))).toThrow(
      /fee-grant not found/,
    );
  });
});

describe("genesis", () => {
  const { module } = compose();
  const check = (allowances: GenesisState["allowances"]) => () => module.genesis.validate({ allowances }, TEST_PREFIX);
  const grant = { granter: alice, grantee: bob, allowance: basic() };
  it.each<[string, () => void]>([
    ["a pair twice", check([grant, grant])],
    ["an allowance for oneself", check([{ ...grant, grantee: alice }])],
    ["no allowance", check([{ ...grant, allowance: undefined }])],
    ["a bad allowance", check([{ ...grant, allowance: basic({ spendLimit: [coin(0n)] }) }])],
    ["another chain's address", check([{ ...grant, grantee: addr("bob", "cosmos") }])],
  ])("refuses %s", (_, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "ChainError" }));
  });
});

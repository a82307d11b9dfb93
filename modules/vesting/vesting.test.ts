import { BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import {
  BaseVestingAccount,
  ContinuousVestingAccount,
  DelayedVestingAccount,
  type MsgCreatePeriodicVestingAccount,
  type MsgCreatePermanentLockedAccount,
  type MsgCreateVestingAccount,
  PeriodicVestingAccount,
  PermanentLockedAccount,
} from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import type { MessageType } from "@interfirm/proto/types";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auth } from "../auth/module.ts";
import { bank } from "../bank/module.ts";
import { amountOf, type Coin, type Coins } from "../kernel/coins.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { NS_PER_SECOND } from "../kernel/time.ts";
import { continuous, periodic, vestingAccountTypes } from "./accounts.ts";
import { ACCOUNT_BYTES_MAX } from "./keeper.ts";
import { vesting } from "./module.ts";
import { least, vestedEvenly } from "./schedule.ts";
import { msgs as handlers } from "./services.ts";

const alice = addr("alice");
const bob = addr("bob");
const carol = addr("carol");
const coin = (amount: bigint, denom = "ufirm"): Coin => ({ denom, amount });
/** Seconds since 1970 when every world begins. */
const NOW = 1_700_000_000n;
const INT64_MAX = (1n << 63n) - 1n;

function compose() {
  const accounts = auth({
    moduleAccounts: { fee_collector: [], pool: ["staking"] },
    accountTypes: vestingAccountTypes,
  });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector", "pool"] });
  const module = vesting({ accounts: accounts.keeper, bank: money.keeper });
  return { accounts, money, module, modules: [accounts, money, module] };
}

function setup() {
  const { accounts, money, module, modules } = compose();
  const world = createWorld(modules, { time: NOW * NS_PER_SECOND });
  const balances = [{ address: alice, coins: [coin(10_000n), coin(500n, "uusd")] }];
  world.init({
    auth: {
      ...accounts.genesis.empty,
      accounts: [{ typeUrl: BaseAccount.typeUrl, value: BaseAccount.encode(base(alice)).finish() }],
    },
    bank: { ...money.genesis.empty, balances },
  });
  const msgs = handlers(module.keeper);
  return {
    world,
    accounts,
    keeper: money.keeper,
    balance: (who: typeof alice) => world.query((ctx) => money.keeper.balance(ctx, who, "ufirm")),
    spendable: (who: typeof alice) => world.query((ctx) => money.keeper.spendable(ctx, who, "ufirm")),
    account: (who: typeof alice) => world.query((ctx) => accounts.keeper.get(ctx, who)),
    pass(seconds: bigint) {
      world.time += seconds * NS_PER_SECOND;
    },
    create: (fields: Partial<MsgCreateVestingAccount> = {}) =>
      world.tx((ctx) =>
        msgs.createVestingAccount(ctx, {
          fromAddress: alice,
          toAddress: bob,
          amount: [coin(1_000n)],
          endTime: NOW + 100n,
          delayed: false,
          ...fields,
        }),
      ),
    createPermanent: (fields: Partial<MsgCreatePermanentLockedAccount> = {}) =>
      world.tx((ctx) =>
        msgs.createPermanentLockedAccount(ctx, {
          fromAddress: alice,
          toAddress: bob,
          amount: [coin(1_000n)],
          ...fields,
        }),
      ),
    createPeriodic: (fields: Partial<MsgCreatePeriodicVestingAccount> = {}) =>
      world.tx((ctx) =>
        msgs.createPeriodicVestingAccount(ctx, {
          fromAddress: alice,
          toAddress: bob,
          startTime: NOW,
          vestingPeriods: [
            { length: 10n, amount: [coin(600n)] },
            { length: 20n, amount: [coin(400n)] },
          ],
          ...fields,
        }),
      ),
  };
}

const base = (address: typeof alice): BaseAccount => ({ address, pubKey: undefined, accountNumber: 0n, sequence: 0n });

moduleLaws("vesting", () => {
  const { module, modules } = compose();
  return { module, modules, fill: () => undefined };
});

moduleLaws("auth with vesting accounts", () => {
  const { accounts, module, money, modules } = compose();
  return {
    module: accounts,
    modules,
    fill(world) {
      const msgs = handlers(module.keeper);
      world.tx((ctx) => {
        money.genesis.init(ctx, {
          ...money.genesis.empty,
          balances: [{ address: alice, coins: [coin(10_000n)] }],
        });
        const to = { fromAddress: alice, amount: [coin(10n)], endTime: NOW + 9_000n };
        msgs.createVestingAccount(ctx, { ...to, toAddress: addr("even"), delayed: false });
        msgs.createVestingAccount(ctx, { ...to, toAddress: addr("late"), delayed: true });
        msgs.createPermanentLockedAccount(ctx, { ...to, toAddress: addr("never") });
        msgs.createPeriodicVestingAccount(ctx, {
          ...to,
          toAddress: addr("parts"),
          startTime: NOW,
          vestingPeriods: [{ length: 5n, amount: [coin(3n)] }],
        });
        money.keeper.delegate(ctx, addr("never"), "pool", [coin(4n)]);
      });
    },
  };
});

readmeLaws({ module: compose().module, readme: new URL("README.md", import.meta.url), events: [] });

describe("a continuous account", () => {
  it("frees its coins second by second, from its creation to its end", () => {
    const { create, spendable, balance, pass, account } = setup();
    create();
    expect(account(bob)?.kind.type).toBe(ContinuousVestingAccount);
    expect(account(bob)?.value).toMatchObject({ startTime: NOW });
    expect([balance(alice), balance(bob), spendable(bob)]).toEqual([9_000n, 1_000n, 0n]);
    const seen: bigint[] = [];
    for (let second = 0; second < 5; second++) {
      pass(25n);
      seen.push(spendable(bob));
    }
    expect(seen).toEqual([250n, 500n, 750n, 1_000n, 1_000n]);
  });

  it("lets only free coins be sent, and all that came besides", () => {
    const { create, keeper, pass, world, spendable } = setup();
    create();
    pass(50n);
    expect(() => world.tx((ctx) => keeper.send(ctx, bob, carol, [coin(501n)]))).toThrow(
      expect.objectContaining({ codespace: "sdk", code: 5 }),
    );
    world.tx((ctx) => keeper.send(ctx, alice, bob, [coin(7n)]));
    world.tx((ctx) => keeper.send(ctx, bob, carol, [coin(507n)]));
    expect(spendable(bob)).toBe(0n);
  });

  // Counted with LegacyDec: (1/3 to 18 digits) × 10 rounds to 3, (2/3) × 10 to 7, and 1/2 × 5 = 2.5 to the even 2.
  it.each([
    [10n, 3n, 1n, 3n],
    [10n, 3n, 2n, 7n],
    [5n, 2n, 1n, 2n],
    [7n, 2n, 1n, 4n],
    [1n, 2n, 1n, 0n],
  ])("of %i over %i seconds has freed after %i: %i", (amount, length, after, free) => {
    const vested = vestedEvenly([coin(amount)], { start: 0n, end: length }, after);
    expect(amountOf(vested, "ufirm")).toBe(free);
  });

  it("never frees less than before, and all of it in the end", () => {
    const amounts = fc.bigInt(1n, (1n << 256n) - 1n);
    fc.assert(
      fc.property(
        amounts,
        fc.bigInt(1n, 10_000n),
        fc.bigInt(0n, 10_001n),
        fc.bigInt(0n, 500n),
        (amount, end, at, more) => {
          const at2 = at + more;
          const free = (now: bigint) => amountOf(vestedEvenly([coin(amount)], { start: 0n, end }, now), "ufirm");
          expect(free(at)).toBeLessThanOrEqual(free(at2));
          expect(free(at2)).toBeLessThanOrEqual(amount);
          expect(free(end)).toBe(amount);
        },
      ),
    );
  });
});

describe("other accounts", () => {
  it("free all at the end, when delayed", () => {
    const { create, spendable, pass, account } = setup();
    create({ delayed: true });
    expect(account(bob)?.kind.type).toBe(DelayedVestingAccount);
    pass(99n);
    expect(spendable(bob)).toBe(0n);
    pass(1n);
    expect(spendable(bob)).toBe(1_000n);
  });

  it("free part by part, when periodic", () => {
    const { createPeriodic, spendable, pass, account } = setup();
    createPeriodic();
    expect(account(bob)?.value).toMatchObject({ startTime: NOW, baseVestingAccount: { endTime: NOW + 30n } });
    const seen: bigint[] = [];
    for (const seconds of [9n, 1n, 19n, 1n]) {
      pass(seconds);
      seen.push(spendable(bob));
    }
    expect(seen).toEqual([0n, 600n, 600n, 1_000n]);
  });

  it("never free anything, when locked for good", () => {
    const { createPermanent, spendable, pass, account } = setup();
    createPermanent();
    expect(account(bob)?.kind.type).toBe(PermanentLockedAccount);
    pass(1n << 32n);
    expect(spendable(bob)).toBe(0n);
  });
});

describe("delegation", () => {
  it("takes locked coins first, and gives free ones back first", () => {
    const { create, keeper, world, pass, account, spendable, balance } = setup();
    create();
    world.tx((ctx) => keeper.send(ctx, alice, bob, [coin(100n)]));
    world.tx((ctx) => keeper.delegate(ctx, bob, "pool", [coin(1_050n)]));
    const tracked = () => {
      const { delegatedFree, delegatedVesting } = (account(bob)!.value as ContinuousVestingAccount).baseVestingAccount!;
      return [amountOf(delegatedFree, "ufirm"), amountOf(delegatedVesting, "ufirm")];
    };
    expect(tracked()).toEqual([50n, 1_000n]);
    expect([balance(bob), spendable(bob)]).toEqual([50n, 50n]);
    pass(30n);
    expect(spendable(bob)).toBe(50n);
    world.tx((ctx) => keeper.undelegate(ctx, "pool", bob, [coin(60n)]));
    expect(tracked()).toEqual([0n, 990n]);
    expect(spendable(bob)).toBe(110n);
    world.tx((ctx) => keeper.undelegate(ctx, "pool", bob, [coin(990n)]));
    expect(tracked()).toEqual([0n, 0n]);
    expect([balance(bob), spendable(bob)]).toEqual([1_100n, 400n]);
    expect(world.broken()).toEqual([]);
  });

  it("gives more back than was delegated, by rounding, without owing anything", () => {
    const { createPermanent, keeper, world, account } = setup();
    createPermanent();
    world.tx((ctx) => keeper.delegate(ctx, bob, "pool", [coin(10n)]));
    world.tx((ctx) => keeper.delegate(ctx, alice, "pool", [coin(10n)]));
    world.tx((ctx) => keeper.undelegate(ctx, "pool", bob, [coin(11n)]));
    const { baseVestingAccount } = account(bob)!.value as PermanentLockedAccount;
    expect(baseVestingAccount).toMatchObject({ delegatedFree: [], delegatedVesting: [] });
  });

  it("leaves an account whose stake was slashed able to spend what comes later, but for what is locked", () => {
    const { createPermanent, keeper, world } = setup();
    createPermanent();
    world.tx((ctx) => keeper.delegate(ctx, bob, "pool", [coin(1_000n)]));
    // A tenth is slashed: it never comes back.
    world.tx((ctx) => keeper.undelegate(ctx, "pool", bob, [coin(900n)]));
    world.tx((ctx) => keeper.send(ctx, alice, bob, [coin(5n)]));
    expect(() => world.tx((ctx) => keeper.send(ctx, bob, carol, [coin(6n)]))).toThrow(/spendable balance 5ufirm/);
    world.tx((ctx) => keeper.send(ctx, bob, carol, [coin(5n)]));
  });

  it("never locks more than the account holds, whatever it delegates and gets back", () => {
    const steps = fc.array(
      fc.record({ back: fc.boolean(), amount: fc.bigInt(1n, 1_200n), after: fc.bigInt(0n, 40n) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        const { create, keeper, world, pass, balance, account } = setup();
        create();
        world.tx((ctx) => keeper.send(ctx, alice, bob, [coin(200n)]));
        let delegated = 0n;
        for (const { back, amount, after } of list) {
          const most = back ? delegated : balance(bob);
          const moved = least(amount, most);
          if (moved === 0n) continue;
          world.tx((ctx) =>
            back
              ? keeper.undelegate(ctx, "pool", bob, [coin(moved)])
              : keeper.delegate(ctx, bob, "pool", [coin(moved)]),
          );
          delegated += back ? -moved : moved;
          pass(after);
          const { baseVestingAccount: tracked } = account(bob)!.value as ContinuousVestingAccount;
          const known = amountOf(tracked!.delegatedFree, "ufirm") + amountOf(tracked!.delegatedVesting, "ufirm");
          expect(known).toBe(delegated);
          expect(amountOf(tracked!.delegatedVesting, "ufirm")).toBeLessThanOrEqual(1_000n);
          const locked = world.query((ctx) => amountOf(setupLocked(ctx), "ufirm"));
          expect(locked).toBeLessThanOrEqual(balance(bob));
          function setupLocked(ctx: Parameters<typeof keeper.spendable>[0]): Coins {
            const found = account(bob)!;
            return found.kind.locked?.(found.value, ctx.time) ?? [];
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("creation", () => {
  type Act = (chain: ReturnType<typeof setup>) => void;
  const module = (name: string) => setup().world.query((ctx) => compose().accounts.keeper.moduleAddress(ctx, name));
  const periods = (...lengths: bigint[]) => lengths.map((length) => ({ length, amount: [coin(1n)] }));

  it.each<[string, string, number, Act]>([
    ["no coins", "sdk", 10, ({ create }) => create({ amount: [] })],
    ["0 coins", "sdk", 10, ({ create }) => create({ amount: [coin(0n)] })],
    ["negative coins", "sdk", 10, ({ createPermanent }) => createPermanent({ amount: [coin(-1n)] })],
    ["unsorted coins", "sdk", 10, ({ create }) => create({ amount: [coin(1n, "uusd"), coin(1n)] })],
    ["no end", "sdk", 18, ({ create }) => create({ endTime: 0n, delayed: true })],
    ["a negative end", "sdk", 18, ({ create }) => create({ endTime: -5n, delayed: true })],
    ["an end that is past", "sdk", 18, ({ create }) => create({ endTime: NOW - 1n })],
    ["an end that is now", "sdk", 18, ({ create }) => create({ endTime: NOW })],
    ["no address", "sdk", 7, ({ create }) => create({ toAddress: "" as typeof bob })],
    ["an account that exists", "sdk", 18, ({ create }) => create({ toAddress: alice })],
    ["an account that exists, locked", "sdk", 18, ({ createPermanent }) => createPermanent({ toAddress: alice })],
    ["an account that exists, in parts", "sdk", 18, ({ createPeriodic }) => createPeriodic({ toAddress: alice })],
    ["a module's account", "sdk", 4, ({ create }) => create({ toAddress: module("pool") })],
    ["a module's account, locked", "sdk", 4, ({ createPermanent }) => createPermanent({ toAddress: module("pool") })],
    ["a module's account, in parts", "sdk", 4, ({ createPeriodic }) => createPeriodic({ toAddress: module("pool") })],
    ["more than there is", "sdk", 5, ({ create }) => create({ amount: [coin(10_001n)] })],
    ["no start", "sdk", 18, ({ createPeriodic }) => createPeriodic({ startTime: 0n })],
    ["a negative start", "sdk", 18, ({ createPeriodic }) => createPeriodic({ startTime: -1n })],
    ["no periods", "sdk", 18, ({ createPeriodic }) => createPeriodic({ vestingPeriods: [] })],
    ["a period of 0", "sdk", 18, ({ createPeriodic }) => createPeriodic({ vestingPeriods: periods(1n, 0n) })],
    ["a negative period", "sdk", 18, ({ createPeriodic }) => createPeriodic({ vestingPeriods: periods(5n, -1n) })],
    [
      "an end beyond 64 bits",
      "sdk",
      18,
      ({ createPeriodic }) => createPeriodic({ vestingPeriods: periods(INT64_MAX) }),
    ],
    [
      "a period without coins",
      "sdk",
      10,
      ({ createPeriodic }) => createPeriodic({ vestingPeriods: [{ length: 1n, amount: [] }] }),
    ],
    [
      "sums above 256 bits",
      "sdk",
      10,
      ({ createPeriodic }) =>
        createPeriodic({
          vestingPeriods: Array.from({ length: 2 }, () => ({ length: 1n, amount: [coin((1n << 256n) - 1n)] })),
        }),
    ],
    [
      "1,000 periods",
      "sdk",
      18,
      ({ createPeriodic }) => createPeriodic({ vestingPeriods: periods(...Array.from({ length: 1_000 }, () => 1n)) }),
    ],
  ])("refuses %s (%s/%i)", (_, codespace, code, act) => {
    const chain = setup();
    const before = chain.world.dump();
    expect(() => act(chain)).toThrow(expect.objectContaining({ codespace, code }));
    expect(chain.world.dump()).toBe(before);
  });

  it("has room for the months of five years", () => {
    const { createPeriodic, account } = setup();
    const month = { length: 2_629_746n, amount: [coin(100n)] };
    createPeriodic({ vestingPeriods: Array.from({ length: 60 }, () => month) });
    const { kind, value } = account(bob)!;
    expect(kind.type.encode(value).finish().length).toBeLessThanOrEqual(ACCOUNT_BYTES_MAX);
  });

  it("by others leaves a fresh address able to spend all that it gets otherwise", () => {
    for (const poison of ["create", "createPermanent", "createPeriodic"] as const) {
      const chain = setup();
      chain[poison]();
      chain.world.tx((ctx) => chain.keeper.send(ctx, alice, bob, [coin(77n)]));
      chain.world.tx((ctx) => chain.keeper.send(ctx, bob, carol, [coin(77n)]));
      expect(chain.balance(carol)).toBe(77n);
    }
  });
});

describe("genesis accounts", () => {
  const vestingOf = (fields: Partial<BaseVestingAccount> = {}): BaseVestingAccount => ({
    baseAccount: base(bob),
    originalVesting: [coin(10n)],
    delegatedFree: [],
    delegatedVesting: [],
    endTime: 200n,
    ...fields,
  });
  function check<T>(type: MessageType<T>, value: T) {
    const { accounts } = compose();
    const any = { typeUrl: type.typeUrl, value: type.encode(value).finish() };
    accounts.genesis.validate({ ...accounts.genesis.empty, accounts: [any] }, TEST_PREFIX);
  }

  it("may be of every kind", () => {
    check(BaseVestingAccount, vestingOf());
    check(ContinuousVestingAccount, { baseVestingAccount: vestingOf(), startTime: 100n });
    check(DelayedVestingAccount, { baseVestingAccount: vestingOf() });
    check(PermanentLockedAccount, { baseVestingAccount: vestingOf({ endTime: 0n }) });
    check(PeriodicVestingAccount, {
      baseVestingAccount: vestingOf(),
      startTime: 100n,
      vestingPeriods: [{ length: 100n, amount: [coin(10n)] }],
    });
  });

  const parts =
    (vestingPeriods: PeriodicVestingAccount["vestingPeriods"], startTime = 100n) =>
    () =>
      check(PeriodicVestingAccount, { baseVestingAccount: vestingOf(), startTime, vestingPeriods });
  it.each<[string, () => void]>([
    [
      "an end before the start",
      () => check(ContinuousVestingAccount, { baseVestingAccount: vestingOf(), startTime: 201n }),
    ],
    [
      "an end at the start",
      () => check(ContinuousVestingAccount, { baseVestingAccount: vestingOf(), startTime: 200n }),
    ],
    ["a negative end", () => check(DelayedVestingAccount, { baseVestingAccount: vestingOf({ endTime: -1n }) })],
    ["an end, locked for good", () => check(PermanentLockedAccount, { baseVestingAccount: vestingOf() })],
    ["no coins", () => check(BaseVestingAccount, vestingOf({ originalVesting: [] }))],
    [
      "more delegated than vesting",
      () => check(DelayedVestingAccount, { baseVestingAccount: vestingOf({ delegatedVesting: [coin(11n)] }) }),
    ],
    ["no base at all", () => check(DelayedVestingAccount, { baseVestingAccount: undefined })],
    ["periods of other coins", parts([{ length: 100n, amount: [coin(9n)] }])],
    ["periods of other length", parts([{ length: 99n, amount: [coin(10n)] }])],
    [
      "a negative period",
      parts([
        { length: -1n, amount: [coin(5n)] },
        { length: 101n, amount: [coin(5n)] },
      ]),
    ],
  ])("are refused with %s", (_, act) => {
    expect(act).toThrow(expect.objectContaining({ codespace: "sdk" }));
  });
});

it("kinds keep what they are when their base changes", () => {
  const value = { baseVestingAccount: BaseVestingAccount.fromPartial({ endTime: 9n }), startTime: 3n };
  expect(continuous.withBase(value, base(bob))).toMatchObject({ startTime: 3n, baseVestingAccount: { endTime: 9n } });
  expect(periodic.base({ ...value, vestingPeriods: [] })).toEqual(BaseAccount.fromPartial({}));
});

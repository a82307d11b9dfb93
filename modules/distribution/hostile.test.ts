import type { GenesisState } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Coin } from "../kernel/coins.ts";
import type { Ctx } from "../kernel/context.ts";
import { ONE } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { TEST_PREFIX } from "../kernel/testing.ts";
import {
  alice,
  aliceOper,
  bob,
  bobOper,
  carol,
  coin,
  collector,
  distributor,
  dora,
  gov,
  setup,
  vote,
} from "./fixture.ts";
import { compose } from "./testing.ts";

describe("hostile amounts", () => {
  const HUGE = (1n << 255n) - 1n;

  it("of 2^255 are refused by every pool, and fees of it stay with the fee collector: no block stops", () => {
    const { world, money, stakes, validator, msgs, rewards, balance, pool } = setup({
      coins: [coin(1n, "uevil"), coin(10n ** 12n)],
    });
    validator(alice, ONE / 2n, 1n);
    world.tx((ctx) => {
      money.keeper.mint(ctx, "mint", [coin(HUGE, "uevil")]);
      money.keeper.sendFromModule(ctx, "mint", carol, [coin(HUGE, "uevil")]);
    });
    const amount = [coin(HUGE, "uevil")];
    const want = "want at most 200";
    expect(() => world.tx((ctx) => msgs.fundCommunityPool(ctx, { depositor: carol, amount }))).toThrow(want);
    expect(() =>
      world.tx((ctx) =>
        msgs.depositValidatorRewardsPool(ctx, { depositor: carol, validatorAddress: aliceOper, amount }),
      ),
    ).toThrow(want);
    world.tx((ctx) => money.keeper.sendToModule(ctx, carol, "fee_collector", amount));
    for (let i = 0; i < 100; i++) {
      world.tx((ctx) => money.keeper.sendToModule(ctx, dora, "fee_collector", [coin(10n)]));
      world.beginBlock({ lastCommit: [vote(aliceOper, 1n)] });
    }
    expect(balance(collector, "uevil")).toBe(HUGE);
    expect(pool()).toBe("20.000000000000000000ufirm");
    expect(rewards(alice, aliceOper)).toBe("490.000000000000000000ufirm");
    world.tx((ctx) => stakes.undelegate(ctx, alice, aliceOper, ONE));
    expect(world.broken()).toEqual([]);
  });

  it("as large as they can be, again and again, break no sum", () => {
    const most = (1n << 200n) - 1n;
    const { world, stakes, validator, msgs, pool } = setup({ coins: [coin(1n << 240n, "uevil"), coin(1000n)] });
    validator(alice, ONE / 2n, 1n);
    validator(bob, 0n, 3n);
    world.beginBlock();
    const deposit = (validatorAddress: string) =>
      world.tx((ctx) =>
        msgs.depositValidatorRewardsPool(ctx, { depositor: carol, validatorAddress, amount: [coin(most, "uevil")] }),
      );
    for (let i = 0; i < 20; i++) {
      deposit(aliceOper);
      deposit(bobOper);
      expect(() => deposit(bobOper)).toThrow("want at most 200");
      world.tx((ctx) => msgs.withdrawValidatorCommission(ctx, { validatorAddress: aliceOper }));
      for (const [delegatorAddress, validatorAddress] of [
        [alice, aliceOper],
        [bob, bobOper],
      ] as const) {
        world.tx((ctx) => msgs.withdrawDelegatorReward(ctx, { delegatorAddress, validatorAddress }));
      }
      world.beginBlock({ lastCommit: [vote(aliceOper, 1n), vote(bobOper, 3n)] });
    }
    world.tx((ctx) => stakes.slash(ctx, bobOper, ONE / 2n));
    expect(world.broken()).toEqual([]);
    expect(pool().length).toBeLessThan(100);
  });

  it("of many denominations slow no block down: a validator's rewards have at most 100 of them", () => {
    const denoms = Array.from({ length: 130 }, (_, i) => `u${String(i).padStart(3, "0")}`);
    const { world, money, validator, msgs, keeper, outstanding } = setup({
      coins: [...denoms.map((denom) => coin(10n ** 6n, denom)), coin(10n ** 6n, "ufirm")],
    });
    validator(alice, 0n, 100n);
    const deposit = (of: readonly string[]) =>
      world.tx((ctx) =>
        msgs.depositValidatorRewardsPool(ctx, {
          depositor: carol,
          validatorAddress: aliceOper,
          amount: of.map((denom) => coin(100n, denom)),
        }),
      );
    expect(() => deposit(denoms.slice(0, 51))).toThrow("would have 51 denominations, want at most 50");
    deposit(denoms.slice(0, 50));
    const fees = [...denoms.map((denom) => coin(100n, denom)), coin(100n, "ufirm")];
    world.tx((ctx) => money.keeper.sendToModule(ctx, dora, "fee_collector", fees));
    world.beginBlock({ lastCommit: [vote(aliceOper, 1n)] });
    expect(outstanding(aliceOper).split(",").length).toBe(100);
    expect(world.query((ctx) => keeper.communityPool(ctx)).length).toBe(131);
    expect(world.broken()).toEqual([]);
  });

  it("and texts of any kind in messages get typed errors", () => {
    const { world, validator, msgs } = setup();
    validator(alice, ONE / 2n, 100n);
    const text = fc.oneof(fc.string(), fc.constantFrom(alice, carol, aliceOper, bobOper, distributor, gov, ""));
    const coins = fc.array(
      fc.record({
        denom: fc.oneof(fc.string(), fc.constantFrom("ufirm", "uusd")),
        amount: fc.oneof(fc.bigInt(), fc.bigInt(0n, 10n)),
      }),
      { maxLength: 3 },
    );
    const fields = fc.record({ a: text, b: text, c: text, coins, dec: fc.bigInt(), flag: fc.boolean() });
    fc.assert(
      fc.property(fields, ({ a, b, c, coins: amount, dec, flag }) => {
        const [x, y] = [a, b] as (typeof alice)[] as [typeof alice, typeof alice];
        const params = {
          communityTax: dec,
          baseProposerReward: 0n,
          bonusProposerReward: 0n,
          withdrawAddrEnabled: flag,
        };
        const calls: ((ctx: Ctx) => unknown)[] = [
          (ctx) => msgs.setWithdrawAddress(ctx, { delegatorAddress: x, withdrawAddress: y }),
          (ctx) => msgs.withdrawDelegatorReward(ctx, { delegatorAddress: x, validatorAddress: c }),
          (ctx) => msgs.withdrawValidatorCommission(ctx, { validatorAddress: c }),
          (ctx) => msgs.fundCommunityPool(ctx, { depositor: x, amount }),
          (ctx) => msgs.communityPoolSpend(ctx, { authority: x, recipient: y, amount }),
          (ctx) => msgs.depositValidatorRewardsPool(ctx, { depositor: x, validatorAddress: c, amount }),
          (ctx) => msgs.updateParams(ctx, { authority: x, params }),
        ];
        for (const call of calls) {
          try {
            world.tx(call);
          } catch (error) {
            if (!(error instanceof ChainError)) throw error;
          }
        }
      }),
    );
    expect(world.broken()).toEqual([]);
  });

  it("and payments of nothing are refused, as in the SDK", () => {
    const { world, msgs } = setup();
    const refused = expect.objectContaining({ codespace: "sdk", code: 10 });
    expect(() => world.tx((ctx) => msgs.fundCommunityPool(ctx, { depositor: carol, amount: [] }))).toThrow(refused);
    const spend = { authority: gov, recipient: carol, amount: [] };
    expect(() => world.tx((ctx) => msgs.communityPoolSpend(ctx, spend))).toThrow(refused);
  });

  it("and payments of the module to itself are refused: it would owe the same coins twice", () => {
    const { world, validator, msgs } = setup();
    validator(alice, ONE / 2n, 100n);
    world.tx((ctx) => msgs.fundCommunityPool(ctx, { depositor: carol, amount: [coin(5n)] }));
    const amount = [coin(1n)];
    const why = "is the distribution module, which cannot pay itself";
    expect(() => world.tx((ctx) => msgs.fundCommunityPool(ctx, { depositor: distributor, amount }))).toThrow(why);
    expect(() =>
      world.tx((ctx) =>
        msgs.depositValidatorRewardsPool(ctx, { depositor: distributor, validatorAddress: aliceOper, amount }),
      ),
    ).toThrow(why);
    expect(world.broken()).toEqual([]);
  });

  it("are in no message", () => {
    const { world, msgs } = setup();
    const fund = (amount: readonly Coin[]) => () =>
      world.tx((ctx) => msgs.fundCommunityPool(ctx, { depositor: carol, amount }));
    expect(fund([coin(1n, "uusd"), coin(1n)])).toThrow("want ascending");
    expect(fund([coin(0n)])).toThrow("want more than 0");
    expect(fund([coin(-1n)])).toThrow("want 0 or more");
  });
});

describe("genesis", () => {
  const refuses = (changes: Partial<GenesisState>, why: string) => {
    const { shares } = compose();
    expect(() => shares.genesis.validate({ ...shares.genesis.empty, ...changes }, TEST_PREFIX)).toThrow(why);
  };
  const owed = (amount: bigint, denom = "ufirm") => ({ denom, amount });

  it.each<readonly [string, Partial<GenesisState>, string]>([
    ["a pool below 0", { feePool: { communityPool: [owed(-1n)] } }, "want more than 0"],
    ["a pool out of order", { feePool: { communityPool: [owed(1n, "uusd"), owed(1n)] } }, "want ascending"],
    ["a pool without end", { feePool: { communityPool: [owed(ONE << 200n)] } }, "want at most 200"],
    ["another chain's proposer", { previousProposer: alice }, 'want "firmvalcons"'],
    [
      "an operator who is none",
      { outstandingRewards: [{ validatorAddress: alice, outstandingRewards: [] }] },
      'want "firmvaloper"',
    ],
    [
      "a validator twice",
      {
        outstandingRewards: [
          { validatorAddress: aliceOper, outstandingRewards: [] },
          { validatorAddress: aliceOper, outstandingRewards: [] },
        ],
      },
      "is there twice",
    ],
    [
      "commission that is not outstanding",
      {
        outstandingRewards: [{ validatorAddress: aliceOper, outstandingRewards: [owed(1n)] }],
        validatorAccumulatedCommissions: [{ validatorAddress: aliceOper, accumulated: { commission: [owed(2n)] } }],
      },
      "is more than what is outstanding",
    ],
    [
      "three references",
      {
        validatorHistoricalRewards: [
          { validatorAddress: aliceOper, period: 1n, rewards: { cumulativeRewardRatio: [], referenceCount: 3 } },
        ],
      },
      "has 3 references, want 1 or 2",
    ],
    [
      "a slash of more than there is",
      {
        validatorSlashEvents: [
          {
            validatorAddress: aliceOper,
            height: 1n,
            period: 1n,
            validatorSlashEvent: { validatorPeriod: 1n, fraction: ONE + 1n },
          },
        ],
      },
      "want 0 to 1",
    ],
  ])("refuses %s", (_, changes, why) => refuses(changes, why));

  it("refuses books that the account does not cover", () => {
    const { world, shares } = setup();
    const books = { ...shares.genesis.empty, feePool: { communityPool: [owed(5n * ONE)] } };
    expect(() => world.tx((ctx) => shares.genesis.init(ctx, books))).toThrow(
      "holds nothing, want what is booked: 5ufirm",
    );
  });
});

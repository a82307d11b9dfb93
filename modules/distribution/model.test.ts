/** Laws of rewards over random histories: what goes in comes out, nothing more, and dust stays below one unit a validator. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Address } from "../kernel/address.ts";
import { type Coin, formatCoins } from "../kernel/coins.ts";
import { ONE } from "../kernel/decimal.ts";
import type { ChainError } from "../kernel/errors.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { addDecCoins, amountOfDec, type DecCoins, formatDecCoins, truncate } from "./dec-coins.ts";
import { state } from "./state.ts";
import { compose, consensusAddressOf, operatorOf } from "./testing.ts";

const names = ["ada", "ben", "cid", "dan", "eve"] as const;
const accounts = names.map((name) => addr(name));
const operators = accounts.slice(0, 3).map((account) => operatorOf(account, TEST_PREFIX));
const DENOMS = ["ufirm", "uusd"] as const;
const FUNDS = 10n ** 15n;
/** Pays fees, and has no stake. */
const payer = addr("payer");

const who = fc.integer({ min: 0, max: accounts.length - 1 });
const validator = fc.integer({ min: 0, max: operators.length - 1 });
const amount = fc.oneof(fc.bigInt(1n, 20n), fc.bigInt(1n, 10n ** 9n));
const fees = fc.record({ ufirm: fc.bigInt(0n, 10n ** 6n), uusd: fc.bigInt(0n, 1000n) });

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("block" as const),
      fees,
      powers: fc.array(fc.bigInt(0n, 100n), { minLength: 3, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("delegate" as const), who, validator, amount }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("undelegate" as const), who, validator, percent: fc.bigInt(1n, 100n) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("withdraw" as const), who, validator }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("commission" as const), validator }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("slash" as const), validator, fraction: fc.bigInt(1n, ONE) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deposit" as const), who, validator, amount }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("redirect" as const), who, to: who }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function open() {
  const { money, stakes, shares, modules } = compose();
  const world = createWorld(modules);
  const coins = DENOMS.map((denom) => ({ denom, amount: FUNDS }));
  world.init({
    bank: { ...money.genesis.empty, balances: [...accounts, payer].map((address) => ({ address, coins })) },
  });
  for (const [i, account] of accounts.slice(0, 3).entries()) {
    world.tx((ctx) => {
      const operator = stakes.createValidator(ctx, account, (ONE * BigInt(i)) / 7n);
      stakes.delegate(ctx, account, operator, 1000n + BigInt(i));
    });
  }

  const exists = (operator: string) => world.query((ctx) => stakes.keeper.validator(ctx, operator));
  const sharesOf = (account: Address, operator: string) =>
    world.query((ctx) => stakes.keeper.delegation(ctx, account, operator))?.shares ?? 0n;

  function run(next: Step): void {
    if (next.kind === "block") {
      const paid: Coin[] = DENOMS.map((denom) => ({ denom, amount: next.fees[denom] })).filter(
        (coin) => coin.amount > 0n,
      );
      world.tx((ctx) => money.keeper.sendToModule(ctx, payer, "fee_collector", paid));
      const lastCommit = operators.map((operator, i) => ({
        validator: consensusAddressOf(operator),
        power: next.powers[i] ?? 0n,
        flag: "commit" as const,
      }));
      world.beginBlock({ lastCommit });
      return;
    }
    if (next.kind === "redirect") {
      world.tx((ctx) => shares.keeper.setWithdrawAddress(ctx, accounts[next.who]!, accounts[next.to]!));
      return;
    }
    const operator = operators[next.validator]!;
    const found = exists(operator);
    if (!found) return;
    const account = "who" in next ? accounts[next.who]! : payer;
    switch (next.kind) {
      case "delegate":
        // Nobody can delegate to a validator that has lost everything.
        if (found.tokens > 0n) world.tx((ctx) => stakes.delegate(ctx, account, operator, next.amount));
        return;
      case "undelegate": {
        const held = sharesOf(account, operator);
        const part = ((held * next.percent) / 100n / ONE) * ONE;
        if (part > 0n) world.tx((ctx) => stakes.undelegate(ctx, account, operator, part));
        return;
      }
      case "withdraw":
        if (sharesOf(account, operator) > 0n) world.tx((ctx) => shares.keeper.withdrawRewards(ctx, account, operator));
        return;
      case "commission":
        try {
          world.tx((ctx) => shares.keeper.withdrawCommission(ctx, operator));
        } catch (error) {
          expect(error).toMatchObject({ codespace: "distribution", code: 7 } satisfies Partial<ChainError>);
        }
        return;
      case "slash":
        world.tx((ctx) => stakes.slash(ctx, operator, next.fraction));
        return;
      case "deposit":
        world.tx((ctx) =>
          shares.keeper.depositRewards(ctx, account, operator, [{ denom: "uusd", amount: next.amount }]),
        );
    }
  }

  const outstanding = (): DecCoins =>
    world.query((ctx) => {
      let sum: DecCoins = [];
      for (const { rewards } of state.outstanding.values(ctx)) sum = addDecCoins(sum, rewards);
      return sum;
    });
  const held = (module: string) => world.query((ctx) => money.keeper.balances(ctx, compositionAddress(ctx, module)));
  const compositionAddress = (ctx: Parameters<typeof money.keeper.balances>[0], module: string): Address =>
    accountsOf.moduleAddress(ctx, module);
  const accountsOf = modules[0]!.keeper as { moduleAddress(ctx: unknown, module: string): Address };
  return { world, stakes, shares, run, outstanding, held, exists, sharesOf };
}

describe("rewards", () => {
  it("are never more than what came in, whatever happens, and all of it is accounted for", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const { world, shares, run, outstanding, held } = open();
        for (const next of steps) {
          run(next);
          const booked = addDecCoins(
            outstanding(),
            world.query((ctx) => shares.keeper.communityPool(ctx)),
          );
          expect(formatCoins(truncate(booked).whole)).toBe(formatCoins(held("distribution")));
          // Fractions of all pools together are whole units: nothing is lost between them.
          expect(formatDecCoins(truncate(booked).rest)).toBe("");
        }
        expect(world.broken()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("leave less than one unit with a validator when everybody has withdrawn and stakes are whole", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const { world, shares, run, exists, sharesOf } = open();
        // After a slash, stakes have fractions that staking rounds off: what those would earn is nobody's.
        for (const next of steps) if (next.kind !== "slash") run(next);
        world.beginBlock();
        for (const operator of operators) {
          if (!exists(operator)) continue;
          for (const account of accounts) {
            if (sharesOf(account, operator) > 0n)
              world.tx((ctx) => shares.keeper.withdrawRewards(ctx, account, operator));
          }
          const commission = world.query((ctx) => shares.keeper.commission(ctx, operator));
          const outstanding = world.query((ctx) => shares.keeper.outstandingRewards(ctx, operator));
          for (const { denom, amount } of outstanding) {
            const dust = amount - amountOfDec(commission, denom);
            expect(dust >= 0n && dust < ONE, `${dust} ${denom} of ${operator}`).toBe(true);
          }
        }
        expect(world.broken()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

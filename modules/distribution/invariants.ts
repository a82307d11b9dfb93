import { amountOf } from "../kernel/coins.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { format, ONE } from "../kernel/decimal.ts";
import type { Invariant } from "../kernel/module.ts";
import { addDecCoins, amountOfDec, type DecCoins, formatDecCoins, truncate } from "./dec-coins.ts";
import type { DistributionDeps } from "./deps.ts";
import type { Keeper } from "./keeper.ts";
import { communityPool, DISTRIBUTION } from "./pool.ts";
import { state } from "./state.ts";

/** Nothing that is booked is 0 or less. */
const amountsPositive: Invariant = (ctx) => {
  const books: Iterable<DecCoins>[] = [
    [communityPool(ctx)],
    Array.from(state.outstanding.values(ctx), ({ rewards }) => rewards),
    Array.from(state.current.values(ctx), ({ rewards }) => rewards),
    Array.from(state.commissions.values(ctx), ({ commission }) => commission),
    Array.from(state.historical.values(ctx), ({ cumulativeRewardRatio }) => cumulativeRewardRatio),
  ];
  for (const book of books) {
    for (const coins of book) {
      if (coins.some(({ amount }) => amount <= 0n)) return `${formatDecCoins(coins)} is booked, want amounts above 0`;
    }
  }
  return undefined;
};

const outstandingOfAll = (ctx: QueryCtx): DecCoins => {
  let sum: DecCoins = [];
  for (const { rewards } of state.outstanding.values(ctx)) sum = addDecCoins(sum, rewards);
  return sum;
};

/** The module's account holds what is outstanding of all validators and what the community pool has. */
const solvent =
  ({ accounts, bank }: DistributionDeps): Invariant =>
  (ctx) => {
    const held = bank.balances(ctx, accounts.moduleAddress(ctx, DISTRIBUTION));
    const { whole } = truncate(addDecCoins(outstandingOfAll(ctx), communityPool(ctx)));
    const missing = whole.find(({ denom, amount }) => amountOf(held, denom) < amount);
    if (!missing) return undefined;
    const { denom, amount } = missing;
    return `the module holds ${amountOf(held, denom)}${denom}, owed are ${amount}${denom}`;
  };

/** All delegators and the operator of a validator can withdraw at once: their claims are not more than what is outstanding. */
const claimsCovered =
  (keeper: Keeper): Invariant =>
  (ctx) => {
    const claims = new Map<string, DecCoins>();
    const claim = (operator: string, coins: DecCoins): void => {
      claims.set(operator, addDecCoins(claims.get(operator) ?? [], coins));
    };
    for (const [operator, { commission }] of state.commissions.entries(ctx)) claim(operator, commission);
    for (const delegation of keeper.allDelegations(ctx)) {
      const validator = keeper.validator(ctx, delegation.validatorAddress);
      if (!validator) return `a delegation is to ${delegation.validatorAddress}, which does not exist`;
      claim(delegation.validatorAddress, keeper.preview(ctx, validator, delegation));
    }
    for (const [operator, claimed] of claims) {
      const outstanding = keeper.outstandingRewards(ctx, operator);
      for (const { denom, amount } of claimed) {
        // What rounding may add up to; no more than what is outstanding is ever paid.
        const excess = amount - amountOfDec(outstanding, denom);
        if (excess >= ONE) return `claims on ${operator} are ${format(excess)}${denom} more than what is outstanding`;
      }
    }
    return undefined;
  };

/** Each validator's periods have one reference for itself, one a delegation and one a slash. */
const referencesCounted: Invariant = (ctx) => {
  const expected = new Map<string, number>();
  const count = (operator: string): void => void expected.set(operator, (expected.get(operator) ?? 0) + 1);
  for (const operator of state.current.keys(ctx)) count(operator);
  for (const [operator] of state.startingInfos.keys(ctx)) count(operator);
  for (const [operator] of state.slashes.keys(ctx)) count(operator);
  const counted = new Map<string, number>();
  for (const [[operator], { referenceCount }] of state.historical.entries(ctx)) {
    counted.set(operator, (counted.get(operator) ?? 0) + referenceCount);
  }
  for (const operator of new Set([...expected.keys(), ...counted.keys()])) {
    const [have, want] = [counted.get(operator) ?? 0, expected.get(operator) ?? 0];
    if (have !== want) return `periods of ${operator} have ${have} references, want ${want}`;
  }
  return undefined;
};

/** Every delegation earns, and nothing earns that is no delegation. */
const delegationsEarn =
  (keeper: Keeper): Invariant =>
  (ctx) => {
    let delegations = 0;
    for (const { delegatorAddress, validatorAddress } of keeper.allDelegations(ctx)) {
      delegations++;
      if (!state.startingInfos.has(ctx, [validatorAddress, delegatorAddress])) {
        return `delegation of ${delegatorAddress} to ${validatorAddress} earns nothing`;
      }
    }
    const earning = [...state.startingInfos.keys(ctx)].length;
    return earning === delegations ? undefined : `${earning} delegations earn, but there are ${delegations}`;
  };

export const invariants = (deps: DistributionDeps, keeper: Keeper) => ({
  amountsPositive,
  solvent: solvent(deps),
  claimsCovered: claimsCovered(keeper),
  referencesCounted,
  delegationsEarn: delegationsEarn(keeper),
});

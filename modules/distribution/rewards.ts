/** What a delegation earns, and how it gets it. */
import type { DelegatorStartingInfo } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import type { Address } from "../kernel/address.ts";
import { type Coins, formatCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, divide, divideTruncate, fromInt, multiply, multiplyTruncate, ONE } from "../kernel/decimal.ts";
import { addDecCoins, type DecCoins, intersect, multiplyCoinsTruncate, subtractDecCoins } from "./dec-coins.ts";
import type { DelegationStake, DistributionDeps, ValidatorStake } from "./deps.ts";
import { fail } from "./errors.ts";
import type { Payout, Route } from "./payout.ts";
import {
  addReference,
  currentOf,
  dropReference,
  endPeriod,
  historyOf,
  outstandingOf,
  owedLess,
  previewPeriod,
  setOutstanding,
} from "./periods.ts";
import { state } from "./state.ts";

const U64_MAX = 2n ** 64n - 1n;

export type Rewards = ReturnType<typeof createRewards>;

/** `shares` of the validator in tokens, times its tokens first, as the SDK has it. The validator has shares. */
const worth = ({ tokens, delegatorShares }: ValidatorStake, shares: Dec, quotient: (a: Dec, b: Dec) => Dec): Dec =>
  quotient(multiply(shares, fromInt(tokens)), delegatorShares);

/** What `stake` earned between the ends of two periods. Truncated: no more is paid than accrued. */
function earned(operator: string, from: DecCoins, to: DecCoins, stake: Dec): DecCoins {
  return multiplyCoinsTruncate(owedLess(operator, to, from), stake);
}

/**
 * What a delegation has earned up to the end of period `endingPeriod`. `ratioAt` gives what a unit of stake had earned by
 * the end of a period.
 */
function rewardsOf(
  ctx: QueryCtx,
  validator: ValidatorStake,
  delegation: DelegationStake,
  endingPeriod: bigint,
  ratioAt: (period: bigint) => DecCoins,
): DecCoins {
  const { operatorAddress } = validator;
  const info = state.startingInfos.get(ctx, [operatorAddress, delegation.delegatorAddress]);
  if (!info) throw fail.noStartingInfo(delegation.delegatorAddress, operatorAddress);
  const sum = (): DecCoins => rewardsSince(ctx, info, validator, delegation, endingPeriod, ratioAt);
  // The SDK gives nothing in the block in which a delegation began to count, and reads nothing. All that can have accrued are
  // deposits of that block, which nobody would ever get.
  return info.height === ctx.height ? ctx.gas.free(sum) : sum();
}

/**
 * The sum over the parts between slashes, each of which takes its fraction of the stake.
 * Cost: the validator's slashes since the delegation began to count; each takes the validator out of the set for a time.
 */
function rewardsSince(
  ctx: QueryCtx,
  info: DelegatorStartingInfo,
  validator: ValidatorStake,
  { shares }: DelegationStake,
  endingPeriod: bigint,
  ratioAt: (period: bigint) => DecCoins,
): DecCoins {
  const operator = validator.operatorAddress;
  let { previousPeriod, stake } = info;
  let rewards: DecCoins = [];
  const slashes = state.slashes.values(ctx, {
    from: [operator, info.height, 0n],
    to: [operator, ctx.height, U64_MAX],
  });
  for (const { validatorPeriod, fraction } of slashes) {
    if (validatorPeriod <= previousPeriod) continue;
    const from = ratioAt(previousPeriod);
    rewards = addDecCoins(rewards, earned(operator, from, ratioAt(validatorPeriod), stake));
    stake = multiplyTruncate(stake, ONE - fraction);
    previousPeriod = validatorPeriod;
  }
  // Staking rounds once and we at every slash: what counts is never more than the stake there is. The SDK panics where the
  // two are more than 3 units of 10⁻¹⁸ apart.
  const held = worth(validator, shares, divide);
  if (stake > held) stake = held;
  const from = ratioAt(previousPeriod);
  return addDecCoins(rewards, earned(operator, from, ratioAt(endingPeriod), stake));
}

export function createRewards({ staking }: DistributionDeps, payout: Payout) {
  /** Begins to count from the end of the period before the one that runs, which has just begun. */
  function initializeDelegation(ctx: Ctx, delegator: Address, operator: string): void {
    const previousPeriod = currentOf(ctx, operator).period - 1n;
    addReference(ctx, operator, previousPeriod);
    const validator = staking.validator(ctx, operator);
    const delegation = staking.delegation(ctx, delegator, operator);
    if (!validator || !delegation) throw fail.noStartingInfo(delegator, operator);
    const stake = worth(validator, delegation.shares, divideTruncate);
    state.startingInfos.set(ctx, [operator, delegator], { previousPeriod, stake, height: ctx.height });
  }

  /** The denomination in which nothing is written as 0. Without gas, for the SDK knows it by heart. */
  function nothing(ctx: Ctx): Coins {
    return [{ denom: ctx.gas.free(() => staking.bondDenom(ctx)), amount: 0n }];
  }

  return {
    initializeDelegation,

    /** What the delegation would get now. Writes nothing. */
    preview(ctx: QueryCtx, validator: ValidatorStake, delegation: DelegationStake): DecCoins {
      const operator = validator.operatorAddress;
      const { period, ratio } = previewPeriod(ctx, validator);
      const ratioAt = (n: bigint) => (n === period ? ratio : historyOf(ctx, operator, n).cumulativeRewardRatio);
      return rewardsOf(ctx, validator, delegation, period, ratioAt);
    },

    /**
     * Ends the validator's period and pays the delegation what it has earned. Afterwards the delegation earns nothing until
     * it is initialised again. Throws `distribution/5` for one that earns nothing, and what a strict route throws.
     */
    withdraw(ctx: Ctx, validator: ValidatorStake, delegation: DelegationStake, route: Route): Coins {
      const operator = validator.operatorAddress;
      const delegator = delegation.delegatorAddress;
      if (!state.startingInfos.has(ctx, [operator, delegator])) throw fail.noStartingInfo(delegator, operator);
      const endingPeriod = endPeriod(ctx, validator);
      const ratioAt = (n: bigint) => historyOf(ctx, operator, n).cumulativeRewardRatio;
      const rewards = rewardsOf(ctx, validator, delegation, endingPeriod, ratioAt);
      const outstanding = outstandingOf(ctx, operator);
      // Rounding may differ in the last digit: what is outstanding bounds what is paid.
      const owed = intersect(rewards, outstanding);
      const { whole, to } = payout.pay(ctx, route, owed);
      setOutstanding(ctx, operator, subtractDecCoins(outstanding, owed) ?? []);
      const info = state.startingInfos.get(ctx, [operator, delegator]);
      if (!info) throw fail.noStartingInfo(delegator, operator);
      dropReference(ctx, operator, info.previousPeriod);
      state.startingInfos.delete(ctx, [operator, delegator]);
      const paid = whole.length > 0 ? whole : nothing(ctx);
      ctx.emitRaw("withdraw_rewards", [
        ["amount", formatCoins(paid)],
        ["validator", operator],
        ["delegator", delegator],
      ]);
      payout.emitRedirected(ctx, route, to, operator, delegator);
      return paid;
    },
  };
}

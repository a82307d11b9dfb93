/**
 * Periods of a validator (F1 fee distribution, D. Ojha and C. Goes 2018): one ends whenever its stake changes. What a
 * unit of stake has earned up to the end of a period is kept as long as a delegation, a slash or the next period refers to it.
 */
import type { ValidatorHistoricalRewards } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, format, fromInt, ONE } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { addDecCoins, type DecCoins, divideCoinsTruncate, subtractDecCoins } from "./dec-coins.ts";
import type { ValidatorStake } from "./deps.ts";
import { fail } from "./errors.ts";
import { addToCommunityPool } from "./pool.ts";
import { state } from "./state.ts";

/** A period's end is referred to by the period after it, and by one delegation or slash. */
const REFERENCES_MAX = 2;

/** Throws `distribution/6` when nothing is kept of the period. */
export function historyOf(ctx: QueryCtx, operator: string, period: bigint): ValidatorHistoricalRewards {
  const history = state.historical.get(ctx, [operator, period]);
  if (!history) throw fail.noHistory(operator, period);
  return history;
}

export const currentOf = (ctx: QueryCtx, operator: string) =>
  state.current.get(ctx, operator) ?? { rewards: [], period: 0n };

export const outstandingOf = (ctx: QueryCtx, operator: string): DecCoins =>
  state.outstanding.get(ctx, operator)?.rewards ?? [];

export const setOutstanding = (ctx: Ctx, operator: string, rewards: DecCoins): void =>
  state.outstanding.set(ctx, operator, { rewards });

export const commissionOf = (ctx: QueryCtx, operator: string): DecCoins =>
  state.commissions.get(ctx, operator)?.commission ?? [];

export const setCommission = (ctx: Ctx, operator: string, commission: DecCoins): void =>
  state.commissions.set(ctx, operator, { commission });

/** `a − b` of what one validator is owed. Throws `sdk/35` when that was never owed: books would be wrong. */
export function owedLess(operator: string, a: DecCoins, b: DecCoins): DecCoins {
  const rest = subtractDecCoins(a, b);
  if (!rest) throw sdkError.logic(`more is claimed of validator ${operator} than is outstanding`);
  return rest;
}

/** What a unit of the validator's tokens earns in the period that runs. Truncated: no more is paid than accrued. */
const ratioOf = (rewards: DecCoins, { tokens }: ValidatorStake): DecCoins =>
  tokens === 0n ? [] : divideCoinsTruncate(rewards, fromInt(tokens));

/** Begins the first period of a new validator. */
export function initializeValidator(ctx: Ctx, operator: string): void {
  state.historical.set(ctx, [operator, 0n], { cumulativeRewardRatio: [], referenceCount: 1 });
  state.current.set(ctx, operator, { rewards: [], period: 1n });
  setCommission(ctx, operator, []);
  setOutstanding(ctx, operator, []);
}

/**
 * Ends the validator's period and returns its number. Rewards that nobody has stake in go to the community pool.
 * Throws `distribution/6` for a validator that was never initialised.
 */
export function endPeriod(ctx: Ctx, validator: ValidatorStake): bigint {
  const operator = validator.operatorAddress;
  const { rewards, period } = currentOf(ctx, operator);
  if (validator.tokens === 0n) {
    addToCommunityPool(ctx, rewards);
    setOutstanding(ctx, operator, owedLess(operator, outstandingOf(ctx, operator), rewards));
  }
  const { cumulativeRewardRatio } = historyOf(ctx, operator, period - 1n);
  dropReference(ctx, operator, period - 1n);
  state.historical.set(ctx, [operator, period], {
    cumulativeRewardRatio: addDecCoins(cumulativeRewardRatio, ratioOf(rewards, validator)),
    referenceCount: 1,
  });
  state.current.set(ctx, operator, { rewards: [], period: period + 1n });
  return period;
}

/** The number of the period that runs, and the rewards a unit of stake would have earned if it ended now. Writes nothing. */
export function previewPeriod(ctx: QueryCtx, validator: ValidatorStake) {
  const { rewards, period } = currentOf(ctx, validator.operatorAddress);
  const { cumulativeRewardRatio } = historyOf(ctx, validator.operatorAddress, period - 1n);
  return { period, ratio: addDecCoins(cumulativeRewardRatio, ratioOf(rewards, validator)) };
}

/** Throws `sdk/35` when the period has all the references that it can have. */
export function addReference(ctx: Ctx, operator: string, period: bigint): void {
  const history = historyOf(ctx, operator, period);
  const referenceCount = history.referenceCount + 1;
  if (referenceCount > REFERENCES_MAX) {
    throw sdkError.logic(`period ${period} of ${operator} has ${referenceCount} references, want at most 2`);
  }
  state.historical.set(ctx, [operator, period], { ...history, referenceCount });
}

/** Forgets the period with its last reference. */
export function dropReference(ctx: Ctx, operator: string, period: bigint): void {
  const history = historyOf(ctx, operator, period);
  const referenceCount = history.referenceCount - 1;
  if (referenceCount <= 0) state.historical.delete(ctx, [operator, period]);
  else state.historical.set(ctx, [operator, period], { ...history, referenceCount });
}

/** Remembers that the validator loses `fraction` of its stake in this block. Throws `sdk/18` unless that is 0 to 1. */
export function recordSlash(ctx: Ctx, validator: ValidatorStake, fraction: Dec): void {
  if (fraction < 0n || fraction > ONE) throw sdkError.invalidRequest(`fraction is ${format(fraction)}, want 0 to 1`);
  const operator = validator.operatorAddress;
  const validatorPeriod = endPeriod(ctx, validator);
  addReference(ctx, operator, validatorPeriod);
  state.slashes.set(ctx, [operator, ctx.height, validatorPeriod], { validatorPeriod, fraction });
}

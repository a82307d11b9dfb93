/** When coins of vesting accounts become free. Times are in whole seconds since 1970. Source: Cosmos SDK 0.53.8 x/auth/vesting/types. */
import type { BaseVestingAccount, Period } from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import { addCoins, amountOf, type Coin, type Coins, subtractCoins } from "../kernel/coins.ts";
import { divide, fromInt, roundInt } from "../kernel/decimal.ts";
import { NS_PER_SECOND } from "../kernel/time.ts";

/** Whole seconds since 1970 of a time in nanoseconds, as Go's `Time.Unix`: towards the past. */
export const toSeconds = (timeNs: bigint): bigint => {
  const seconds = timeNs / NS_PER_SECOND;
  return timeNs < 0n && timeNs % NS_PER_SECOND !== 0n ? seconds - 1n : seconds;
};

export interface Span {
  readonly start: bigint;
  readonly end: bigint;
}

/** Part of each amount, growing evenly from `start` to `end`, to the nearest unit. */
export function vestedEvenly(original: Coins, { start, end }: Span, now: bigint): Coins {
  if (now <= start) return [];
  if (now >= end) return original;
  const share = divide(fromInt(now - start), fromInt(end - start));
  const vested: Coin[] = [];
  for (const { denom, amount } of original) {
    // An integer times 18 digits has 18 digits: nothing is rounded before this.
    const part = roundInt(amount * share);
    if (part > 0n) vested.push({ denom, amount: part });
  }
  return vested;
}

/** The amounts of all periods that are over. Cost: one step a period; a bound on the account's bytes limits them. */
export function vestedByPeriods(original: Coins, { start, end }: Span, periods: readonly Period[], now: bigint): Coins {
  if (now <= start) return [];
  if (now >= end) return original;
  let vested: Coins = [];
  let from = start;
  for (const { length, amount } of periods) {
    if (now - from < length) break;
    vested = addCoins(vested, amount);
    from += length;
  }
  return vested;
}

/** What is not vested yet. Nothing vests that was not there, so the rest is never negative. */
export const rest = (original: Coins, vested: Coins): Coins => subtractCoins(original, vested) ?? [];

/** Vesting coins that are still in the account: those that are delegated are locked elsewhere. */
export function lockedOf(vesting: Coins, delegated: Coins): Coins {
  const locked: Coin[] = [];
  for (const { denom, amount } of vesting) {
    const left = amount - amountOf(delegated, denom);
    if (left > 0n) locked.push({ denom, amount: left });
  }
  return locked;
}

/** The lesser of two. */
export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const plus = (coins: Coins, denom: string, amount: bigint): Coins =>
  amount === 0n ? coins : addCoins(coins, [{ denom, amount }]);
const minus = (coins: Coins, denom: string, amount: bigint): Coins =>
  amount === 0n ? coins : rest(coins, [{ denom, amount }]);

/** Coins that are vesting are delegated first. */
export function trackDelegation(base: BaseVestingAccount, vesting: Coins, coins: Coins): BaseVestingAccount {
  let { delegatedFree, delegatedVesting } = base;
  for (const { denom, amount } of coins) {
    const open = amountOf(vesting, denom) - amountOf(delegatedVesting, denom);
    const locked = least(open > 0n ? open : 0n, amount);
    delegatedVesting = plus(delegatedVesting, denom, locked);
    delegatedFree = plus(delegatedFree, denom, amount - locked);
  }
  return { ...base, delegatedFree, delegatedVesting };
}

/**
 * Free coins come back first, so that an account whose stake was slashed loses vesting coins first. More may come back than
 * was delegated, by the rounding of shares: what is over is free.
 */
export function trackUndelegation(base: BaseVestingAccount, coins: Coins): BaseVestingAccount {
  let { delegatedFree, delegatedVesting } = base;
  for (const { denom, amount } of coins) {
    const free = least(amountOf(delegatedFree, denom), amount);
    const locked = least(amountOf(delegatedVesting, denom), amount - free);
    delegatedFree = minus(delegatedFree, denom, free);
    delegatedVesting = minus(delegatedVesting, denom, locked);
  }
  return { ...base, delegatedFree, delegatedVesting };
}

/**
 * Coins with 18 digits after the point: what accrues between withdrawals. Same results as `DecCoins` of Cosmos SDK 0.53.
 * What would pass 315 bits throws `sdk/18`.
 */
import { type Coin, type Coins, compareDenoms } from "../kernel/coins.ts";
import {
  add,
  type Dec,
  divideTruncate,
  format,
  fromInt,
  multiply,
  multiplyTruncate,
  ONE,
  truncateInt,
} from "../kernel/decimal.ts";

/** Same shape as `cosmos.base.v1beta1.DecCoin`: `amount` in units of 10⁻¹⁸. */
export interface DecCoin {
  readonly denom: string;
  readonly amount: Dec;
}

/** Ascending by denom, no denom twice, every amount above zero. */
export type DecCoins = readonly DecCoin[];

/** Merges two lists; `combine` of an amount with 0 where one lacks the denom. Results of 0 are left out. */
function merge(a: DecCoins, b: DecCoins, combine: (x: Dec, y: Dec) => Dec): DecCoin[] {
  const merged: DecCoin[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    const order = x === undefined ? 1 : y === undefined ? -1 : compareDenoms(x.denom, y.denom);
    const denom = order <= 0 ? x!.denom : y!.denom;
    const amount = combine(order <= 0 ? x!.amount : 0n, order >= 0 ? y!.amount : 0n);
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (amount !== 0n) merged.push({ denom, amount });
  }
  return merged;
}

export const addDecCoins = (a: DecCoins, b: DecCoins): DecCoins => merge(a, b, add);

/** `a − b`, or undefined when `a` lacks some of it. */
export function subtractDecCoins(a: DecCoins, b: DecCoins): DecCoins | undefined {
  const rest = merge(a, b, (x, y) => x - y);
  return rest.some(({ amount }) => amount < 0n) ? undefined : rest;
}

/** What is in both: the lesser amount of each denom. */
export function intersect(a: DecCoins, b: DecCoins): DecCoins {
  return merge(a, b, (x, y) => {
    if (x < y) return x;
    return y;
  });
}

const map = (coins: DecCoins, change: (amount: Dec) => Dec): DecCoins =>
  coins.map(({ denom, amount }) => ({ denom, amount: change(amount) })).filter(({ amount }) => amount !== 0n);

/** Nearest, halves to even. */
export const multiplyCoins = (coins: DecCoins, by: Dec): DecCoins => map(coins, (amount) => multiply(amount, by));

export const multiplyCoinsTruncate = (coins: DecCoins, by: Dec): DecCoins =>
  map(coins, (amount) => multiplyTruncate(amount, by));

/** `by` is not 0. */
export const divideCoinsTruncate = (coins: DecCoins, by: Dec): DecCoins =>
  map(coins, (amount) => divideTruncate(amount, by));

export const toDecCoins = (coins: Coins): DecCoins =>
  coins.map(({ denom, amount }) => ({ denom, amount: fromInt(amount) }));

/** Whole units, and what is left of each denom. */
export function truncate(coins: DecCoins): { readonly whole: Coins; readonly rest: DecCoins } {
  const whole: Coin[] = [];
  for (const { denom, amount } of coins) if (amount >= ONE) whole.push({ denom, amount: truncateInt(amount) });
  return { whole, rest: map(coins, (amount) => amount % ONE) };
}

export const amountOfDec = (coins: DecCoins, denom: string): Dec =>
  coins.find((coin) => coin.denom === denom)?.amount ?? 0n;

/** `1.500000000000000000ufirm,0.100000000000000000uusd`; empty text for none. */
export const formatDecCoins = (coins: DecCoins): string =>
  coins.map(({ denom, amount }) => format(amount) + denom).join(",");

/**
 * Coins with 18 digits after the point: what accrues between withdrawals. Same results as `DecCoins` of Cosmos SDK 0.53.
 * What would pass 315 bits throws `sdk/18`.
 */
import { type Coin, type Coins, mergeCoins } from "../kernel/coins.ts";
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

export const addDecCoins = (a: DecCoins, b: DecCoins): DecCoins => mergeCoins(a, b, add);

/** `a − b`, or undefined when `a` lacks some of it. */
export function subtractDecCoins(a: DecCoins, b: DecCoins): DecCoins | undefined {
  const rest = mergeCoins(a, b, (x, y) => x - y);
  return rest.some(({ amount }) => amount < 0n) ? undefined : rest;
}

/** What is in both: the lesser amount of each denom. */
export function intersect(a: DecCoins, b: DecCoins): DecCoins {
  return mergeCoins(a, b, (x, y) => {
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

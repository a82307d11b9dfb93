import { fromDigits } from "@interfirm/proto/wire";
import { quote } from "./bytes.ts";
import { sdkError } from "./sdk-errors.ts";

/** An amount of one denomination. `amount` is in the smallest unit, 0 ≤ amount < 2²⁵⁶. Same shape as `cosmos.base.v1beta1.Coin`. */
export interface Coin {
  readonly denom: string;
  readonly amount: bigint;
}

/** Ascending by denom (byte order), no denom twice, every amount above zero. */
export type Coins = readonly Coin[];

/** Amounts are below 2²⁵⁶, as the SDK's `math.Int`. */
export const AMOUNT_BITS_MAX = 256n;
const AMOUNT_END = 1n << AMOUNT_BITS_MAX;

const isLetter = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isPunctuation = (code: number): boolean =>
  code === 47 || code === 58 || code === 46 || code === 95 || code === 45;

/** `[a-zA-Z][a-zA-Z0-9/:._-]{2,127}`. Source: Cosmos SDK 0.53 types/coin.go. */
export function isDenom(text: string): boolean {
  if (text.length < 3 || text.length > 128 || !isLetter(text.charCodeAt(0))) return false;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!isLetter(code) && !isDigit(code) && !isPunctuation(code)) return false;
  }
  return true;
}

/** Throws `sdk/10`. */
export function checkDenom(denom: string): void {
  if (!isDenom(denom)) throw sdkError.invalidCoins(`denom is ${quote(denom)}, want [a-zA-Z][a-zA-Z0-9/:._-]{2,127}`);
}

/** Byte order of denoms, which are ASCII. */
const compareDenoms = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Throws `sdk/10` when an amount is negative or has more than 256 bits. */
export function checkAmount(amount: bigint, denom: string): void {
  if (amount < 0n) throw sdkError.invalidCoins(`amount is ${amount} ${quote(denom)}, want 0 or more`);
  if (amount >= AMOUNT_END)
    throw sdkError.invalidCoins(`amount of ${quote(denom)} has more than 256 bits, want at most 256`);
}

/** A sound coin above zero. Throws `sdk/10`. */
export function checkPositiveCoin(coin: Coin): void {
  checkDenom(coin.denom);
  checkAmount(coin.amount, coin.denom);
  if (coin.amount === 0n) throw sdkError.invalidCoins(`amount is 0 ${coin.denom}, want more than 0`);
}

/** Throws `sdk/10` unless denoms are sound, ascending and unique and amounts above zero. No coins at all are sound. */
export function checkCoins(coins: readonly Coin[]): asserts coins is Coins {
  let previous: string | undefined;
  for (const coin of coins) {
    checkPositiveCoin(coin);
    if (previous !== undefined && coin.denom <= previous) {
      throw sdkError.invalidCoins(`denom ${coin.denom} comes after ${previous}, want ascending and unique denoms`);
    }
    previous = coin.denom;
  }
}

/** Sum of two amounts. Throws `sdk/10` above 256 bits. */
export function addAmounts(a: bigint, b: bigint, denom: string): bigint {
  const sum = a + b;
  checkAmount(sum, denom);
  return sum;
}

/** Merges two sorted lists; `combine` of an amount with 0 when a list lacks the denom. Results of 0 are left out. */
export function mergeCoins(a: Coins, b: Coins, combine: (x: bigint, y: bigint, denom: string) => bigint): Coin[] {
  const merged: Coin[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const x = a[i];
    const y = b[j];
    const order = x === undefined ? 1 : y === undefined ? -1 : compareDenoms(x.denom, y.denom);
    const denom = order <= 0 ? x!.denom : y!.denom;
    const amount = combine(order <= 0 ? x!.amount : 0n, order >= 0 ? y!.amount : 0n, denom);
    if (order <= 0) i++;
    if (order >= 0) j++;
    if (amount !== 0n) merged.push({ denom, amount });
  }
  return merged;
}

/** Throws `sdk/10` above 256 bits. */
export const addCoins = (a: Coins, b: Coins): Coins => mergeCoins(a, b, addAmounts);

/** `a − b`, or undefined when `a` lacks some of it. */
export function subtractCoins(a: Coins, b: Coins): Coins | undefined {
  const rest = mergeCoins(a, b, (x, y) => x - y);
  return rest.some((coin) => coin.amount < 0n) ? undefined : rest;
}

export function amountOf(coins: Coins, denom: string): bigint {
  return coins.find((coin) => coin.denom === denom)?.amount ?? 0n;
}

/** Whether `a` has at least every amount of `b`. */
export const coversCoins = (a: Coins, b: Coins): boolean => b.every((coin) => amountOf(a, coin.denom) >= coin.amount);

/** Any order, zeros left out, amounts of one denom added up. Throws `sdk/10` for an unsound denom or amount. */
export function sumCoins(coins: readonly Coin[]): Coins {
  const sums = new Map<string, bigint>();
  for (const { denom, amount } of coins) {
    checkDenom(denom);
    checkAmount(amount, denom);
    sums.set(denom, addAmounts(sums.get(denom) ?? 0n, amount, denom));
  }
  return [...sums]
    .filter(([, amount]) => amount > 0n)
    .sort(([a], [b]) => compareDenoms(a, b))
    .map(([denom, amount]) => ({ denom, amount }));
}

/** Coins in any order as they belong: sorted, those of 0 left out. Throws `sdk/10` for an unsound coin and for a denom twice. */
export function sortCoins(coins: readonly Coin[]): Coins {
  const sorted = coins.filter(({ amount }) => amount !== 0n).sort((a, b) => compareDenoms(a.denom, b.denom));
  checkCoins(sorted);
  return sorted;
}

/** `10ufirm` */
export const formatCoin = (coin: Coin): string => `${coin.amount}${coin.denom}`;

/** `10ufirm,5uusd`; empty text for no coins. */
export const formatCoins = (coins: readonly Coin[]): string => coins.map(formatCoin).join(",");

/** Digits of an amount: `0`, or up to 78 digits without leading zero, below 2²⁵⁶. Throws `sdk/10`. */
export function parseAmount(text: string): bigint {
  if (text.length === 0 || text.length > 78) {
    throw sdkError.invalidCoins(`amount has ${text.length} digits, want 1 to 78`);
  }
  for (let i = 0; i < text.length; i++) {
    if (!isDigit(text.charCodeAt(i))) throw sdkError.invalidCoins(`amount is ${quote(text)}, want decimal digits`);
  }
  if (text.length > 1 && text.startsWith("0")) throw sdkError.invalidCoins(`amount is ${text}, want no leading zero`);
  const amount = fromDigits(text);
  checkAmount(amount, "amount");
  return amount;
}

/** Splits `10ufirm` into its number and its denom. */
export function splitCoin(text: string): readonly [number: string, denom: string] {
  let at = 0;
  while (at < text.length && (isDigit(text.charCodeAt(at)) || text[at] === ".")) at++;
  return [text.slice(0, at), text.slice(at).trimStart()];
}

/** `10ufirm`. Throws `sdk/10`. */
export function parseCoin(text: string): Coin {
  const [digits, denom] = splitCoin(text.trim());
  if (digits === "") throw sdkError.invalidCoins(`coin is ${quote(text)}, want an amount and a denom such as 10ufirm`);
  const amount = parseAmount(digits);
  checkDenom(denom);
  return { denom, amount };
}

/** `10ufirm,5uusd` in any order; coins of 0 are left out, a denom twice is refused. Empty text is no coins. Throws `sdk/10`. */
export function parseCoins(text: string): Coins {
  if (text.trim() === "") return [];
  return sortCoins(text.split(",").map(parseCoin));
}

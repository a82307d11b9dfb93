/**
 * Decimals with 18 digits after the point, held as a `bigint` of 10⁻¹⁸ units ("atomics").
 * Same results as `LegacyDec` of cosmossdk.io/math v1.5.3, checked against its golden vectors.
 * Every function throws `sdk/18` where a result has more than 315 bits or a divisor is 0.
 */
import { fromDigits } from "@interfirm/proto/wire";
import { quote } from "./bytes.ts";
import { sdkError } from "./sdk-errors.ts";

/** Units of 10⁻¹⁸. */
export type Dec = bigint;

export const DECIMALS = 18;
/** 1, in atomics. */
export const ONE: Dec = 10n ** 18n;
const BITS_MAX = 315n;
const END = 1n << BITS_MAX;
/** Digits of an integer part below 2²⁵⁶. */
const INTEGER_DIGITS_MAX = 78;

function bounded(value: bigint): bigint {
  if (value >= END || value <= -END)
    throw sdkError.invalidRequest(`decimal has more than ${BITS_MAX} bits, want at most`);
  return value;
}

function divisor(value: bigint): bigint {
  if (value === 0n) throw sdkError.invalidRequest("decimal is divided by 0, want another divisor");
  return value;
}

/** `n / d` to the nearest integer, halves to the even one. `d` is above zero. */
function divideHalfEven(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  const rest = n % d;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < d || (twice === d && quotient % 2n === 0n)) return quotient;
  return n < 0n ? quotient - 1n : quotient + 1n;
}

/** `n / d` towards plus infinity. `d` is above zero. */
function divideUp(n: bigint, d: bigint): bigint {
  const quotient = n / d;
  return n % d > 0n ? quotient + 1n : quotient;
}

export const fromInt = (value: bigint): Dec => bounded(value * ONE);
export const add = (a: Dec, b: Dec): Dec => bounded(a + b);
export const subtract = (a: Dec, b: Dec): Dec => bounded(a - b);

/** Nearest, halves to even. */
export const multiply = (a: Dec, b: Dec): Dec => bounded(divideHalfEven(a * b, ONE));
/** Towards zero. */
export const multiplyTruncate = (a: Dec, b: Dec): Dec => bounded((a * b) / ONE);

/** Nearest, halves to even, of the quotient cut off after 36 digits, as `LegacyDec.Quo` does. */
export const divide = (a: Dec, b: Dec): Dec => bounded(divideHalfEven((a * ONE * ONE) / divisor(b), ONE));
/** Towards zero. */
export const divideTruncate = (a: Dec, b: Dec): Dec => bounded((a * ONE) / divisor(b));
/**
 * One unit above `divideTruncate` where digits were cut off. That is up for positive results; a negative result that is
 * not 0 is already up when truncated and gets the unit all the same, as math v1.5.3 does and the vectors show.
 */
export function divideRoundUp(a: Dec, b: Dec): Dec {
  const quotient = (a * ONE) / divisor(b);
  const rest = (a * ONE) % b;
  const up = rest !== 0n && rest > 0n === (quotient < 0n === b < 0n);
  return bounded(up ? quotient + 1n : quotient);
}

/** Towards zero, to an integer. */
export const truncateInt = (a: Dec): bigint => a / ONE;
/** Nearest integer, halves to even. */
export const roundInt = (a: Dec): bigint => divideHalfEven(a, ONE);
/** Least integer not below `a`, as a decimal. */
export const ceil = (a: Dec): Dec => bounded(divideUp(a, ONE) * ONE);

/** `a` to the power of `exponent`, an integer from 0 to 2⁶⁴−1, rounding after each of at most 128 products. */
export function power(a: Dec, exponent: bigint): Dec {
  if (exponent < 0n || exponent >= 1n << 64n) {
    throw sdkError.invalidRequest(`exponent is ${exponent}, want 0 to 2^64 - 1`);
  }
  if (exponent === 0n) return ONE;
  let base = a;
  let odd = ONE;
  for (let left = exponent; left > 1n; left /= 2n) {
    if (left % 2n === 1n) odd = multiply(odd, base);
    base = multiply(base, base);
  }
  return multiply(base, odd);
}

/** `1.500000000000000000`: always 18 digits after the point. */
export function format(a: Dec): string {
  const digits = (a < 0n ? -a : a).toString().padStart(DECIMALS + 1, "0");
  return `${a < 0n ? "-" : ""}${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`;
}

const SHAPE = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,18})?$/;

/** `1.5`, `-0.25`, `7`: at most 18 digits after the point, no leading zeros, no exponent. Throws `sdk/18`. */
export function parse(text: string): Dec {
  // Capped before the expression runs and before digits become a bigint.
  if (text.length > INTEGER_DIGITS_MAX + DECIMALS + 2 || !SHAPE.test(text)) {
    throw sdkError.invalidRequest(`decimal is ${quote(text)}, want digits with at most ${DECIMALS} after the point`);
  }
  const negative = text.startsWith("-");
  const [whole = "0", fraction = ""] = (negative ? text.slice(1) : text).split(".");
  const atomics = fromDigits(whole) * ONE + fromDigits(fraction.padEnd(DECIMALS, "0"));
  return bounded(negative ? -atomics : atomics);
}

import { fromDigits, quote, WireError } from "./wire.ts";

const ATTO_PER_UNIT = 1_000_000_000_000_000_000n;
const DECIMALS = 18;
/** Digits of 2³¹⁵, a point and a sign. */
const LENGTH_MAX = 97;
const DECIMAL = /^(-?)([0-9]+)(?:\.([0-9]{1,18}))?$/;
const LIMIT = 1n << 315n;

/** A `cosmos.Dec`, in units of 10⁻¹⁸, as text with 18 decimals: `50000000000000000n` → `0.050000000000000000`. */
export function decimalText(atto: bigint): string {
  const size = atto < 0n ? -atto : atto;
  const fraction = (size % ATTO_PER_UNIT).toString().padStart(DECIMALS, "0");
  return `${atto < 0n ? "-" : ""}${size / ATTO_PER_UNIT}.${fraction}`;
}

/** The inverse; fewer decimals are accepted, more are not. Throws `WireError`. */
export function parseDecimal(text: string): bigint {
  const match = text.length > LENGTH_MAX ? null : DECIMAL.exec(text);
  if (match === null) throw new WireError(`decimal is ${quote(text)}, want digits with at most ${DECIMALS} decimals`);
  const [, sign, whole = "", fraction = ""] = match;
  const size = fromDigits(whole + fraction.padEnd(DECIMALS, "0"));
  if (size >= LIMIT) throw new WireError(`decimal is ${quote(text)}, want less than 2^315 in units of 10^-${DECIMALS}`);
  return sign === "-" ? -size : size;
}

/** Bytes, or a value to be written, that break the protobuf wire format or the limits of a type. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Bits in the absolute value of a `cosmos.Int` (SDK `math.MaxBitLen`) and of a `cosmos.Dec` before its 18 decimals. */
const INT_BITS_MAX = 256;
const DEC_BITS_MAX = 315;
const INT_LIMIT = 1n << BigInt(INT_BITS_MAX);
const DEC_LIMIT = 1n << BigInt(DEC_BITS_MAX);
/** Digits of 2³¹⁵, the longest text that can be in range. */
const DIGITS_MAX = 95;

const DIGITS = /^-?[0-9]+$/;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

/**
 * The value of decimal digits, leading zeros included: the one way from text to `bigint` in consensus code. `BigInt` itself
 * also reads hex, blanks and text of any length. Throws `WireError`; callers check form and range.
 */
export function fromDigits(text: string): bigint {
  if (text.length > DIGITS_MAX + 1 || !DIGITS.test(text)) {
    throw new WireError(`number is ${quote(text)}, want at most ${DIGITS_MAX} decimal digits`);
  }
  // That a text is no argument is what bigint.d.ts says, so that nobody else does this.
  return BigInt(text as unknown as number);
}

/** Digits of which every number is exact. */
const EXACT_DIGITS = 15;

/** A short text of digits without leading zeros, as most amounts are; −1 for any other. The empty text is 0. */
function parseSmall(text: string): number {
  if (text.length > 1 && text.charCodeAt(0) === 0x30) return -1;
  let value = 0;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function parse(text: string, limit: bigint, what: string): bigint {
  if (text.length <= EXACT_DIGITS) {
    const small = parseSmall(text);
    if (small >= 0) return BigInt(small);
  }
  // The length is checked first, so that the expression and BigInt only see short texts.
  if (text.length > DIGITS_MAX + 1 || !INTEGER.test(text)) {
    throw new WireError(`${what} is ${quote(text)}, want a decimal integer without leading zeros`);
  }
  const value = fromDigits(text);
  if (value >= limit || value <= -limit) throw new WireError(`${what} is ${text}, want less than 2^${bits(limit)}`);
  return value;
}

function format(value: bigint, limit: bigint, what: string): string {
  if (typeof value !== "bigint") throw new WireError(`${what} is a ${typeof value}, want a bigint`);
  if (value >= limit || value <= -limit) throw new WireError(`${what} is ${value}, want less than 2^${bits(limit)}`);
  return value.toString();
}

const bits = (limit: bigint): number => (limit === INT_LIMIT ? INT_BITS_MAX : DEC_BITS_MAX);

/** Untrusted text for an error message: short, printable. */
export function quote(text: string): string {
  const head = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  let quoted = '"';
  for (const char of head) {
    const code = char.codePointAt(0) as number;
    quoted += code < 0x20 || code === 0x7f || (code >= 0xd800 && code <= 0xdfff) ? "?" : char;
  }
  return `${quoted}"`;
}

/** The text of a `cosmos.Int` to its value; the empty text, which is an absent field, to 0. Throws `WireError`. */
export const parseInteger = (text: string): bigint => parse(text, INT_LIMIT, "cosmos.Int");
export const formatInteger = (value: bigint): string => format(value, INT_LIMIT, "cosmos.Int");

/** The text of a `cosmos.Dec` on the wire, an integer in units of 10⁻¹⁸, to that integer. Throws `WireError`. */
export const parseAtto = (text: string): bigint => parse(text, DEC_LIMIT, "cosmos.Dec");
export const formatAtto = (value: bigint): string => format(value, DEC_LIMIT, "cosmos.Dec");

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A number's text from a `bytes` field; what is not UTF-8 is no number, whatever it is. */
export function utf8Text(bytes: Uint8Array): string {
  try {
    return text.decode(bytes);
  } catch (cause) {
    throw new WireError("number is not UTF-8, want decimal digits", { cause });
  }
}

const encoder = new TextEncoder();

export const utf8Bytes = (value: string): Uint8Array => encoder.encode(value);

/** The default of every `bytes` field. Of length 0, so it cannot be changed. */
export const NO_BYTES = new Uint8Array(0);

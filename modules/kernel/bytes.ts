/** Bytes without `Buffer`: the same code runs in browsers. */
import { sdkError } from "./sdk-errors.ts";

export const EMPTY = new Uint8Array(0);

/** Unsigned lexicographic order: negative, 0 or positive. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compare(a, b) === 0;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  if (bytes.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix[i]) return false;
  return true;
}

/** The least bytes greater than everything that starts with `prefix`; undefined when there are none (all 0xff). */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i]! === 255) continue;
    const end = prefix.slice(0, i + 1);
    end[i]!++;
    return end;
  }
  return undefined;
}

const CHUNK = 4096;

/** One character a byte. Code unit order of these texts is byte order, so they serve as sortable `Map` keys. */
export function toLatin1(bytes: Uint8Array): string {
  if (bytes.length <= CHUNK) return String.fromCharCode.apply(null, bytes as unknown as number[]);
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += toLatin1(bytes.subarray(at, at + CHUNK));
  return text;
}

/** Inverse of `toLatin1`. */
export function fromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Lower case. */
export function toHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

const nibble = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
};

/** Either case. Throws `sdk/18` unless `text` is an even number of hex digits. */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0) throw sdkError.invalidRequest(`hex text has ${text.length} digits, want an even number`);
  const bytes = new Uint8Array(Math.floor(text.length / 2));
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(text.charCodeAt(2 * i));
    const low = nibble(text.charCodeAt(2 * i + 1));
    if (high < 0 || low < 0)
      throw sdkError.invalidRequest(`hex text has ${text.slice(2 * i, 2 * i + 2)}, want hex digits`);
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE64_VALUES: ReadonlyMap<string, number> = new Map(Array.from(BASE64, (char, value) => [char, value]));

const PADDING = "=".charCodeAt(0);

/** Standard alphabet, padded. */
export function toBase64(bytes: Uint8Array): string {
  const units = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    units[at++] = BASE64.charCodeAt(group >> 18);
    units[at++] = BASE64.charCodeAt((group >> 12) & 63);
    units[at++] = left > 1 ? BASE64.charCodeAt((group >> 6) & 63) : PADDING;
    units[at++] = left > 2 ? BASE64.charCodeAt(group & 63) : PADDING;
  }
  return toLatin1(units);
}

/** Standard alphabet, padding wanted, unused bits zero: one text for each bytes. Throws `sdk/18` otherwise. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0)
    throw sdkError.invalidRequest(`base64 text has ${text.length} characters, want a multiple of 4`);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array(Math.floor(text.length / 4) * 3 - padding);
  const digits = text.length - padding;
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < digits; i++) {
    const value = BASE64_VALUES.get(text[i]!);
    if (value === undefined) throw sdkError.invalidRequest(`base64 text has "${text[i]}", want the standard alphabet`);
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0)
    throw sdkError.invalidRequest("base64 text has unused bits set, want them zero");
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Texts up to this length are looked at by hand first: denoms and digits are ASCII, and a call of the codec costs more. */
const SHORT = 64;

export function toUtf8(text: string): Uint8Array {
  if (text.length > SHORT) return encoder.encode(text);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return encoder.encode(text);
    bytes[i] = code;
  }
  return bytes;
}

function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! > 127) return false;
  return true;
}

/** Throws `sdk/18` when the bytes are not UTF-8: two byte strings never become one text. */
export function fromUtf8(bytes: Uint8Array): string {
  if (bytes.length <= SHORT && isAscii(bytes)) return toLatin1(bytes);
  try {
    return decoder.decode(bytes);
  } catch {
    throw sdkError.invalidRequest(`bytes ${toHex(bytes.subarray(0, 16))} are not UTF-8, want UTF-8`);
  }
}

/** For messages: at most 80 characters of untrusted text, control characters shown as escapes. */
export function quote(text: string): string {
  let shown = "";
  for (const char of text.slice(0, 80)) {
    const code = char.codePointAt(0)!;
    shown +=
      code < 32 || code === 127 || char === '"' || (code >= 0xd800 && code < 0xe000)
        ? `\\u{${code.toString(16)}}`
        : char;
  }
  return text.length > 80 ? `"${shown}" (${text.length} characters)` : `"${shown}"`;
}

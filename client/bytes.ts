import { sha256 } from "@noble/hashes/sha2.js";

export { fromBase64, fromHex, fromUtf8, toBase64, toHex, toUtf8 } from "@cosmjs/encoding";
export { ripemd160 } from "@noble/hashes/legacy.js";
export { concatBytes as concat } from "@noble/hashes/utils.js";
export { sha256 };

/** Unsigned lexicographic order: below, at or above zero. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

export const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && compareBytes(a, b) === 0;

/** Unsigned 64-bit, big-endian: how state keys hold ids and heights. */
export function u64(value: bigint): Uint8Array {
  if (value < 0n || value >> 64n !== 0n) throw new RangeError(`number is ${value}, want 0 to 2^64-1`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

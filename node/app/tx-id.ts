import { hash } from "node:crypto";

let last: { readonly bytes: Uint8Array; readonly id: string } = { bytes: new Uint8Array(0), id: "" };

/**
 * SHA-256 of a transaction in lower-case hex: `Tx.id`. The last one is remembered by its array, which nobody changes:
 * several ask one after the other.
 */
export function txId(bytes: Uint8Array): string {
  if (bytes !== last.bytes) last = { bytes, id: hash("sha256", bytes, "hex") };
  return last.id;
}

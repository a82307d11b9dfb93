import { defineState } from "../kernel/collections.ts";
import { bytesLast, pair, u8 } from "../kernel/keys.ts";
import { u64Value } from "../kernel/values.ts";

/**
 * State layout. Prefixes are consensus: never reused, never renumbered.
 *
 *     0x00 | key type:1 | key   → u64, the power of the validator; key type 0 is ed25519, 1 is secp256k1
 */
export const state = defineState("genutil", (store) => ({
  validators: store.map(0x00, pair(u8, bytesLast), u64Value),
}));

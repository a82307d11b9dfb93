import { Any } from "@interfirm/proto/gen/google/protobuf";
import { defineState } from "../kernel/collections.ts";
import { bytesLast } from "../kernel/keys.ts";

export const STORE_KEY = "evidence";

/**
 * State layout: the keys and values of the SDK's x/evidence.
 *
 *     0x00 | SHA-256 of the evidence → Any: the evidence
 */
export const state = defineState(STORE_KEY, (store) => ({
  evidence: store.map(0x00, bytesLast, Any),
}));

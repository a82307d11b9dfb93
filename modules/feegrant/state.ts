import { Grant } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { defineState } from "../kernel/collections.ts";
import { address, pair, sortableTime, triple } from "../kernel/keys.ts";
import { nothing } from "../kernel/values.ts";

export const STORE_KEY = "feegrant";

/**
 * State layout: the keys and values of the SDK's x/feegrant.
 *
 *     0x00 | len:1 | grantee | len:1 | granter           → Grant
 *     0x01 | time:29 | len:1 | grantee | len:1 | granter → ∅, one entry an allowance that ends
 */
export const state = defineState(STORE_KEY, (store) => ({
  grants: store.map(0x00, pair(address, address), Grant),
  queue: store.map(0x01, triple(sortableTime, address, address), nothing),
}));

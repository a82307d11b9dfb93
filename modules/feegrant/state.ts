import { Grant } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { defineState } from "../kernel/collections.ts";
import { address, pair, sortableTime, triple } from "../kernel/keys.ts";
import { marker, nothing } from "../kernel/values.ts";

export const STORE_KEY = "feegrant";

/**
 * State layout: the keys and values of the SDK's x/feegrant, and an index beside them, so that a granter's allowances are found
 * without looking at all. The index is written for nothing: gas stays the SDK's, and an allowance has one entry.
 *
 *     0x00 | len:1 | grantee | len:1 | granter           → Grant
 *     0x01 | time:29 | len:1 | grantee | len:1 | granter → ∅, one entry an allowance that ends
 *     0x90 | len:1 | granter | len:1 | grantee           → 01, one entry an allowance
 */
export const state = defineState(STORE_KEY, (store) => ({
  grants: store.map(0x00, pair(address, address), Grant),
  queue: store.map(0x01, triple(sortableTime, address, address), nothing),
  byGranter: store.map(0x90, pair(address, address), marker),
}));

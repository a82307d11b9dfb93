import { Grant, GrantQueueItem } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { defineState } from "../kernel/collections.ts";
import { address, sortableTime, textLast, triple } from "../kernel/keys.ts";
import { marker } from "../kernel/values.ts";

export const STORE_KEY = "authz";

/**
 * State layout: the keys and values of the SDK's x/authz.
 *
 *     0x01 | len:1 | granter | len:1 | grantee | message type   → Grant
 *     0x02 | time:29 | len:1 | granter | len:1 | grantee        → GrantQueueItem: message types whose grants end then, ascending
 *     0x90 | len:1 | grantee | len:1 | granter | message type   → 01, one entry a grant
 *
 * The index is ours, so that the grants for a grantee are found without looking at all. It is written for nothing: gas stays the
 * SDK's, and a grant has one entry.
 *
 * Two of the SDK's ways would leave traces that a genesis cannot carry, so they are not ours: it keeps types in the order of
 * history, and queue entries that are empty.
 */
export const state = defineState(STORE_KEY, (store) => ({
  grants: store.map(0x01, triple(address, address, textLast), Grant),
  queue: store.map(0x02, triple(sortableTime, address, address), GrantQueueItem),
  byGrantee: store.map(0x90, triple(address, address, textLast), marker),
}));

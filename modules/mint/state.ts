import { Minter, Params } from "@interfirm/proto/gen/cosmos/mint/v1beta1";
import { defineState } from "../kernel/collections.ts";

export const STORE_KEY = "mint";

/**
 * State layout: the keys and values of the SDK's x/mint.
 *
 *     0x00 → Minter
 *     0x01 → Params
 */
export const state = defineState(STORE_KEY, (store) => ({
  minter: store.item(0x00, Minter),
  params: store.item(0x01, Params),
}));

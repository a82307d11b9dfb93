import { Metadata, Params } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { EMPTY } from "../kernel/bytes.ts";
import { defineState } from "../kernel/collections.ts";
import { address, pair, textLast, textNul } from "../kernel/keys.ts";
import { intText, type ValueCodec } from "../kernel/values.ts";

export const STORE_KEY = "bank";
/** Prefix of balances. */
export const BALANCES = 0x02;

/** A `google.protobuf.BoolValue`, which is how the SDK stores whether a denomination may be sent. */
const boolMessage: ValueCodec<boolean> = {
  form: "google.protobuf.BoolValue",
  encode: (value) => (value ? Uint8Array.of(0x08, 0x01) : EMPTY),
  decode: (bytes) => bytes.length > 0,
};

/**
 * State layout: the keys and values of the SDK's x/bank, so that its verifiers and its gas apply.
 *
 *     0x00 | denom                  → text of the supply; no entry for 0
 *     0x01 | denom                  → Metadata
 *     0x02 | len:1 | address | denom → text of the balance; no entry for 0
 *     0x03 | denom | 00 | len:1 | address → ∅, one entry a balance
 *     0x04 | denom                  → BoolValue: whether it may be sent, where that is not the default
 *     0x05                          → Params
 */
export const state = defineState(STORE_KEY, (store) => ({
  supply: store.map(0x00, textLast, intText),
  metadata: store.map(0x01, textLast, Metadata),
  balances: store.map(BALANCES, pair(address, textLast), intText),
  owners: store.keySet(0x03, pair(textNul, address)),
  sendEnabled: store.map(0x04, textLast, boolMessage),
  params: store.item(0x05, Params),
}));

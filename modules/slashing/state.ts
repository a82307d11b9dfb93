import { Params, ValidatorSigningInfo } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { Any } from "@interfirm/proto/gen/google/protobuf";
import { defineState } from "../kernel/collections.ts";
import { bytesLength, type KeyCodec, pair, u64 } from "../kernel/keys.ts";
import { bytesValue } from "../kernel/values.ts";

export const STORE_KEY = "slashing";

/** Little-endian, as the SDK has it: chunks of a bitmap are not in the order of their numbers. */
const chunk: KeyCodec<bigint> = {
  form: "chunk:8",
  last: false,
  encode: (key, ctx) => u64.encode(key, ctx).slice().reverse(),
  read: (source, at, ctx) => [u64.read(source.slice(at, at + 8).reverse(), 0, ctx)[0], at + 8],
};

/**
 * State layout: the keys and values of the SDK's x/slashing, by the 20 bytes of consensus addresses.
 *
 *     0x00                              → Params
 *     0x01 | len:1 | address            → ValidatorSigningInfo
 *     0x02 | len:1 | address | chunk:8  → 1,024 bits of the blocks that it missed (`bitmap.ts`)
 *     0x03 | len:1 | address            → Any: the key with that address
 */
export const state = defineState(STORE_KEY, (store) => ({
  params: store.item(0x00, Params),
  signingInfos: store.map(0x01, bytesLength, ValidatorSigningInfo),
  missedBlocks: store.map(0x02, pair(bytesLength, chunk), bytesValue),
  keys: store.map(0x03, bytesLength, Any),
}));

import { Plan } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { Params } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { defineState } from "../kernel/collections.ts";
import { bytesLength, type KeyCodec, pair, textLast, u64 } from "../kernel/keys.ts";
import { marker, u64Value } from "../kernel/values.ts";

/** Raw bytes of an operator's address, after their length. Throws `sdk/7`. */
const operator: KeyCodec<string> = {
  form: "len:1|operator",
  last: false,
  encode: (key, ctx) => bytesLength.encode(addressToBytes(key, validatorPrefix(ctx.addressPrefix)), ctx),
  read(source, at, ctx) {
    const [raw, end] = bytesLength.read(source, at, ctx);
    return [bytesToAddress(raw, validatorPrefix(ctx.addressPrefix)), end];
  },
};

/** Prefixes below 0x10 are the SDK's; its 0x03, a count of upgrades, is not kept. Source: x/upgrade v0.2.0 types/keys.go. */
export const state = defineState("upgrade", (store) => ({
  plan: store.item(0x00, Plan),
  applied: store.map(0x01, pair(u64, textLast), marker),
  versions: store.map(0x02, textLast, u64Value),
  params: store.item(0x10, Params),
  signals: store.map(0x11, operator, u64Value),
  postponements: store.item(0x12, u64Value),
}));

import {
  DelegatorStartingInfo,
  FeePool,
  Params,
  ValidatorAccumulatedCommission,
  ValidatorCurrentRewards,
  ValidatorHistoricalRewards,
  ValidatorOutstandingRewards,
  ValidatorSlashEvent,
} from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { concat, EMPTY } from "../kernel/bytes.ts";
import { defineState } from "../kernel/collections.ts";
import { address, bytesLength, type KeyCodec, pair, triple, u64 } from "../kernel/keys.ts";
import { bytesValue, type ValueCodec } from "../kernel/values.ts";

export const STORE_KEY = "distribution";

/** Raw bytes of an operator's address (`firmvaloper1…`) after their length. */
export const operator: KeyCodec<string> = {
  form: "len:1|operator",
  last: false,
  encode: (key, ctx) => bytesLength.encode(addressToBytes(key, validatorPrefix(ctx.addressPrefix)), ctx),
  read(source, at, ctx) {
    const [raw, end] = bytesLength.read(source, at, ctx);
    return [bytesToAddress(raw, validatorPrefix(ctx.addressPrefix)), end];
  },
};

/** Little-endian, as the SDK has periods in keys: entries of a validator are not in the order of their periods. */
export const period: KeyCodec<bigint> = {
  form: "period:8",
  last: false,
  encode: (key, ctx) => u64.encode(key, ctx).slice().reverse(),
  read: (source, at, ctx) => [u64.read(source.slice(at, at + 8).reverse(), 0, ctx)[0], at + 8],
};

/** A `google.protobuf.BytesValue` of at most 127 bytes, which is how the SDK stores the proposer. */
const bytesMessage: ValueCodec<Uint8Array> = {
  form: "google.protobuf.BytesValue",
  encode: (value) => (value.length === 0 ? EMPTY : concat(Uint8Array.of(0x0a, value.length), value)),
  decode: (bytes) => bytes.subarray(2),
};

/**
 * State layout: the keys and values of the SDK's x/distribution, so that its tools and its gas apply.
 *
 *     0x00                                        → FeePool
 *     0x01                                        → BytesValue: consensus address of the last proposer
 *     0x02 | len:1 | operator                     → ValidatorOutstandingRewards
 *     0x03 | len:1 | delegator                    → address that gets the delegator's rewards
 *     0x04 | len:1 | operator | len:1 | delegator → DelegatorStartingInfo
 *     0x05 | len:1 | operator | period:8          → ValidatorHistoricalRewards
 *     0x06 | len:1 | operator                     → ValidatorCurrentRewards
 *     0x07 | len:1 | operator                     → ValidatorAccumulatedCommission
 *     0x08 | len:1 | operator | height:8 | period:8 → ValidatorSlashEvent
 *     0x09                                        → Params
 */
export const state = defineState(STORE_KEY, (store) => ({
  feePool: store.item(0x00, FeePool),
  proposer: store.item(0x01, bytesMessage),
  outstanding: store.map(0x02, operator, ValidatorOutstandingRewards),
  withdrawAddresses: store.map(0x03, address, bytesValue),
  startingInfos: store.map(0x04, pair(operator, address), DelegatorStartingInfo),
  historical: store.map(0x05, pair(operator, period), ValidatorHistoricalRewards),
  current: store.map(0x06, operator, ValidatorCurrentRewards),
  commissions: store.map(0x07, operator, ValidatorAccumulatedCommission),
  slashes: store.map(0x08, triple(operator, u64, u64), ValidatorSlashEvent),
  params: store.item(0x09, Params),
}));

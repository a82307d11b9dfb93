/** Keys with operators' addresses, which are text (`firmvaloper1…`) in memory and raw bytes in keys. */
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { bytesLength, type KeyCodec, type KeyCtx, sortableTime } from "../kernel/keys.ts";

/** Raw bytes of an operator's address. Throws `sdk/7`. */
export const operatorToBytes = (operator: string, { addressPrefix }: KeyCtx): Uint8Array =>
  addressToBytes(operator, validatorPrefix(addressPrefix));

export const bytesToOperator = (bytes: Uint8Array, { addressPrefix }: KeyCtx): string =>
  bytesToAddress(bytes, validatorPrefix(addressPrefix));

export const operator: KeyCodec<string> = {
  form: "len:1|operator",
  last: false,
  encode: (key, ctx) => bytesLength.encode(operatorToBytes(key, ctx), ctx),
  read(source, at, ctx) {
    const [raw, end] = bytesLength.read(source, at, ctx);
    return [bytesToOperator(raw, ctx), end];
  },
};

const invert = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => ~byte & 0xff);

/** Every bit turned over: of two validators with the same power, the one with the lesser address comes first in reverse order. */
export const invertedOperator: KeyCodec<string> = {
  form: "len:1|~operator",
  last: false,
  encode: (key, ctx) => bytesLength.encode(invert(operatorToBytes(key, ctx)), ctx),
  read(source, at, ctx) {
    const [raw, end] = bytesLength.read(source, at, ctx);
    return [bytesToOperator(invert(raw), ctx), end];
  },
};

const TIME_BYTES = 29;

/** A sortable time after its length in eight bytes. */
export const timeLength: KeyCodec<bigint> = {
  form: "29:8|time:29",
  last: false,
  encode(key, ctx) {
    const time = sortableTime.encode(key, ctx);
    const out = new Uint8Array(8 + TIME_BYTES);
    out[7] = TIME_BYTES;
    out.set(time, 8);
    return out;
  },
  read: (source, at, ctx) => sortableTime.read(source, at + 8, ctx),
};

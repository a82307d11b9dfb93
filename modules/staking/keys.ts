/** Keys with operators' addresses, which are text (`firmvaloper1…`) in memory and raw bytes in keys. */
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { fromUtf8, toUtf8 } from "../kernel/bytes.ts";
import { bytesLength, type KeyCodec, type KeyCtx } from "../kernel/keys.ts";
import { nsToRfc3339, rfc3339ToNs } from "../kernel/time.ts";

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

/** A time in nanoseconds since 1970 as `2026-11-24T11:00:00.000000000`, which sorts. Source: SDK types `SortableTimeFormat`. */
export const sortableTime: KeyCodec<bigint> = {
  form: "time:29",
  last: false,
  encode(key) {
    const text = nsToRfc3339(key);
    return toUtf8(`${text.slice(0, 19)}.${text.slice(20, -1).padEnd(9, "0")}`);
  },
  read: (source, at) => [rfc3339ToNs(`${fromUtf8(source.subarray(at, at + TIME_BYTES))}Z`), at + TIME_BYTES],
};

/** The same after its length in eight bytes. */
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

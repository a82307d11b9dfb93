/** Codecs of stored values that are not messages, in the SDK's forms. */

import type { MessageType } from "@interfirm/proto/types";
import { fromDigits } from "@interfirm/proto/wire";
import { EMPTY, fromUtf8, toUtf8 } from "./bytes.ts";

export interface ValueCodec<V> {
  /** For tables of the layout. */
  readonly form: string;
  encode(value: V): Uint8Array;
  /** Throws for bytes that `encode` never writes: state is corrupt. */
  decode(bytes: Uint8Array): V;
}

/** A message in its deterministic wire form. */
export const message = <T>(type: MessageType<T>): ValueCodec<T> => ({
  form: type.typeName,
  encode: (value) => type.encode(value).finish(),
  decode: (bytes) => type.decode(bytes),
});

/** An integer as its decimal digits, as the SDK's `sdk.IntValue`. */
export const intText: ValueCodec<bigint> = {
  form: "Int text",
  encode: (value) => toUtf8(value.toString()),
  decode(bytes) {
    const digits = fromUtf8(bytes);
    if (digits.length > 79 || !/^(?:0|-?[1-9][0-9]*)$/.test(digits)) throw new Error(`stored integer is ${digits}`);
    return fromDigits(digits);
  },
};

/** Eight bytes, big-endian, as the SDK's `collections.Uint64Value`. */
export const u64Value: ValueCodec<bigint> = {
  form: "u64",
  encode(value) {
    const bytes = new Uint8Array(8);
    if (value < 0n || value >= 1n << 64n) throw new Error(`stored integer is ${value}, want 64 unsigned bits`);
    new DataView(bytes.buffer).setBigUint64(0, value);
    return bytes;
  },
  decode(bytes) {
    if (bytes.length !== 8) throw new Error(`stored integer has ${bytes.length} bytes, want 8`);
    return new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  },
};

export const bytesValue: ValueCodec<Uint8Array> = { form: "bytes", encode: (value) => value, decode: (bytes) => bytes };

export const textValue: ValueCodec<string> = { form: "text", encode: toUtf8, decode: fromUtf8 };

/** Nothing: the key says it all. */
export const nothing: ValueCodec<undefined> = { form: "∅", encode: () => EMPTY, decode: () => undefined };

/**
 * One byte that means nothing: the value of an index entry. ICS-23 verifiers refuse proofs over empty values, so with an empty
 * one nobody could prove that the key beside it is absent.
 */
export const marker: ValueCodec<undefined> = { form: "01", encode: () => MARKER, decode: () => undefined };

const MARKER = Uint8Array.of(1);

/**
 * Codecs of store keys. All preserve order and are prefix-free (no key is the start of another), so that parts can stand
 * one after the other; codecs with `last` are not prefix-free and only fit as the last part of a key.
 * A key that a codec cannot write throws `sdk/18` (or `sdk/7` for addresses): keys come from messages and queries.
 */
import type { Address } from "@interfirm/proto/types";
import { addressToBytes, bytesToAddress } from "./address.ts";
import { concat, fromUtf8, quote, toUtf8 } from "./bytes.ts";
import { sdkError } from "./sdk-errors.ts";
import { nsToRfc3339, rfc3339ToNs } from "./time.ts";

/** What keys depend on. Every context has it. */
export interface KeyCtx {
  /** Human-readable part of account addresses. */
  readonly addressPrefix: string;
}

export interface KeyCodec<K> {
  /** For tables of the layout: `u64:8`. */
  readonly form: string;
  /** Only fits as the last part of a key. */
  readonly last: boolean;
  encode(key: K, ctx: KeyCtx): Uint8Array;
  /** Reads the key that starts at `at`. Throws a plain Error for bytes that `encode` never writes: state is corrupt. */
  read(bytes: Uint8Array, at: number, ctx: KeyCtx): readonly [key: K, end: number];
}

/** The first parts of a composed key. */
export type KeyPrefix<K> = K extends readonly [infer A, infer B, unknown]
  ? readonly [A] | readonly [A, B]
  : K extends readonly [infer A, unknown]
    ? readonly [A]
    : never;

/** A codec of a composed key: also writes the first parts alone, for ranges. */
export interface TupleCodec<K extends readonly unknown[]> extends KeyCodec<K> {
  encodePrefix(parts: readonly unknown[], ctx: KeyCtx): Uint8Array;
}

/** Reads all of `bytes` as one key. */
export function decodeKey<K>(codec: KeyCodec<K>, bytes: Uint8Array, ctx: KeyCtx): K {
  const [key, end] = codec.read(bytes, 0, ctx);
  if (end !== bytes.length) throw new Error(`store key has ${bytes.length} bytes, want ${end}`);
  return key;
}

function take(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at + length > bytes.length) throw new Error(`store key ends at byte ${bytes.length}, want ${at + length}`);
  return bytes.subarray(at, at + length);
}

function integerKey(form: string, size: number, min: number, max: number): KeyCodec<number> {
  return {
    form: `${form}:${size}`,
    last: false,
    encode(key) {
      if (!Number.isInteger(key) || key < min || key > max) {
        throw sdkError.invalidRequest(`key is ${key}, want ${min} to ${max}`);
      }
      const bytes = new Uint8Array(size);
      for (let i = size - 1, rest = key; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
      return bytes;
    },
    read: (bytes, at) => [take(bytes, at, size).reduce((value, byte) => value * 256 + byte, 0), at + size],
  };
}

export const u8 = integerKey("u8", 1, 0, 0xff);
export const u32 = integerKey("u32", 4, 0, 0xffff_ffff);

/** `shift` makes the least key 0, so that unsigned order is the order of keys. */
function bigintKey(form: string, shift: bigint): KeyCodec<bigint> {
  return {
    form: `${form}:8`,
    last: false,
    encode(key) {
      const shifted = key + shift;
      if (shifted < 0n || shifted >= 1n << 64n) throw sdkError.invalidRequest(`key is ${key}, want ${form}`);
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setBigUint64(0, shifted);
      return bytes;
    },
    read(bytes, at) {
      const part = take(bytes, at, 8);
      return [new DataView(part.buffer, part.byteOffset, 8).getBigUint64(0) - shift, at + 8];
    },
  };
}

/** Big-endian. */
export const u64 = bigintKey("u64", 0n);
/** Big-endian with the sign bit turned over. */
export const i64 = bigintKey("i64", 1n << 63n);
/** A time in nanoseconds since 1970, as `i64`: the years 1677 to 2262. */
export const timeNs: KeyCodec<bigint> = { ...i64, form: "timeNs:8" };

const TIME_BYTES = 29;

/** A time in nanoseconds since 1970 as `2026-11-24T11:00:00.000000000`, which sorts. Source: SDK types `SortableTimeFormat`. */
export const sortableTime: KeyCodec<bigint> = {
  form: `time:${TIME_BYTES}`,
  last: false,
  encode(key) {
    const text = nsToRfc3339(key);
    return toUtf8(`${text.slice(0, 19)}.${text.slice(20, -1).padEnd(9, "0")}`);
  },
  read: (bytes, at) => [rfc3339ToNs(`${fromUtf8(take(bytes, at, TIME_BYTES))}Z`), at + TIME_BYTES],
};

export const bool: KeyCodec<boolean> = {
  form: "bool:1",
  last: false,
  encode: (key) => Uint8Array.of(key ? 1 : 0),
  read: (bytes, at) => [take(bytes, at, 1)[0] !== 0, at + 1],
};

/** 0x00 inside is written 0x00 0xff, the end 0x00 0x01: order is that of the bytes. */
export const bytes: KeyCodec<Uint8Array> = {
  form: "bytes|00 01",
  last: false,
  encode(key) {
    const out: number[] = [];
    for (const byte of key) {
      out.push(byte);
      if (byte === 0) out.push(0xff);
    }
    out.push(0, 1);
    return Uint8Array.from(out);
  },
  read(source, at) {
    const out: number[] = [];
    for (let i = at; i < source.length; i++) {
      if (source[i] !== 0) out.push(source[i]!);
      else if (source[i + 1] === 1) return [Uint8Array.from(out), i + 2];
      else if (source[i + 1] === 0xff) out.push(source[i++]!);
      else break;
    }
    throw new Error("store key lacks the end 00 01 of its bytes");
  },
};

/** UTF-8, escaped and ended as `bytes` are. */
export const text: KeyCodec<string> = {
  form: "text|00 01",
  last: false,
  encode: (key, ctx) => bytes.encode(toUtf8(key), ctx),
  read(source, at, ctx) {
    const [raw, end] = bytes.read(source, at, ctx);
    return [fromUtf8(raw), end];
  },
};

/** UTF-8 and 0x00, which the text must not have: the SDK's form of a string before another part. */
export const textNul: KeyCodec<string> = {
  form: "text|00",
  last: false,
  encode(key) {
    if (key.includes("\0")) throw sdkError.invalidRequest(`key ${quote(key)} has a 0 byte, want none`);
    return toUtf8(`${key}\0`);
  },
  read(source, at) {
    const end = source.indexOf(0, at);
    if (end < 0) throw new Error("store key lacks the 0 byte that ends its text");
    return [fromUtf8(source.subarray(at, end)), end + 1];
  },
};

/** UTF-8 to the end of the key. */
export const textLast: KeyCodec<string> = {
  form: "text",
  last: true,
  encode: (key) => toUtf8(key),
  read: (source, at) => [fromUtf8(source.subarray(at)), source.length],
};

/** Bytes to the end of the key. */
export const bytesLast: KeyCodec<Uint8Array> = {
  form: "bytes",
  last: true,
  encode: (key) => key,
  read: (source, at) => [source.subarray(at), source.length],
};

/** One byte of length, then at most 255 bytes. Ordered by length first. The SDK's `LengthPrefixed`. */
export const bytesLength: KeyCodec<Uint8Array> = {
  form: "len:1|bytes",
  last: false,
  encode(key) {
    if (key.length > 255) throw sdkError.invalidRequest(`key has ${key.length} bytes, want at most 255`);
    const out = new Uint8Array(key.length + 1);
    out[0] = key.length;
    out.set(key, 1);
    return out;
  },
  read(source, at) {
    const length = take(source, at, 1)[0]!;
    return [take(source, at + 1, length), at + 1 + length];
  },
};

/** Raw bytes of an account address after their length, as the SDK has them before another part. */
export const address: KeyCodec<Address> = {
  form: "len:1|address",
  last: false,
  encode: (key, ctx) => bytesLength.encode(addressToBytes(key, ctx.addressPrefix), ctx),
  read(source, at, ctx) {
    const [raw, end] = bytesLength.read(source, at, ctx);
    return [bytesToAddress(raw, ctx.addressPrefix), end];
  },
};

/** Raw bytes of an account address, to the end of the key. */
export const addressLast: KeyCodec<Address> = {
  form: "address",
  last: true,
  encode: (key, ctx) => addressToBytes(key, ctx.addressPrefix),
  read: (source, at, ctx) => [bytesToAddress(source.subarray(at), ctx.addressPrefix), source.length],
};

/** Parts one after the other. Throws a plain Error when a part that fits only last is not last. */
// biome-ignore lint/suspicious/noExplicitAny: parts of a key differ in type
function tuple<K extends readonly unknown[]>(...parts: readonly KeyCodec<any>[]): TupleCodec<K> {
  for (const part of parts.slice(0, -1)) {
    if (part.last) throw new Error(`key part ${part.form} is followed by another, want it last`);
  }
  const encodePrefix = (keys: readonly unknown[], ctx: KeyCtx): Uint8Array =>
    concat(...keys.map((key, i) => parts[i]!.encode(key, ctx)));
  return {
    form: parts.map((part) => part.form).join(" | "),
    last: parts.at(-1)!.last,
    encode: encodePrefix,
    encodePrefix,
    read(source, at, ctx) {
      const keys: unknown[] = [];
      let end = at;
      for (const part of parts) {
        const [key, next] = part.read(source, end, ctx);
        keys.push(key);
        end = next;
      }
      return [keys as unknown as K, end];
    },
  };
}

export const pair = <A, B>(a: KeyCodec<A>, b: KeyCodec<B>): TupleCodec<readonly [A, B]> => tuple(a, b);

export const triple = <A, B, C>(a: KeyCodec<A>, b: KeyCodec<B>, c: KeyCodec<C>): TupleCodec<readonly [A, B, C]> =>
  tuple(a, b, c);

import fc from "fast-check";
import { Coin } from "../gen/cosmos/base/v1beta1.ts";
import { PubKey } from "../gen/cosmos/crypto/secp256k1.ts";
import { Empty, Timestamp } from "../gen/google/protobuf.ts";
import type { AnyMessageType } from "../registry.ts";
import { packAny } from "../registry.ts";
import type { Field, MessageType } from "../types.ts";

/** Messages inside one another that a random message has, at most. */
const DEPTH_MAX = 3;
const FIRST_SECOND = -62_135_596_800n;
const LAST_SECOND = 253_402_300_799n;

const edges = (...values: readonly bigint[]): fc.Arbitrary<bigint> => fc.constantFrom(...values);

const signed64 = fc.oneof(
  fc.bigInt(-(1n << 63n), (1n << 63n) - 1n),
  fc.bigInt(-200n, 200n),
  edges((1n << 53n) - 1n, 1n << 53n, (1n << 53n) + 1n, (1n << 63n) - 1n, -(1n << 63n), -1n, 0n),
);
const unsigned64 = fc.oneof(
  fc.bigInt(0n, (1n << 64n) - 1n),
  fc.bigInt(0n, 200n),
  edges((1n << 53n) - 1n, 1n << 53n, (1n << 53n) + 1n, (1n << 63n) - 1n, (1n << 64n) - 1n, 0n),
);
const signed32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const unsigned32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 100 }), fc.string({ unit: "binary", maxLength: 20 }));
const bytes = fc.uint8Array({ maxLength: 40 });

/** A valid moment, and a valid span: what their JSON forms can say. */
const timestamp = fc
  .record({
    seconds: fc.bigInt(FIRST_SECOND, LAST_SECOND),
    nanos: fc.oneof(fc.constantFrom(0, 1_000_000, 999_999_999), fc.integer({ min: 0, max: 999_999_999 })),
  })
  .map(({ seconds, nanos }) => ({ seconds, nanos }));
const duration = fc
  .bigInt(-(1n << 62n), 1n << 62n)
  .map((nanos) => ({ seconds: nanos / 1_000_000_000n, nanos: Number(nanos % 1_000_000_000n) }));

/** Anys hold a message that a registry knows and that amino JSON can say, well-known and ordinary ones. */
const any = fc.oneof(
  bytes.map((key) => packAny(PubKey, { key })),
  fc.bigInt(0n, 1n << 200n).map((amount) => packAny(Coin, { denom: "ufirm", amount })),
  timestamp.map((time) => packAny(Timestamp, time)),
  fc.constant(packAny(Empty, {})),
);

function scalar(field: Field): fc.Arbitrary<unknown> {
  if (field.cosmos === "cosmos.Int") return fc.bigInt(-(1n << 255n), 1n << 255n);
  if (field.cosmos === "cosmos.Dec") return fc.bigInt(-(1n << 300n), 1n << 300n);
  switch (field.scalar) {
    case "bool":
      return fc.boolean();
    case "string":
      return text;
    case "bytes":
      return field.aminoEncoding === "inline_json" ? inlineJson : bytes;
    case "int64":
    case "sint64":
    case "sfixed64":
      return signed64;
    case "uint64":
    case "fixed64":
      return unsigned64;
    case "uint32":
    case "fixed32":
      return unsigned32;
    default:
      return signed32;
  }
}

const inlineJson = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), text).map((value) => {
  const json = JSON.stringify(value).replaceAll(/[<>&\u2028\u2029]/g, "x");
  return new TextEncoder().encode(json);
});

function single(field: Field, depth: number): fc.Arbitrary<unknown> {
  if (field.message) return message(field.message(), depth + 1);
  if (field.enum) return fc.constantFrom(...new Set(Object.values(field.enum().values)));
  return scalar(field);
}

function value(field: Field, depth: number): fc.Arbitrary<unknown> {
  const deep = field.kind === "message" && depth >= DEPTH_MAX;
  if (field.repeated) return deep ? fc.constant([]) : fc.array(single(field, depth), { maxLength: 3 });
  if (field.required) return single(field, depth);
  const absent = field.optional || field.oneof !== undefined || field.kind === "message";
  if (absent && deep) return fc.constant(undefined);
  return absent ? fc.option(single(field, depth), { nil: undefined }) : single(field, depth);
}

function message(type: AnyMessageType, depth: number): fc.Arbitrary<unknown> {
  if (type.typeName === "google.protobuf.Any") return any;
  if (type.typeName === "google.protobuf.Timestamp") return timestamp;
  if (type.typeName === "google.protobuf.Duration") return duration;
  const fields = type.fields.map((field) => [field.name, value(field, depth)] as const);
  return fc.record(Object.fromEntries(fields)).map((partial) => type.fromPartial(oneOfEach(type, partial)));
}

/** Keeps the last member of each oneof. */
function oneOfEach(type: AnyMessageType, partial: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = { ...partial };
  for (const { name, oneof, no } of type.fields) {
    const later = type.fields.some((field) => field.oneof === oneof && field.no > no && kept[field.name] !== undefined);
    if (oneof !== undefined && later) kept[name] = undefined;
  }
  return kept;
}

/** Any valid message of a type, for laws. Needs fast-check, hence only for tests. */
export const arbitraryMessage = <T>(type: MessageType<T>): fc.Arbitrary<T> => message(type, 0) as fc.Arbitrary<T>;

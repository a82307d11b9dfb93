/** Messages as nobody in their right mind would send them, out of the descriptors of their types. */
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Field, MessageType } from "@interfirm/proto/types";
import type { Random } from "../simulate/random.ts";
import type { AnyMessage } from "./accounts.ts";

export interface NastyPools {
  /** Addresses of accounts, of modules, and what is none. */
  readonly accounts: readonly string[];
  readonly operators: readonly string[];
  readonly denoms: readonly string[];
  /** Messages and what else may stand in an `Any`. */
  readonly types: readonly MessageType<unknown>[];
}

type Value = Readonly<Record<string, unknown>>;

const INT64_MAX = (1n << 63n) - 1n;
const INT64 = [0n, 1n, 2n, 10n, 1000n, 1_000_000n, 1n << 31n, 1n << 53n, 10n ** 17n, 10n ** 18n, INT64_MAX];
const NUMBERS = [...INT64, ...INT64.map((n) => -n), 10n ** 36n, 10n ** 77n, 1n << 255n, (1n << 256n) - 1n, 1n << 256n];
const UINT32 = [0, 1, 2, 3, 7, 100, 1000, 65_536, 2 ** 31, 2 ** 32 - 1];
const INT32 = [0, 1, -1, 7, 999_999_999, 2 ** 31 - 1, -(2 ** 31)];
const TEXTS = [
  "",
  "0",
  "1",
  "0.5",
  "1.0",
  "-1",
  "1e5",
  "x",
  "0.000000000000000001",
  "1.000000000000000001",
  "__proto__",
  "9".repeat(100),
  `0.${"3".repeat(30)}`,
  "a".repeat(300),
  "\u2028<é>",
  "ed25519",
];
const DEPTH_MAX = 6;
/** Chances in a hundred that a value is an ordinary one. */
const ORDINARY = 75;

export function createNasty(random: Random, pools: NastyPools) {
  const text = (): string => {
    const { accounts, operators, denoms, types } = pools;
    const lists = [TEXTS, accounts, operators, denoms, types.map(({ typeUrl }) => typeUrl)];
    return random.pick(random.pick(lists));
  };

  function any(depth: number): Any {
    const type = random.pick(pools.types);
    if (random.chance(5)) return { typeUrl: type.typeUrl, value: random.bytes(random.below(20)) };
    return signed(type, value_(type, depth + 1), random.pick(pools.accounts));
  }

  function signed(type: MessageType<unknown>, value: Value, signer: string): AnyMessage {
    const signers = Object.fromEntries(type.signers.map((name) => [name, signer]));
    return { typeUrl: type.typeUrl, value: encoded(type, { ...value, ...signers }) };
  }

  function scalar({ name, scalar: kind, cosmos }: Field): unknown {
    const isOrdinary = random.chance(ORDINARY);
    switch (cosmos) {
      case "cosmos.Int":
      case "cosmos.Dec":
        return isOrdinary ? BigInt(random.below(1_000_000)) : random.pick(NUMBERS);
      case "cosmos.AddressString":
        return isOrdinary ? random.pick(pools.accounts) : text();
      case "cosmos.ValidatorAddressString":
        return isOrdinary ? random.pick(pools.operators) : text();
    }
    switch (kind) {
      case "bool":
        return random.chance(50);
      case "string":
        return name.toLowerCase().includes("denom") && isOrdinary ? random.pick(pools.denoms) : text();
      case "bytes":
        return random.bytes(random.below(40));
      case "int64":
      case "sint64":
      case "sfixed64": {
        const value = random.pick(INT64);
        return random.chance(70) ? value : -value;
      }
      case "uint64":
      case "fixed64":
        return isOrdinary ? BigInt(random.below(8)) : random.pick(INT64);
      case "uint32":
      case "fixed32":
        return random.pick(UINT32);
      default:
        return random.pick(INT32);
    }
  }

  function single(field: Field, before: unknown, depth: number): unknown {
    if (field.kind === "enum") return random.below(8) - 1;
    if (field.kind === "scalar") return scalar(field);
    const type = field.message!();
    if (type.typeName === "google.protobuf.Any") return any(depth);
    if (before !== undefined) return mutated(type, before as Value, depth + 1);
    return value_(type, depth + 1);
  }

  function fieldValue(field: Field, before: unknown, depth: number): unknown {
    if (!field.repeated) return single(field, before, depth);
    const list = Array.isArray(before) ? before : [];
    const length = depth >= DEPTH_MAX ? 0 : random.pick([0, 1, 1, 1, 2, 3]);
    const more = Array.from({ length }, () => single(field, undefined, depth));
    return random.chance(30) ? [...list, ...list, ...more] : more;
  }

  function value_(type: MessageType<unknown>, depth = 0): Value {
    const value: Record<string, unknown> = { ...(type.fromPartial({}) as Value) };
    if (depth > DEPTH_MAX) return value;
    const taken = new Set<string>();
    for (const field of type.fields) {
      if (field.oneof !== undefined && (taken.has(field.oneof) || random.chance(50))) continue;
      if (!field.required && field.kind === "message" && !field.repeated && random.chance(15)) continue;
      if (field.oneof !== undefined) taken.add(field.oneof);
      value[field.name] = fieldValue(field, undefined, depth);
    }
    return value;
  }

  /** The value with one field made anew, at any depth. */
  function mutated(type: MessageType<unknown>, value: Value, depth = 0): Value {
    if (type.fields.length === 0) return value;
    const field = random.pick(type.fields);
    if (field.kind === "message" && !field.repeated && !field.required && random.chance(10)) {
      return { ...value, [field.name]: undefined };
    }
    return { ...value, [field.name]: fieldValue(field, value[field.name], depth) };
  }

  /** Bytes of a value, of which there may be none: then those of an empty one. */
  function encoded(type: MessageType<unknown>, value: Value): Uint8Array {
    try {
      return type.encode(value).finish();
    } catch {
      return new Uint8Array(0);
    }
  }

  return {
    mutated,
    encoded,
    /** A message that `signer` signs. */
    message: (type: MessageType<unknown>, signer: string): AnyMessage => signed(type, value_(type), signer),
  };
}

import { base64 } from "@scure/base";
import { decimalText } from "./decimal.ts";
import { enumName, parseInline } from "./json.ts";
import {
  at,
  bytesFromJson,
  integerFromJson,
  isObject,
  join,
  kindOf,
  parsed,
  scalarFromJson,
  text,
} from "./json-read.ts";
import { isArray, JSON_DEPTH_MAX, JsonError, type JsonValue, sortedJsonText } from "./json-text.ts";
import type { AnyMessageType, AnyValue, Registry } from "./registry.ts";
import { unpackAny } from "./registry.ts";
import { durationNanos, goDuration, nanosToDuration, parseTimestamp, type Seconds, timestampNanoText } from "./time.ts";
import type { Field, MessageType } from "./types.ts";
import { formatInteger, quote } from "./wire.ts";

const ANY = "google.protobuf.Any";
const TIMESTAMP = "google.protobuf.Timestamp";
const DURATION = "google.protobuf.Duration";
const DEC_COIN = "cosmos.base.v1beta1.DecCoin";

type Message = Readonly<Record<string, unknown>>;

/** What a value is written for. */
interface Form {
  readonly registry: Registry;
  /** To be read by people, and not signed: see `toShown`. */
  readonly isShown: boolean;
}

/**
 * A message in legacy amino JSON, as the Cosmos SDK signs it (x/tx/signing/aminojson, SDK 0.53): `{type, value}` when the
 * message has an amino name or signers, empty fields left out unless `amino.dont_omitempty` says otherwise.
 * Throws `JsonError` when a value has no amino form, `WireError` for an Any of unknown type.
 */
export function toAmino<T>(type: MessageType<T>, message: T, registry: Registry): JsonValue {
  const form = { registry, isShown: false };
  const value = messageToAmino(type, message, form, 0);
  return isNamed(type) ? { type: nameOf(type, form), value } : value;
}

/**
 * A message as the SDK's command line shows what a query answers (client/v2 autocli, SDK 0.53): amino JSON with type
 * URLs for names, enums by name, durations as Go writes them and decimal coins as one word. What has no
 * amino form is shown as its fields. Throws `WireError` for an Any of unknown type.
 */
export function toShown<T>(type: MessageType<T>, message: T, registry: Registry): JsonValue {
  return messageToAmino(type, message, { registry, isShown: true }, 0);
}

/** What stands for a message in documents: its type URL when it has no amino name. */
const nameOf = (type: AnyMessageType, form?: Form): string =>
  (form?.isShown ? type.typeUrl : type.aminoName) ?? type.typeUrl;

/** In a transaction every message is named, or one could be taken for another with the same fields. */
const isNamed = (type: AnyMessageType): boolean => type.aminoName !== undefined || type.signers.length > 0;

function messageToAmino(type: AnyMessageType, message: unknown, form: Form, depth: number): JsonValue {
  if (depth > JSON_DEPTH_MAX) throw new JsonError(`${type.typeName} is ${depth} deep, want at most ${JSON_DEPTH_MAX}`);
  if (type.typeName === ANY) return anyToAmino(message as AnyValue, form, depth);
  if (type.typeName === TIMESTAMP) return timestampNanoText(message as Seconds);
  if (type.typeName === DURATION) {
    const nanos = durationNanos(message as Seconds);
    return form.isShown ? goDuration(nanos) : nanos.toString();
  }
  if (type.typeName === DEC_COIN && form.isShown) {
    const { amount, denom } = message as { readonly amount: bigint; readonly denom: string };
    return `${decimalText(amount)}${denom}`;
  }
  switch (type.aminoEncoding) {
    case "key_field":
      return keyToAmino(message as Message);
    case "threshold_string":
      return thresholdToAmino(message as Message, form, depth);
    case "module_account":
      return moduleAccountToAmino(message as Message);
    default:
      return fieldsToAmino(type, message as Message, form, depth);
  }
}

function fieldsToAmino(type: AnyMessageType, message: Message, form: Form, depth: number): JsonValue {
  const json: Record<string, JsonValue> = {};
  for (const field of type.fields) {
    const value = message[field.name];
    if (field.oneof !== undefined && !(form.isShown && field.aminoOneof === undefined)) {
      const name = oneofName(type, field);
      if (value !== undefined) json[name] = memberToAmino(field, value, form, depth);
      else json[name] ??= null;
      continue;
    }
    if (isEmpty(field, value)) {
      if (!field.aminoKeepEmpty || (form.isShown && value === undefined)) continue;
      if (field.message && !field.repeated) throw new JsonError(`${type.typeName}.${field.protoName} is absent`);
    }
    json[keyOf(field)] = fieldToAmino(field, value, form, depth);
  }
  return json;
}

const keyOf = (field: Field): string => field.aminoName ?? field.protoName;

/** A oneof stands under its own name as Go writes it, `Validators`, with null when no member is set. */
function oneofName(type: AnyMessageType, { oneof = "", aminoOneof }: Field): string {
  if (aminoOneof === undefined) throw new JsonError(`${type.typeName}.${oneof} has no amino form`);
  return oneof.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const memberToAmino = (field: Field, value: unknown, form: Form, depth: number): JsonValue => ({
  type: field.aminoOneof as string,
  value: { [keyOf(field)]: fieldToAmino(field, value, form, depth) },
});

/** What protobuf's `Has` says: numbers that are always written are never empty. */
function isEmpty(field: Field, value: unknown): boolean {
  if (value === undefined) return true;
  if (field.message && !field.repeated) return false;
  if (isInteger(field) && !field.repeated) return false;
  if (typeof value === "string" || value instanceof Uint8Array || Array.isArray(value)) return value.length === 0;
  return value === 0 || value === 0n || value === false;
}

const isInteger = (field: Field): boolean => field.cosmos === "cosmos.Int" || field.cosmos === "cosmos.Dec";

function fieldToAmino(field: Field, value: unknown, form: Form, depth: number): JsonValue {
  if (!field.repeated) return valueToAmino(field, value, form, depth);
  const items = value as readonly unknown[];
  // Go tells a nil list from an empty one, and the wire leaves only nil.
  if (items.length === 0 && field.aminoEncoding !== "legacy_coins") return null;
  return items.map((item) => valueToAmino(field, item, form, depth));
}

function valueToAmino(field: Field, value: unknown, form: Form, depth: number): JsonValue {
  if (field.message) return messageToAmino(field.message(), value, form, depth + 1);
  if (field.cosmos === "cosmos.Int") return formatInteger((value ?? 0n) as bigint);
  if (field.cosmos === "cosmos.Dec") return value === undefined ? "0" : decimalText(value as bigint);
  if (field.enum && form.isShown) return enumName(field.enum(), value as number) ?? (value as number);
  if (field.scalar === "bytes") {
    const bytes = value as Uint8Array;
    if (field.aminoEncoding === "inline_json") return parseInline(bytes);
    return bytes.length === 0 && !field.repeated ? null : base64.encode(bytes);
  }
  return typeof value === "bigint" ? value.toString() : (value as JsonValue);
}

function anyToAmino(any: AnyValue, form: Form, depth: number): JsonValue {
  const { type, message } = unpackAny(any, form.registry);
  return { type: nameOf(type, form), value: messageToAmino(type, message, form, depth + 1) };
}

function keyToAmino({ key }: Message): JsonValue {
  const bytes = key as Uint8Array;
  return bytes.length === 0 ? null : base64.encode(bytes);
}

function thresholdToAmino({ threshold, publicKeys }: Message, form: Form, depth: number): JsonValue {
  const pubkeys = (publicKeys as readonly AnyValue[]).map((key) => anyToAmino(key, form, depth + 1));
  return { pubkeys, threshold: String(threshold) };
}

/** Go writes these 64-bit integers as numbers. Account numbers and sequences stay below 2^53. */
function moduleAccountToAmino({ baseAccount, name, permissions }: Message): JsonValue {
  const absent = { address: "", accountNumber: 0n, sequence: 0n };
  const { address, accountNumber, sequence } = (baseAccount ?? absent) as typeof absent;
  const list = permissions as readonly string[];
  return {
    account_number: Number(accountNumber),
    address,
    name: name as string,
    permissions: list.length === 0 ? null : list,
    public_key: "",
    sequence: Number(sequence),
  };
}

/**
 * The inverse of `toAmino`, for documents that a wallet has signed. Absent fields take their default, unknown ones are
 * refused. Throws `JsonError` with the path to the place.
 */
export function fromAmino<T>(type: MessageType<T>, json: unknown, registry: Registry): T {
  if (!isNamed(type)) return messageFromAmino(type, json, registry, "", 0) as T;
  const { name, value } = envelope(json, "");
  if (name !== nameOf(type)) throw new JsonError(`${at("")} has type ${quote(name)}, want ${nameOf(type)}`);
  return messageFromAmino(type, value, registry, "value", 0) as T;
}

function envelope(json: unknown, path: string): { readonly name: string; readonly value: unknown } {
  if (!isObject(json)) throw new JsonError(`${at(path)} is ${kindOf(json)}, want an object`);
  const { type, value, ...rest } = json;
  // biome-ignore lint/plugin: only whether there are any
  if (Object.keys(rest).length > 0) throw new JsonError(`${at(path)} has more than a type and a value`);
  return { name: text(type, join(path, "type")), value };
}

function messageFromAmino(
  type: AnyMessageType,
  json: unknown,
  registry: Registry,
  path: string,
  depth: number,
): unknown {
  if (depth > JSON_DEPTH_MAX) throw new JsonError(`${at(path)} is ${depth} deep, want at most ${JSON_DEPTH_MAX}`);
  if (type.typeName === ANY) return anyFromAmino(json, registry, path, depth);
  if (type.typeName === TIMESTAMP) return parsed(() => parseTimestamp(text(json, path)), path);
  if (type.typeName === DURATION)
    return parsed(() => nanosToDuration(integerFromJson("int64", json, path) as bigint), path);
  if (type.aminoEncoding === "key_field") return type.fromPartial({ key: bytesFromJson(json ?? "", path) });
  if (type.aminoEncoding === "module_account")
    throw new JsonError(`${at(path)} is a module account, which nobody signs`);
  if (!isObject(json)) throw new JsonError(`${at(path)} is ${kindOf(json)}, want an object`);
  const partial: Record<string, unknown> = {};
  // biome-ignore lint/plugin: each key is looked up by itself, so that their order has no effect
  for (const [key, value] of Object.entries(json)) {
    const members = type.fields.filter((field) => field.oneof !== undefined && oneofName(type, field) === key);
    if (members.length > 0) {
      if (value !== null) Object.assign(partial, memberFromAmino(members, value, registry, join(path, key), depth));
      continue;
    }
    const field = type.fields.find((one) => one.oneof === undefined && keyOf(one) === key);
    if (field === undefined) throw new JsonError(`${at(path)} has unknown field ${quote(key)} for ${type.typeName}`);
    if (value !== null) partial[field.name] = fieldFromAmino(field, value, registry, join(path, key), depth);
  }
  return type.fromPartial(partial);
}

function memberFromAmino(members: readonly Field[], json: unknown, registry: Registry, path: string, depth: number) {
  const { name, value } = envelope(json, path);
  const field = members.find(({ aminoOneof }) => aminoOneof === name);
  if (field === undefined) {
    const wanted = members.map(({ aminoOneof }) => aminoOneof).join(" or ");
    throw new JsonError(`${at(path)} has type ${quote(name)}, want ${wanted}`);
  }
  const inside = join(path, "value");
  if (!isObject(value)) throw new JsonError(`${at(inside)} is ${kindOf(value)}, want an object`);
  const { [keyOf(field)]: item, ...rest } = value;
  // biome-ignore lint/plugin: only whether there are any
  if (Object.keys(rest).length > 0) throw new JsonError(`${at(inside)} has more than ${quote(keyOf(field))}`);
  return { [field.name]: fieldFromAmino(field, item, registry, join(inside, keyOf(field)), depth) };
}

function fieldFromAmino(field: Field, json: unknown, registry: Registry, path: string, depth: number): unknown {
  if (!field.repeated) return valueFromAmino(field, json, registry, path, depth);
  if (!isArray(json)) throw new JsonError(`${at(path)} is ${kindOf(json)}, want an array`);
  return json.map((item, index) => valueFromAmino(field, item, registry, `${path}[${index}]`, depth));
}

function valueFromAmino(field: Field, json: unknown, registry: Registry, path: string, depth: number): unknown {
  if (field.message) return messageFromAmino(field.message(), json, registry, path, depth + 1);
  if (field.enum) return integerFromJson("int32", json, path);
  return scalarFromJson(field, json, path);
}

function anyFromAmino(json: unknown, registry: Registry, path: string, depth: number): AnyValue {
  const { name, value } = envelope(json, path);
  const type = registry.byAminoName(name) ?? registry.get(name);
  if (type === undefined || nameOf(type) !== name)
    throw new JsonError(`${at(path)} has type ${quote(name)}, want a registered one`);
  const message = messageFromAmino(type, value, registry, join(path, "value"), depth + 1);
  return { typeUrl: type.typeUrl, value: parsed(() => type.encode(message).finish(), path) };
}

/** What SIGN_MODE_LEGACY_AMINO_JSON signs, before it is text. */
export interface AminoSignDoc {
  readonly accountNumber: bigint;
  readonly chainId: string;
  readonly fee: {
    readonly amount: readonly { readonly denom: string; readonly amount: bigint }[];
    readonly gas: bigint;
    readonly granter?: string;
    readonly payer?: string;
  };
  readonly memo: string;
  /** Each from `toAmino`. */
  readonly msgs: readonly JsonValue[];
  readonly sequence: bigint;
  /** Left out when 0. */
  readonly timeoutHeight?: bigint;
  /** Left out when absent. */
  readonly timeoutTimestamp?: Seconds | undefined;
  /** Left out when false. */
  readonly unordered?: boolean;
}

const encoder = new TextEncoder();

/**
 * The bytes that SIGN_MODE_LEGACY_AMINO_JSON signs: keys sorted, no spaces, `<`, `>`, `&` escaped.
 * Source: SDK 0.53 `AminoSignDoc` and `AminoSignFee`. Throws `JsonError`, `WireError`.
 */
export function aminoSignBytes(doc: AminoSignDoc): Uint8Array {
  const { fee, timeoutHeight = 0n } = doc;
  return encoder.encode(
    sortedJsonText({
      account_number: doc.accountNumber.toString(),
      chain_id: doc.chainId,
      fee: {
        amount: fee.amount.map(({ denom, amount }) => ({ denom, amount: formatInteger(amount) })),
        gas: fee.gas.toString(),
        ...(fee.granter ? { granter: fee.granter } : {}),
        ...(fee.payer ? { payer: fee.payer } : {}),
      },
      memo: doc.memo,
      msgs: doc.msgs,
      sequence: doc.sequence.toString(),
      ...(timeoutHeight === 0n ? {} : { timeout_height: timeoutHeight.toString() }),
      ...(doc.timeoutTimestamp ? { timeout_timestamp: timestampNanoText(doc.timeoutTimestamp) } : {}),
      ...(doc.unordered ? { unordered: true } : {}),
    }),
  );
}

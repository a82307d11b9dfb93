import { base64 } from "@scure/base";
import { decimalText } from "./decimal.ts";
import { at, enumFromJson, isObject, join, kindOf, parsed, scalarFromJson, text } from "./json-read.ts";
import { isArray, JSON_DEPTH_MAX, JsonError, type JsonValue } from "./json-text.ts";
import type { AnyMessageType, AnyValue, Registry } from "./registry.ts";
import { unpackAny } from "./registry.ts";
import { durationText, parseDuration, parseTimestamp, type Seconds, timestampText } from "./time.ts";
import type { EnumType, Field, MessageType } from "./types.ts";
import { quote } from "./wire.ts";

export { compareUtf8, JsonError, type JsonObject, type JsonValue, jsonText, sortedJsonText } from "./json-text.ts";

const ANY = "google.protobuf.Any";
const TIMESTAMP = "google.protobuf.Timestamp";
const DURATION = "google.protobuf.Duration";
/** In an Any these stand under `value`, the fields of all others beside `@type`. */
const WELL_KNOWN: readonly string[] = [ANY, TIMESTAMP, DURATION, "google.protobuf.Empty"];

/** A message as the codecs hold it. */
type Message = Readonly<Record<string, unknown>>;

/**
 * Proto3 JSON as the Cosmos SDK writes it (gogoproto jsonpb with OrigName and EmitDefaults, SDK 0.53 `codec.MarshalJSON`):
 * proto names, defaults emitted, 64-bit integers and amounts as text, empty bytes and absent messages as null.
 * Throws `JsonError` when a value has no JSON, `WireError` for an Any of unknown type.
 */
export function toJson<T>(type: MessageType<T>, message: T, registry: Registry): JsonValue {
  return messageToJson(type, message, registry, 0);
}

function messageToJson(type: AnyMessageType, message: unknown, registry: Registry, depth: number): JsonValue {
  if (depth > JSON_DEPTH_MAX) throw new JsonError(`${type.typeName} is ${depth} deep, want at most ${JSON_DEPTH_MAX}`);
  if (type.typeName === ANY) return anyToJson(message as AnyValue, registry, depth);
  if (type.typeName === TIMESTAMP) return timestampText(message as Seconds);
  if (type.typeName === DURATION) return durationText(message as Seconds);
  const json: Record<string, JsonValue> = {};
  writeFields(json, type, message as Message, registry, depth);
  return json;
}

function writeFields(
  json: Record<string, JsonValue>,
  type: AnyMessageType,
  message: Message,
  registry: Registry,
  depth: number,
): void {
  for (const field of type.fields) {
    const value = message[field.name];
    if (field.oneof !== undefined && value === undefined) continue;
    json[field.protoName] = field.repeated
      ? (value as readonly unknown[]).map((item) => valueToJson(field, item, registry, depth))
      : valueToJson(field, value, registry, depth);
  }
}

function anyToJson(any: AnyValue, registry: Registry, depth: number): JsonValue {
  const { type, message } = unpackAny(any, registry);
  if (WELL_KNOWN.includes(type.typeName)) {
    return { "@type": any.typeUrl, value: messageToJson(type, message, registry, depth + 1) };
  }
  const json: Record<string, JsonValue> = { "@type": any.typeUrl };
  writeFields(json, type, message as Message, registry, depth + 1);
  return json;
}

function valueToJson(field: Field, value: unknown, registry: Registry, depth: number): JsonValue {
  if (value === undefined) return null;
  if (field.message) return messageToJson(field.message(), value, registry, depth + 1);
  if (field.enum) return enumName(field.enum(), value as number) ?? (value as number);
  if (field.cosmos === "cosmos.Int") return String(value);
  if (field.cosmos === "cosmos.Dec") return decimalText(value as bigint);
  if (field.scalar === "bytes") {
    const bytes = value as Uint8Array;
    if (field.aminoEncoding === "inline_json") return parseInline(bytes);
    // What was not on the wire is nil in Go, which prints null. Elements of lists and members of oneofs were.
    const absent = bytes.length === 0 && !field.repeated && field.oneof === undefined;
    return absent ? null : base64.encode(bytes);
  }
  return typeof value === "bigint" ? value.toString() : (value as JsonValue);
}

/** Names of an enum by number; where several share a number, the first. */
const enumNames = new Map<EnumType, ReadonlyMap<number, string>>();

/** Undefined for a number that the enum does not name. */
export function enumName(type: EnumType, value: number): string | undefined {
  let names = enumNames.get(type);
  if (names === undefined) {
    const byNumber = new Map<number, string>();
    // biome-ignore lint/plugin: a table of generated code, whose order is that of the .proto file
    for (const [name, number] of Object.entries(type.values)) if (!byNumber.has(number)) byNumber.set(number, name);
    names = byNumber;
    enumNames.set(type, names);
  }
  return names.get(value);
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Bytes that hold JSON text, such as a gentx. Throws `JsonError`. */
export function parseInline(bytes: Uint8Array): JsonValue {
  try {
    return JSON.parse(utf8.decode(bytes)) as JsonValue;
  } catch (cause) {
    throw new JsonError("bytes are not JSON, want JSON text", { cause });
  }
}

/**
 * A message from proto3 JSON, as strict as the SDK's `codec.UnmarshalJSON`: unknown fields are refused; absent and null
 * ones take their default; names may be snake_case or camelCase, integers numbers or text, enums names or numbers.
 * Throws `JsonError` with the path to the place, also for an Any of unknown type.
 */
export function fromJson<T>(type: MessageType<T>, json: unknown, registry: Registry): T {
  return messageFromJson(type, json, registry, "", 0) as T;
}

function messageFromJson(
  type: AnyMessageType,
  json: unknown,
  registry: Registry,
  path: string,
  depth: number,
): unknown {
  if (depth > JSON_DEPTH_MAX) throw new JsonError(`${at(path)} is ${depth} deep, want at most ${JSON_DEPTH_MAX}`);
  if (type.typeName === ANY) return anyFromJson(json, registry, path, depth);
  if (type.typeName === TIMESTAMP) return parsed(() => parseTimestamp(text(json, path)), path);
  if (type.typeName === DURATION) return parsed(() => parseDuration(text(json, path)), path);
  if (!isObject(json)) throw new JsonError(`${at(path)} is ${kindOf(json)}, want an object`);
  const byName = namesOf(type);
  const partial: Record<string, unknown> = {};
  // biome-ignore lint/plugin: each key is looked up by itself, so that their order has no effect
  for (const [key, value] of Object.entries(json)) {
    const field = byName.get(key);
    if (field === undefined) throw new JsonError(`${at(path)} has unknown field ${quote(key)} for ${type.typeName}`);
    if (value === null) continue;
    if (partial[field.name] !== undefined) throw new JsonError(`${at(path)} has ${field.protoName} twice, want one`);
    partial[field.name] = fieldFromJson(field, value, registry, join(path, key), depth);
  }
  checkOneofs(type, partial, path);
  return type.fromPartial(partial);
}

function checkOneofs(type: AnyMessageType, partial: Message, path: string): void {
  const set = new Map<string, string>();
  for (const { oneof, name, protoName } of type.fields) {
    if (oneof === undefined || partial[name] === undefined) continue;
    const other = set.get(oneof);
    if (other !== undefined) throw new JsonError(`${at(path)} has both ${other} and ${protoName}, want one`);
    set.set(oneof, protoName);
  }
}

/** Fields by both of their names. A Map, so that `__proto__` and `constructor` are unknown like any other. */
const fieldNames = new Map<AnyMessageType, ReadonlyMap<string, Field>>();

function namesOf(type: AnyMessageType): ReadonlyMap<string, Field> {
  let names = fieldNames.get(type);
  if (names === undefined) {
    names = new Map(type.fields.flatMap((field) => [[field.name, field] as const, [field.protoName, field] as const]));
    fieldNames.set(type, names);
  }
  return names;
}

function fieldFromJson(field: Field, json: unknown, registry: Registry, path: string, depth: number): unknown {
  if (!field.repeated) return valueFromJson(field, json, registry, path, depth);
  if (!isArray(json)) throw new JsonError(`${at(path)} is ${kindOf(json)}, want an array`);
  return json.map((item, index) => valueFromJson(field, item, registry, `${path}[${index}]`, depth));
}

function valueFromJson(field: Field, json: unknown, registry: Registry, path: string, depth: number): unknown {
  if (field.message) return messageFromJson(field.message(), json, registry, path, depth + 1);
  if (field.enum) return enumFromJson(field.enum(), json, path);
  return scalarFromJson(field, json, path);
}

function anyFromJson(json: unknown, registry: Registry, path: string, depth: number): AnyValue {
  if (!isObject(json)) throw new JsonError(`${at(path)} is ${kindOf(json)}, want an object`);
  const { "@type": url, ...fields } = json;
  const typeUrl = text(url, join(path, "@type"));
  const type = registry.get(typeUrl);
  if (type === undefined) throw new JsonError(`${at(path)} has type ${quote(typeUrl)}, want a registered one`);
  const { value } = fields;
  const inner = WELL_KNOWN.includes(type.typeName) ? value : fields;
  const message = messageFromJson(type, inner, registry, path, depth + 1);
  return { typeUrl, value: parsed(() => type.encode(message).finish(), path) };
}

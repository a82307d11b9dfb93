import { base64 } from "@scure/base";
import { parseDecimal } from "./decimal.ts";
import { JsonError, type JsonObject, type JsonValue, jsonText } from "./json-text.ts";
import type { EnumType, Field } from "./types.ts";
import { fromDigits, NO_BYTES, parseInteger, quote, WireError } from "./wire.ts";

const BIGINTS: readonly string[] = ["int64", "uint64", "sint64", "fixed64", "sfixed64"];

/** One scalar from JSON, in proto3's form and in amino's, which agree on them. Throws `JsonError` with the path. */
export function scalarFromJson(field: Field, json: unknown, path: string): unknown {
  if (field.cosmos === "cosmos.Int") return parsed(() => parseInteger(someText(json, path)), path);
  if (field.cosmos === "cosmos.Dec") return parsed(() => parseDecimal(text(json, path)), path);
  switch (field.scalar) {
    case "bool":
      if (typeof json !== "boolean") throw new JsonError(`${at(path)} is ${kindOf(json)}, want true or false`);
      return json;
    case "string":
      return text(json, path);
    case "bytes":
      return field.aminoEncoding === "inline_json" ? inlineBytes(json, path) : bytesFromJson(json, path);
    default:
      return integerFromJson(field.scalar as string, json, path);
  }
}

const encoder = new TextEncoder();

function inlineBytes(json: unknown, path: string): Uint8Array {
  return parsed(() => encoder.encode(jsonText(json as JsonValue)), path);
}

/** Standard or URL alphabet. Throws `JsonError`. */
export function bytesFromJson(json: unknown, path: string): Uint8Array {
  const value = text(json, path);
  if (value === "") return NO_BYTES;
  try {
    return base64.decode(value.replaceAll("-", "+").replaceAll("_", "/"));
  } catch (cause) {
    throw new JsonError(`${at(path)} is ${quote(value)}, want base64`, { cause });
  }
}

/** By name or by number. Throws `JsonError`. */
export function enumFromJson(type: EnumType, json: unknown, path: string): number {
  if (typeof json === "string") {
    const value = Object.hasOwn(type.values, json) ? type.values[json] : undefined;
    if (value === undefined) throw new JsonError(`${at(path)} is ${quote(json)}, want a value of ${type.typeName}`);
    return value;
  }
  if (typeof json !== "number" || json !== (json | 0)) {
    throw new JsonError(`${at(path)} is ${kindOf(json)}, want a value of ${type.typeName}`);
  }
  return json;
}

const INTEGER = /^(?:0|-?[1-9][0-9]{0,19})$/;
const RANGES: ReadonlyMap<string, readonly [least: bigint, most: bigint]> = new Map(
  [
    { types: ["int32", "sint32", "sfixed32"], range: [-(1n << 31n), (1n << 31n) - 1n] as const },
    { types: ["uint32", "fixed32"], range: [0n, (1n << 32n) - 1n] as const },
    { types: ["int64", "sint64", "sfixed64"], range: [-(1n << 63n), (1n << 63n) - 1n] as const },
    { types: ["uint64", "fixed64"], range: [0n, (1n << 64n) - 1n] as const },
  ].flatMap(({ types, range }) => types.map((type) => [type, range] as const)),
);

/** From a number or from text. Throws `JsonError`. */
export function integerFromJson(scalar: string, json: unknown, path: string): number | bigint {
  let value: bigint;
  if (typeof json === "number") {
    // Above 2^53 the number was rounded when the text was parsed.
    if (!Number.isSafeInteger(json)) throw new JsonError(`${at(path)} is ${json}, want an integer below 2^53 or text`);
    value = BigInt(json);
  } else {
    const digits = text(json, path);
    if (digits.length > 21 || !INTEGER.test(digits))
      throw new JsonError(`${at(path)} is ${quote(digits)}, want an integer`);
    value = fromDigits(digits);
  }
  const [least, most] = RANGES.get(scalar) as readonly [bigint, bigint];
  if (value < least || value > most) throw new JsonError(`${at(path)} is ${value}, want a ${scalar}`);
  return BIGINTS.includes(scalar) ? value : Number(value);
}

export const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json);

export function text(json: unknown, path: string): string {
  if (typeof json !== "string") throw new JsonError(`${at(path)} is ${kindOf(json)}, want a string`);
  return json;
}

function someText(json: unknown, path: string): string {
  const value = text(json, path);
  if (value === "") throw new JsonError(`${at(path)} is empty, want a number as text`);
  return value;
}

/** Runs a parser of texts and puts the path before what it has to say. */
export function parsed<T>(parse: () => T, path: string): T {
  try {
    return parse();
  } catch (cause) {
    if (cause instanceof WireError) throw new JsonError(`${at(path)}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** The place in a message: the path, or nothing but the whole. */
export const at = (path: string): string => (path === "" ? "JSON" : path);
export const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);

export function kindOf(json: unknown): string {
  if (json === null) return "null";
  if (json === undefined) return "absent";
  if (Array.isArray(json)) return "an array";
  if (typeof json === "string") return quote(json);
  return typeof json === "object" ? "an object" : String(json);
}

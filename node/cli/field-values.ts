/** Words of the command line to values of message fields, by the field's descriptor. */

import { parseCoin, parseCoins } from "@interfirm/modules/kernel/coins";
import { parse as parseDec } from "@interfirm/modules/kernel/decimal";
import { fromJson } from "@interfirm/proto/json";
import type { EnumType, Field } from "@interfirm/proto/types";
import { readText } from "../config/files.ts";
import type { AddressForm } from "./key-output.ts";
import { registry } from "./tx-json.ts";

const COIN = "cosmos.base.v1beta1.Coin";

/** Names of keys stand for their addresses, and public keys for those of validators; anything else is returned as it is. */
export type ResolveAddress = (text: string, form?: AddressForm) => Promise<string>;

export const isCoin = (field: Field): boolean => field.kind === "message" && field.message?.().typeName === COIN;

/** What stands for a value in usage texts: `--deadline-height <uint64>`. */
export function valueTerm(field: Field): string {
  if (isCoin(field)) return field.repeated ? "coins" : "coin";
  if (field.kind === "message") return field.repeated ? "json-list" : "json";
  const term =
    field.kind === "enum" ? "name" : field.cosmos === "cosmos.AddressString" ? "address" : (field.scalar ?? "value");
  return field.repeated ? `${term},…` : term;
}

/** Form of proto field names on the command line: `deadline_height` → `deadline-height`. */
export const kebab = (name: string): string => name.replaceAll("_", "-");

/** Rejects with an Error that names the field, the text seen and what was wanted. */
export async function readField(field: Field, text: string, resolve: ResolveAddress): Promise<unknown> {
  try {
    if (isCoin(field)) return field.repeated ? parseCoins(text) : parseCoin(text);
    if (!field.repeated) return await readOne(field, text, resolve);
    if (field.kind === "message") return readMessages(field, text);
    const parts = text === "" ? [] : text.split(",");
    return await Promise.all(parts.map((part) => readOne(field, part.trim(), resolve)));
  } catch (cause) {
    throw new Error(`${kebab(field.protoName)}: ${(cause as Error).message}`, { cause });
  }
}

async function readOne(field: Field, text: string, resolve: ResolveAddress): Promise<unknown> {
  if (field.kind === "enum") return readEnum(field.enum?.() as EnumType, text);
  if (field.kind === "message") return fromJson(messageOf(field), readJsonWord(text) as never, registry);
  if (field.cosmos === "cosmos.AddressString") return resolve(text);
  if (field.cosmos === "cosmos.ValidatorAddressString") return resolve(text, "val");
  if (field.cosmos === "cosmos.ConsensusAddressString") return resolve(text, "cons");
  if (field.cosmos === "cosmos.Int") return readInteger(text, 256, true);
  if (field.cosmos === "cosmos.Dec") return parseDec(text);
  switch (field.scalar) {
    case "string":
      return text;
    case "bool":
      return readBool(text);
    case "bytes":
      return readBytes(text);
    case "uint64":
    case "fixed64":
      return readInteger(text, 64, false);
    case "int64":
    case "sint64":
    case "sfixed64":
      return readInteger(text, 63, true);
    case "uint32":
    case "fixed32":
      return Number(readInteger(text, 32, false));
    case "int32":
    case "sint32":
    case "sfixed32":
      return Number(readInteger(text, 31, true));
    default:
      throw new Error(`fields of type ${field.scalar} cannot be given on the command line`);
  }
}

const messageOf = (field: Field) => {
  const type = field.message?.();
  if (!type) throw new Error(`field ${field.protoName} has no message type`);
  return type;
};

function readMessages(field: Field, text: string): readonly unknown[] {
  // Several words, each an object, are a list as well.
  const json = readJsonWord(text.trimStart().startsWith("{") ? `[${text}]` : text);
  if (!Array.isArray(json)) throw new Error(`value is ${text.slice(0, 80)}, want a JSON list`);
  return json.map((item) => fromJson(messageOf(field), item as never, registry));
}

/** JSON, or `@file` with JSON in it. */
function readJsonWord(text: string): unknown {
  const source = text.startsWith("@") ? readText(text.slice(1)) : text;
  try {
    return JSON.parse(source) as unknown;
  } catch (cause) {
    throw new Error(`value is ${JSON.stringify(source.slice(0, 80))}, want JSON or @file`, { cause });
  }
}

function readEnum(type: EnumType, text: string): number {
  const wanted = text.toUpperCase().replaceAll("-", "_");
  const names = Object.keys(type.values);
  // The names of an enum share a prefix (STATUS_ACTIVE), which may be left out.
  const exact = names.find((name) => name === wanted);
  const endings = names.filter((name) => name.endsWith(`_${wanted}`));
  const name = exact ?? (endings.length === 1 ? endings[0] : undefined);
  if (name === undefined)
    throw new Error(`value is ${JSON.stringify(text.slice(0, 80))}, want one of ${names.join(", ")}`);
  return type.values[name] as number;
}

function readBool(text: string): boolean {
  if (text === "true") return true;
  if (text === "false") return false;
  throw new Error(`value is ${JSON.stringify(text.slice(0, 80))}, want true or false`);
}

function readInteger(text: string, bits: number, signed: boolean): bigint {
  if (!/^-?(0|[1-9][0-9]{0,77})$/.test(text) || (!signed && text.startsWith("-"))) {
    throw new Error(`value is ${JSON.stringify(text.slice(0, 80))}, want a whole number${signed ? "" : " from 0"}`);
  }
  const value = BigInt(text);
  const end = 1n << BigInt(bits);
  if (value >= end || value < -end) throw new Error(`value is ${text}, want less than 2^${bits}`);
  return value;
}

/** Hex, else base64. */
function readBytes(text: string): Uint8Array {
  if (/^([0-9a-fA-F]{2})*$/.test(text)) return new Uint8Array(Buffer.from(text, "hex"));
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0) return new Uint8Array(Buffer.from(text, "base64"));
  throw new Error(`value is ${JSON.stringify(text.slice(0, 80))}, want bytes in hex or base64`);
}

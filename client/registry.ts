import { type GeneratedType, Registry } from "@cosmjs/proto-signing";
import {
  type AminoConverter,
  AminoTypes,
  defaultRegistryTypes as cosmosTypes,
  createDefaultAminoConverters,
} from "@cosmjs/stargate";
import { fromAmino, toAmino } from "@interfirm/proto/amino";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry, type Registry as ProtoRegistry } from "@interfirm/proto/registry";
import { parseInteger } from "@interfirm/proto/runtime";
import type { Field, MessageType } from "@interfirm/proto/types";

/** Every message type of this client, by type URL. */
export const protoRegistry: ProtoRegistry = createRegistry(allTypes);

/** The type of a type URL; undefined when this client does not know it. */
export const typeOf = (typeUrl: string): MessageType<unknown> | undefined => protoRegistry.get(typeUrl);

const SCALARS_64 = new Set(["int64", "uint64", "sint64", "fixed64", "sfixed64"]);
const isBig = ({ scalar, cosmos }: Field): boolean =>
  cosmos === "cosmos.Int" || cosmos === "cosmos.Dec" || (cosmos === undefined && SCALARS_64.has(scalar ?? ""));

function toBig(value: unknown): unknown {
  if (typeof value === "string") return parseInteger(value);
  return typeof value === "number" ? BigInt(value) : value;
}

/** Messages nest no deeper than their schema, but for those that hold themselves. */
const DEPTH_MAX = 64;

/**
 * Plain CosmJS code has amounts as text (`coins("100", "ufirm")`); ours have `bigint`. Takes both.
 */
function loosen(type: MessageType<unknown>, value: unknown, depth = 0): object {
  if (depth > DEPTH_MAX) throw new Error(`${type.typeName} is nested more than ${DEPTH_MAX} deep`);
  const out: Record<string, unknown> = { ...(value as object) };
  const one = (field: Field, item: unknown): unknown => {
    if (item === undefined || item === null) return undefined;
    if (field.kind === "message") return loosen(field.message!(), item, depth + 1);
    return isBig(field) ? toBig(item) : item;
  };
  for (const field of type.fields) {
    const item = out[field.name];
    out[field.name] = field.repeated && Array.isArray(item) ? item.map((each) => one(field, each)) : one(field, item);
  }
  return out;
}

const toGenerated = (type: MessageType<unknown>): GeneratedType => ({
  encode: (message: unknown) => type.encode(message) as never,
  decode: (input: Uint8Array) => type.decode(input),
  fromPartial: (value: unknown) => type.fromPartial(loosen(type, value)),
});

/** For `new Registry([...defaultRegistryTypes, ...registryTypes])` of CosmJS: every type of this chain. */
export const registryTypes: readonly [string, GeneratedType][] = allTypes.map((type) => [
  type.typeUrl,
  toGenerated(type),
]);

/** CosmJS' types, and ours in their place where there are both. */
export const createDefaultRegistry = (): Registry => new Registry([...cosmosTypes, ...registryTypes]);

function toConverter(type: MessageType<unknown>, aminoType: string): AminoConverter {
  return {
    aminoType,
    toAmino(value) {
      const named = toAmino(type, type.fromPartial(loosen(type, value)), protoRegistry);
      return (named as { readonly value: unknown }).value;
    },
    fromAmino: (value) => fromAmino(type, { type: aminoType, value }, protoRegistry),
  };
}

/** For `new AminoTypes({ ...createDefaultAminoConverters(), ...aminoConverters })` of CosmJS: every message of this chain. */
export const aminoConverters: Readonly<Record<string, AminoConverter>> = Object.fromEntries(
  allTypes.flatMap((type) => {
    const name = type.aminoName ?? (type.signers.length > 0 ? type.typeUrl : undefined);
    return name === undefined ? [] : [[type.typeUrl, toConverter(type, name)]];
  }),
);

/** CosmJS' converters, and ours in their place where there are both. */
export const createAminoTypes = (): AminoTypes =>
  new AminoTypes({ ...createDefaultAminoConverters(), ...aminoConverters });

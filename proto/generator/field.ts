import protobuf from "protobufjs";
import type { CosmosScalar, ScalarType } from "../types.ts";
import { option, textOption } from "./schema.ts";

/** A field as the emitters see it: options read, names made. */
export interface FieldPlan {
  readonly no: number;
  /** Property in TypeScript. */
  readonly name: string;
  readonly protoName: string;
  readonly typeName: string;
  readonly kind: "scalar" | "enum" | "message";
  readonly scalar: ScalarType | undefined;
  readonly cosmos: CosmosScalar | undefined;
  readonly message: protobuf.Type | undefined;
  readonly enum: protobuf.Enum | undefined;
  readonly repeated: boolean;
  readonly packed: boolean;
  readonly oneof: string | undefined;
  readonly required: boolean;
  /** A value with presence of its own: `undefined` when absent. */
  readonly optional: boolean;
  readonly aminoKeepEmpty: boolean;
  readonly aminoName: string | undefined;
  readonly aminoEncoding: string | undefined;
  readonly aminoOneof: string | undefined;
  readonly accepts: string | undefined;
  readonly comment: string;
}

const SCALARS = [
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
  "bool",
  "string",
  "bytes",
] as const satisfies readonly ScalarType[];

const ADDRESSES = [
  "cosmos.AddressString",
  "cosmos.ValidatorAddressString",
  "cosmos.ConsensusAddressString",
] as const satisfies readonly CosmosScalar[];

/** By Go type. Only annotated as `cosmos.Dec`, a field is plain text with a point in it, as in cosmos.gov.v1. */
const CUSTOM_TYPES: Readonly<Record<string, CosmosScalar>> = {
  "cosmossdk.io/math.Int": "cosmos.Int",
  "cosmossdk.io/math.LegacyDec": "cosmos.Dec",
};

/** `from_address` → `fromAddress`, as ts-proto and protobufjs name it. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `AllBalances` → `allBalances`, `ABCIQuery` → `abciQuery`. */
export function methodCase(name: string): string {
  return name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (head) => head.toLowerCase());
}

/** `ModeInfo.Single` → `ModeInfo_Single`. */
export function symbolOf(type: protobuf.ReflectionObject): string {
  const parent = type.parent;
  return parent instanceof protobuf.Type ? `${symbolOf(parent)}_${type.name}` : type.name;
}

/** Throws on what the house does not use: maps have no order, floats no determinism, groups no use. */
function planField(field: protobuf.Field): FieldPlan {
  const where = field.fullName.slice(1);
  if (field.map) throw new Error(`${where} is a map, which has no order: want a repeated message`);
  const { resolvedType } = field;
  const scalar = SCALARS.find((name) => name === field.type);
  if (resolvedType === null && scalar === undefined) throw new Error(`${where} has type ${field.type}`);
  const customType = CUSTOM_TYPES[textOption(field, "gogoproto.customtype") ?? ""];
  const annotated = textOption(field, "cosmos_proto.scalar");
  const cosmos = ADDRESSES.find((name) => name === annotated) ?? customType;
  const nullable = option(field, "gogoproto.nullable") !== false;
  const message = resolvedType instanceof protobuf.Type ? resolvedType : undefined;
  const { proto3_optional: declared } = field.options ?? {};
  const declaredOptional = declared === true;
  const oneof = declaredOptional ? undefined : field.partOf?.name;
  return {
    no: field.id,
    name: camelCase(field.name),
    protoName: field.name,
    typeName: where,
    kind: message ? "message" : resolvedType ? "enum" : "scalar",
    scalar,
    cosmos,
    message,
    enum: resolvedType instanceof protobuf.Enum ? resolvedType : undefined,
    repeated: field.repeated,
    packed: field.repeated && field.packed,
    oneof,
    required: message !== undefined && !nullable && !field.repeated,
    optional: declaredOptional || (customType !== undefined && nullable && !field.repeated),
    aminoKeepEmpty: option(field, "amino.dont_omitempty") === true,
    aminoName: textOption(field, "amino.field_name"),
    aminoEncoding: textOption(field, "amino.encoding"),
    aminoOneof: textOption(field, "amino.oneof_name"),
    accepts: textOption(field, "cosmos_proto.accepts_interface"),
    comment: oneLine(field.comment),
  };
}

export const oneLine = (comment: string | null | undefined): string => (comment ?? "").replace(/\s+/g, " ").trim();

/** Fields by number. protobufjs resolves them when the schema is loaded. */
export function planFields(type: protobuf.Type): FieldPlan[] {
  return type.fieldsArray.map((field) => planField(field.resolve() as protobuf.Field)).sort((a, b) => a.no - b.no);
}

/** Whether messages of a type can contain a message of the same type, at any depth. */
export function isRecursive(type: protobuf.Type): boolean {
  const seen = new Set<protobuf.Type>();
  const queue = [type];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const field of next.fieldsArray) {
      const inner = field.resolvedType;
      if (inner === type) return true;
      if (inner instanceof protobuf.Type && !seen.has(inner)) {
        seen.add(inner);
        queue.push(inner);
      }
    }
  }
  return false;
}

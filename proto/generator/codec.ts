import type protobuf from "protobufjs";
import type { ScalarType } from "../types.ts";
import { type FieldPlan, isRecursive } from "./field.ts";
import type { Imports } from "./imports.ts";

/** Wire type of a scalar; the rest are length-delimited. */
export function wireType(plan: FieldPlan): number {
  switch (plan.scalar) {
    case "fixed64":
    case "sfixed64":
      return 1;
    case "fixed32":
    case "sfixed32":
      return 5;
    case "string":
    case "bytes":
      return 2;
    default:
      return plan.kind === "message" ? 2 : 0;
  }
}

const BIGINTS: readonly ScalarType[] = ["int64", "uint64", "sint64", "fixed64", "sfixed64"];

const isInteger = (plan: FieldPlan): boolean => plan.cosmos === "cosmos.Int" || plan.cosmos === "cosmos.Dec";
const isAddress = (plan: FieldPlan): boolean => plan.cosmos === "cosmos.AddressString";
const tagOf = (plan: FieldPlan, wire = wireType(plan)): number => plan.no * 8 + wire;

/** TypeScript type of one value of a field. */
function valueType(plan: FieldPlan, imports: Imports): string {
  if (plan.message) return imports.symbol(plan.message);
  if (plan.enum) return imports.symbol(plan.enum);
  if (isInteger(plan)) return "bigint";
  if (isAddress(plan)) return imports.type("Address");
  const scalar = plan.scalar as ScalarType;
  if (BIGINTS.includes(scalar)) return "bigint";
  if (scalar === "bool") return "boolean";
  if (scalar === "string") return "string";
  return scalar === "bytes" ? "Uint8Array" : "number";
}

/** The property of a field in its message's interface. */
export function property(plan: FieldPlan, imports: Imports): string {
  const type = valueType(plan, imports);
  if (plan.repeated) return `readonly ${plan.name}: readonly ${type}[];`;
  if (plan.oneof !== undefined) return `readonly ${plan.name}?: ${type} | undefined;`;
  const absent = plan.optional || (plan.kind === "message" && !plan.required);
  return `readonly ${plan.name}: ${type}${absent ? " | undefined" : ""};`;
}

function defaultValue(plan: FieldPlan, imports: Imports): string {
  if (plan.enum) return "0";
  if (isInteger(plan)) return "0n";
  if (isAddress(plan)) return `"" as ${imports.type("Address")}`;
  const scalar = plan.scalar as ScalarType;
  if (BIGINTS.includes(scalar)) return "0n";
  if (scalar === "bool") return "false";
  if (scalar === "string") return '""';
  return scalar === "bytes" ? "new Uint8Array()" : "0";
}

/** Names that a decoder's own code uses, and words that cannot be names. */
const TAKEN: readonly string[] = ["input", "length", "reader", "end", "tag", "packed", "delete", "default", "function"];

/** The variable in which a decoder gathers a field. */
const local = (plan: FieldPlan): string => (TAKEN.includes(plan.name) ? `${plan.name}Field` : plan.name);

const hasPresence = (plan: FieldPlan): boolean => plan.optional || plan.oneof !== undefined;

function converter(plan: FieldPlan, way: "format" | "parse"): string {
  return `${way}${plan.cosmos === "cosmos.Int" ? "Integer" : "Atto"}`;
}

/** `writer` with one value put after what it holds. */
function writeValue(plan: FieldPlan, value: string, writer: string, imports: Imports): string {
  if (plan.message) return `${imports.symbol(plan.message)}.encode(${value}, ${writer}.fork()).ldelim()`;
  if (plan.enum) return `${writer}.int32(${value})`;
  if (isInteger(plan)) {
    const text = `${imports.runtime(converter(plan, "format"))}(${value})`;
    return plan.scalar === "bytes"
      ? `${writer}.bytes(${imports.runtime("utf8Bytes")}(${text}))`
      : `${writer}.string(${text})`;
  }
  return `${writer}.${plan.scalar}(${value})`;
}

function encodeField(plan: FieldPlan, imports: Imports): string {
  const value = `message.${plan.name}`;
  const tagged = `writer.tag(${tagOf(plan)})`;
  if (plan.repeated) {
    if (plan.packed && wireType(plan) !== 2) {
      const item = writeValue(plan, "item", "writer", imports);
      return `if (${value}.length !== 0) {
      writer.tag(${tagOf(plan, 2)}).fork();
      for (const item of ${value}) ${item};
      writer.ldelim();
    }`;
    }
    return `for (const item of ${value}) ${writeValue(plan, "item", tagged, imports)};`;
  }
  const write = writeValue(plan, value, tagged, imports);
  if (plan.required || (isInteger(plan) && !hasPresence(plan))) return `${write};`;
  if (plan.kind === "message" || hasPresence(plan)) return `if (${value} !== undefined) ${write};`;
  if (plan.scalar === "bool") return `if (${value}) ${write};`;
  if (plan.scalar === "bytes") return `if (${value}.length !== 0) ${write};`;
  return `if (${value} !== ${isAddress(plan) ? '""' : defaultValue(plan, imports)}) ${write};`;
}

function readValue(plan: FieldPlan, imports: Imports): string {
  if (plan.message) return `${imports.symbol(plan.message)}.decode(reader, reader.length())`;
  if (plan.enum) return `reader.int32() as ${imports.symbol(plan.enum)}`;
  if (isInteger(plan)) {
    const text = plan.scalar === "bytes" ? `${imports.runtime("utf8Text")}(reader.bytes())` : "reader.string()";
    return `${imports.runtime(converter(plan, "parse"))}(${text})`;
  }
  return `reader.${plan.scalar}()${isAddress(plan) ? ` as ${imports.type("Address")}` : ""}`;
}

function decodeCases(plan: FieldPlan, all: readonly FieldPlan[], symbol: string, imports: Imports): string {
  const read = readValue(plan, imports);
  const one = `case ${tagOf(plan)}:`;
  if (plan.repeated) {
    const append = `${local(plan)} = ${imports.runtime("append")}(${local(plan)}, ${read});`;
    const push = `${one}\n${append}\nbreak;`;
    if (wireType(plan) === 2) return push;
    return `${push}
    case ${tagOf(plan, 2)}: {
      const packed = reader.length() + reader.pos;
      while (reader.pos < packed) ${append}
      reader.end(packed);
      break;
    }`;
  }
  const lines: string[] = [];
  if (plan.message) lines.push(`reader.once(${local(plan)}, ${symbol}, ${JSON.stringify(plan.protoName)});`);
  lines.push(`${local(plan)} = ${read};`);
  if (plan.oneof !== undefined) {
    for (const other of all) {
      if (other !== plan && other.oneof === plan.oneof) lines.push(`${local(other)} = undefined;`);
    }
  }
  return `${one}\n${lines.join("\n")}\nbreak;`;
}

function decodeLocal(plan: FieldPlan, imports: Imports): string {
  const type = valueType(plan, imports);
  if (plan.repeated) return `let ${local(plan)}: ${type}[] = [];`;
  if (plan.kind === "message" || hasPresence(plan)) return `let ${local(plan)}: ${type} | undefined;`;
  if (plan.scalar === "bytes" && !isInteger(plan))
    return `let ${local(plan)}: ${type} = ${imports.runtime("NO_BYTES")};`;
  const annotated = plan.enum ? `: ${type}` : "";
  return `let ${local(plan)}${annotated} = ${defaultValue(plan, imports)};`;
}

function decodeResult(plan: FieldPlan, imports: Imports): string {
  const value = local(plan);
  if (plan.required)
    return `${plan.name}: ${value} ?? ${imports.symbol(plan.message as protobuf.Type)}.fromPartial({})`;
  return value === plan.name ? value : `${plan.name}: ${value}`;
}

function partialField(plan: FieldPlan, imports: Imports): string {
  const value = `partial.${plan.name}`;
  const { name } = plan;
  if (plan.repeated) {
    if (plan.message) {
      return `${name}: ${value}?.map((item) => ${imports.symbol(plan.message)}.fromPartial(item)) ?? []`;
    }
    return isAddress(plan)
      ? `${name}: (${value} ?? []) as readonly ${imports.type("Address")}[]`
      : `${name}: ${value} ?? []`;
  }
  if (plan.message) {
    const symbol = imports.symbol(plan.message);
    if (plan.required) return `${name}: ${symbol}.fromPartial(${value} ?? {})`;
    return `${name}: ${value} === undefined ? undefined : ${symbol}.fromPartial(${value})`;
  }
  if (hasPresence(plan)) {
    return isAddress(plan) ? `${name}: ${value} as ${imports.type("Address")} | undefined` : `${name}: ${value}`;
  }
  if (isAddress(plan)) return `${name}: (${value} ?? "") as ${imports.type("Address")}`;
  if (plan.scalar === "bytes" && !isInteger(plan)) return `${name}: ${value} ?? ${imports.runtime("NO_BYTES")}`;
  return `${name}: ${value} ?? ${defaultValue(plan, imports)}`;
}

/** `encode`, `decode` and `fromPartial` of a message. */
export function emitCodec(type: protobuf.Type, fields: readonly FieldPlan[], imports: Imports): string {
  const symbol = imports.symbol(type);
  imports.runtime("Reader");
  imports.runtime("Writer");
  const recursive = isRecursive(type);
  const used = fields.length > 0;
  const locals = [...(recursive ? ["reader.enter();"] : []), ...fields.map((plan) => decodeLocal(plan, imports))];
  return `encode(${used ? "message" : "_message"}, writer = new Writer()) {
    ${[...fields.map((plan) => encodeField(plan, imports)), "return writer;"].join("\n")}
  },
  decode(input, length) {
    const reader = input instanceof Reader ? input : new Reader(input);
    const end = length === undefined ? reader.len : reader.pos + length;
    ${[...locals, ""].join("\n")}while (reader.pos < end) {
      const tag = reader.tag();
      ${
        used
          ? `switch (tag) {
        ${fields.map((plan) => decodeCases(plan, fields, symbol, imports)).join("\n")}
        default:
          reader.unknown(tag, ${symbol});
      }`
          : `reader.unknown(tag, ${symbol});`
      }
    }
    reader.end(end);${recursive ? "\nreader.leave();" : ""}
    return { ${fields.map((plan) => decodeResult(plan, imports)).join(", ")} };
  },
  fromPartial(${used ? "partial" : ""}) {
    return { ${fields.map((plan) => partialField(plan, imports)).join(", ")} };
  },`;
}

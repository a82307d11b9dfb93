import type protobuf from "protobufjs";
import { emitCodec, property } from "./codec.ts";
import { type FieldPlan, methodCase, oneLine, planFields, symbolOf } from "./field.ts";
import { Imports } from "./imports.ts";
import { optionValues, type Package, textOption } from "./schema.ts";

const quote = (text: string): string => JSON.stringify(text);

/** A doc comment, or nothing. */
function doc(comment: string | null | undefined): string {
  const lines = (comment ?? "")
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.replaceAll("*/", "*\\/"));
  if (lines.length === 0) return "";
  return lines.length === 1 ? `/** ${lines[0]} */\n` : `/**\n${lines.map((line) => ` * ${line}`).join("\n")}\n */\n`;
}

function descriptor(plan: FieldPlan, imports: Imports): string {
  const parts = [
    `no: ${plan.no}`,
    `name: ${quote(plan.name)}`,
    `protoName: ${quote(plan.protoName)}`,
    `kind: ${quote(plan.kind)}`,
  ];
  if (plan.scalar) parts.push(`scalar: ${quote(plan.scalar)}`);
  if (plan.cosmos) parts.push(`cosmos: ${quote(plan.cosmos)}`);
  if (plan.message) parts.push(`message: () => ${imports.symbol(plan.message)}`);
  if (plan.enum) parts.push(`enum: () => ${imports.enumType(plan.enum)}`);
  parts.push(`repeated: ${plan.repeated}`);
  if (plan.oneof !== undefined) parts.push(`oneof: ${quote(plan.oneof)}`);
  parts.push(`required: ${plan.required}`);
  if (plan.optional) parts.push("optional: true");
  parts.push(`aminoKeepEmpty: ${plan.aminoKeepEmpty}`);
  if (plan.aminoName !== undefined) parts.push(`aminoName: ${quote(plan.aminoName)}`);
  if (plan.aminoEncoding !== undefined) parts.push(`aminoEncoding: ${quote(plan.aminoEncoding)}`);
  if (plan.aminoOneof !== undefined) parts.push(`aminoOneof: ${quote(plan.aminoOneof)}`);
  if (plan.accepts !== undefined) parts.push(`accepts: ${quote(plan.accepts)}`);
  parts.push(`comment: ${quote(plan.comment)}`);
  return `{ ${parts.join(", ")} }`;
}

function emitMessage(type: protobuf.Type, imports: Imports): string {
  const fields = planFields(type);
  const symbol = symbolOf(type);
  const typeName = type.fullName.slice(1);
  const signers = optionValues(type, "cosmos.msg.v1.signer").map((signer) => {
    const field = fields.find((plan) => plan.protoName === signer);
    if (field === undefined) throw new Error(`${typeName} has no field ${String(signer)}, its signer`);
    return quote(field.name);
  });
  const properties = fields.map((plan) => `${doc(type.fields[plan.protoName]?.comment)}${property(plan, imports)}`);
  const shape = properties.length === 0 ? "{}" : `{\n${properties.join("\n")}\n}`;
  return `${doc(type.comment)}export interface ${symbol} ${shape}

export const ${symbol}: ${imports.type("MessageType")}<${symbol}> = {
  typeUrl: ${quote(`/${typeName}`)},
  typeName: ${quote(typeName)},
  comment: ${quote(oneLine(type.comment))},
  signers: [${signers.join(", ")}],
  aminoName: ${literal(textOption(type, "amino.name"))},
  aminoEncoding: ${literal(textOption(type, "amino.message_encoding"))},
  fields: [${fields.map((plan) => descriptor(plan, imports)).join(",\n")}],
  ${emitCodec(type, fields, imports)}
};`;
}

const literal = (text: string | undefined): string => (text === undefined ? "undefined" : quote(text));

function emitEnum(type: protobuf.Enum, imports: Imports): string {
  const symbol = symbolOf(type);
  const values = Object.entries(type.values).map(([name, value]) => `${doc(type.comments[name])}${name}: ${value},`);
  return `${doc(type.comment)}export const ${symbol} = {
${values.join("\n")}
} as const;
export type ${symbol} = (typeof ${symbol})[keyof typeof ${symbol}];
export const ${symbol}$Type: ${imports.type("EnumType")} = { typeName: ${quote(type.fullName.slice(1))}, values: ${symbol} };`;
}

interface HttpRule {
  readonly [method: string]: unknown;
  readonly body?: string;
  readonly additional_bindings?: HttpRule | readonly HttpRule[];
}

function routes(rule: HttpRule): string[] {
  const method = ["get", "post", "put", "delete", "patch"].find((name) => typeof rule[name] === "string");
  if (method === undefined) throw new Error(`google.api.http is ${JSON.stringify(rule)}, want a method`);
  const body = rule.body === undefined ? "" : `, body: ${quote(rule.body)}`;
  const more = [rule.additional_bindings ?? []].flat() as HttpRule[];
  return [`{ method: ${quote(method)}, path: ${quote(String(rule[method]))}${body} }`, ...more.flatMap(routes)];
}

function emitService(service: protobuf.Service, imports: Imports): string {
  const methods = service.methodsArray.map((method) => {
    const { resolvedRequestType: input, resolvedResponseType: output } = method.resolve() as protobuf.Method;
    if (!input || !output) throw new Error(`${method.fullName} has unknown types`);
    const http = optionValues(method, "google.api.http").flatMap((rule) => routes(rule as HttpRule));
    return `${doc(method.comment)}${methodCase(method.name)}: {
      name: ${quote(method.name)},
      input: ${imports.symbol(input)},
      output: ${imports.symbol(output)},
      http: [${http.join(", ")}],
      comment: ${quote(oneLine(method.comment))},
    },`;
  });
  return `${doc(service.comment)}export const ${service.name} = {
  typeName: ${quote(service.fullName.slice(1))},
  comment: ${quote(oneLine(service.comment))},
  methods: {
${methods.join("\n")}
  },
} as const satisfies ${imports.type("ServiceType")};`;
}

/** The file of one package, not yet formatted. */
export function emitPackage(home: Package, packages: ReadonlyMap<string, Package>): string {
  const imports = new Imports(home, packages);
  const body = [
    ...home.enums.map((type) => emitEnum(type, imports)),
    ...home.messages.map((type) => emitMessage(type, imports)),
    ...home.services.map((service) => emitService(service, imports)),
  ].join("\n\n");
  return `// Generated by proto/generate.ts from the package ${home.name}. Edit the .proto files, then run npm run gen.\n\n${imports.emit()}\n\n${body}\n`;
}

/** `gen/index.ts`: everything, for registries. */
export function emitIndex(packages: readonly Package[]): string {
  const alias = (home: Package): string => home.name.replaceAll(".", "_");
  const types = packages.flatMap((home) => home.messages.map((type) => `${alias(home)}.${symbolOf(type)}`));
  const services = packages.flatMap((home) => home.services.map((service) => `${alias(home)}.${service.name}`));
  return `// Generated by proto/generate.ts. Edit the .proto files, then run npm run gen.

import type { MessageType, ServiceType } from "../types.ts";
${packages.map((home) => `import * as ${alias(home)} from "./${home.path}.ts";`).join("\n")}

/** Every message type, by package in alphabetical order and in the order of declaration. */
// biome-ignore lint/suspicious/noExplicitAny: the list is heterogeneous
export const allTypes: readonly MessageType<any>[] = [
${types.map((type) => `  ${type},`).join("\n")}
];

/** Every service. A tuple, so that clients can map their types over it. */
export const allServices = [
${services.map((service) => `  ${service},`).join("\n")}
] as const satisfies readonly ServiceType[];

/** What each package exports, by its name: for types alone. */
export interface Packages {
${packages.map((home) => `  readonly "${home.name}": typeof ${alias(home)};`).join("\n")}
}
`;
}

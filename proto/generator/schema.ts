import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import protobuf from "protobufjs";

/** Option definitions for protoc and buf. The generator reads options by name and needs none of these. */
const OPTION_FOLDERS = ["gogoproto", "cosmos_proto", "amino", "google/api", "cosmos/msg", "cosmos/query"];

export interface Package {
  /** `cosmos.bank.v1beta1` */
  readonly name: string;
  /** File below `gen/`, without ending: `cosmos/bank/v1beta1`. */
  readonly path: string;
  /** Messages with the nested ones, each after the message that holds it. */
  readonly messages: readonly protobuf.Type[];
  readonly enums: readonly protobuf.Enum[];
  readonly services: readonly protobuf.Service[];
}

/** Every `.proto` file below `folder` but those of options, as paths with slashes, sorted. */
function protoFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => path.split(sep).join("/"))
    .filter((path) => path.endsWith(".proto") && !path.includes("node_modules/"))
    .filter((path) => !OPTION_FOLDERS.some((options) => path.startsWith(`${options}/`)))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Parses the files below `folder`. Throws on a syntax error, with file and line, and on an unresolved type. */
export function loadSchema(folder: string): protobuf.Root {
  const root = new protobuf.Root();
  for (const path of protoFiles(folder)) {
    const file = join(folder, path);
    try {
      const parsed = protobuf.parse(readFileSync(file, "utf8"), root, { keepCase: true, alternateCommentMode: true });
      const home = parsed.package?.replaceAll(".", "/");
      if (home !== dirname(path)) throw new Error(`package is ${parsed.package}, want the one of its folder`);
    } catch (cause) {
      throw new Error(`${relative(folder, file)}: ${String(cause)}`, { cause });
    }
  }
  root.resolveAll();
  return root;
}

export function packagesOf(root: protobuf.Root): Package[] {
  const packages: Package[] = [];
  const visit = (namespace: protobuf.NamespaceBase): void => {
    const messages: protobuf.Type[] = [];
    const enums: protobuf.Enum[] = [];
    const services: protobuf.Service[] = [];
    const collect = (object: protobuf.ReflectionObject): void => {
      if (object instanceof protobuf.Type) {
        messages.push(object);
        for (const nested of object.nestedArray) collect(nested);
      } else if (object instanceof protobuf.Enum) enums.push(object);
      else if (object instanceof protobuf.Service) services.push(object);
      else if (object instanceof protobuf.Namespace) visit(object);
    };
    for (const object of namespace.nestedArray) collect(object);
    if (messages.length + enums.length + services.length === 0) return;
    const name = namespace.fullName.slice(1);
    packages.push({ name, path: name.replaceAll(".", "/"), messages, enums, services });
  };
  visit(root);
  return packages.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Options of a field, message or method by full name, last one wins. */
export function option(object: protobuf.ReflectionObject, name: string): unknown {
  return object.options?.[`(${name})`];
}

export function textOption(object: protobuf.ReflectionObject, name: string): string | undefined {
  const value = option(object, name);
  return typeof value === "string" ? value : undefined;
}

/** Every value of an option that may be repeated, in order. */
export function optionValues(object: protobuf.ReflectionObject, name: string): unknown[] {
  const key = `(${name})`;
  return (object.parsedOptions ?? []).filter((entry) => key in entry).map((entry) => entry[key]);
}

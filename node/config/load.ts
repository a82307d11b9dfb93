/** Reading a configuration: defaults ← file ← environment ← flags, with the origin of every value. */
import { parse } from "smol-toml";
import { readFileIfThere } from "./files.ts";
import type { Environment } from "./home.ts";
import {
  checkValue,
  type Entries,
  environmentName,
  parseValue,
  type Schema,
  type TomlValue,
  type Values,
} from "./schema.ts";

export type Origin = "default" | "file" | "environment" | "flag";

export interface Loaded<E extends Entries> {
  readonly values: Values<E>;
  readonly origins: Readonly<Record<keyof E, Origin>>;
  /** Keys of the file that nobody knows: typing errors, or a newer release's. */
  readonly unknown: readonly string[];
}

export interface Sources {
  /** Path of the file; one that is not there counts as empty. */
  readonly path: string;
  readonly env: Environment;
  /** Values of flags as text, by full key. */
  readonly flags?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Throws an Error that names file, environment variable or flag, the value seen and the value wanted. */
export function loadConfig<E extends Entries>(schema: Schema<E>, { path, env, flags = {} }: Sources): Loaded<E> {
  const file = flatten(parseFile(path));
  const values: Record<string, TomlValue> = {};
  const origins: Record<string, Origin> = {};
  for (const [key, entry] of Object.entries(schema.entries)) {
    const variable = environmentName(key);
    const given = flags[key];
    const fromEnvironment = env[variable];
    if (given !== undefined) {
      values[key] = parseValue(`--${key}`, entry, given);
      origins[key] = "flag";
    } else if (fromEnvironment !== undefined) {
      values[key] = parseValue(variable, entry, fromEnvironment);
      origins[key] = "environment";
    } else if (file.has(key)) {
      const value = fromToml(entry.kind, file.get(key));
      const wrong = checkValue(entry, value);
      if (wrong) throw new Error(`${key} in ${path} ${wrong}`);
      values[key] = value as TomlValue;
      origins[key] = "file";
    } else {
      values[key] = entry.default;
      origins[key] = "default";
    }
  }
  const unknown = [...file.keys()].filter((key) => !(key in schema.entries));
  return { values: values as Values<E>, origins: origins as Record<keyof E, Origin>, unknown };
}

function parseFile(path: string): Record<string, unknown> {
  const source = readFileIfThere(path);
  if (source === undefined) return {};
  try {
    return parse(source);
  } catch (cause) {
    throw new Error(`${path} is not TOML: ${(cause as Error).message.split("\n")[0]}`, { cause });
  }
}

/** Tables within tables to full keys. */
function flatten(table: Record<string, unknown>, prefix = ""): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [name, value] of Object.entries(table)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
      for (const [key, inner] of flatten(value as Record<string, unknown>, `${prefix}${name}.`)) flat.set(key, inner);
    } else flat.set(`${prefix}${name}`, value);
  }
  return flat;
}

/** Operators (and the SDK's own tools) write numbers and flags in quotes now and then. */
function fromToml(kind: string, value: unknown): unknown {
  if (kind === "count" && typeof value === "string" && /^-?[0-9]{1,15}$/.test(value)) return Number(value);
  if (kind === "flag" && (value === "true" || value === "false")) return value === "true";
  if (kind === "text" && typeof value === "number") return String(value);
  return value;
}

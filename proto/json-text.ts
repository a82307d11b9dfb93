import { WireError } from "./wire.ts";

/** A value as JSON has it. Objects keep the order in which their fields were set. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** Arrays and objects inside one another, where a schema does not bound them. */
export const JSON_DEPTH_MAX = 64;

/** JSON that is not of its type. The message begins with the path to the place. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

/** The text that Go's `encoding/json` writes: no spaces, `<`, `>`, `&`, U+2028 and U+2029 escaped. */
export const jsonText = (value: JsonValue): string => write(value, false, 0);

/** The same with the keys of every object in order: what amino JSON signs. */
export const sortedJsonText = (value: JsonValue): string => write(value, true, 0);

function write(value: JsonValue, sorted: boolean, depth: number): string {
  if (depth > JSON_DEPTH_MAX) throw new JsonError(`JSON is ${depth} deep, want at most ${JSON_DEPTH_MAX}`);
  if (value === null) return "null";
  switch (typeof value) {
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isFinite(value)) throw new JsonError(`number is ${value}, want a finite one`);
      return String(value);
    case "string":
      return quoteJson(value);
    default:
  }
  if (isArray(value)) return `[${value.map((item) => write(item, sorted, depth + 1)).join(",")}]`;
  // biome-ignore lint/plugin: the order is the one in which the fields were set, or sorted right here
  const entries = Object.entries(value);
  if (sorted) entries.sort(([a], [b]) => compareUtf8(a, b));
  return `{${entries.map(([key, item]) => `${quoteJson(key)}:${write(item, sorted, depth + 1)}`).join(",")}}`;
}

/** `Array.isArray` for readonly arrays. */
export const isArray = (value: unknown): value is readonly JsonValue[] => Array.isArray(value);

/** Order of the UTF-8 bytes, which is the order of code points, not of UTF-16 units. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const x = a.charCodeAt(index);
    const y = b.charCodeAt(index);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit);

const SHORT: ReadonlyMap<number, string> = new Map([
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

/** Throws `WireError` for half a surrogate pair, which has no UTF-8. */
function quoteJson(text: string): string {
  let quoted = '"';
  let done = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const next = text.charCodeAt(index + 1);
      if (unit > 0xdbff || !(next >= 0xdc00 && next <= 0xdfff)) {
        throw new WireError(`string has half a surrogate pair at ${index}, want well-formed UTF-16`);
      }
      index++;
      continue;
    }
    const escaped = escapeOf(unit);
    if (escaped === undefined) continue;
    quoted += text.slice(done, index) + escaped;
    done = index + 1;
  }
  return `${quoted}${text.slice(done)}"`;
}

function escapeOf(unit: number): string | undefined {
  const short = SHORT.get(unit);
  if (short !== undefined) return short;
  const html = unit === 0x3c || unit === 0x3e || unit === 0x26;
  if (unit >= 0x20 && !html && unit !== 0x2028 && unit !== 0x2029) return undefined;
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}

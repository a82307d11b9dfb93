/** Writing TOML: whole files from a schema, and single values into a file that an operator has edited. */
import { type Entries, type Schema, splitKey, type TomlValue, type Values } from "./schema.ts";

export function formatValue(value: TomlValue): string {
  if (typeof value === "string") return formatText(value);
  if (typeof value === "object") return `[${value.map((item) => formatValue(item)).join(", ")}]`;
  return String(value);
}

/** A basic string of TOML 1.0: the escapes of JSON, and DEL. */
const formatText = (value: string): string => JSON.stringify(value).replaceAll("\u007f", "\\u007f");

/** The file with every key, its comment and its value, defaults where `values` says nothing. */
export function renderToml<E extends Entries>(schema: Schema<E>, values: Partial<Values<E>> = {}): string {
  const lines = comment(schema.header);
  let current = "";
  for (const [key, entry] of Object.entries(schema.entries)) {
    const [section, name] = splitKey(key);
    if (section !== current) {
      current = section;
      lines.push("", ...comment(schema.sections[section] ?? ""), `[${section}]`);
    }
    const value = (values as Record<string, TomlValue | undefined>)[key] ?? entry.default;
    lines.push("", ...comment(entry.comment), `${name} = ${formatValue(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

const comment = (text: string): string[] =>
  text === "" ? [] : text.split("\n").map((line) => (line === "" ? "#" : `# ${line}`));

/**
 * Sets one key, changing only its line: comments and order stay. A key that is missing is added to the end of its
 * section, a section that is missing to the end of the file. The text is taken as sound TOML.
 */
export function setTomlValue(source: string, key: string, value: TomlValue): string {
  const [section, name] = splitKey(key);
  const lines = source.split("\n");
  let current = "";
  let lastOfSection = section === "" ? 0 : -1;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const header = /^\s*\[\s*([^[\]]+?)\s*\]\s*(#.*)?$/.exec(line);
    if (header) {
      current = (header[1] as string).replaceAll('"', "");
      if (current === section) lastOfSection = at + 1;
      continue;
    }
    const assignment = /^\s*("?)([A-Za-z0-9_-]+)\1\s*=/.exec(line);
    if (!assignment) continue;
    const end = endOfValue(lines, at);
    if (current === section) {
      if (assignment[2] === name) {
        lines.splice(at, end - at + 1, `${name} = ${formatValue(value)}`);
        return lines.join("\n");
      }
      lastOfSection = end + 1;
    }
    at = end;
  }
  const added = `${name} = ${formatValue(value)}`;
  if (lastOfSection >= 0) lines.splice(lastOfSection, 0, added);
  else lines.push(`[${section}]`, added, "");
  return lines.join("\n");
}

/** Index of the last line of the value that starts on line `start`: lists may go over several. */
function endOfValue(lines: readonly string[], start: number): number {
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    depth += bracketBalance(at === start ? (lines[at] as string).replace(/^[^=]*=/, "") : (lines[at] as string));
    if (depth <= 0) return at;
  }
  return start;
}

/** Opening less closing brackets of a line, outside of strings and comments. */
function bracketBalance(line: string): number {
  let balance = 0;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const char = line[at] as string;
    if (quote !== "") {
      if (char === "\\" && quote === '"') at++;
      else if (char === quote) quote = "";
    } else if (char === '"' || char === "'") quote = char;
    else if (char === "#") break;
    else if (char === "[") balance++;
    else if (char === "]") balance--;
  }
  return balance;
}

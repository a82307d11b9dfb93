/** Flags as operators know them from Cobra: `--flag=false` works, and a flag may stand anywhere in its command. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Environment } from "../config/home.ts";
import { environmentName } from "../config/schema.ts";

const BOOL = " [bool]";

/** Adds `--name <value>`; several at once share the call. */
export function valueFlags(command: Command, flags: Readonly<Record<string, string>>): void {
  for (const [term, description] of Object.entries(flags)) command.addOption(unnegated(new Option(term, description)));
}

/** Adds `--name`, which may also be written `--name=true` or `--name=false`. */
export function boolFlags(command: Command, flags: Readonly<Record<string, string>>): void {
  for (const [term, description] of Object.entries(flags)) {
    const option = unnegated(new Option(`${term}${BOOL}`, description));
    command.addOption(option.argParser((text: string) => parseBool(text)));
  }
}

/** Adds `--name <value>` that may be given several times. */
export function listFlags(command: Command, flags: Readonly<Record<string, string>>): void {
  for (const [term, description] of Object.entries(flags)) {
    const option = unnegated(new Option(term, description));
    command.addOption(
      option.argParser((text: string, before: readonly string[] | undefined) => [...(before ?? []), text]),
    );
  }
}

/** Commander takes `--no-backup` as the opposite of `--backup`; here it is a flag of its own. */
function unnegated(option: Option): Option {
  option.negate = false;
  return option;
}

export const isBool = (option: Option): boolean => option.flags.endsWith(BOOL);

/** How help shows a flag. */
export const flagTerm = (option: Option): string => option.flags.replace(BOOL, "");

function parseBool(text: string): boolean {
  if (["true", "1", "t", "TRUE", "True"].includes(text)) return true;
  if (["false", "0", "f", "FALSE", "False"].includes(text)) return false;
  throw new InvalidArgumentError("want true or false.");
}

/** A word of a command line, and what it is to the command that stands before it. */
type Word =
  | { readonly kind: "word"; readonly text: string; readonly command: Command }
  | { readonly kind: "flag"; readonly text: string; readonly command: Command; readonly option: Option | undefined }
  | { readonly kind: "value"; readonly text: string; readonly command: Command };

/** Reads a command line up to `--`, following sub-commands to know which flags there are. */
export function* wordsOf(program: Command, args: readonly string[]): Generator<Word> {
  let command = program;
  for (let at = 0; at < args.length && args[at] !== "--"; at++) {
    const text = args[at] as string;
    if (!text.startsWith("-") || text === "-") {
      command = command.commands.find((sub) => sub.name() === text || sub.aliases().includes(text)) ?? command;
      yield { kind: "word", text, command };
      continue;
    }
    const option = optionOf(command, text.split("=", 1)[0] as string);
    yield { kind: "flag", text, command, option };
    if (option && takesNext(option, text) && at + 1 < args.length) {
      yield { kind: "value", text: args[++at] as string, command };
    }
  }
}

/** Whether the word after this flag is its value, even when it is a sub-command's name. */
export const takesNext = (option: Option, text: string): boolean =>
  (option.required || option.optional) && !isBool(option) && !text.includes("=");

/** Rewrites boolean flags (`-y`, `--yes`) to `--yes=true`, since commander would take the word after them as their value. */
export function normalizeArguments(program: Command, args: readonly string[]): string[] {
  const normal: string[] = [];
  for (const word of wordsOf(program, args)) {
    const isBare = word.kind === "flag" && word.option && isBool(word.option) && !word.text.includes("=");
    normal.push(isBare ? `${word.option?.long}=true` : word.text);
  }
  return [...normal, ...args.slice(normal.length)];
}

function optionOf(command: Command, token: string): Option | undefined {
  for (let at: Command | null = command; at; at = at.parent) {
    const option = at.options.find(({ short, long }) => short === token || long === token);
    if (option) return option;
  }
  return undefined;
}

const WHOLE = /^(0|[1-9][0-9]{0,18})$/;

/** The flags of one call: from the command line, else from the environment (`INTERFIRMD_CHAIN_ID`). */
export interface Flags {
  text(name: string): string | undefined;
  is(name: string): boolean;
  /** A whole number from 0. Throws an Error for anything else. */
  count(name: string): bigint | undefined;
  list(name: string): readonly string[];
  /** Whether the command line has it. */
  given(name: string): boolean;
}

export function flagsOf(command: Command, env: Environment): Flags {
  const onLine = command.optsWithGlobals() as Record<string, unknown>;
  const options = new Map<string, Option>();
  for (let at: Command | null = command; at; at = at.parent) {
    for (const option of at.options) options.set(option.name(), option);
  }
  const valueFor = (name: string): unknown => {
    const option = options.get(name);
    return (option && onLine[option.attributeName()]) ?? env[environmentName(name)];
  };
  const textOf = (name: string): string | undefined => {
    const value = valueFor(name);
    return value === undefined ? undefined : String(value);
  };
  return {
    text: textOf,
    is(name) {
      const value = valueFor(name);
      return typeof value === "string" ? parseBool(value) : value === true;
    },
    count(name) {
      const text = textOf(name);
      if (text === undefined) return undefined;
      if (!WHOLE.test(text)) throw new Error(`--${name} is ${JSON.stringify(text)}, want a whole number`);
      return BigInt(text);
    },
    list(name) {
      const value = valueFor(name);
      if (Array.isArray(value)) return value.flatMap((item: string) => item.split(",").map((part) => part.trim()));
      return typeof value === "string" ? value.split(",").map((part) => part.trim()) : [];
    },
    given(name) {
      const option = options.get(name);
      return option !== undefined && onLine[option.attributeName()] !== undefined;
    },
  };
}

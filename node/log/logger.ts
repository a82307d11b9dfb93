/**
 * The node's log, in the two forms of the Cosmos SDK: JSON as zerolog writes it, or lines for people. It goes to stdout, as
 * `simd start` does; every other command keeps stdout for its answer.
 */
import { writeSync } from "node:fs";
import { type LevelFilter, parseLevels, rankOf } from "./levels.ts";

/** The first argument holds the fields, the second says what happened. A field `module` names the part that speaks. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LoggerOptions {
  /** `info`, or `consensus:info,*:error`. */
  readonly level?: string | undefined;
  readonly format?: "plain" | "json" | undefined;
  readonly color?: boolean | undefined;
  readonly write?: ((line: string) => void) | undefined;
  readonly now?: (() => Date) | undefined;
}

type Entry = "debug" | "info" | "warn" | "error";

/** Throws an Error for an unknown level. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = "info", format = "plain", color = false, write = writeToStdout, now = () => new Date() } = options;
  const filter = parseLevels(level);
  const render = format === "json" ? renderJson : color ? renderColored : renderPlain;
  const log = (entry: Entry) => (fields: object, message: string) => {
    if (passes(filter, entry, (fields as { readonly module?: unknown }).module))
      write(render(entry, now(), fields, message));
  };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}

/** A logger whose entries have these fields, too. */
export function withFields(logger: Logger, fields: object): Logger {
  return {
    debug: (more, message) => logger.debug({ ...fields, ...more }, message),
    info: (more, message) => logger.info({ ...fields, ...more }, message),
    warn: (more, message) => logger.warn({ ...fields, ...more }, message),
    error: (more, message) => logger.error({ ...fields, ...more }, message),
  };
}

function passes({ fallback, byModule }: LevelFilter, entry: Entry, module: unknown): boolean {
  const wanted = (typeof module === "string" && byModule.get(module)) || fallback;
  return rankOf(entry) >= rankOf(wanted);
}

/** A pipe whose reader is slow gives EAGAIN; one whose reader is gone gives EPIPE, and then nobody listens. */
function writeToStdout(line: string): void {
  const bytes = Buffer.from(`${line}\n`);
  for (let at = 0, tries = 0; at < bytes.length && tries < 1000; ) {
    try {
      at += writeSync(1, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EAGAIN") return;
      tries++;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** `bigint` is no JSON (heights become numbers, as in zerolog), bytes read best as hex, and an error is its message. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (value instanceof Error) return value.message;
  return value;
}

function renderJson(entry: Entry, time: Date, fields: object, message: string): string {
  const { module, ...rest } = fields as Record<string, unknown>;
  const ordered = {
    level: entry,
    ...(module === undefined ? {} : { module }),
    ...rest,
    time: time.toISOString(),
    message,
  };
  return JSON.stringify(ordered, (_, value) => plain(value));
}

const SHORT = { debug: "DBG", info: "INF", warn: "WRN", error: "ERR" } as const;
const COLORS = { debug: 90, info: 32, warn: 33, error: 31 } as const;

/** `10:04AM INF committed state height=5 module=state` */
const renderPlain = (entry: Entry, time: Date, fields: object, message: string): string =>
  renderLine(entry, time, fields, message, (_, text) => text);

const renderColored = (entry: Entry, time: Date, fields: object, message: string): string =>
  renderLine(entry, time, fields, message, (code, text) => `\u001b[${code}m${text}\u001b[0m`);

function renderLine(
  entry: Entry,
  time: Date,
  fields: object,
  message: string,
  paint: (code: number, text: string) => string,
): string {
  const parts = [paint(90, kitchenTime(time)), paint(COLORS[entry], SHORT[entry]), message];
  const names = Object.keys(fields).sort((a, b) => (a < b ? -1 : 1));
  for (const name of names) {
    const value = (fields as Record<string, unknown>)[name];
    if (value !== undefined) parts.push(`${paint(36, `${name}=`)}${asWord(plain(value))}`);
  }
  return parts.join(" ");
}

/** `10:04AM`, in local time. */
function kitchenTime(time: Date): string {
  const hours = time.getHours();
  return `${hours % 12 || 12}:${String(time.getMinutes()).padStart(2, "0")}${hours < 12 ? "AM" : "PM"}`;
}

/** One word stands as it is, anything else in quotes. */
function asWord(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value, (_, inner) => plain(inner)) ?? "");
  return typeof value !== "string" || /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

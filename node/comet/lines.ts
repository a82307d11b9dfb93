import type { Readable } from "node:stream";
import type { Logger } from "../abci/logger.ts";

/** Longest line that is passed on whole. A longer one is passed on in pieces. */
const LINE_CHARACTERS_MAX = 256 * 1024;

/** Calls `take` with every line of a stream, the unfinished last one included. Resolves when the stream ends. */
export function forEachLine(stream: Readable, take: (line: string) => void): Promise<void> {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
    while (rest.length > LINE_CHARACTERS_MAX) {
      take(rest.slice(0, LINE_CHARACTERS_MAX));
      rest = rest.slice(LINE_CHARACTERS_MAX);
    }
  });
  return new Promise((resolve) => {
    const end = () => {
      if (rest !== "") take(rest);
      rest = "";
      resolve();
    };
    stream.once("end", end);
    stream.once("error", end);
    stream.once("close", end);
  });
}

const LEVELS: ReadonlySet<string> = new Set(["debug", "info", "warn", "error"]);

/**
 * Passes a line of CometBFT's log on. With `log_format = "json"` a line is an object with `level`, `ts`, `_msg` and
 * fields; anything else (a Go panic, a usage text) is passed on as it is, as an error when it came on stderr.
 */
export function forwardLine(logger: Logger, line: string, source: "stdout" | "stderr"): void {
  if (line.trim() === "") return;
  const entry = parseEntry(line);
  if (!entry) {
    logger[source === "stderr" ? "error" : "info"]({ component: "cometbft" }, line);
    return;
  }
  const { level, ts: _, _msg: message, msg: detail, ...fields } = entry;
  const known = typeof level === "string" && LEVELS.has(level) ? (level as keyof Logger) : "info";
  // A field `msg` would be taken for the message of our own log.
  const renamed = detail === undefined ? {} : { detail };
  logger[known]({ component: "cometbft", ...fields, ...renamed }, typeof message === "string" ? message : "");
}

/**
 * What modules of CometBFT v0.38 log once when they have given up for good, though the process goes on: `consensus/state.go`,
 * `node/setup.go`.
 */
const GIVEN_UP: Readonly<Record<string, readonly string[]>> = {
  consensus: ["CONSENSUS FAILURE!!!"],
  statesync: [
    "State sync failed",
    "Failed to bootstrap node with new state",
    "Failed to store last seen commit",
    "Failed to switch to block sync",
  ],
};

const GIVEN_UP_WORDS = Object.values(GIVEN_UP).flat();

/** Why CometBFT makes no block any more, if this line of its log says so itself: peers can have the words in other fields. */
export function givenUp(line: string): string | undefined {
  if (!GIVEN_UP_WORDS.some((words) => line.includes(words))) return undefined;
  const { _msg: message, module, err } = parseEntry(line) ?? {};
  const isSo = typeof message === "string" && typeof module === "string" && GIVEN_UP[module]?.includes(message);
  return isSo ? `${message}: ${err}` : undefined;
}

function parseEntry(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

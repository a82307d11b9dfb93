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

/** Logged once by CometBFT v0.38 (`consensus/state.go`) when it makes no more blocks, though its process goes on. */
const CONSENSUS_FAILURE = "CONSENSUS FAILURE!!!";

/** Why consensus failed for good, if this line of CometBFT's log says so itself: peers can have the words in other fields. */
export function consensusFailure(line: string): string | undefined {
  if (!line.includes(CONSENSUS_FAILURE)) return undefined;
  const entry = parseEntry(line);
  if (entry?.["_msg"] !== CONSENSUS_FAILURE || entry["module"] !== "consensus") return undefined;
  return String(entry["err"]);
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

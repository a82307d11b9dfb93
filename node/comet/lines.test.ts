import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { forEachLine, forwardLine, givenUp } from "./lines.ts";
import { recordingLogger } from "./testing/fake-comet.ts";

describe("forEachLine", () => {
  test("gives whole lines however they come, and the unfinished last one", async () => {
    const stream = new PassThrough();
    const lines: string[] = [];
    const ended = forEachLine(stream, (line) => lines.push(line));
    const bytes = Buffer.from("one\ntwo ü\n\nfour");
    for (const byte of bytes) stream.write(Buffer.of(byte));
    stream.end();
    await ended;
    expect(lines).toEqual(["one", "two ü", "", "four"]);
  });

  test("passes an endless line on in pieces", async () => {
    const stream = new PassThrough();
    const lengths: number[] = [];
    const ended = forEachLine(stream, (line) => lengths.push(line.length));
    stream.end("x".repeat(600 * 1024));
    await ended;
    expect(Math.max(...lengths)).toBe(256 * 1024);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(600 * 1024);
  });
});

describe("forwardLine", () => {
  const forward = (line: string, source: "stdout" | "stderr" = "stdout") => {
    const logger = recordingLogger();
    forwardLine(logger, line, source);
    return logger.entries;
  };

  test("keeps level, message and fields, and leaves CometBFT's time to our own log", () => {
    const line = '{"level":"error","ts":"2026-01-01T00:00:00Z","_msg":"dial","module":"p2p","err":"refused"}';
    expect(forward(line)).toEqual([
      { level: "error", fields: { component: "cometbft", module: "p2p", err: "refused" }, message: "dial" },
    ]);
  });

  test("renames a field that our log would take for the message", () => {
    expect(forward('{"level":"info","_msg":"service start","msg":"Starting P2P"}')).toEqual([
      { level: "info", fields: { component: "cometbft", detail: "Starting P2P" }, message: "service start" },
    ]);
  });

  test.each(["panic: nil map", '{"broken', "{}x"])("passes %j on as it is", (line) => {
    expect(forward(line, "stderr")).toEqual([{ level: "error", fields: { component: "cometbft" }, message: line }]);
    expect(forward(line)[0]?.level).toBe("info");
  });

  test("takes an unknown level for info, and drops empty lines", () => {
    expect(forward('{"level":"none","_msg":"m"}')[0]?.level).toBe("info");
    expect(forward("  ")).toEqual([]);
  });
});

describe("givenUp", () => {
  const line = (fields: object) => JSON.stringify({ level: "error", ...fields });

  test("is what a module itself says, not a peer whose name has the words", () => {
    const words = "CONSENSUS FAILURE!!!";
    expect(givenUp(line({ module: "consensus", _msg: words, err: "disk" }))).toBe(`${words}: disk`);
    expect(givenUp(line({ module: "p2p", _msg: words, err: "disk" }))).toBeUndefined();
    expect(givenUp(line({ module: "consensus", _msg: "added peer", peer: words }))).toBeUndefined();
    const aborted = line({ module: "statesync", _msg: "State sync failed", err: "state sync aborted" });
    expect(givenUp(aborted)).toBe("State sync failed: state sync aborted");
    expect(givenUp(`panic: ${words}`)).toBeUndefined();
  });
});

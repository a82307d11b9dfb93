import { describe, expect, it } from "vitest";
import { parseLevels, toCometLevels } from "./levels.ts";
import { createLogger, withFields } from "./logger.ts";

function record(options: Parameters<typeof createLogger>[0] = {}) {
  const lines: string[] = [];
  const now = () => new Date(2026, 0, 31, 10, 4);
  return { lines, logger: createLogger({ write: (line) => lines.push(line), now, ...options }) };
}

describe("log", () => {
  it("writes JSON as zerolog does, with time and message last", () => {
    const { lines, logger } = record({ format: "json", now: () => new Date("2026-01-31T10:04:00Z") });
    logger.info(
      { height: 5n, module: "state", hash: Uint8Array.of(1, 255), error: new Error("why") },
      "committed state",
    );
    expect(lines).toEqual([
      '{"level":"info","module":"state","height":5,"hash":"01ff","error":"why","time":"2026-01-31T10:04:00.000Z","message":"committed state"}',
    ]);
  });

  it("writes lines for people, fields in order, anything but a word in quotes", () => {
    const { lines, logger } = record();
    withFields(logger, { module: "state" }).warn({ height: 5, app_hash: "A B", list: [1] }, "committed state");
    expect(lines).toEqual(['10:04AM WRN committed state app_hash="A B" height=5 list=[1] module=state']);
  });

  it("colours on demand", () => {
    const { lines, logger } = record({ color: true });
    logger.error({}, "broken");
    expect(lines[0]).toContain("\u001b[31mERR\u001b[0m broken");
  });

  it("filters by module", () => {
    const { lines, logger } = record({ level: "consensus:debug,p2p:none,*:error" });
    logger.debug({ module: "consensus" }, "1");
    logger.error({ module: "p2p" }, "2");
    logger.info({ module: "app" }, "3");
    logger.error({}, "4");
    expect(lines.map((line) => line.split(" ")[2])).toEqual(["1", "4"]);
  });

  it("knows the SDK's and CometBFT's words for levels, and no others", () => {
    expect(parseLevels("trace").fallback).toBe("debug");
    expect(toCometLevels(parseLevels("consensus:warn,*:error"))).toBe("consensus:info,*:error");
    expect(() => parseLevels("loud")).toThrow('log level is "loud", want debug, info, warn, error, none');
  });
});

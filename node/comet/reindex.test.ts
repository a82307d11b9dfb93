import { readFileSync, rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startComet } from "./process.ts";
import { completeIndex } from "./reindex.ts";
import { type FakeComet, makeFakeComet, recordingLogger } from "./testing/fake-comet.ts";

let fake: FakeComet;
beforeEach(() => {
  fake = makeFakeComet();
});
afterEach(() => rmSync(fake.home, { recursive: true, force: true }));

const calls = () => readFileSync(`${fake.binary}.calls`, "utf8").trim().split("\n");
const call = (from: number, to: number) =>
  `reindex-event --home ${fake.home} --start-height ${from} --end-height ${to}`;

async function complete(height: bigint) {
  const logger = recordingLogger();
  await completeIndex({ ...fake, height, logger });
  return logger.entries.map(({ level, message }) => [level, message]);
}

describe("completeIndex", () => {
  test("indexes the last two committed blocks again", async () => {
    expect(await complete(20n)).toEqual([["debug", "the index of the last blocks is complete"]]);
    expect(calls()).toEqual([call(19, 20)]);
  });

  test("makes do with the last block where the one before is not there", async () => {
    expect(await complete(10n)).toEqual([["debug", "the index of the last blocks is complete"]]);
    expect(calls()).toEqual([call(9, 10), call(10, 10)]);
  });

  test("asks for no height below 1", async () => {
    await complete(1n);
    expect(calls()).toEqual([call(1, 1)]);
  });

  test("says when it could not, and lets the node start", async () => {
    expect(await complete(15n)).toEqual([["info", "the index of the last blocks was not checked"]]);
    const logger = recordingLogger();
    await completeIndex({ ...fake, binary: `${fake.binary}-none`, height: 20n, logger });
    expect(logger.entries[0]?.level).toBe("warn");
  });

  test("comes before CometBFT, once there is a committed block", async () => {
    const start = (committedHeight: bigint | undefined) =>
      startComet({ ...fake, proxyApp: "unix:///x", flags: ["--exit=0"], committedHeight, logger: recordingLogger() });
    for (const height of [undefined, 0n, 20n]) await (await start(height)).exited;
    expect(calls().map((line) => line.split(" ")[0])).toEqual(["start", "start", "reindex-event", "start"]);
  });
});

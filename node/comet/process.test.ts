import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../abci/testing/silent-logger.ts";
import { clearLeftover } from "./pid-file.ts";
import { startComet } from "./process.ts";
import { type FakeComet, isRunning, makeFakeComet, recordingLogger } from "./testing/fake-comet.ts";

let fake: FakeComet;
beforeEach(() => {
  fake = makeFakeComet();
});
afterEach(() => rmSync(fake.home, { recursive: true, force: true }));

const start = (flag: string, logger = recordingLogger()) =>
  startComet({ ...fake, proxyApp: "unix:///app.sock", flags: [flag], logger }).then((comet) => ({ comet, logger }));

/** Runs `testing/parent.ts`, which starts the fake, and gives the ids of both. */
async function startParent(flag: string): Promise<{ readonly parent: number; readonly comet: number }> {
  const file = fileURLToPath(new URL("testing/parent.ts", import.meta.url));
  const parent = spawn(process.execPath, [file, fake.binary, fake.home, flag], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(parent.stdout, "data")) as [Buffer];
  return { parent: parent.pid as number, comet: Number(text.toString()) };
}

async function goneWithin(pid: number, ms: number): Promise<boolean> {
  for (const deadline = performance.now() + ms; isRunning(pid); await sleep(20)) {
    if (performance.now() > deadline) return false;
  }
  return true;
}

describe("startComet", () => {
  test("passes every line of CometBFT's log on, with its level and fields", async () => {
    const { comet, logger } = await start("--exit=0");
    await comet.exited;
    const forwarded = logger.entries.filter(({ fields: { component } }) => component === "cometbft");
    expect(forwarded).toContainEqual({
      level: "info",
      fields: { component: "cometbft", module: "main", height: "7" },
      message: "started",
    });
    expect(forwarded).toContainEqual({ level: "error", fields: { component: "cometbft" }, message: "a panic" });
  });

  test("tells CometBFT's exit code, and its signal as a shell does", async () => {
    expect(await (await start("--exit=3")).comet.exited).toEqual({ code: 3, signal: undefined });
    const { comet } = await start("--deaf");
    comet.kill();
    expect(await comet.exited).toEqual({ code: 137, signal: "SIGKILL" });
  });

  test("stops it with SIGTERM, and with SIGKILL when it does not listen", async () => {
    const polite = await start("--polite");
    await polite.logger.until("a panic");
    expect(await polite.comet.stop(5_000)).toEqual({ code: 0, signal: undefined });
    const deaf = await start("--deaf");
    await deaf.logger.until("a panic");
    expect(await deaf.comet.stop(50)).toEqual({ code: 137, signal: "SIGKILL" });
  });

  test("keeps the pid in data/cometbft.pid while it runs", async () => {
    const { comet, logger } = await start("--polite");
    await logger.until("a panic");
    const file = join(fake.home, "data", "cometbft.pid");
    expect(readFileSync(file, "utf8")).toBe(`${comet.pid}\n`);
    comet.kill();
    await comet.exited;
    expect(existsSync(file)).toBe(false);
  });

  test("tells when it makes no more blocks though it runs, and what to do", async () => {
    const { comet, logger } = await start("--stuck");
    expect(await comet.failed).toBe("CONSENSUS FAILURE!!!: write x: no space left on device");
    comet.kill();
    await comet.exited;
    const errors = logger.entries.filter(({ level }) => level === "error").map(({ message }) => message);
    expect(errors.at(-1)).toBe("make room on the disk and start again: what was committed is there");
  });

  test("tells of a state sync that was cut off before its first block", async () => {
    let cutOff = 0;
    const onCutOff = () => void cutOff++;
    for (const [flag, calls] of [
      ["--cut-off", 1],
      ["--exit=2", 1],
    ] as const) {
      const comet = await startComet({ ...fake, proxyApp: "unix:///x", flags: [flag], onCutOff, logger: silentLogger });
      await comet.exited;
      expect(cutOff).toBe(calls);
    }
  });

  test("rejects when there is nothing to start", async () => {
    const missing = { ...fake, binary: join(fake.home, "none") };
    await expect(startComet({ ...missing, proxyApp: "unix:///x", logger: silentLogger })).rejects.toThrow("ENOENT");
  });

  test("L3, T6: CometBFT is gone within 5 s after its application was killed, even when it hangs", async () => {
    const { parent, comet } = await startParent("--deaf");
    process.kill(parent, "SIGKILL");
    const killed = performance.now();
    expect(await goneWithin(comet, 5_000)).toBe(true);
    // It got its time to end by itself before that.
    expect(performance.now() - killed).toBeGreaterThan(2_000);
  });

  test("L3, T6: a CometBFT that listens ends at once after its application was killed", async () => {
    const { parent, comet } = await startParent("--polite");
    process.kill(parent, "SIGKILL");
    expect(await goneWithin(comet, 1_500)).toBe(true);
  });

  test("L3: no CometBFT is left when its application was killed in the moment in which it started it", async () => {
    const file = fileURLToPath(new URL("testing/short-lived.ts", import.meta.url));
    const parent = spawn(process.execPath, [file, fake.binary, fake.home, "--polite"], { stdio: "ignore" });
    await once(parent, "exit");
    const left = () => spawnSync("pgrep", ["-f", fake.home], { encoding: "utf8" }).stdout.trim();
    for (const deadline = performance.now() + 5_000; left() !== ""; await sleep(20)) {
      expect(performance.now(), `processes ${left()} are left`).toBeLessThan(deadline);
    }
  });

  test("ends the CometBFT of a former life on the same home before it starts another", async () => {
    const { comet: former, logger: earlier } = await start("--polite");
    await earlier.until("a panic");
    const { comet, logger } = await start("--polite");
    expect(isRunning(former.pid)).toBe(false);
    expect(logger.entries.some(({ message }) => message.includes("former process"))).toBe(true);
    comet.kill();
    await comet.exited;
  });

  test("leaves a stranger alone that got the number of a former CometBFT", async () => {
    const file = join(fake.home, "data", "cometbft.pid");
    writeFileSync(file, `${process.pid}\n`);
    await clearLeftover(fake.home, silentLogger);
    expect(existsSync(file)).toBe(false);
  });
});

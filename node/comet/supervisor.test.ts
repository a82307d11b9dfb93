import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../abci/testing/silent-logger.ts";
import { deferred } from "./deferred.ts";
import type { CometExit, CometProcess } from "./process.ts";
import { supervise } from "./supervisor.ts";

/** Two processes made of promises, and a list of what happened to them. */
function scene() {
  const steps: string[] = [];
  const exit = deferred<CometExit>();
  const failed = deferred<string>();
  const fatal = deferred<unknown>();
  const stopped = deferred<void>();
  const signals = new EventEmitter();
  let polite = true;
  const comet: CometProcess = {
    pid: 1,
    exited: exit.promise,
    failed: failed.promise,
    async stop(graceMs) {
      steps.push(`stop comet in ${graceMs}`);
      stopped.resolve();
      if (polite) exit.resolve({ code: 0, signal: undefined });
      return exit.promise;
    },
    kill() {
      steps.push("kill comet");
      exit.resolve({ code: 137, signal: "SIGKILL" });
    },
  };
  const started = deferred<void>();
  const code = (start?: () => Promise<CometProcess>) =>
    supervise({
      logger: silentLogger,
      signals,
      shutdownGraceMs: 30_000,
      fatal: fatal.promise,
      async clearLeftover() {
        steps.push("clear leftover");
      },
      abci: {
        address: "unix:///app.sock",
        async listen() {
          steps.push("listen");
        },
        async close() {
          steps.push("close abci");
        },
      },
      startComet:
        start ??
        (async (proxyApp) => {
          steps.push(`start comet on ${proxyApp}`);
          setImmediate(started.resolve);
          return comet;
        }),
      async stopServing() {
        steps.push("stop serving");
      },
    });
  const deaf = () => {
    polite = false;
  };
  return { steps, exit, failed, fatal, signals, started: started.promise, stopped: stopped.promise, code, deaf };
}

const OPENING = ["clear leftover", "listen", "start comet on unix:///app.sock"];

describe("supervise", () => {
  test.each(["SIGINT", "SIGTERM"])("ends in order on %s, with code 0", async (signal) => {
    const { steps, signals, started, code } = scene();
    const ended = code();
    await started;
    signals.emit(signal, signal);
    expect(await ended).toBe(0);
    expect(steps).toEqual([...OPENING, "stop serving", "stop comet in 30000", "close abci"]);
    expect(signals.listenerCount(signal)).toBe(0);
  });

  test("kills CometBFT on a second signal", async () => {
    const { steps, signals, started, stopped, code, deaf } = scene();
    deaf();
    const ended = code();
    await started;
    signals.emit("SIGINT", "SIGINT");
    await stopped;
    signals.emit("SIGINT", "SIGINT");
    expect(await ended).toBe(0);
    expect(steps).toEqual([...OPENING, "stop serving", "stop comet in 30000", "kill comet", "close abci"]);
  });

  test("ends with CometBFT's own code when that ends, and starts it no second time", async () => {
    const { steps, exit, started, code } = scene();
    const ended = code();
    await started;
    exit.resolve({ code: 7, signal: undefined });
    expect(await ended).toBe(7);
    expect(steps).toEqual([...OPENING, "stop serving", "close abci"]);
  });

  test.each(["resolve", "reject"] as const)("ends with code 1 when the application breaks (%s)", async (how) => {
    const { steps, fatal, started, code } = scene();
    const ended = code();
    await started;
    fatal[how](new Error("root hash differs"));
    expect(await ended).toBe(1);
    expect(steps).toEqual([...OPENING, "stop serving", "stop comet in 3000", "close abci"]);
  });

  test("ends with code 1 when CometBFT makes no more blocks though it runs", async () => {
    const { steps, failed, started, code } = scene();
    const ended = code();
    await started;
    failed.resolve("no space left on device");
    expect(await ended).toBe(1);
    expect(steps).toEqual([...OPENING, "stop serving", "stop comet in 3000", "close abci"]);
  });

  test("closes the server when CometBFT cannot be started", async () => {
    const { steps, code } = scene();
    await expect(code(() => Promise.reject(new Error("no such file")))).rejects.toThrow("no such file");
    expect(steps).toEqual(["clear leftover", "listen", "close abci"]);
  });
});

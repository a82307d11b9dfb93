/** The CometBFT that a former life of this node left running, found by its pid file and made to end. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../abci/logger.ts";

/** Where the id of the running CometBFT stands. */
export const pidFile = (home: string): string => join(home, "data", "cometbft.pid");

/** Unless another one has taken its place. */
export function removePidFile(home: string, pid: number): void {
  if (readPidFile(home) === pid) rmSync(pidFile(home), { force: true });
}

function readPidFile(home: string): number | undefined {
  try {
    const text = readFileSync(pidFile(home), "utf8").trim();
    return /^[1-9][0-9]{0,9}$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The arguments of a running process, or undefined when it is gone. */
function argumentsOf(pid: number): readonly string[] | undefined {
  if (process.platform === "linux") {
    try {
      const list = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return list.length > 1 ? list : undefined;
    } catch {
      return undefined;
    }
  }
  const { status, stdout } = spawnSync("ps", ["-o", "args=", "-p", `${pid}`], { encoding: "utf8" });
  return status === 0 ? stdout.trim().split(" ") : undefined;
}

/** Whether `pid` is a CometBFT on this home, and not a stranger that got the number since. */
function isCometOf(home: string, pid: number): boolean {
  const list = new Set(argumentsOf(pid));
  return (list.has("start") || list.has("reindex-event")) && list.has("--home") && list.has(home);
}

/** The CometBFT that runs on this home, as its pid file says. */
export function runningComet(home: string): number | undefined {
  const pid = readPidFile(home);
  return pid !== undefined && isCometOf(home, pid) ? pid : undefined;
}

/** How long a leftover gets to end by itself: its application is gone, so it is on its way. */
const LEFTOVER_PATIENCE_MS = 1_000;
const LEFTOVER_GRACE_MS = 5_000;

/**
 * Waits for the CometBFT of a former life on the same home, then ends it: two of them on one home would sign twice.
 * Throws when it does not go.
 */
export async function clearLeftover(home: string, logger: Logger): Promise<void> {
  const pid = readPidFile(home);
  if (pid === undefined) return;
  const gone = async (waitMs: number): Promise<boolean> => {
    for (const deadline = performance.now() + waitMs; isCometOf(home, pid); await sleep(50)) {
      if (performance.now() > deadline) return false;
    }
    return true;
  };
  if (!(await gone(LEFTOVER_PATIENCE_MS))) {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      logger.warn({ pid, signal }, "ending the cometbft that a former process left on this home");
      try {
        process.kill(pid, signal);
      } catch {
        // It went in between.
      }
      if (await gone(LEFTOVER_GRACE_MS)) break;
    }
    if (isCometOf(home, pid)) throw new Error(`process ${pid} runs cometbft on ${home} and does not end, want it gone`);
  }
  removePidFile(home, pid);
}

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { goRuntime } from "./go-runtime.ts";
import { spawnGuarded } from "./guard.ts";
import { forEachLine } from "./lines.ts";
import { pidFile, removePidFile } from "./pid-file.ts";

export interface CometExit {
  /** Its exit code, or 128 + the number of the signal that ended it, as a shell says it. */
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
}

export interface CometChildOptions {
  /** Path of the executable, from `locateTool`. */
  readonly binary: string;
  /** The node's home: CometBFT reads its `config/` and writes its `data/`. */
  readonly home: string;
  /** Sub-command and flags, `--home` aside. */
  readonly args: readonly [command: string, ...flags: string[]];
  /** Settings that overrule its config.toml: `CMT_P2P_SEEDS` for `p2p.seeds`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Gets what it prints, line by line. */
  readonly onLine: (line: string, source: "stdout" | "stderr") => void;
}

export interface CometChild {
  readonly pid: number;
  /** Resolves once it has ended, however, and its last line is passed on. */
  readonly exited: Promise<CometExit>;
  kill(signal: NodeJS.Signals): void;
}

/**
 * Starts a command of CometBFT on a home. It is in the pid file while it runs, and cannot outlive this process by more
 * than 5 seconds. Throws when the executable cannot be started.
 */
export async function spawnComet({ binary, home, args, env = {}, onLine }: CometChildOptions): Promise<CometChild> {
  const [command, ...flags] = args;
  const child = spawnGuarded([binary, command, "--home", home, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    pidFile: pidFile(home),
    // Whatever form of log the user chose: it is read here, and written anew by our logger.
    env: { ...process.env, ...goRuntime(process.env), ...env, CMT_LOG_FORMAT: "json" },
  });
  await once(child, "spawn");
  const pid = child.pid as number;
  const exited = untilExit(child, onLine).then((exit) => {
    removePidFile(home, pid);
    return exit;
  });
  return { pid, exited, kill: (signal) => void child.kill(signal) };
}

async function untilExit(child: ChildProcess, onLine: CometChildOptions["onLine"]): Promise<CometExit> {
  const lines = [child.stdout, child.stderr].map((stream, index) =>
    stream ? forEachLine(stream, (line) => onLine(line, index === 0 ? "stdout" : "stderr")) : undefined,
  );
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  // A process that CometBFT started may hold the pipes open: what it still says is not waited for long.
  await Promise.race([Promise.all(lines), sleep(500, undefined, { ref: false })]);
  return { code: code ?? 128 + constants.signals[signal ?? "SIGKILL"], signal: signal ?? undefined };
}

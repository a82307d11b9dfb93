import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../abci/logger.ts";
import { forEachLine, forwardLine } from "./lines.ts";
import { clearLeftover, removePidFile, writePidFile } from "./pid-file.ts";
import { startWatchdog } from "./watchdog.ts";

export interface CometOptions {
  /** Path of the executable, from `locateTool`. */
  readonly binary: string;
  /** The node's home: CometBFT reads its `config/` and writes its `data/`. */
  readonly home: string;
  /** Address of the application: `unix:///…` or `tcp://127.0.0.1:26658`. */
  readonly proxyApp: string;
  /** Flags for `cometbft start`, passed through as they are. */
  readonly flags?: readonly string[] | undefined;
  /** Settings that overrule its config.toml: `CMT_P2P_SEEDS` for `p2p.seeds`. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Gets CometBFT's log, line by line. */
  readonly logger: Logger;
}

export interface CometExit {
  /** Its exit code, or 128 + the number of the signal that ended it, as a shell says it. */
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
}

export interface CometProcess {
  readonly pid: number;
  /** Resolves once CometBFT has ended, however, and its last line is passed on. */
  readonly exited: Promise<CometExit>;
  /** SIGTERM, and SIGKILL after `graceMs`. Resolves when it has ended. Idempotent. */
  stop(graceMs: number): Promise<CometExit>;
  /** SIGKILL, now. */
  kill(): void;
}

/**
 * Starts CometBFT as a child on a home where no other one runs. It cannot outlive this process by more than 5 seconds.
 * Throws when the executable cannot be started.
 */
export async function startComet({
  binary,
  home,
  proxyApp,
  flags = [],
  env = {},
  logger,
}: CometOptions): Promise<CometProcess> {
  await clearLeftover(home, logger);
  const args = ["start", "--home", home, "--proxy_app", proxyApp, "--abci", "socket", ...flags];
  // In a session of its own: a Ctrl-C at the terminal reaches us, and we end it in order.
  const child = spawn(binary, args, {
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    // Whatever form of log the user chose: it is read here, and written anew by our logger.
    env: { ...process.env, ...env, CMT_LOG_FORMAT: "json" },
  });
  await once(child, "spawn");
  const pid = child.pid as number;
  const watchdog = startWatchdog(pid);
  writePidFile(home, pid);
  logger.info({ pid, binary }, "cometbft started");

  const exited = untilExit(child, logger).then((exit) => {
    watchdog.dismiss();
    removePidFile(home);
    logger.info({ pid, ...exit }, "cometbft ended");
    return exit;
  });

  return {
    pid,
    exited,
    async stop(graceMs) {
      child.kill("SIGTERM");
      const timer = new AbortController();
      const late = sleep(graceMs, "late", { signal: timer.signal }).catch(() => "in time");
      if ((await Promise.race([exited, late])) === "late") {
        logger.warn({ pid, graceMs }, "cometbft did not end in time, killing it");
        child.kill("SIGKILL");
      }
      timer.abort();
      return exited;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

async function untilExit(child: ChildProcess, logger: Logger): Promise<CometExit> {
  const lines = [child.stdout, child.stderr].map((stream, index) =>
    stream ? forEachLine(stream, (line) => forwardLine(logger, line, index === 0 ? "stdout" : "stderr")) : undefined,
  );
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  // A process that CometBFT started may hold the pipes open: what it still says is not waited for long.
  await Promise.race([Promise.all(lines), sleep(500, undefined, { ref: false })]);
  return { code: code ?? 128 + constants.signals[signal ?? "SIGKILL"], signal: signal ?? undefined };
}

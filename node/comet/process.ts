import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "../abci/logger.ts";
import { nextStepFor } from "./advice.ts";
import { type CometExit, spawnComet } from "./child.ts";
import { deferred } from "./deferred.ts";
import { forwardLine, givenUp } from "./lines.ts";
import { clearLeftover } from "./pid-file.ts";
import { completeIndex } from "./reindex.ts";

export type { CometExit } from "./child.ts";

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
  /**
   * Height of the application's last commit. When given, and above 0, CometBFT's index of transactions is completed up
   * to it before CometBFT starts. Leave it out where the configuration wants no index.
   */
  readonly committedHeight?: bigint | undefined;
  /** Called when CometBFT has no block and cannot get one, for a state sync was cut off after it gave the application its state. */
  readonly onCutOff?: (() => void) | undefined;
  /** Gets CometBFT's log, line by line. */
  readonly logger: Logger;
}

export interface CometProcess {
  readonly pid: number;
  /** Resolves once CometBFT has ended, however, and its last line is passed on. */
  readonly exited: Promise<CometExit>;
  /**
   * Resolves with the reason when it makes no more blocks though its process goes on, as CometBFT 0.38 does after any error
   * within a block or in state sync: a full disk, an app hash that differs. Nothing but a new start mends that.
   */
  readonly failed: Promise<string>;
  /** SIGTERM, and SIGKILL after `graceMs`. Resolves when it has ended. Idempotent. */
  stop(graceMs: number): Promise<CometExit>;
  /** SIGKILL, now. */
  kill(): void;
}

/**
 * A kill during state sync finds the application with the state of a snapshot, and CometBFT 0.38 either with it and without a
 * block, on which it panics at the next start, or without it: then it offers a snapshot, which the application refuses.
 */
const CUT_OFF = /state \(\d+\) and store \(0\) height mismatch|^State sync failed: state sync aborted$/;

/**
 * Starts CometBFT as a child on a home where no other one runs. It cannot outlive this process by more than 5 seconds.
 * Throws when the executable cannot be started.
 */
export async function startComet(options: CometOptions): Promise<CometProcess> {
  const { binary, home, proxyApp, flags = [], env, committedHeight = 0n, onCutOff, logger } = options;
  await clearLeftover(home, logger);
  if (committedHeight > 0n) await completeIndex({ binary, home, env, height: committedHeight, logger });
  const failed = deferred<string>();
  let nextStep: string | undefined;
  const child = await spawnComet({
    binary,
    home,
    env,
    args: ["start", "--proxy_app", proxyApp, "--abci", "socket", ...flags],
    onLine(line, source) {
      forwardLine(logger, line, source);
      const failure = givenUp(line);
      // A panic or the last error comes on stderr.
      const last = failure ?? (source === "stderr" ? line : undefined);
      if (last === undefined) return;
      nextStep = nextStepFor(last) ?? nextStep;
      if (CUT_OFF.test(last)) onCutOff?.();
      if (failure !== undefined) failed.resolve(failure);
    },
  });
  const { pid } = child;
  logger.info({ pid, binary }, "cometbft started");
  const exited = child.exited.then((exit) => {
    logger.info({ pid, ...exit }, "cometbft ended");
    if (nextStep !== undefined) logger.error({}, nextStep);
    return exit;
  });

  return {
    pid,
    exited,
    failed: failed.promise,
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
    kill: () => child.kill("SIGKILL"),
  };
}

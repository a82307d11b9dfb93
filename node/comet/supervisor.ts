/** Holds the application and its CometBFT together: neither lives without the other. */
import type { Logger } from "../abci/logger.ts";
import { deferred } from "./deferred.ts";
import type { CometProcess } from "./process.ts";

/** Where signals come from: `process`, or an emitter in tests. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown;
}

export interface SuperviseOptions {
  readonly logger: Logger;
  /** The ABCI server. It answers until CometBFT has ended, for CometBFT ends in order only when it is answered. */
  readonly abci: { listen(): Promise<void>; close(): Promise<void>; readonly address: string };
  /** Ends the CometBFT of a former life, before it could reach the new application: `clearLeftover`. */
  readonly clearLeftover?: (() => Promise<void>) | undefined;
  /** Starts CometBFT against the address of the ABCI server. Undefined: it runs outside, and comes by itself. */
  readonly startComet?: ((proxyApp: string) => Promise<CometProcess>) | undefined;
  /** How long CometBFT may take to end by itself before it is killed. */
  readonly shutdownGraceMs: number;
  /** Rejects or resolves with an error when the application is broken: everything ends, with code 1. */
  readonly fatal: Promise<unknown>;
  /** Stops what else takes requests (API, gRPC). Called first when the node ends. */
  readonly stopServing?: (() => Promise<void>) | undefined;
  readonly signals?: SignalSource | undefined;
}

const STOP_SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM"];

/** After a failure CometBFT gets this long: it hangs now and then when its application is broken. */
const FAILURE_GRACE_MS = 3_000;

/** How long the requests being answered may take once CometBFT is gone. */
const DRAIN_MS = 5_000;

/**
 * Runs a node until a signal comes, CometBFT ends or fails, or the application breaks, and resolves with the exit code: 0 after a
 * signal, CometBFT's own when it ended by itself, 1 when the application or consensus broke. It never starts CometBFT again.
 *
 * Order of the end: stop serving; SIGTERM to CometBFT, which still gets FinalizeBlock and Commit answered; after
 * `shutdownGraceMs` SIGKILL; then the ABCI server. A second signal kills CometBFT at once.
 */
export async function supervise(options: SuperviseOptions): Promise<number> {
  const { logger, abci, clearLeftover, startComet, shutdownGraceMs, fatal, stopServing, signals = process } = options;
  const stop = onSignals(signals);
  let comet: CometProcess | undefined;
  try {
    await clearLeftover?.();
    await abci.listen();
    comet = await startComet?.(abci.address);
    const never = new Promise<never>(() => {});
    const end = await Promise.race([
      stop.first.then((signal) => ({ why: "signal", signal }) as const),
      comet?.exited.then((exit) => ({ why: "comet", exit }) as const) ?? never,
      comet?.failed.then((error) => ({ why: "failed", error }) as const) ?? never,
      fatal.then(
        (error) => ({ why: "fatal", error }) as const,
        (error: unknown) => ({ why: "fatal", error }) as const,
      ),
    ]);
    if (end.why === "comet") {
      const { code, signal } = end.exit;
      logger[code === 0 ? "info" : "error"]({ code, signal }, "cometbft ended by itself, so the node ends");
    } else if (end.why === "signal") {
      logger.info({ signal: end.signal }, "ending the node");
    } else if (end.why === "failed") {
      logger.error({ error: end.error }, "cometbft runs but makes no more blocks, so the node ends");
    } else {
      logger.error(
        { error: end.error instanceof Error ? end.error.message : String(end.error) },
        "the application is broken",
      );
    }
    const kill = () => {
      logger.warn({}, "second signal, killing cometbft");
      comet?.kill();
    };
    void stop.second.then(kill);
    await stopServing?.();
    if (end.why !== "comet") await comet?.stop(end.why === "signal" ? shutdownGraceMs : FAILURE_GRACE_MS);
    await within(abci.close(), DRAIN_MS);
    if (end.why === "comet") return end.exit.code;
    return end.why === "signal" ? 0 : 1;
  } catch (error) {
    await comet?.stop(FAILURE_GRACE_MS);
    await within(abci.close(), DRAIN_MS);
    throw error;
  } finally {
    stop.release();
  }
}

interface StopSignals {
  readonly first: Promise<NodeJS.Signals>;
  readonly second: Promise<NodeJS.Signals>;
  /** Lets signals have their ordinary effect again. */
  release(): void;
}

function onSignals(source: SignalSource): StopSignals {
  const first = deferred<NodeJS.Signals>();
  const second = deferred<NodeJS.Signals>();
  let seen = 0;
  const listener = (signal: NodeJS.Signals) => (seen++ === 0 ? first : second).resolve(signal);
  for (const signal of STOP_SIGNALS) source.on(signal, listener);
  return {
    first: first.promise,
    second: second.promise,
    release() {
      for (const signal of STOP_SIGNALS) source.off(signal, listener);
    },
  };
}

async function within(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

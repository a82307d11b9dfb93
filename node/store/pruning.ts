/** Which heights stay: the strategies of app.toml's `pruning`, with the SDK's numbers (store v1.1 `pruning/types`). */
import { StoreError } from "./errors.ts";

export interface Pruning {
  /** Heights kept behind the latest; undefined keeps all. */
  readonly keepRecent: number | undefined;
  /** Heights between two rounds of pruning. */
  readonly interval: number;
}

export type PruningStrategy = "default" | "nothing" | "everything" | "custom";

export const PRUNING: Readonly<Record<Exclude<PruningStrategy, "custom">, Pruning>> = {
  default: { keepRecent: 362_880, interval: 10 },
  nothing: { keepRecent: undefined, interval: 0 },
  everything: { keepRecent: 2, interval: 10 },
};

const KEEP_RECENT_MIN = 2;
const INTERVAL_MIN = 10;

/** Throws `misuse` for an unknown strategy or custom numbers below 2 and 10, the SDK's limits. */
export function pruningOf(strategy: string, custom: { keepRecent: number; interval: number }): Pruning {
  if (strategy === "default" || strategy === "nothing" || strategy === "everything") return PRUNING[strategy];
  if (strategy !== "custom") {
    throw new StoreError("misuse", `pruning is ${strategy}, want default, nothing, everything or custom`);
  }
  const { keepRecent, interval } = custom;
  if (!Number.isSafeInteger(keepRecent) || keepRecent < KEEP_RECENT_MIN) {
    throw new StoreError("misuse", `pruning-keep-recent is ${keepRecent}, want at least ${KEEP_RECENT_MIN}`);
  }
  if (!Number.isSafeInteger(interval) || interval < INTERVAL_MIN) {
    throw new StoreError("misuse", `pruning-interval is ${interval}, want at least ${INTERVAL_MIN}`);
  }
  return { keepRecent, interval };
}

/** The earliest height that stays when `latest` is committed; pruning happens at multiples of the interval only. */
export function earliestKept(pruning: Pruning, latest: number): number {
  if (pruning.keepRecent === undefined) return 0;
  const round = latest - (latest % pruning.interval);
  return Math.max(0, round - pruning.keepRecent);
}

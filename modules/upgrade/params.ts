import type { Params } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import { format, ONE } from "../kernel/decimal.ts";
import { fail } from "./errors.ts";

/** Longest that a plan is put off at once: some eleven weeks at a block in seven seconds. */
export const POSTPONE_BLOCKS_MAX = 1_000_000n;

/**
 * Two thirds, rounded up: exactly two thirds are not enough, as they are not for CometBFT. Plans are not put off unless a
 * network asks for it, so that tools made for the SDK find what they know.
 */
export const DEFAULT_PARAMS: Params = { readyThreshold: 666_666_666_666_666_667n, postponeBlocks: 0n };

/** Throws `upgrade/100`. */
export function checkParams({ readyThreshold, postponeBlocks }: Params): void {
  if (readyThreshold <= 0n || readyThreshold > ONE) {
    throw fail.badParam("ready_threshold", format(readyThreshold), "more than 0, at most 1");
  }
  if (postponeBlocks > POSTPONE_BLOCKS_MAX) {
    throw fail.badParam("postpone_blocks", postponeBlocks, `0 to ${POSTPONE_BLOCKS_MAX}`);
  }
}

/** Where an operator wants the node to stop (`halt-height`, `halt-time`). */
export interface HaltPoint {
  /** 0 for never. */
  readonly height: bigint;
  /** Seconds since 1970; 0 for never. */
  readonly timeSeconds: bigint;
}

const NS_PER_SECOND = 1_000_000_000n;

/** The block that reaches the halt point is not executed any more. Source: Cosmos SDK 0.53 baseapp `checkHalt`. */
export function haltsAt({ height, timeSeconds }: HaltPoint, blockHeight: bigint, blockTimeNs: bigint): boolean {
  return (height > 0n && blockHeight >= height) || (timeSeconds > 0n && blockTimeNs / NS_PER_SECOND >= timeSeconds);
}

/** Stops the node because its operator asked for it, not because something broke. Operators search logs for the text. */
export class HaltError extends Error {
  override readonly name = "HaltError";

  constructor({ height, timeSeconds }: HaltPoint) {
    super(`halt per configuration height ${height} time ${timeSeconds}`);
  }
}

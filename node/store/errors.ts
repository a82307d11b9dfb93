/**
 * What goes wrong in the store, for the layer above to answer or to stop on.
 *
 * - `corrupt`: what is on disk contradicts itself or the recorded app hash. The node must not run on it.
 * - `locked`: another process holds the database.
 * - `height`: a height that is not available, see {@link HeightError}.
 * - `stores`: the stores of the program and of the database differ without an upgrade that says so.
 * - `misuse`: the caller broke the order of prepare, commit and discard.
 * - `io`: the disk refused; nothing of the write is visible.
 * - `snapshot`: a snapshot that is unknown, foreign or does not hold together.
 * - `busy`: too many rebuilds of old heights wait already.
 */
export type StoreErrorKind = "corrupt" | "locked" | "height" | "stores" | "misuse" | "io" | "snapshot" | "busy";

export class StoreError extends Error {
  override readonly name: string = "StoreError";
  readonly kind: StoreErrorKind;

  constructor(kind: StoreErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** A height was asked for that was pruned or is not committed yet. */
export class HeightError extends StoreError {
  override readonly name: string = "HeightError";
  readonly height: bigint;
  readonly earliest: bigint;
  readonly latest: bigint;

  constructor(height: bigint, earliest: bigint, latest: bigint) {
    super("height", `height is ${height}, want between ${earliest} and ${latest}`);
    this.height = height;
    this.earliest = earliest;
    this.latest = latest;
  }
}

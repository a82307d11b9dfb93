/**
 * What the store does between blocks: writes bases, so that a restart replays a bounded number of changes, and deletes
 * heights that the pruning strategy gives up. Everything in slices, and one thing at a time.
 */
import { type Base, deleteBase, manifestWrite, writeBase } from "./bases.ts";
import type { Database, Write } from "./db.ts";
import { StoreError } from "./errors.ts";
import type { History } from "./history.ts";
import { allHeights, heightOf, heightRange, partOf } from "./layout.ts";
import type { Log } from "./log.ts";
import { type Pace, Slices } from "./pace.ts";
import type { Version } from "./version.ts";

export interface BasePolicy {
  /** Bytes of changes since the last base after which the next is due, if the state is not larger. */
  readonly changeBytes: number;
  /** Heights since the last base after which the next is due. */
  readonly heights: number;
}

export const BASE_POLICY: BasePolicy = { changeBytes: 16 << 20, heights: 10_000 };

/** Bases that are never deleted: when the newest is damaged, the one before it stands in. */
const BASES_KEPT = 2;

const KEYS_PER_BATCH = 512;

export class Maintenance {
  readonly #db: Database;
  readonly #history: History;
  readonly #policy: BasePolicy;
  readonly #log: Log;
  readonly #pace = new Slices();
  #changeBytes: number;
  #newest: Version | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #prunedTo = 0;

  constructor(db: Database, history: History, policy: BasePolicy, log: Log, changeBytes: number) {
    this.#db = db;
    this.#history = history;
    this.#policy = policy;
    this.#log = log;
    this.#changeBytes = changeBytes;
  }

  /** Tells of a commit. Starts what has become due; never waits for it. */
  committed(version: Version, changeBytes: number): void {
    this.#newest = version;
    this.#changeBytes += changeBytes;
    if (this.#running !== undefined || this.#stopped) return;
    if (!this.#baseDue() && this.#floor() <= this.#prunedTo) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    this.#stopped = true;
    this.#pace.stop(new StoreError("misuse", "the store is closed"));
    await this.#running;
  }

  async #run(): Promise<void> {
    try {
      if (this.#baseDue()) await this.#writeBase();
      await this.#thin();
      if (this.#floor() > this.#prunedTo) await this.#history.exclusively((pace) => this.#prune(pace));
    } catch (error) {
      // Blocks do not need it: it is tried again after the next commit.
      if (!this.#stopped) this.#log.error({ error: String(error) }, "store maintenance failed");
    }
  }

  #baseDue(): boolean {
    const height = this.#newest?.record.height;
    if (height === undefined) return false;
    const last = this.#history.bases.at(-1);
    if (last?.height === height) return false;
    const heights = height - (last?.height ?? this.#history.earliest);
    const bytes = Math.max(this.#policy.changeBytes, last?.bytes ?? 0);
    return this.#changeBytes >= bytes || heights >= this.#policy.heights;
  }

  async #writeBase(): Promise<void> {
    const version = this.#newest!;
    const changeBytes = this.#changeBytes;
    const started = performance.now();
    const base = await writeBase(this.#db, version, changeBytes, this.#pace);
    this.#changeBytes -= changeBytes;
    this.#history.bases = [...this.#history.bases, base];
    const ms = Math.round(performance.now() - started);
    this.#log.info({ height: base.height, bytes: base.bytes, ms }, "wrote a base of the state");
  }

  /**
   * Deletes a base between others that spares little replay for its size, so that all bases together stay below twice
   * the changes. The newest two stay.
   */
  async #thin(): Promise<void> {
    const { bases } = this.#history;
    const at = bases.findIndex(
      ({ bytes, changeBytes }, i) =>
        i > 0 && i < bases.length - BASES_KEPT && changeBytes < Math.max(this.#policy.changeBytes, bytes),
    );
    if (at < 0) return;
    const base = bases[at]!;
    const next = bases[at + 1]!;
    const merged: Base = { ...next, changeBytes: next.changeBytes + base.changeBytes };
    await this.#history.exclusively(async (pace) => {
      this.#history.bases = bases.flatMap((kept) => (kept === base ? [] : kept === next ? [merged] : [kept]));
      await this.#db.write([manifestWrite(merged)], false);
      await deleteBase(this.#db, base, pace);
    });
  }

  /** Heights below may go: the newest base at or below the earliest height kept, but one of the newest two at most. */
  #floor(): number {
    const { bases, earliest } = this.#history;
    const index = Math.min(
      bases.findLastIndex(({ height }) => height <= earliest),
      bases.length - BASES_KEPT,
    );
    return index < 0 ? 0 : bases[index]!.height;
  }

  /** Deletes bases and heights below the floor, and the changes of the floor itself: its record stays. */
  async #prune(pace: Pace): Promise<void> {
    const floor = this.#floor();
    for (const base of this.#history.bases) {
      if (base.height >= floor) break;
      this.#history.bases = this.#history.bases.filter((kept) => kept !== base);
      await deleteBase(this.#db, base, pace);
    }
    await deleteHeights(this.#db, floor, pace);
    this.#prunedTo = floor;
  }
}

/** Deletes all heights below `floor` and the changes of `floor`. */
export async function deleteHeights(db: Database, floor: number, pace: Pace): Promise<void> {
  const range = { gte: allHeights.gte, lt: heightRange(floor, floor + 1).lt };
  for (;;) {
    const batch: Write[] = [];
    let last: Uint8Array | undefined;
    for await (const key of db.keys({ ...range, limit: KEYS_PER_BATCH })) {
      last = key;
      if (heightOf(key) < floor || partOf(key) > 0) batch.push({ type: "del", key });
    }
    if (batch.length > 0) await db.write(batch, false);
    if (last === undefined || batch.length === 0 || heightOf(last) >= floor) return;
    await pace.rest();
  }
}

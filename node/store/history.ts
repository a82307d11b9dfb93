/**
 * Committed heights to read from. Recent ones are in memory and share their nodes; older ones are rebuilt from the
 * nearest base in slices, off the block path, and a few are kept.
 */
import { type Base, loadBase } from "./bases.ts";
import type { Database } from "./db.ts";
import { HeightError, StoreError } from "./errors.ts";
import { allHeights, heightOf } from "./layout.ts";
import { sizeOf } from "./node.ts";
import { type Pace, Slices } from "./pace.ts";
import { NO_PREVIOUS, sameBytes } from "./records.ts";
import { checkVersion, Replay, readHeights, readRecord } from "./replay.ts";
import { emptyVersion, type Version } from "./version.ts";

export interface RecentLimits {
  /** Heights kept in memory at most. Default 100. */
  readonly versions: number;
  /** Nodes that these heights may hold beyond the latest one, about 120 bytes each. Default 500,000. */
  readonly nodes: number;
}

export const RECENT_DEFAULT: RecentLimits = { versions: 100, nodes: 500_000 };

/** Kept whatever they cost: the latest and those that an ordinary query may still name. */
const RECENT_MIN = 3;
/** Rebuilt heights kept, and their entries together. At least one is kept. */
const REBUILT_MAX = 8;
const REBUILT_ENTRIES_MAX = 1_000_000;
/** Rebuilds that may wait. One runs at a time. */
const WAITING_MAX = 16;

export class History {
  readonly #db: Database;
  readonly #limits: RecentLimits;
  readonly #recent = new Map<number, { readonly version: Version; readonly cost: number }>();
  #recentCost = 0;
  readonly #rebuilt = new Map<number, Version>();
  readonly #rebuilding = new Map<number, Promise<Version>>();
  #turn: Promise<unknown> = Promise.resolve();
  readonly #slices = new Set<Slices>();
  /** Finished bases, ascending. Owned by the store, which writes and deletes them. */
  bases: readonly Base[];
  /** Policy's floor: heights below are refused even while their data is still there. */
  earliest: number;
  latest: number;

  constructor(db: Database, limits: RecentLimits, bases: readonly Base[]) {
    this.#db = db;
    this.#limits = limits;
    this.bases = bases;
    this.earliest = 0;
    this.latest = 0;
  }

  /** Takes in the newest version; `cost` is the number of nodes that it made. */
  remember(version: Version, cost: number): void {
    const { height } = version.record;
    this.latest = height;
    this.#recent.set(height, { version, cost });
    this.#recentCost += cost;
    for (const [oldest, entry] of this.#recent) {
      const over = this.#recent.size > this.#limits.versions || this.#recentCost > this.#limits.nodes;
      if (this.#recent.size <= RECENT_MIN || !over) break;
      this.#recent.delete(oldest);
      this.#recentCost -= entry.cost;
    }
  }

  /** The height if it is in memory. */
  inMemory(height: number): Version | undefined {
    if (height < this.earliest) return undefined;
    return this.#recent.get(height)?.version ?? this.#rebuilt.get(height);
  }

  /** Throws `HeightError` outside `[earliest, latest]`, `busy` when too many rebuilds wait, `corrupt`. */
  async at(height: number): Promise<Version> {
    if (height < this.earliest || height > this.latest || height < 1) {
      throw new HeightError(BigInt(height), BigInt(this.earliest), BigInt(this.latest));
    }
    const present = this.inMemory(height);
    if (present !== undefined) {
      if (this.#rebuilt.delete(height)) this.#rebuilt.set(height, present);
      return present;
    }
    const running = this.#rebuilding.get(height);
    if (running !== undefined) return running;
    if (this.#rebuilding.size >= WAITING_MAX) {
      throw new StoreError("busy", `${WAITING_MAX} old heights are being rebuilt already`);
    }
    const rebuilt = this.exclusively((pace) => this.#rebuild(height, pace)).finally(() =>
      this.#rebuilding.delete(height),
    );
    this.#rebuilding.set(height, rebuilt);
    return rebuilt;
  }

  /** Runs `act` when no rebuild runs, and no rebuild while it runs: for whoever deletes what rebuilds read. */
  exclusively<R>(act: (pace: Pace) => Promise<R>): Promise<R> {
    const run = async (): Promise<R> => {
      const pace = new Slices();
      this.#slices.add(pace);
      try {
        return await act(pace);
      } finally {
        this.#slices.delete(pace);
      }
    };
    const result = this.#turn.then(run, run);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Calls off what runs and waits for it to end. */
  async close(): Promise<void> {
    for (const pace of this.#slices) pace.stop(new StoreError("misuse", "the store is closed"));
    await this.#turn;
  }

  async #rebuild(height: number, pace: Pace): Promise<Version> {
    const start = await this.#startFor(height, pace);
    const replay = new Replay(start, pace);
    if (start.record.height < height) {
      for await (const recorded of readHeights(this.#db, start.record.height + 1, height)) await replay.apply(recorded);
    }
    const version = start.record.height === height ? start : await replay.freeze();
    this.#rebuilt.set(height, version);
    let entries = 0;
    for (const kept of this.#rebuilt.values()) entries += entriesOf(kept);
    for (const [oldest, kept] of this.#rebuilt) {
      if (this.#rebuilt.size <= 1) break;
      if (this.#rebuilt.size <= REBUILT_MAX && entries <= REBUILT_ENTRIES_MAX) break;
      this.#rebuilt.delete(oldest);
      entries -= entriesOf(kept);
    }
    return version;
  }

  /** The nearest version at or below `height` that is in memory, in a base, or the state before the first block. */
  async #startFor(height: number, pace: Pace): Promise<Version> {
    let near: Version | undefined;
    for (const version of this.#rebuilt.values()) {
      const candidate = version.record.height;
      if (candidate <= height && candidate > (near?.record.height ?? -1)) near = version;
    }
    const base = this.bases.findLast((candidate) => candidate.height <= height);
    if (near !== undefined && near.record.height >= (base?.height ?? -1)) return near;
    return base === undefined ? firstVersion(this.#db) : versionOfBase(this.#db, base, pace);
  }
}

const entriesOf = ({ roots }: Version): number => {
  let entries = 0;
  for (const root of roots.values()) if (root !== undefined) entries += sizeOf(root);
  return entries;
};

/** A base with its record, checked. Throws `corrupt`. */
export async function versionOfBase(db: Database, base: Base, pace: Pace): Promise<Version> {
  const record = await readRecord(db, base.height);
  if (record === undefined) throw new StoreError("corrupt", `base of height ${base.height} has no commit record`);
  const version = { record, roots: await loadBase(db, base, pace) };
  checkVersion(version);
  return version;
}

/** The state before the first block. Throws `corrupt` when the first block's record is not there any more. */
export async function firstVersion(db: Database): Promise<Version> {
  for await (const key of db.keys({ ...allHeights, limit: 1 })) {
    const height = heightOf(key);
    const record = await readRecord(db, height);
    if (record === undefined || !sameBytes(record.previous, NO_PREVIOUS) || record.origin !== "block") break;
    const empty = emptyVersion([]);
    return { roots: empty.roots, record: { ...empty.record, height: height - 1 } };
  }
  throw new StoreError("corrupt", "neither a base nor the first block is there to rebuild from");
}

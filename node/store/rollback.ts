/** Offline commands on the database: back to an earlier height, and pruning now. The node must not run. */
import { deleteBase, listBases, writeBase } from "./bases.ts";
import { type Database, openDatabase, type Write } from "./db.ts";
import { StoreError } from "./errors.ts";
import { History, RECENT_DEFAULT } from "./history.ts";
import { allHeights, heightOf, heightRange, recordKey } from "./layout.ts";
import { load } from "./load.ts";
import { type Log, silent } from "./log.ts";
import { deleteHeights } from "./maintenance.ts";
import { unpaced } from "./pace.ts";
import { earliestKept, type Pruning } from "./pruning.ts";

export interface OfflineOptions {
  readonly path: string;
  readonly log?: Log;
  readonly lockWaitMs?: number;
}

async function withDatabase<R>(options: OfflineOptions, act: (db: Database, log: Log) => Promise<R>): Promise<R> {
  const { path, log = silent, lockWaitMs } = options;
  const db = await openDatabase(path, { log, lockWaitMs, createIfMissing: false });
  try {
    return await act(db, log);
  } finally {
    await db.close();
  }
}

async function latestHeight(db: Database): Promise<number> {
  for await (const key of db.keys({ ...allHeights, reverse: true, limit: 1 })) {
    return heightOf(key);
  }
  throw new StoreError("misuse", "the database has no height to roll back");
}

export interface RolledBack {
  readonly height: bigint;
  readonly appHash: Uint8Array;
}

/**
 * Takes the database back to `height`, by default one below the latest. The height is rebuilt and checked before
 * anything is deleted, so this also drops damaged heights above it. Throws `misuse` when nothing is below, `corrupt`
 * when the height cannot be rebuilt.
 */
export function rollback(options: OfflineOptions & { readonly height?: bigint }): Promise<RolledBack> {
  return withDatabase(options, async (db, log) => {
    const latest = await latestHeight(db);
    const height = options.height === undefined ? latest - 1 : Number(options.height);
    if (height < 1 || height >= latest || !(await hasRecord(db, height))) {
      throw new StoreError("misuse", `cannot roll back to height ${height}: it is not there below ${latest}`);
    }
    const loaded = await load(db, log, height);
    for (const base of loaded.bases) if (base.height > height) await deleteBase(db, base, unpaced);
    // From the top down: what a crash leaves is a shorter chain, never one with a gap.
    for (let above = latest; above > height; above--) {
      const batch: Write[] = [];
      for await (const key of db.keys(heightRange(above, above + 1))) batch.push({ type: "del", key });
      await db.write(batch, above === height + 1);
    }
    const { record } = loaded.latest!;
    return { height: BigInt(height), appHash: record.appHash };
  });
}

const hasRecord = async (db: Database, height: number): Promise<boolean> =>
  (await db.get(recordKey(height))) !== undefined;

/**
 * Deletes the heights that `pruning` gives up now, whatever its interval. Returns the earliest height that stays.
 * Throws `corrupt` for a database that does not load.
 */
export function prune(options: OfflineOptions & { readonly pruning: Pruning }): Promise<bigint> {
  return withDatabase(options, async (db, log) => {
    const { latest, earliest, bases } = await load(db, log);
    if (latest === undefined || options.pruning.keepRecent === undefined) return BigInt(earliest);
    const tip = latest.record.height;
    const floor = Math.max(earliest, earliestKept({ ...options.pruning, interval: 1 }, tip));
    if (floor === earliest) return BigInt(earliest);
    const history = new History(db, RECENT_DEFAULT, bases);
    history.latest = tip;
    const version = await history.at(floor);
    if (!bases.some(({ height }) => height === floor)) await writeBase(db, version, 0, unpaced);
    for (const base of await listBases(db)) if (base.height < floor) await deleteBase(db, base, unpaced);
    await deleteHeights(db, floor, unpaced);
    return BigInt(floor);
  });
}

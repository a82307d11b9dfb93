/** Start-up: from the database to the latest version, believing nothing that does not check out. */
import { type Base, deleteLoosePieces, listBases } from "./bases.ts";
import type { Database } from "./db.ts";
import { StoreError } from "./errors.ts";
import { firstVersion, versionOfBase } from "./history.ts";
import { allHeights, allManifests, FORMAT, FORMAT_KEY, heightOf } from "./layout.ts";
import type { Log } from "./log.ts";
import { hashedNodes } from "./node.ts";
import { unpaced } from "./pace.ts";
import { Replay, readHeights, readRecord } from "./replay.ts";
import type { Version } from "./version.ts";

export interface Loaded {
  /** Undefined for an empty database. */
  readonly latest: Version | undefined;
  /** The latest versions, ascending and with the latest, each with the number of nodes that it made. */
  readonly recent: readonly { readonly version: Version; readonly cost: number }[];
  readonly bases: readonly Base[];
  /** The earliest height that the data can rebuild. */
  readonly earliest: number;
  /** Bytes of changes since the newest base. */
  readonly changeBytes: number;
}

/** Heights before the latest that are put into memory at start, so that the first queries after it are fast. */
const RECENT_AT_START = 10;

const WAY_OUT = "restore it from a snapshot or by state sync, or roll back to an earlier height";

/**
 * Loads the latest version, or with `target` that height, ignoring what is above it. Rebuilds it from the newest base
 * that holds together and compares every store's root and the app hash with the record. Throws `corrupt`.
 */
export async function load(db: Database, log: Log, target?: number): Promise<Loaded> {
  await checkFormat(db);
  const bases = await listBases(db);
  await deleteLoosePieces(db, bases, unpaced);
  const tip = target ?? (await lastHeight(db));
  if (tip === undefined) {
    if (bases.length > 0) throw new StoreError("corrupt", `the database has bases but no commits: ${WAY_OUT}`);
    return { latest: undefined, recent: [], bases, earliest: 0, changeBytes: 0 };
  }
  const first = await firstHeight(db);
  const earliest = first ?? bases[0]?.height ?? tip;
  const starts = bases.filter(({ height }) => height <= tip).reverse();
  let failure: unknown;
  for (const base of [...starts, undefined]) {
    if (base === undefined && first === undefined) break;
    try {
      const start = base === undefined ? await firstVersion(db) : await versionOfBase(db, base, unpaced);
      return { ...(await replayTo(db, start, tip)), bases, earliest };
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== "corrupt") throw error;
      failure ??= error;
      log.error({ base: base?.height, tip }, `cannot rebuild the state: ${error.message}`);
    }
  }
  const detail = failure instanceof Error ? failure.message : "no base is left";
  throw new StoreError("corrupt", `state of height ${tip} cannot be trusted: ${detail}; ${WAY_OUT}`, {
    cause: failure,
  });
}

async function replayTo(
  db: Database,
  start: Version,
  tip: number,
): Promise<Pick<Loaded, "latest" | "recent" | "changeBytes">> {
  const replay = new Replay(start, unpaced);
  const recent: { version: Version; cost: number }[] = [];
  let changeBytes = 0;
  let latest = start;
  if (start.record.height === tip) recent.push({ version: start, cost: 0 });
  for await (const recorded of readHeights(db, start.record.height + 1, tip)) {
    changeBytes += recorded.changes.length;
    await replay.apply(recorded);
    if (recorded.record.height <= tip - RECENT_AT_START) continue;
    const before = hashedNodes();
    latest = await replay.freeze();
    recent.push({ version: latest, cost: hashedNodes() - before });
  }
  return { latest, recent, changeBytes };
}

async function checkFormat(db: Database): Promise<void> {
  const format = await db.get(FORMAT_KEY);
  if (format !== undefined) {
    if (format[0] !== FORMAT) throw new StoreError("corrupt", `database has layout ${format[0]}, want ${FORMAT}`);
    return;
  }
  for (const range of [allHeights, allManifests]) {
    for await (const _ of db.keys({ ...range, limit: 1 })) {
      throw new StoreError("corrupt", `the database lost the number of its layout: ${WAY_OUT}`);
    }
  }
  await db.write([{ type: "put", key: FORMAT_KEY, value: Uint8Array.of(FORMAT) }], true);
}

async function lastHeight(db: Database): Promise<number | undefined> {
  for await (const key of db.keys({ ...allHeights, reverse: true, limit: 1 })) return heightOf(key);
  return undefined;
}

/** The chain's first block if its changes are still there: then every height can be rebuilt. */
async function firstHeight(db: Database): Promise<number | undefined> {
  for await (const key of db.keys({ ...allHeights, limit: 1 })) {
    const height = heightOf(key);
    const record = await readRecord(db, height).catch((error: unknown) => {
      if (error instanceof StoreError && error.kind === "corrupt") return undefined;
      throw error;
    });
    return record?.origin === "block" && record.previous.every((byte) => byte === 0) ? height : undefined;
  }
  return undefined;
}

/**
 * The state of the chain: one IAVL tree a store, in memory, with LevelDB behind it. Life of a block: writes to
 * `working`, `prepare` for the app hash, `commit` for the disk; `discard` undoes whatever is not committed.
 */
import type { Entry, KVStore } from "@interfirm/modules/kernel/store";
import { manifestWrite, writePieces } from "./bases.ts";
import { type ByteText, toText } from "./bytes.ts";
import { type Database, type OpenDatabaseOptions, openDatabase, type Write } from "./db.ts";
import { StoreError } from "./errors.ts";
import { History, RECENT_DEFAULT, type RecentLimits } from "./history.ts";
import { changeKey, recordKey } from "./layout.ts";
import { load } from "./load.ts";
import { type Log, silent } from "./log.ts";
import { BASE_POLICY, type BasePolicy, Maintenance } from "./maintenance.ts";
import { appHashOf, compareNames, type StoreRoot } from "./merkle.ts";
import { hashBytes, hashedNodes, type Node } from "./node.ts";
import type { Roots } from "./node-stream.ts";
import { unpaced } from "./pace.ts";
import { earliestKept, PRUNING, type Pruning } from "./pruning.ts";
import {
  ChangeLog,
  encodeChanges,
  encodeRecord,
  hexOf,
  NO_PREVIOUS,
  type StoreOrigin,
  sameBytes,
  splitParts,
} from "./records.ts";
import { leaves, Tree } from "./tree.ts";
import { checkUpgrades, type StoreUpgrades } from "./upgrades.ts";
import { emptyVersion, ReadView, storeRootsOf, type Version } from "./version.ts";

export interface MultiStoreOptions {
  /** Folder of the database, `home/data/application.db`. */
  readonly path: string;
  /** Every store of the program. They must be those of the database, after `upgrades`. */
  readonly storeKeys: readonly string[];
  readonly pruning?: Pruning;
  readonly log?: Log;
  /**
   * Stores that the next height adds, deletes or renames, or how the latest height tells. Ignored when the database is past
   * that height; what the function throws passes on.
   */
  readonly upgrades?: StoreUpgrades | ((latest: ReadView) => StoreUpgrades | undefined);
  readonly lockWaitMs?: number | undefined;
  readonly recent?: Partial<RecentLimits>;
  readonly basePolicy?: Partial<BasePolicy>;
  /** Opens the database. Tests give one that fails. */
  readonly openDatabase?: (path: string, options: OpenDatabaseOptions) => Promise<Database>;
}

/** What a commit keeps beside the state. */
export interface CommitExtra {
  /** Time of the block, in nanoseconds since 1970. */
  readonly time?: bigint;
  /** Some bytes of the application's own, written in the same batch and given back by `ReadView.metadata`. */
  readonly metadata?: Uint8Array;
}

interface Prepared {
  readonly height: number;
  readonly appHash: Uint8Array;
  readonly stores: readonly StoreRoot[];
  readonly roots: ReadonlyMap<string, Node | undefined>;
  /** Bytes of changes then: more of them later means writes behind prepare's back. */
  readonly changeBytes: number;
  /** Nodes that this version made. */
  readonly cost: number;
}

/** A store of the next height. Writes go to the tree at once, in the order given: flush in key order. */
export class WorkingStore implements KVStore {
  readonly name: string;
  tree: Tree;
  readonly changes = new ChangeLog();
  origin: StoreOrigin = { kind: "same" };
  readonly #guard: () => void;

  constructor(name: string, root: Node | undefined, guard: () => void) {
    this.name = name;
    this.tree = new Tree(root, 0);
    this.#guard = guard;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.tree.get(key);
  }

  has(key: Uint8Array): boolean {
    return this.tree.has(key);
  }

  range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse?: boolean): Iterable<Entry> {
    return this.tree.range(from, to, reverse);
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#guard();
    const keyText = toText(key);
    const valueText = toText(value);
    this.tree.setText(keyText, valueText);
    this.changes.set(keyText, valueText);
  }

  delete(key: Uint8Array): void {
    this.#guard();
    const keyText: ByteText = toText(key);
    if (this.tree.deleteText(keyText)) this.changes.delete(keyText);
  }

  reset(root: Node | undefined): void {
    this.tree = new Tree(root, 0);
    this.changes.clear();
    this.origin = { kind: "same" };
  }
}

export class MultiStore {
  readonly #db: Database;
  readonly #history: History;
  readonly #maintenance: Maintenance;
  readonly #pruning: Pruning;
  readonly #upgrades: StoreUpgrades | undefined;
  readonly #stores = new Map<string, WorkingStore>();
  #committed: Version;
  #view: ReadView;
  #prepared: Prepared | undefined;
  #committing = false;
  #closed = false;

  /** Use {@link open}. */
  private constructor(
    db: Database,
    history: History,
    maintenance: Maintenance,
    pruning: Pruning,
    upgrades: StoreUpgrades | undefined,
    committed: Version,
  ) {
    this.#db = db;
    this.#history = history;
    this.#maintenance = maintenance;
    this.#pruning = pruning;
    this.#upgrades = upgrades;
    this.#committed = committed;
    this.#view = new ReadView(committed);
    this.#startWorking();
  }

  /**
   * Opens the database and loads its latest height, rechecked to the app hash. Throws `locked`, `corrupt`, `stores`
   * when the stores are not those of the database, and `io`.
   */
  static async open(options: MultiStoreOptions): Promise<MultiStore> {
    const { path, storeKeys, pruning = PRUNING.default, log = silent, upgrades, lockWaitMs } = options;
    const db = await (options.openDatabase ?? openDatabase)(path, { log, lockWaitMs });
    try {
      const loaded = await load(db, log);
      const latest = loaded.latest ?? emptyVersion(storeKeys);
      const { height } = latest.record;
      const told = typeof upgrades === "function" ? upgrades(new ReadView(latest)) : upgrades;
      const due = told?.height === BigInt(height) + 1n ? told : undefined;
      checkUpgrades(height, [...latest.roots.keys()], storeKeys, due);
      const history = new History(db, { ...RECENT_DEFAULT, ...options.recent }, loaded.bases);
      history.earliest = Math.max(loaded.earliest, height === 0 ? 0 : earliestKept(pruning, height));
      for (const { version, cost } of loaded.recent) history.remember(version, cost);
      const policy = { ...BASE_POLICY, ...options.basePolicy };
      const maintenance = new Maintenance(db, history, policy, log, loaded.changeBytes);
      return new MultiStore(db, history, maintenance, pruning, due, latest);
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /** The latest committed height, 0 before the first. */
  get version(): bigint {
    return BigInt(this.#committed.record.height);
  }

  /** App hash of the latest committed height; before the first, the root of empty stores. */
  get appHash(): Uint8Array {
    return this.#committed.record.appHash;
  }

  /** The earliest height that {@link at} gives, 0 before the first commit. */
  get earliest(): bigint {
    return BigInt(this.#history.earliest);
  }

  /** Whether the latest height came with a snapshot, and no block since. */
  get isRestored(): boolean {
    return this.version > 0n && this.#committed.record.origin === "restored";
  }

  /** The latest committed height, to read from. One object until the next commit. */
  get latest(): ReadView {
    return this.#view;
  }

  /** The store of the next height. The same object for the life of the store. Throws `stores` for an unknown key. */
  working(storeKey: string): WorkingStore {
    const store = this.#stores.get(storeKey);
    if (store === undefined) throw new StoreError("stores", `store ${storeKey} is not one of this program`);
    return store;
  }

  /**
   * The app hash that the writes so far lead to at `height`. Nothing reaches the disk. Throws `misuse` for a height that
   * is not the next. Cost: 4 to 5 µs a key written.
   */
  prepare(height: bigint): Uint8Array {
    this.#guard();
    const { height: last } = this.#committed.record;
    if (last === 0 ? height < 1n : height !== BigInt(last) + 1n) {
      throw new StoreError("misuse", `height is ${height}, want ${last + 1}`);
    }
    if (this.#prepared !== undefined && BigInt(this.#prepared.height) !== height) {
      throw new StoreError("misuse", `height is ${height}, but ${this.#prepared.height} is prepared`);
    }
    const before = hashedNodes();
    const stores: StoreRoot[] = [];
    const roots = new Map<string, Node | undefined>();
    for (const [name, { tree }] of this.#stores) {
      stores.push({ name, hash: tree.hash(Number(height)) });
      roots.set(name, tree.root);
    }
    const appHash = appHashOf(stores);
    const cost = hashedNodes() - before + (this.#prepared?.cost ?? 0);
    this.#prepared = { height: Number(height), appHash, stores, roots, changeBytes: this.#changeBytes(), cost };
    return appHash;
  }

  /** Drops every write since the last commit. */
  discard(): void {
    this.#guard();
    this.#startWorking();
  }

  /**
   * Makes the prepared height durable, in one synced batch, and only then visible. When the disk refuses, throws `io`,
   * nothing has changed, and commit may be tried again. Throws `misuse` unless prepare was the last thing done.
   */
  async commit(extra: CommitExtra = {}): Promise<void> {
    this.#guard();
    const prepared = this.#prepared;
    if (prepared === undefined) throw new StoreError("misuse", "commit comes before prepare");
    if (prepared.changeBytes !== this.#changeBytes()) {
      throw new StoreError("misuse", "stores were written after prepare");
    }
    const changes = encodeChanges(
      [...this.#stores.values()].map(({ name, origin, changes: log }) => ({ name, origin, log: log.view() })),
    );
    const { height, appHash, stores, roots, cost } = prepared;
    const parts = splitParts(changes);
    const content = {
      height,
      time: extra.time ?? 0n,
      appHash,
      stores,
      metadata: extra.metadata ?? new Uint8Array(0),
      origin: "block" as const,
      changeParts: parts.length,
      changeDigest: hashBytes(changes),
      previous: this.#committed.record.digest,
    };
    const { bytes, digest } = encodeRecord(content);
    const batch: Write[] = [{ type: "put", key: recordKey(height), value: bytes }];
    for (const [i, part] of parts.entries()) batch.push({ type: "put", key: changeKey(height, i + 1), value: part });
    this.#committing = true;
    try {
      await this.#db.write(batch, true);
    } finally {
      this.#committing = false;
    }
    this.#switchTo({ record: { ...content, digest }, roots }, cost, changes.length);
  }

  /**
   * Takes in whole trees as height `height` of an empty store: the end of a restored snapshot. Throws `snapshot` when
   * their app hash is not `appHash` or the stores are not this program's; then nothing has changed. A crash before it
   * resolves leaves an empty store.
   */
  async adopt(state: {
    readonly height: bigint;
    readonly time: bigint;
    readonly metadata: Uint8Array;
    readonly appHash: Uint8Array;
    readonly roots: Roots;
  }): Promise<void> {
    this.#guard();
    if (this.version !== 0n) throw new StoreError("misuse", `store has height ${this.version}, want an empty one`);
    const { roots, appHash, time, metadata } = state;
    const stores = storeRootsOf(roots);
    const present = [...this.#stores.keys()];
    if (stores.length !== present.length || stores.some(({ name }, i) => name !== present[i])) {
      const seen = stores.map(({ name }) => name).join(", ");
      throw new StoreError("snapshot", `snapshot has stores ${seen}, want ${present.join(", ")}`);
    }
    const have = appHashOf(stores);
    if (!sameBytes(have, appHash)) {
      throw new StoreError("snapshot", `snapshot has app hash ${hexOf(have)}, want ${hexOf(appHash)}`);
    }
    const height = Number(state.height);
    const nothing = new Uint8Array(0);
    const content = {
      ...{ height, time, appHash, stores, metadata, origin: "restored" as const },
      ...{ changeParts: 0, changeDigest: nothing, previous: NO_PREVIOUS },
    };
    this.#committing = true;
    try {
      const base = { height, changeBytes: 0, ...(await writePieces(this.#db, height, roots, unpaced)) };
      const { bytes, digest } = encodeRecord(content);
      await this.#db.write([manifestWrite(base), { type: "put", key: recordKey(height), value: bytes }], true);
      this.#history.bases = [base];
      this.#committing = false;
      this.#switchTo({ record: { ...content, digest }, roots }, 0, 0);
    } finally {
      this.#committing = false;
    }
  }

  /**
   * A committed height to read from: recent ones at once, older ones rebuilt off the block path. Throws `HeightError`
   * with the earliest and the latest height there are, `busy`, `corrupt`.
   */
  async at(height: bigint): Promise<ReadView> {
    if (height === this.version && height > 0n) return this.#view;
    return new ReadView(await this.#history.at(Number(height)));
  }

  /** As {@link at}, if it needs no rebuilding. */
  recent(height: bigint): ReadView | undefined {
    if (height === this.version && height > 0n) return this.#view;
    const version = this.#history.inMemory(Number(height));
    return version === undefined ? undefined : new ReadView(version);
  }

  /** Resolves when no base is being written and nothing is being pruned. */
  idle(): Promise<void> {
    return this.#maintenance.idle();
  }

  /** Ends background work and closes the database. Wait for a running commit first. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#maintenance.close();
    await this.#history.close();
    await this.#db.close();
  }

  #switchTo(version: Version, cost: number, changeBytes: number): void {
    const { height } = version.record;
    if (this.#history.latest === 0) this.#history.earliest = height;
    this.#committed = version;
    this.#view = new ReadView(version);
    this.#history.earliest = Math.max(this.#history.earliest, earliestKept(this.#pruning, height));
    this.#history.remember(version, cost);
    this.#startWorking();
    this.#maintenance.committed(version, changeBytes);
  }

  #startWorking(): void {
    this.#prepared = undefined;
    const { roots, record } = this.#committed;
    const upgrades = this.#upgrades?.height === BigInt(record.height) + 1n ? this.#upgrades : undefined;
    const gone = new Set([...(upgrades?.deleted ?? []), ...(upgrades?.renamed ?? []).map(({ from }) => from)]);
    const names = [...roots.keys(), ...(upgrades?.added ?? []), ...(upgrades?.renamed ?? []).map(({ to }) => to)];
    for (const name of names.filter((candidate) => !gone.has(candidate)).sort(compareNames)) {
      const store = this.#stores.get(name);
      if (store === undefined) this.#stores.set(name, new WorkingStore(name, roots.get(name), () => this.#guard()));
      else store.reset(roots.get(name));
    }
    for (const { from, to } of upgrades?.renamed ?? []) this.#rename(from, this.working(to));
  }

  /** As the SDK moves a renamed store: its entries are set anew, in key order. */
  #rename(from: string, store: WorkingStore): void {
    store.origin = { kind: "renamed", from };
    for (const { key, value } of leaves(this.#committed.roots.get(from), undefined, undefined, false)) {
      store.tree.setText(key, value);
    }
  }

  #changeBytes(): number {
    let bytes = 0;
    for (const { changes } of this.#stores.values()) bytes += changes.byteLength;
    return bytes;
  }

  #guard(): void {
    if (this.#committing) throw new StoreError("misuse", "a commit is under way");
    if (this.#closed) throw new StoreError("misuse", "the store is closed");
  }
}

/** Rebuilds a height from an older one and the changes between them, checking every record on the way. */
import type { Database } from "./db.ts";
import { StoreError } from "./errors.ts";
import { heightOf, heightRange, partOf } from "./layout.ts";
import { appHashOf, compareNames } from "./merkle.ts";
import { hashBytes, hashInSteps, type Node } from "./node.ts";
import type { Pace } from "./pace.ts";
import { applyLog, type CommitRecord, decodeChanges, decodeRecord, hexOf, sameBytes } from "./records.ts";
import { leaves, Tree } from "./tree.ts";
import { storeRootsOf, type Version } from "./version.ts";

export interface RecordedHeight {
  readonly record: CommitRecord;
  readonly changes: Uint8Array;
}

/** The record of a height, undefined when there is none. Throws `corrupt`. */
export async function readRecord(db: Database, height: number): Promise<CommitRecord | undefined> {
  for await (const [key, value] of db.entries({ ...heightRange(height, height + 1), limit: 1 })) {
    if (partOf(key) === 0) return decodeRecord(value, height);
  }
  return undefined;
}

/** Heights `[from, to]` with their changes. Throws `corrupt` at the first that is missing or damaged. */
export async function* readHeights(db: Database, from: number, to: number): AsyncGenerator<RecordedHeight> {
  let expected = from;
  let record: CommitRecord | undefined;
  let parts: Uint8Array[] = [];
  for await (const [key, value] of db.entries(heightRange(from, to + 1))) {
    const height = heightOf(key);
    const part = partOf(key);
    if (record === undefined) {
      if (height !== expected || part !== 0) throw missing(expected);
      record = decodeRecord(value, height);
    } else {
      if (height !== record.height || part !== parts.length + 1) throw missing(record.height);
      parts.push(value);
    }
    if (parts.length < record.changeParts) continue;
    if (record.origin === "restored") throw missing(record.height);
    const changes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (!sameBytes(hashBytes(changes), record.changeDigest)) {
      throw new StoreError("corrupt", `changes of height ${record.height} do not match their digest`);
    }
    yield { record, changes };
    expected = record.height + 1;
    record = undefined;
    parts = [];
  }
  if (expected <= to) throw missing(expected);
}

const missing = (height: number): StoreError =>
  new StoreError("corrupt", `the commit of height ${height} is missing or incomplete`);

/** A moving state: {@link apply} takes it one height further, {@link freeze} makes a version of it. */
export class Replay {
  #record: CommitRecord;
  readonly #trees = new Map<string, Tree>();
  readonly #pace: Pace;

  constructor(start: Version, pace: Pace) {
    this.#record = start.record;
    this.#pace = pace;
    for (const [name, root] of start.roots) this.#trees.set(name, new Tree(root, start.record.height));
  }

  async apply({ record, changes }: RecordedHeight): Promise<void> {
    if (!sameBytes(record.previous, this.#record.digest)) {
      throw new StoreError("corrupt", `the commit of height ${record.height} does not follow the one before`);
    }
    for (const tree of this.#trees.values()) tree.version = record.height;
    for (const { name, origin, log } of decodeChanges(changes)) {
      if (origin.kind === "renamed") await this.#rename(origin.from, name, record.height);
      const tree = this.#tree(name, record.height);
      for (const _ of applyLog(log, tree)) await this.#restIfDue();
    }
    const kept = new Set(record.stores.map(({ name }) => name));
    for (const name of [...this.#trees.keys()]) if (!kept.has(name)) this.#trees.delete(name);
    for (const name of kept) this.#tree(name, record.height);
    this.#record = record;
    await this.#restIfDue();
  }

  /** The version reached, with all hashes. Throws `corrupt` when they are not the recorded ones. */
  async freeze(): Promise<Version> {
    const roots = new Map<string, Node | undefined>();
    for (const name of [...this.#trees.keys()].sort(compareNames)) {
      const { root } = this.#trees.get(name)!;
      if (root !== undefined) for (const _ of hashInSteps(root)) await this.#restIfDue();
      roots.set(name, root);
    }
    const version = { record: this.#record, roots };
    checkVersion(version);
    return version;
  }

  #tree(name: string, height: number): Tree {
    let tree = this.#trees.get(name);
    if (tree === undefined) {
      tree = new Tree(undefined, height);
      this.#trees.set(name, tree);
    }
    return tree;
  }

  async #rename(from: string, name: string, height: number): Promise<void> {
    const old = this.#trees.get(from);
    if (old === undefined)
      throw new StoreError("corrupt", `store ${name} was renamed from ${from}, which is not there`);
    const tree = new Tree(undefined, height);
    let step = 0;
    for (const { key, value } of leaves(old.root, undefined, undefined, false)) {
      tree.setText(key, value);
      if (++step % 256 === 0) await this.#restIfDue();
    }
    this.#trees.set(name, tree);
  }

  async #restIfDue(): Promise<void> {
    if (this.#pace.due) await this.#pace.rest();
  }
}

/** Throws `corrupt` unless the trees have the recorded roots and these the recorded app hash. */
export function checkVersion({ record, roots }: Version): void {
  const have = storeRootsOf(roots);
  for (const [i, { name, hash }] of record.stores.entries()) {
    const store = have[i];
    if (store?.name !== name || store.hash !== hash) {
      const seen = store === undefined ? "no store" : `${store.name} ${hexOf(store.hash)}`;
      throw new StoreError("corrupt", `height ${record.height} has ${seen}, want store ${name} ${hexOf(hash)}`);
    }
  }
  const appHash = appHashOf(have);
  if (have.length !== record.stores.length || !sameBytes(appHash, record.appHash)) {
    const message = `app hash of height ${record.height} is ${hexOf(appHash)}, want ${hexOf(record.appHash)}`;
    throw new StoreError("corrupt", message);
  }
}

import { SortedKeys } from "@interfirm/modules/kernel/sorted-keys";
import type { Entry, KVStore, ReadStore } from "@interfirm/modules/kernel/store";
import { toBytes, toText } from "../store/bytes.ts";

/** Where the undo log stands. */
export type Mark = number;

/** Undefined as a value means deleted; an absent entry means that the parent decides. */
type Dirty = Map<string, Uint8Array | undefined>;

interface Undo {
  readonly dirty: Dirty;
  readonly key: string;
  /** Whether there was an entry before, and which. */
  readonly had: boolean;
  readonly before: Uint8Array | undefined;
  readonly store: Overlay;
}

/**
 * Writes on top of stores that stay as they are: the state of a block, of the mempool's checks or of a simulation.
 * One log of undo entries covers all stores, so a branch costs nothing to open or to keep, and dropping one costs as
 * much as was written in it. Branches nest by nesting marks.
 */
export class Branch {
  readonly #parent: (storeKey: string) => ReadStore;
  readonly #stores = new Map<string, Overlay>();
  readonly #log: Undo[] = [];

  constructor(parent: (storeKey: string) => ReadStore) {
    this.#parent = parent;
  }

  store(storeKey: string): KVStore {
    let store = this.#stores.get(storeKey);
    if (!store) {
      store = new Overlay(this.#parent(storeKey), this.#log);
      this.#stores.set(storeKey, store);
    }
    return store;
  }

  mark(): Mark {
    return this.#log.length;
  }

  /** Undoes every write since `mark`, latest first. */
  rollback(mark: Mark): void {
    while (this.#log.length > mark) {
      const { store, dirty, key, had, before } = this.#log.pop()!;
      if (had) dirty.set(key, before);
      else {
        dirty.delete(key);
        store.forget(key);
      }
    }
  }

  /** Gives up the possibility to undo, and with it the memory of the log. Marks from before are void. */
  settle(): void {
    this.#log.length = 0;
  }

  /**
   * Writes everything to `target`, store by store in order of their names and ascending by key: the shape of an IAVL
   * tree, and so the app hash, depends on the order of insertions. Returns the number of entries written.
   */
  flush(target: (storeKey: string) => KVStore): number {
    let written = 0;
    const names = [...this.#stores.keys()].sort(compareText);
    for (const name of names) written += this.#stores.get(name)!.flush(target(name));
    return written;
  }
}

/** JavaScript's `<` compares UTF-16 units; in text of one character a byte that is unsigned byte order. */
const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

class Overlay implements KVStore {
  readonly #parent: ReadStore;
  readonly #dirty: Dirty = new Map();
  readonly #log: Undo[];
  /** Dirty keys in order, kept from the first range on: most blocks read none. */
  #sorted: SortedKeys | undefined;

  constructor(parent: ReadStore, log: Undo[]) {
    this.#parent = parent;
    this.#log = log;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const text = toText(key);
    const value = this.#dirty.get(text);
    if (value !== undefined || this.#dirty.has(text)) return value;
    return this.#parent.get(key);
  }

  has(key: Uint8Array): boolean {
    const text = toText(key);
    return this.#dirty.has(text) ? this.#dirty.get(text) !== undefined : this.#parent.has(key);
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#put(toText(key), value);
  }

  delete(key: Uint8Array): void {
    this.#put(toText(key), undefined);
  }

  *range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse = false): Generator<Entry> {
    const direction = reverse ? -1 : 1;
    const own = this.#dirtyKeys(from, to, reverse);
    let mine = own.next();
    for (const entry of this.#parent.range(from, to, reverse)) {
      const theirs = toText(entry[0]);
      while (!mine.done && compareText(mine.value, theirs) * direction < 0) {
        const value = this.#dirty.get(mine.value);
        if (value !== undefined) yield [toBytes(mine.value), value];
        mine = own.next();
      }
      if (!mine.done && mine.value === theirs) {
        const value = this.#dirty.get(theirs);
        if (value !== undefined) yield [entry[0], value];
        mine = own.next();
      } else {
        yield entry;
      }
    }
    for (; !mine.done; mine = own.next()) {
      const value = this.#dirty.get(mine.value);
      if (value !== undefined) yield [toBytes(mine.value), value];
    }
  }

  /** The entry of `key` is gone again: a rollback took the write that made it. */
  forget(key: string): void {
    this.#sorted?.remove(key);
  }

  flush(target: KVStore): number {
    const keys = [...this.#dirty.keys()].sort(compareText);
    for (const key of keys) {
      const value = this.#dirty.get(key);
      if (value === undefined) target.delete(toBytes(key));
      else target.set(toBytes(key), value);
    }
    return keys.length;
  }

  #put(key: string, value: Uint8Array | undefined): void {
    const dirty = this.#dirty;
    const before = dirty.get(key);
    const had = before !== undefined || dirty.has(key);
    this.#log.push({ dirty, key, had, before, store: this });
    dirty.set(key, value);
    if (!had) this.#sorted?.add(key);
  }

  #dirtyKeys(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse: boolean): Generator<string> {
    if (!this.#sorted) {
      this.#sorted = new SortedKeys();
      for (const key of this.#dirty.keys()) this.#sorted.add(key);
    }
    return this.#sorted.range(from && toText(from), to && toText(to), reverse);
  }
}

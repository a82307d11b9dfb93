import { SortedKeys } from "@interfirm/modules/kernel/sorted-keys";
import type { Entry, KVStore, ReadStore } from "@interfirm/modules/kernel/store";
import { toBytes, toText } from "../store/bytes.ts";

/** Where the undo log stands. */
export type Mark = number;

/** What a key has now. Undefined as a value means absent. */
interface Slot {
  readonly value: Uint8Array | undefined;
  /** Written here; otherwise remembered from the parent. */
  readonly isDirty: boolean;
}

/** Keys beyond which reads are not remembered any more: checks of the mempool go on while no block comes. */
const SLOTS_MAX = 100_000;

interface Undo {
  readonly store: Overlay;
  readonly key: string;
  readonly before: Slot | undefined;
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
      const { store, key, before } = this.#log.pop()!;
      store.restore(key, before);
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

/**
 * Also remembers what it read: a block reads the same parameters and accounts many times, and whoever decodes a value
 * can tell by the array that it is the same. The parent does not change while the overlay lives.
 */
class Overlay implements KVStore {
  readonly #parent: ReadStore;
  readonly #slots = new Map<string, Slot>();
  readonly #log: Undo[];
  /** Dirty keys in order, kept from the first range on: most blocks read none. */
  #sorted: SortedKeys | undefined;

  constructor(parent: ReadStore, log: Undo[]) {
    this.#parent = parent;
    this.#log = log;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const text = toText(key);
    const slot = this.#slots.get(text);
    if (slot !== undefined) return slot.value;
    const value = this.#parent.get(key);
    if (this.#slots.size < SLOTS_MAX) this.#slots.set(text, { value, isDirty: false });
    return value;
  }

  has(key: Uint8Array): boolean {
    return this.get(key) !== undefined;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.#put(toText(key), value);
  }

  delete(key: Uint8Array): void {
    this.#put(toText(key), undefined);
  }

  *range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse = false): Generator<Entry> {
    const direction = reverse ? -1 : 1;
    const own = this.#dirtyRange(from, to, reverse);
    let mine = own.next();
    for (const entry of this.#parent.range(from, to, reverse)) {
      const theirs = toText(entry[0]);
      while (!mine.done && compareText(mine.value, theirs) * direction < 0) {
        const value = this.#slots.get(mine.value)!.value;
        if (value !== undefined) yield [toBytes(mine.value), value];
        mine = own.next();
      }
      if (!mine.done && mine.value === theirs) {
        const value = this.#slots.get(theirs)!.value;
        if (value !== undefined) yield [entry[0], value];
        mine = own.next();
      } else {
        yield entry;
      }
    }
    for (; !mine.done; mine = own.next()) {
      const value = this.#slots.get(mine.value)!.value;
      if (value !== undefined) yield [toBytes(mine.value), value];
    }
  }

  /** Takes back the latest write of `key`. */
  restore(key: string, before: Slot | undefined): void {
    if (before) this.#slots.set(key, before);
    else this.#slots.delete(key);
    if (!before?.isDirty) this.#sorted?.remove(key);
  }

  flush(target: KVStore): number {
    const keys = this.#dirtyKeys().sort(compareText);
    for (const key of keys) {
      const { value } = this.#slots.get(key)!;
      if (value === undefined) target.delete(toBytes(key));
      else target.set(toBytes(key), value);
    }
    return keys.length;
  }

  #put(key: string, value: Uint8Array | undefined): void {
    const before = this.#slots.get(key);
    this.#log.push({ store: this, key, before });
    this.#slots.set(key, { value, isDirty: true });
    if (!before?.isDirty) this.#sorted?.add(key);
  }

  #dirtyKeys(): string[] {
    const keys: string[] = [];
    for (const [key, { isDirty }] of this.#slots) if (isDirty) keys.push(key);
    return keys;
  }

  #dirtyRange(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse: boolean): Generator<string> {
    if (!this.#sorted) {
      this.#sorted = new SortedKeys();
      for (const key of this.#dirtyKeys()) this.#sorted.add(key);
    }
    return this.#sorted.range(from && toText(from), to && toText(to), reverse);
  }
}

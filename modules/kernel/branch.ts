import { fromLatin1, toLatin1 } from "./bytes.ts";
import { SortedKeys } from "./sorted-keys.ts";
import type { Entry, KVStore, ReadStore } from "./store.ts";

/** Where the undo log stands. */
export type Mark = number;

/** `unknown`: ask the parent. `read`: remembered from the parent. `written`: here. */
type Origin = "unknown" | "read" | "written";

/** What a key has now. Undefined as a value means absent. */
interface Slot {
  value: Uint8Array | undefined;
  origin: Origin;
}

/** Keys beyond which reads are not remembered any more: checks of the mempool go on while no block comes. */
const SLOTS_MAX = 100_000;

/** A write, with what was there before. */
interface Undo {
  readonly store: Overlay;
  readonly key: string;
  readonly slot: Slot;
  readonly value: Uint8Array | undefined;
  readonly origin: Origin;
}

/**
 * Writes on top of stores that stay as they are: the state of a block, of the mempool's checks, of a simulation or of a
 * test. Nothing reaches those stores but by `flush`.
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
      const undo = this.#log.pop()!;
      undo.store.restore(undo);
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
  /** Written keys in order, kept from the first range on: most blocks read none. */
  #sorted: SortedKeys | undefined;

  constructor(parent: ReadStore, log: Undo[]) {
    this.#parent = parent;
    this.#log = log;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const text = toLatin1(key);
    const slot = this.#slots.get(text);
    if (slot !== undefined && slot.origin !== "unknown") return slot.value;
    const value = this.#parent.get(key);
    if (slot !== undefined) {
      slot.value = value;
      slot.origin = "read";
    } else if (this.#slots.size < SLOTS_MAX) this.#slots.set(text, { value, origin: "read" });
    return value;
  }

  has(key: Uint8Array): boolean {
    return this.get(key) !== undefined;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    if (key.length === 0) throw new Error("store key is empty, want at least one byte");
    this.#put(toLatin1(key), value);
  }

  delete(key: Uint8Array): void {
    this.#put(toLatin1(key), undefined);
  }

  *range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse = false): Generator<Entry> {
    const direction = reverse ? -1 : 1;
    const own = this.#writtenRange(from, to, reverse);
    let mine = own.next();
    for (const entry of this.#parent.range(from, to, reverse)) {
      const theirs = toLatin1(entry[0]);
      while (!mine.done && compareText(mine.value, theirs) * direction < 0) {
        const { value } = this.#slots.get(mine.value)!;
        if (value !== undefined) yield [fromLatin1(mine.value), value];
        mine = own.next();
      }
      if (!mine.done && mine.value === theirs) {
        const { value } = this.#slots.get(theirs)!;
        if (value !== undefined) yield [entry[0], value];
        mine = own.next();
      } else {
        yield entry;
      }
    }
    for (; !mine.done; mine = own.next()) {
      const { value } = this.#slots.get(mine.value)!;
      if (value !== undefined) yield [fromLatin1(mine.value), value];
    }
  }

  /** Takes the latest write of its key back. */
  restore({ key, slot, value, origin }: Undo): void {
    slot.value = value;
    slot.origin = origin;
    if (origin !== "written") this.#sorted?.remove(key);
  }

  flush(target: KVStore): number {
    const keys = this.#writtenKeys().sort(compareText);
    for (const key of keys) {
      const { value } = this.#slots.get(key)!;
      if (value === undefined) target.delete(fromLatin1(key));
      else target.set(fromLatin1(key), value);
    }
    return keys.length;
  }

  #put(key: string, value: Uint8Array | undefined): void {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = { value: undefined, origin: "unknown" };
      this.#slots.set(key, slot);
    }
    this.#log.push({ store: this, key, slot, value: slot.value, origin: slot.origin });
    if (slot.origin !== "written") this.#sorted?.add(key);
    slot.value = value;
    slot.origin = "written";
  }

  #writtenKeys(): string[] {
    const keys: string[] = [];
    for (const [key, { origin }] of this.#slots) if (origin === "written") keys.push(key);
    return keys;
  }

  #writtenRange(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse: boolean): Generator<string> {
    if (!this.#sorted) {
      this.#sorted = new SortedKeys();
      for (const key of this.#writtenKeys()) this.#sorted.add(key);
    }
    return this.#sorted.range(from && toLatin1(from), to && toLatin1(to), reverse);
  }
}

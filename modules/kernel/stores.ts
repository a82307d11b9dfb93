import { toLatin1 } from "./bytes.ts";
import { SortedKeys } from "./sorted-keys.ts";
import type { Entry, KVStore } from "./store.ts";

const textOf = (key: Uint8Array | undefined): string | undefined => (key === undefined ? undefined : toLatin1(key));

function checkKey(key: Uint8Array): void {
  if (key.length === 0) throw new Error("store key is empty, want at least one byte");
}

/** A store in memory: for tests, and for state that is computed again at each start. */
export class MemoryStore implements KVStore {
  readonly #entries = new Map<string, Entry>();
  readonly #keys = new SortedKeys();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#entries.get(toLatin1(key))?.[1];
  }

  has(key: Uint8Array): boolean {
    return this.#entries.has(toLatin1(key));
  }

  set(key: Uint8Array, value: Uint8Array): void {
    checkKey(key);
    const text = toLatin1(key);
    if (!this.#entries.has(text)) this.#keys.add(text);
    this.#entries.set(text, [key, value]);
  }

  delete(key: Uint8Array): void {
    const text = toLatin1(key);
    if (this.#entries.delete(text)) this.#keys.remove(text);
  }

  *range(from?: Uint8Array, to?: Uint8Array, reverse = false): Generator<Entry> {
    for (const text of this.#keys.range(textOf(from), textOf(to), reverse)) yield this.#entries.get(text)!;
  }
}

/** A write that waits. An undefined value is a deletion. */
export interface Change {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

/**
 * A branch of a store: reads see the parent through the changes made here, `write` hands the changes to the parent,
 * and dropping the branch is the rollback. The parent must not change in between.
 *
 * Cost: a read or write is one hash look-up a layer; the order of keys is only worked out when a range is read.
 */
export class CachedStore implements KVStore {
  readonly #parent: KVStore;
  /** The same parent where it is a branch too: reads pass the key's text on instead of making it again. */
  readonly #branch: CachedStore | undefined;
  #changes = new Map<string, Change>();
  #keys = new SortedKeys();
  /** Changed keys that are not in `#keys` yet. */
  #unsorted: string[] = [];

  constructor(parent: KVStore) {
    this.#parent = parent;
    this.#branch = parent instanceof CachedStore ? parent : undefined;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#read(toLatin1(key), key);
  }

  has(key: Uint8Array): boolean {
    const change = this.#changes.get(toLatin1(key));
    return change === undefined ? this.#parent.has(key) : change.value !== undefined;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    checkKey(key);
    this.#change(toLatin1(key), { key, value });
  }

  delete(key: Uint8Array): void {
    this.#change(toLatin1(key), { key, value: undefined });
  }

  range(from?: Uint8Array, to?: Uint8Array, reverse = false): Iterable<Entry> {
    const parent = this.#parent.range(from, to, reverse);
    return this.#changes.size === 0 ? parent : this.#merge(parent, textOf(from), textOf(to), reverse);
  }

  /** Changes in key order, which is the order in which `write` applies them. */
  changes(): readonly Change[] {
    return [...this.#changes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, change]) => change);
  }

  /** Hands all changes to the parent, in key order, and starts anew. */
  write(): void {
    if (this.#branch) {
      // Order does not show in a map: only the outermost branch, over a tree, has to sort.
      for (const [text, change] of this.#changes) this.#branch.#change(text, change);
    } else {
      for (const { key, value } of this.changes()) {
        if (value === undefined) this.#parent.delete(key);
        else this.#parent.set(key, value);
      }
    }
    this.discard();
  }

  /** Forgets all changes. */
  discard(): void {
    if (this.#changes.size === 0) return;
    this.#changes = new Map();
    this.#keys = new SortedKeys();
    this.#unsorted = [];
  }

  #read(text: string, key: Uint8Array): Uint8Array | undefined {
    const change = this.#changes.get(text);
    if (change !== undefined) return change.value;
    return this.#branch ? this.#branch.#read(text, key) : this.#parent.get(key);
  }

  #change(text: string, change: Change): void {
    const before = this.#changes.size;
    this.#changes.set(text, change);
    if (this.#changes.size !== before) this.#unsorted.push(text);
  }

  *#merge(
    parent: Iterable<Entry>,
    from: string | undefined,
    to: string | undefined,
    reverse: boolean,
  ): Generator<Entry> {
    for (const text of this.#unsorted) this.#keys.add(text);
    this.#unsorted = [];
    const texts = this.#keys.range(from, to, reverse);
    let next = texts.next();
    for (const entry of parent) {
      const below = toLatin1(entry[0]);
      let same = false;
      while (!next.done && (reverse ? next.value >= below : next.value <= below)) {
        same = next.value === below;
        const { key, value } = this.#changes.get(next.value)!;
        if (value !== undefined) yield [key, value];
        next = texts.next();
      }
      if (!same) yield entry;
    }
    for (; !next.done; next = texts.next()) {
      const { key, value } = this.#changes.get(next.value)!;
      if (value !== undefined) yield [key, value];
    }
  }
}

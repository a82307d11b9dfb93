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

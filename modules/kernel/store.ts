/** Stores as modules see them: byte keys in unsigned lexicographic order, synchronous. */

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

export interface ReadStore {
  /** Undefined when absent. The bytes belong to the store: do not change them. */
  get(key: Uint8Array): Uint8Array | undefined;
  has(key: Uint8Array): boolean;
  /**
   * Entries of `[from, to)`, ascending, or descending with `reverse`. An undefined bound is open.
   * The store must not be written while a range of it is being read: collect first.
   */
  range(from: Uint8Array | undefined, to: Uint8Array | undefined, reverse?: boolean): Iterable<Entry>;
}

export interface KVStore extends ReadStore {
  /** Keys are not empty; values may be. The store keeps both arrays: do not change them afterwards. */
  set(key: Uint8Array, value: Uint8Array): void;
  /** Deleting an absent key does nothing. */
  delete(key: Uint8Array): void;
}

/** A committed height in memory: its trees, their root of roots, and reading from them. */
import type { ReadStore } from "@interfirm/modules/kernel/store";
import { StoreError } from "./errors.ts";
import { appHashOf, compareNames, type StoreRoot } from "./merkle.ts";
import { rootHash } from "./node.ts";
import type { Roots } from "./node-stream.ts";
import { type CommitRecord, NO_PREVIOUS } from "./records.ts";
import { TreeReader } from "./tree.ts";

/** Heights count up from 1; 0 is the state before the first block. Immutable. */
export interface Version {
  readonly record: CommitRecord;
  readonly roots: Roots;
}

/** Names and root hashes, sorted by name. Computes hashes that are missing. */
export function storeRootsOf(roots: Roots): StoreRoot[] {
  return [...roots.keys()].sort(compareNames).map((name) => ({ name, hash: rootHash(roots.get(name)) }));
}

/** The state before the first block: every store empty. */
export function emptyVersion(storeKeys: readonly string[]): Version {
  const roots = new Map(storeKeys.map((name) => [name, undefined]));
  const stores = storeRootsOf(roots);
  const nothing = new Uint8Array(0);
  const record: CommitRecord = {
    height: 0,
    time: 0n,
    appHash: appHashOf(stores),
    stores,
    metadata: nothing,
    origin: "block",
    changeParts: 0,
    changeDigest: nothing,
    previous: NO_PREVIOUS,
    digest: NO_PREVIOUS,
  };
  return { record, roots };
}

/** Reads one committed height. It stays valid however many blocks follow. */
export class ReadView {
  readonly #version: Version;
  readonly #stores = new Map<string, TreeReader>();

  constructor(version: Version) {
    this.#version = version;
  }

  get height(): bigint {
    return BigInt(this.#version.record.height);
  }

  get appHash(): Uint8Array {
    return this.#version.record.appHash;
  }

  /** Time of the block, in nanoseconds since 1970, as commit got it. */
  get time(): bigint {
    return this.#version.record.time;
  }

  /** What the application kept with the height. */
  get metadata(): Uint8Array {
    return this.#version.record.metadata;
  }

  /** Name and root hash of every store, sorted by name: the SDK's `CommitInfo`. */
  get stores(): readonly StoreRoot[] {
    return this.#version.record.stores;
  }

  get roots(): Roots {
    return this.#version.roots;
  }

  hasStore(storeKey: string): boolean {
    return this.#version.roots.has(storeKey);
  }

  /** Throws `stores` for a store that the height does not have. */
  store(storeKey: string): ReadStore & { readonly size: number } {
    let store = this.#stores.get(storeKey);
    if (store === undefined) {
      if (!this.hasStore(storeKey)) {
        throw new StoreError("stores", `store ${storeKey} does not exist at height ${this.height}`);
      }
      store = new TreeReader(this.#version.roots.get(storeKey));
      this.#stores.set(storeKey, store);
    }
    return store;
  }
}

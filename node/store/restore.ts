/** Restores a snapshot chunk by chunk. Nothing is visible before the app hash of all of it is the trusted one. */
import { StoreError } from "./errors.ts";
import type { MultiStore } from "./multistore.ts";
import { hashBytes } from "./node.ts";
import { RootsDecoder } from "./node-stream.ts";
import { sameBytes } from "./records.ts";
import { CHUNK_BYTES_MAX, checkInfo, chunkHash, type SnapshotHead, type SnapshotInfo, splitHead } from "./snapshot.ts";

/** - `next`: give the chunk `index`. - `refetch`: the chunk was not what the snapshot names. - `done`: restored. */
export type ChunkResult =
  | { readonly kind: "next"; readonly index: number }
  | { readonly kind: "refetch"; readonly index: number }
  | { readonly kind: "done" };

/** One attempt. A new offer makes a new one; dropping it in the middle leaves no trace. */
export class Restore {
  readonly info: SnapshotInfo;
  readonly #store: MultiStore;
  readonly #appHash: Uint8Array;
  readonly #decoder = new RootsDecoder();
  #head: SnapshotHead | undefined;
  #next = 0;

  /**
   * `appHash` is the one to trust: of the header after the snapshot's height. Throws `snapshot` for a foreign or
   * inconsistent offer, `misuse` when the store has heights already.
   */
  constructor(store: MultiStore, info: SnapshotInfo, appHash: Uint8Array) {
    checkInfo(info);
    if (store.version !== 0n) {
      throw new StoreError("misuse", `store has height ${store.version}, want an empty one to restore into`);
    }
    this.info = info;
    this.#store = store;
    this.#appHash = appHash;
  }

  /**
   * Takes chunk `index`; chunks come in order. Throws `snapshot` when the whole cannot be right whoever sends it: the
   * snapshot is to be rejected.
   */
  async apply(index: number, chunk: Uint8Array): Promise<ChunkResult> {
    if (index !== this.#next) return { kind: "refetch", index: this.#next };
    const right = chunk.length <= CHUNK_BYTES_MAX && sameBytes(hashBytes(chunk), chunkHash(this.info, index));
    if (!right) return { kind: "refetch", index };
    try {
      this.#decoder.push(index === 0 ? this.#takeHead(chunk) : chunk);
    } catch (error) {
      throw this.#broken(error);
    }
    this.#next++;
    if (this.#next < this.info.chunks) return { kind: "next", index: this.#next };
    await this.#finish();
    return { kind: "done" };
  }

  #takeHead(chunk: Uint8Array): Uint8Array {
    const { head, rest } = splitHead(chunk);
    if (head.height !== this.info.height) {
      throw new RangeError(`it holds height ${head.height}, want ${this.info.height}`);
    }
    this.#head = head;
    return rest;
  }

  async #finish(): Promise<void> {
    const head = this.#head!; // chunk 0 came first
    try {
      const roots = this.#decoder.finish();
      await this.#store.adopt({ ...head, roots, appHash: this.#appHash });
    } catch (error) {
      throw this.#broken(error);
    }
  }

  #broken(error: unknown): unknown {
    if (!(error instanceof RangeError)) return error;
    return new StoreError("snapshot", `snapshot of height ${this.info.height}: ${error.message}`, { cause: error });
  }
}

import type { Tx } from "@interfirm/modules/auth/tx";
import { BoundedCache } from "@interfirm/modules/kernel/cache";
import { ChainError } from "@interfirm/modules/kernel/errors";
import { txId } from "./tx-id.ts";

/** Longer transactions are decoded each time: a few of them would fill the memory that many short ones need. */
const CACHED_BYTES_MAX = 8192;

/** What transactions decode to. Both throw `sdk/2` for bytes that are none. */
export interface TxCache {
  readonly decode: (bytes: Uint8Array) => Tx;
  /** Likewise, and forgets the transaction: for the last time that it comes by. */
  readonly take: (bytes: Uint8Array) => Tx;
}

/**
 * Remembers what transactions decode to, or why they do not: each comes by in CheckTx, in every recheck, in proposals
 * and in its block. Holds between `size` and twice `size` of them. Nothing of it shows in results.
 */
export function cacheDecoded(decoder: (bytes: Uint8Array, id: string) => Tx, size: number): TxCache {
  const known = new BoundedCache<string, Tx | ChainError>(size);

  function find(bytes: Uint8Array, isLast: boolean): Tx {
    const id = txId(bytes);
    if (bytes.length > CACHED_BYTES_MAX) return decoder(bytes, id);
    const found = known.get(id);
    if (found && isLast) known.delete(id);
    if (found instanceof ChainError) throw found;
    if (found) return found;
    try {
      const tx = decoder(bytes, id);
      if (!isLast) known.set(id, tx);
      return tx;
    } catch (error) {
      if (error instanceof ChainError && !isLast) known.set(id, error);
      throw error;
    }
  }

  return { decode: (bytes) => find(bytes, false), take: (bytes) => find(bytes, true) };
}

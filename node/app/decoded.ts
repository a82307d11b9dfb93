import type { Tx } from "@interfirm/modules/auth/tx";
import { BoundedCache } from "@interfirm/modules/kernel/cache";
import { ChainError } from "@interfirm/modules/kernel/errors";
import { sha256 } from "../crypto/verify.ts";
import { toText } from "../store/bytes.ts";

/** Longer transactions are decoded each time: a few of them would fill the memory that many short ones need. */
const CACHED_BYTES_MAX = 8192;

/**
 * Remembers what transactions decode to, or why they do not: each comes by in CheckTx, in every recheck, in proposals
 * and in its block. Holds between `size` and twice `size` of them. Nothing of it shows in results.
 */
export function cacheDecoded(decode: (bytes: Uint8Array) => Tx, size: number): (bytes: Uint8Array) => Tx {
  const known = new BoundedCache<string, Tx | ChainError>(size);
  return (bytes) => {
    if (bytes.length > CACHED_BYTES_MAX) return decode(bytes);
    const key = toText(sha256(bytes));
    const found = known.get(key);
    if (found instanceof ChainError) throw found;
    if (found) return found;
    try {
      const tx = decode(bytes);
      known.set(key, tx);
      return tx;
    } catch (error) {
      if (error instanceof ChainError) known.set(key, error);
      throw error;
    }
  };
}

import type { Tx } from "@interfirm/modules/auth/tx";
import { BoundedCache } from "@interfirm/modules/kernel/cache";
import { ChainError } from "@interfirm/modules/kernel/errors";
import { sliceText } from "../store/bytes.ts";

/** What transactions decode to. */
export interface TxCache {
  /** Throws `sdk/2` for bytes that are no transaction. The bytes must not change afterwards. */
  readonly decode: (bytes: Uint8Array) => Tx;
  /** Likewise, and forgets the transaction: for the last time that it comes by. */
  readonly take: (bytes: Uint8Array) => Tx;
  /** What is remembered; undefined when nothing is, or when the bytes are no transaction. */
  readonly peek: (bytes: Uint8Array) => Tx | undefined;
}

/** Bytes, or what they are refused for. */
interface Known {
  readonly bytes: Uint8Array;
  readonly result: Tx | ChainError;
}

/** The end of a transaction is the end of a signature, which hardly two have in common. */
const KEY_BYTES = 16;
const COUNTED_BYTES = 1024;

/** As how many a transaction counts where a number of them is bounded: a few long ones would fill the memory that many short ones need. */
export const countOf = (bytes: Uint8Array): number => Math.ceil(bytes.length / COUNTED_BYTES);

const keyOf = (bytes: Uint8Array): string => sliceText(bytes, Math.max(0, bytes.length - KEY_BYTES), bytes.length);

/**
 * Remembers what transactions decode to, or why they do not: each comes by in CheckTx, in every recheck, in proposals
 * and in its block, and what was found out about it, such as that its signatures are valid, is found out once. Holds between
 * `size` and twice `size` of them. They are found by their end and compared in full, which takes a tenth of a hash; of two
 * with the same end, the latter is remembered. Nothing of it shows in results.
 */
export function cacheDecoded(decoder: (bytes: Uint8Array) => Tx, size: number): TxCache {
  const known = new BoundedCache<string, Known>(size, ({ bytes }) => countOf(bytes));
  /** Several ask for the same one in a row. */
  let last: Known | undefined;

  function find(bytes: Uint8Array, key: string): Known | undefined {
    if (last?.bytes === bytes) return last;
    const found = known.get(key);
    if (found === undefined || Buffer.compare(found.bytes, bytes) !== 0) return undefined;
    return found;
  }

  function read(bytes: Uint8Array): Known {
    try {
      return { bytes, result: decoder(bytes) };
    } catch (error) {
      if (error instanceof ChainError) return { bytes, result: error };
      throw error;
    }
  }

  function open({ result }: Known): Tx {
    if (result instanceof ChainError) throw result;
    return result;
  }

  return {
    decode(bytes) {
      const key = keyOf(bytes);
      let found = find(bytes, key);
      if (found === undefined) {
        found = read(bytes);
        known.set(key, found);
      }
      last = found;
      return open(found);
    },
    take(bytes) {
      const key = keyOf(bytes);
      const found = find(bytes, key);
      last = undefined;
      if (found === undefined) return open(read(bytes));
      known.delete(key);
      return open(found);
    },
    peek(bytes) {
      const result = find(bytes, keyOf(bytes))?.result;
      return result instanceof ChainError ? undefined : result;
    },
  };
}

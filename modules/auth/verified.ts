import { BoundedCache } from "../kernel/cache.ts";

/**
 * Signatures that this process has found valid, so that one checked on its way into the mempool is not checked again in
 * proposals and blocks. A miss costs time and nothing else: gas and results are the same either way.
 */
export interface VerifiedSignatures {
  has(key: string): boolean;
  add(key: string): void;
}

/** Remembers between `size` and twice `size` signatures. */
export function createVerifiedSignatures(size: number): VerifiedSignatures {
  const cache = new BoundedCache<string, true>(size);
  return { has: (key) => cache.get(key) !== undefined, add: (key) => cache.set(key, true) };
}

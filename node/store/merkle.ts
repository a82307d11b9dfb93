/**
 * The root of roots: CometBFT's simple Merkle tree (RFC 6962; `crypto/merkle` of CometBFT v0.38) over the stores, sorted
 * by name, as `CommitInfo.Hash` of cosmossdk.io/store v1.1.2 lays it.
 */
import { type ByteText, putText, putUvarint, toBytes, toText, uvarintSize } from "./bytes.ts";
import { EMPTY_HASH, hashText } from "./node.ts";

/** A store's name and the root hash of its tree. */
export interface StoreRoot {
  readonly name: string;
  readonly hash: ByteText;
}

/** A step from a leaf to the root: the sibling and the side it stands on. */
export interface MerkleStep {
  readonly sibling: ByteText;
  readonly siblingIsRight: boolean;
}

const LEAF_PREFIX = "\x00";
const INNER_PREFIX = "\x01";

const encoder = new TextEncoder();

/** Byte order of the UTF-8 names, which is Go's string order. */
export const compareNames = (a: string, b: string): number => Buffer.compare(encoder.encode(a), encoder.encode(b));

/** `len name | 32 SHA-256(root)`: what a leaf of the root of roots hashes, behind its prefix. */
function leafText({ name, hash }: StoreRoot): ByteText {
  const nameText = toText(encoder.encode(name));
  const bytes = Buffer.alloc(uvarintSize(nameText.length) + nameText.length + 33);
  let at = putText(bytes, nameText, putUvarint(bytes, nameText.length, 0));
  at = putUvarint(bytes, 32, at);
  putText(bytes, hashText(hash), at);
  return toText(bytes);
}

/** The largest power of two below `n`; `n` is at least 2. */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

function subtree(hashes: readonly ByteText[], start: number, end: number): ByteText {
  if (end - start === 1) return hashes[start]!;
  const middle = start + splitPoint(end - start);
  return hashText(INNER_PREFIX + subtree(hashes, start, middle) + subtree(hashes, middle, end));
}

const leafHashes = (stores: readonly StoreRoot[]): ByteText[] =>
  stores.map((store) => hashText(LEAF_PREFIX + leafText(store)));

/** The app hash. `stores` is sorted by name. No store: SHA-256 of nothing. */
export function appHashOf(stores: readonly StoreRoot[]): Uint8Array {
  return toBytes(stores.length === 0 ? EMPTY_HASH : subtree(leafHashes(stores), 0, stores.length));
}

/** The way from a store's leaf up to the app hash; undefined for a store that is not there. */
export function merklePath(stores: readonly StoreRoot[], name: string): MerkleStep[] | undefined {
  const index = stores.findIndex((store) => store.name === name);
  if (index < 0) return undefined;
  const hashes = leafHashes(stores);
  const path: MerkleStep[] = [];
  let start = 0;
  let end = hashes.length;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push({ sibling: subtree(hashes, middle, end), siblingIsRight: true });
      end = middle;
    } else {
      path.push({ sibling: subtree(hashes, start, middle), siblingIsRight: false });
      start = middle;
    }
  }
  return path.reverse();
}

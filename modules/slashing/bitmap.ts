/**
 * Which blocks of its window a validator missed: one bit a block, in chunks of 1,024 bits. A chunk is stored as the SDK's
 * x/slashing 0.53 does, in the form of github.com/bits-and-blooms/bitset v1.24: the number of bits, then words of 64 bits,
 * all big-endian. A chunk without a set bit is not stored.
 */
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { state } from "./state.ts";

const CHUNK_BITS = 1024n;
const HEADER_BYTES = 8;
const CHUNK_BYTES = HEADER_BYTES + Number(CHUNK_BITS / 8n);

/** Where in a stored chunk a bit lies. */
function placeOf(bit: number): readonly [byte: number, mask: number] {
  const word = Math.floor(bit / 64);
  const inWord = bit % 64;
  return [HEADER_BYTES + word * 8 + 7 - Math.floor(inWord / 8), 1 << (inWord % 8)];
}

function emptyChunk(): Uint8Array {
  const chunk = new Uint8Array(CHUNK_BYTES);
  new DataView(chunk.buffer).setBigUint64(0, CHUNK_BITS);
  return chunk;
}

const isEmpty = (chunk: Uint8Array): boolean => chunk.subarray(HEADER_BYTES).every((byte) => byte === 0);

const keyOf = (address: Uint8Array, index: bigint) => [address, index / CHUNK_BITS] as const;

export function isMissed(ctx: QueryCtx, address: Uint8Array, index: bigint): boolean {
  const chunk = state.missedBlocks.get(ctx, keyOf(address, index));
  if (!chunk) return false;
  const [byte, mask] = placeOf(Number(index % CHUNK_BITS));
  return (chunk[byte]! & mask) !== 0;
}

export function setMissed(ctx: Ctx, address: Uint8Array, index: bigint, missed: boolean): void {
  const key = keyOf(address, index);
  const chunk = state.missedBlocks.get(ctx, key)?.slice() ?? emptyChunk();
  const [byte, mask] = placeOf(Number(index % CHUNK_BITS));
  chunk[byte] = missed ? chunk[byte]! | mask : chunk[byte]! & ~mask;
  if (isEmpty(chunk)) state.missedBlocks.delete(ctx, key);
  else state.missedBlocks.set(ctx, key, chunk);
}

/** Indexes of the missed blocks, ascending. Cost: the chunks of one validator. */
export function missedBlocks(ctx: QueryCtx, address: Uint8Array): readonly bigint[] {
  const chunks = [...state.missedBlocks.entries(ctx, { prefix: [address] })].map(
    ([[, number], chunk]) => [number, chunk] as const,
  );
  chunks.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const indexes: bigint[] = [];
  for (const [number, chunk] of chunks) {
    for (let bit = 0; bit < Number(CHUNK_BITS); bit++) {
      const [byte, mask] = placeOf(bit);
      if ((chunk[byte]! & mask) !== 0) indexes.push(number * CHUNK_BITS + BigInt(bit));
    }
  }
  return indexes;
}

/** Forgets the blocks from index `first` on. Returns how many those were. Cost: the chunks of one validator. */
export function forgetMissedFrom(ctx: Ctx, address: Uint8Array, first: bigint): number {
  let forgotten = 0;
  for (const [[, number], chunk] of [...state.missedBlocks.entries(ctx, { prefix: [address] })]) {
    const from = first - number * CHUNK_BITS;
    if (from >= CHUNK_BITS) continue;
    const rest = chunk.slice();
    const before = forgotten;
    for (let bit = from < 0n ? 0 : Number(from); bit < Number(CHUNK_BITS); bit++) {
      const [byte, mask] = placeOf(bit);
      if ((rest[byte]! & mask) === 0) continue;
      rest[byte] = rest[byte]! & ~mask;
      forgotten++;
    }
    if (forgotten === before) continue;
    if (isEmpty(rest)) state.missedBlocks.delete(ctx, [address, number]);
    else state.missedBlocks.set(ctx, [address, number], rest);
  }
  return forgotten;
}

/** Cost: the chunks of one validator, at most one for each 1,024 blocks of the window. */
export function clearMissed(ctx: Ctx, address: Uint8Array): void {
  for (const key of [...state.missedBlocks.keys(ctx, { prefix: [address] })]) state.missedBlocks.delete(ctx, key);
}

/** Gives the bits of one address to another, which has none. */
export function moveMissed(ctx: Ctx, from: Uint8Array, to: Uint8Array): void {
  for (const [[, number], chunk] of [...state.missedBlocks.entries(ctx, { prefix: [from] })]) {
    state.missedBlocks.delete(ctx, [from, number]);
    state.missedBlocks.set(ctx, [to, number], chunk);
  }
}

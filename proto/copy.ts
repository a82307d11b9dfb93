/** V8 keeps arrays up to this length in its own heap, which costs next to nothing. */
const IN_HEAP_MAX = 64;
/** Longer copies get memory of their own, so that a slab is not kept alive for long by few of them. */
const POOLED_MAX = 512;
const SLAB_BYTES = 4096;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/**
 * A copy of `source[start, end)`. Middling ones share slabs of 4 KiB: memory outside of V8's heap costs 1.1 µs to get, and
 * a transaction is a dozen such arrays. So `buffer` may be larger than the copy: use `byteOffset`.
 */
export function copyBytes(source: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length <= IN_HEAP_MAX || length > POOLED_MAX) return source.slice(start, end);
  if (used + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const copy = new Uint8Array(slab, used, length);
  copy.set(source.subarray(start, end));
  used += length;
  return copy;
}

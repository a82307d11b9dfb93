/** Most keys of a chunk. Halved when it is passed; inserting moves at most this many references. */
const CHUNK_MAX = 512;

/** Least index whose item is not below `text`. */
function lowerBound(items: readonly string[], text: string): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (items[middle]! < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Keys as Latin-1 text in byte order, in chunks: adding, removing and finding one of n takes O(log n + 512).
 * Bounds of a range are `[from, to)`; undefined is open.
 */
export class SortedKeys {
  #chunks: string[][] = [];

  /** Adding a key that is there does nothing. */
  add(text: string): void {
    if (this.#chunks.length === 0) {
      this.#chunks.push([text]);
      return;
    }
    const at = this.#chunkOf(text);
    const chunk = this.#chunks[at]!;
    const index = lowerBound(chunk, text);
    if (chunk[index] === text) return;
    chunk.splice(index, 0, text);
    if (chunk.length > CHUNK_MAX) this.#chunks.splice(at + 1, 0, chunk.splice(Math.floor(CHUNK_MAX / 2)));
  }

  /** Removing a key that is not there does nothing. */
  remove(text: string): void {
    if (this.#chunks.length === 0) return;
    const at = this.#chunkOf(text);
    const chunk = this.#chunks[at]!;
    const index = lowerBound(chunk, text);
    if (chunk[index] !== text) return;
    chunk.splice(index, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  *range(from: string | undefined, to: string | undefined, reverse: boolean): Generator<string> {
    if (this.#chunks.length === 0) return;
    if (reverse) {
      let at = to === undefined ? this.#chunks.length - 1 : this.#chunkOf(to);
      let index = to === undefined ? this.#chunks[at]!.length : lowerBound(this.#chunks[at]!, to);
      for (; at >= 0; at--, index = this.#chunks[at]?.length ?? 0) {
        const chunk = this.#chunks[at]!;
        while (index > 0) {
          const text = chunk[--index]!;
          if (from !== undefined && text < from) return;
          yield text;
        }
      }
      return;
    }
    let at = from === undefined ? 0 : this.#chunkOf(from);
    let index = from === undefined ? 0 : lowerBound(this.#chunks[at]!, from);
    for (; at < this.#chunks.length; at++, index = 0) {
      const chunk = this.#chunks[at]!;
      for (; index < chunk.length; index++) {
        const text = chunk[index]!;
        if (to !== undefined && text >= to) return;
        yield text;
      }
    }
  }

  /** The chunk where `text` is or belongs: the last one that starts at or below it, else the first. */
  #chunkOf(text: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#chunks[middle]![0]! <= text) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/**
 * A map that holds entries of at most `2 × size` in weight: two generations, the older one dropped when the younger is full.
 * Only for values that can be computed again: what is held must never show in results or gas.
 */
export class BoundedCache<K, V> {
  readonly #size: number;
  readonly #weightOf: (value: V) => number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  /** Of the younger generation, as if nothing had been replaced or deleted. */
  #weight = 0;

  /** Without `weightOf`, all values weigh 1. */
  constructor(size: number, weightOf: (value: V) => number = () => 1) {
    this.#size = size;
    this.#weightOf = weightOf;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  /** What weighs more than `size` is not kept. */
  set(key: K, value: V): void {
    const weight = this.#weightOf(value);
    if (weight > this.#size) return;
    if (this.#weight + weight > this.#size) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#weight += weight;
    this.#young.set(key, value);
  }
}

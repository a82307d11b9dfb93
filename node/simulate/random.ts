/** Random numbers that a seed reproduces on every machine: sfc32, in 32-bit integer arithmetic. */
export interface Random {
  /** A whole number of `[0, below)`; `below` up to 2^32. */
  below(below: number): number;
  /** A whole number of `[from, to]`. */
  between(from: number, to: number): number;
  /** A whole number of `[from, to]`, each order of magnitude about as likely as another: amounts look like that. */
  amount(from: bigint, to: bigint): bigint;
  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean;
  /** One of the list. Throws on an empty one. */
  pick<T>(list: readonly T[]): T;
  bytes(length: number): Uint8Array;
}

/** Source of the generator: Chris Doty-Humphrey's PractRand, sfc32. */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) next();

  const below = (limit: number): number => Math.floor((next() / 2 ** 32) * limit);
  const random: Random = {
    below,
    between: (from, to) => from + below(to - from + 1),
    amount(from, to) {
      if (to <= from) return from;
      const digits = (to - from).toString().length;
      const ceiling = 10n ** BigInt(random.between(1, digits));
      const drawn = BigInt(below(1_000_000_000)) * 1_000_000_000n + BigInt(below(1_000_000_000));
      const offset = (drawn * ceiling) / 10n ** 18n;
      return from + (offset > to - from ? to - from : offset);
    },
    chance: (percent) => below(100) < percent,
    pick(list) {
      if (list.length === 0) throw new Error("nothing to pick from");
      return list[below(list.length)]!;
    },
    bytes: (length) => Uint8Array.from({ length }, () => below(256)),
  };
  return random;
}

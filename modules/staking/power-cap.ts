/** A member of the set: who owns it and what its stake weighs, 1 or more. */
export interface Member {
  readonly owner: string;
  readonly power: bigint;
}

const BASIS_POINTS = 10_000n;

/**
 * Voting powers under which no owner has more than `capBp` basis points of their sum, by water-filling: one level cuts
 * all who stand above it, the highest that keeps the share, and nobody else changes. 0 stands for no cap.
 *
 * With fewer owners than 10,000 / `capBp` no powers satisfy the share; then all owners get the same, that of the least.
 * A member keeps 1 at least, so an owner with more members than the level has that many.
 *
 * Cost: 63 passes over the owners at most, in the blocks in which the cap is on.
 */
export function capPowers(members: readonly Member[], capBp: number): readonly bigint[] {
  if (capBp === 0 || members.length === 0) return members.map(({ power }) => power);
  const totals = new Map<string, bigint>();
  for (const { owner, power } of members) totals.set(owner, (totals.get(owner) ?? 0n) + power);
  const level = waterLevel([...totals.values()], BigInt(capBp));
  const powers = members.map(({ power }) => power);
  for (const [owner, total] of totals) {
    if (total <= level) continue;
    const indices = members.flatMap((member, index) => (member.owner === owner ? [index] : []));
    const cut = share(
      indices.map((index) => powers[index]!),
      level,
    );
    for (const [i, index] of indices.entries()) powers[index] = cut[i]!;
  }
  return powers;
}

/** The highest level that is at most `capBp` of the sum under it; that of the least owner when there is none. */
function waterLevel(totals: readonly bigint[], capBp: bigint): bigint {
  let least = totals[0]!;
  let most = totals[0]!;
  for (const total of totals) {
    if (total < least) least = total;
    if (total > most) most = total;
  }
  const holds = (level: bigint): boolean => {
    let sum = 0n;
    for (const total of totals) sum += total < level ? total : level;
    return BASIS_POINTS * level <= capBp * sum;
  };
  if (!holds(least)) return least;
  // The sum is concave in the level, so levels that hold are all those up to one: search by halves.
  let low = least;
  let high = most;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if (holds(middle)) low = middle;
    else high = middle - 1n;
  }
  return low;
}

/** `level` parted in proportion among powers that sum to more: 1 at least for each, what is left to the first ones. */
function share(powers: readonly bigint[], level: bigint): readonly bigint[] {
  const count = BigInt(powers.length);
  if (level <= count) return powers.map(() => 1n);
  let total = 0n;
  for (const power of powers) total += power;
  const parts = powers.map((power) => 1n + ((level - count) * (power - 1n)) / (total - count));
  let left = level;
  for (const part of parts) left -= part;
  for (let i = 0; i < parts.length && left > 0n; i++) {
    if (parts[i]! >= powers[i]!) continue;
    parts[i]!++;
    left--;
  }
  return parts;
}

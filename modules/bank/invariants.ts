import type { Invariant } from "../kernel/module.ts";
import { state } from "./state.ts";

export const invariants: Readonly<Record<string, Invariant>> = {
  /** The supply of every denomination is the sum of its balances. */
  supplyMatches(ctx) {
    const sums = new Map<string, bigint>();
    for (const [[, denom], amount] of state.balances.entries(ctx)) sums.set(denom, (sums.get(denom) ?? 0n) + amount);
    for (const [denom, amount] of state.supply.entries(ctx)) {
      const sum = sums.get(denom) ?? 0n;
      if (sum !== amount) return `supply is ${amount}${denom}, balances sum up to ${sum}${denom}`;
      sums.delete(denom);
    }
    for (const [denom, sum] of sums) return `there is no supply of ${denom}, balances sum up to ${sum}${denom}`;
    return undefined;
  },

  /** Stored balances are above zero. */
  balancesPositive(ctx) {
    for (const [[address, denom], amount] of state.balances.entries(ctx)) {
      if (amount <= 0n) return `balance of ${address} is ${amount}${denom}, want more than 0`;
    }
    return undefined;
  },

  /** The index by denomination has exactly one entry for each balance. */
  ownersIndexed(ctx) {
    let balances = 0;
    for (const [address, denom] of state.balances.keys(ctx)) {
      balances++;
      if (!state.owners.has(ctx, [denom, address])) return `${address} is missing among the owners of ${denom}`;
    }
    let owners = 0;
    for (const _ of state.owners.keys(ctx)) owners++;
    return owners === balances ? undefined : `${owners} owners for ${balances} balances, want as many`;
  },
};

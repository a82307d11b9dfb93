import type { Address } from "../kernel/address.ts";
import { type Coins, checkCoins, formatCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ONE } from "../kernel/decimal.ts";
import { addDecCoins, type DecCoins, formatDecCoins, subtractDecCoins, toDecCoins } from "./dec-coins.ts";
import type { Bank } from "./deps.ts";
import { fail } from "./errors.ts";
import { state } from "./state.ts";

/** The module's name, also of its account. */
export const DISTRIBUTION = "distribution";

/**
 * Bits of whole units that the community pool takes by funding and by fees, and a validator's rewards by deposits and by
 * fees, of one denomination. Decimals have 315 bits, 60 of them behind the point: with 200, no sum of pools and no rewards
 * per share of any chain that lasts can pass them. The SDK knows no such bound, and stops in the begin of a block (ISA-2025-005).
 */
const POOL_BITS_MAX = 200n;
const POOL_END = (1n << POOL_BITS_MAX) * ONE;

export const fitsPool = ({ amount }: { readonly amount: bigint }): boolean => amount < POOL_END;

/** Throws `distribution/21` when one denomination passes what a pool takes. */
export function checkPool(coins: DecCoins): void {
  for (const coin of coins) if (!fitsPool(coin)) throw fail.tooMuch(coin.denom, POOL_BITS_MAX);
}

export const communityPool = (ctx: QueryCtx): DecCoins => state.feePool.get(ctx)?.communityPool ?? [];

export const setCommunityPool = (ctx: Ctx, pool: DecCoins): void => state.feePool.set(ctx, { communityPool: pool });

/** Books coins that the module's account holds already. */
export const addToCommunityPool = (ctx: Ctx, coins: DecCoins): void =>
  setCommunityPool(ctx, addDecCoins(communityPool(ctx), coins));

/** The community pool: coins of the module's account that belong to nobody, and that governance spends. */
export function createPool(bank: Bank) {
  return {
    /** Throws `sdk/5` and `sdk/10` as the bank does, `distribution/21` for more than the pool takes. */
    fund(ctx: Ctx, from: Address, coins: Coins): void {
      checkCoins(coins);
      bank.sendToModule(ctx, from, DISTRIBUTION, coins);
      const pool = addDecCoins(communityPool(ctx), toDecCoins(coins));
      checkPool(pool);
      setCommunityPool(ctx, pool);
    },

    /** Whether `to` may be paid is for the bank to say (`sdk/4`). Throws `distribution/9` for more than the pool has. */
    spend(ctx: Ctx, to: Address, coins: Coins): void {
      checkCoins(coins);
      const before = communityPool(ctx);
      const after = subtractDecCoins(before, toDecCoins(coins));
      if (!after) throw fail.poolTooSmall(formatCoins(coins), formatDecCoins(before));
      bank.sendFromModule(ctx, DISTRIBUTION, to, coins);
      setCommunityPool(ctx, after);
    },
  };
}

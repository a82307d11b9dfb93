import type { Params } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { type Address, moduleAddress } from "../kernel/address.ts";
import type { Coin } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, fromInt } from "../kernel/decimal.ts";
import { DEFAULT_PARAMS } from "./params.ts";
import { state } from "./state.ts";

/** Module accounts with the tokens of bonded validators, and those of all others and of unbonding delegations. */
export const BONDED_POOL = "bonded_tokens_pool";
export const NOT_BONDED_POOL = "not_bonded_tokens_pool";

/** What staking asks of the bank. The consumer declares it; the keeper of `bank` satisfies it. */
export interface Bank {
  balance(ctx: QueryCtx, address: Address, denom: string): bigint;
  supply(ctx: QueryCtx, denom: string): bigint;
  /** Takes coins, locked ones too, from an account. Throws when it has not enough. */
  delegate(ctx: Ctx, from: Address, module: string, coins: readonly Coin[]): void;
  undelegate(ctx: Ctx, module: string, to: Address, coins: readonly Coin[]): void;
  sendBetweenModules(ctx: Ctx, fromModule: string, toModule: string, coins: readonly Coin[]): void;
  burn(ctx: Ctx, module: string, coins: readonly Coin[]): void;
}

export const params = (ctx: QueryCtx): Params => state.params.get(ctx) ?? DEFAULT_PARAMS;
export const bondDenom = (ctx: QueryCtx): string => params(ctx).bondDenom;

export type Pools = ReturnType<typeof createPools>;

/** The coins behind the tokens. Every method reads the parameters once, for the denomination, as the SDK does. */
export function createPools(bank: Bank) {
  const coins = (ctx: QueryCtx, amount: bigint): readonly Coin[] => {
    const denom = bondDenom(ctx);
    return amount > 0n ? [{ denom, amount }] : [];
  };
  const poolOf = (bonded: boolean): string => (bonded ? BONDED_POOL : NOT_BONDED_POOL);
  const held = (ctx: QueryCtx, pool: string): bigint => {
    const denom = bondDenom(ctx);
    return bank.balance(ctx, moduleAddress(pool, ctx.addressPrefix), denom);
  };

  return {
    /** Takes tokens of a delegator in. */
    delegate(ctx: Ctx, delegator: Address, bonded: boolean, amount: bigint): void {
      bank.delegate(ctx, delegator, poolOf(bonded), coins(ctx, amount));
    },
    /** Pays unbonded tokens out. */
    undelegate(ctx: Ctx, delegator: Address, amount: bigint): void {
      bank.undelegate(ctx, NOT_BONDED_POOL, delegator, coins(ctx, amount));
    },
    move(ctx: Ctx, toBonded: boolean, amount: bigint): void {
      bank.sendBetweenModules(ctx, poolOf(!toBonded), poolOf(toBonded), coins(ctx, amount));
    },
    burn(ctx: Ctx, bonded: boolean, amount: bigint): void {
      if (amount > 0n) bank.burn(ctx, poolOf(bonded), coins(ctx, amount));
    },
    bonded: (ctx: QueryCtx): bigint => held(ctx, BONDED_POOL),
    notBonded: (ctx: QueryCtx): bigint => held(ctx, NOT_BONDED_POOL),
    supply: (ctx: QueryCtx): bigint => bank.supply(ctx, bondDenom(ctx)),
    /** Share of the supply that is bonded; 0 without a supply. */
    bondedRatio(ctx: QueryCtx): Dec {
      const supply = bank.supply(ctx, bondDenom(ctx));
      return supply > 0n ? fromInt(held(ctx, BONDED_POOL)) / supply : 0n;
    },
  };
}

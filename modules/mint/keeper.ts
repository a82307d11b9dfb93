import type { Minter, Params } from "@interfirm/proto/gen/cosmos/mint/v1beta1";
import type { Coin } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, format } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { annualProvisions, blockProvision, nextInflation } from "./minter.ts";
import { checkParams, DEFAULT_INFLATION, DEFAULT_PARAMS } from "./params.ts";
import { state } from "./state.ts";

/** The module's name, also of its account. */
export const MINT = "mint";
/** Module whose account gets what is minted: it is shared out with the fees. */
const FEE_COLLECTOR = "fee_collector";

/** What minting asks of staking. The consumer declares it; the keeper of `staking` satisfies it. */
export interface Staking {
  /** All there is of the token of stake. */
  stakingTokenSupply(ctx: QueryCtx): bigint;
  /** Share of it that is bonded. */
  bondedRatio(ctx: QueryCtx): Dec;
}

/** What minting asks of a bank. The keeper of `bank` satisfies it. */
export interface Bank {
  mint(ctx: Ctx, module: string, coins: readonly Coin[]): void;
  sendBetweenModules(ctx: Ctx, fromModule: string, toModule: string, coins: readonly Coin[]): void;
}

/** What minting asks of accounts. The keeper of `auth` satisfies it. */
export interface Accounts {
  openModuleAccount(ctx: Ctx, module: string): unknown;
}

export interface MintDeps {
  readonly accounts: Accounts;
  readonly bank: Bank;
  readonly staking: Staking;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ bank, staking }: Omit<MintDeps, "accounts">) {
  const params = (ctx: QueryCtx): Params => state.params.get(ctx) ?? DEFAULT_PARAMS;
  const minter = (ctx: QueryCtx): Minter =>
    state.minter.get(ctx) ?? { inflation: DEFAULT_INFLATION, annualProvisions: 0n };

  function mint(ctx: Ctx): void {
    const current = params(ctx);
    const supply = staking.stakingTokenSupply(ctx);
    const bondedRatio = staking.bondedRatio(ctx);
    const inflation = nextInflation(minter(ctx).inflation, current, bondedRatio);
    const next: Minter = { inflation, annualProvisions: annualProvisions(inflation, supply) };
    state.minter.set(ctx, next);
    const amount = blockProvision(next, current);
    const coins = amount === 0n ? [] : [{ denom: current.mintDenom, amount }];
    if (coins.length > 0) bank.mint(ctx, MINT, coins);
    bank.sendBetweenModules(ctx, MINT, FEE_COLLECTOR, coins);
    ctx.emitRaw("mint", [
      ["bonded_ratio", format(bondedRatio)],
      ["inflation", format(inflation)],
      ["annual_provisions", format(next.annualProvisions)],
      ["amount", amount.toString()],
    ]);
  }

  return {
    params,
    minter,

    /** Throws as `checkParams` does. */
    setParams(ctx: Ctx, next: Params): void {
      checkParams(next);
      state.params.set(ctx, next);
    },

    /** Mints the block's part of a year's provisions. A block in which that cannot be, for the supply has no room, mints nothing. */
    beginBlock(ctx: Ctx): void {
      try {
        ctx.atomically(mint);
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        ctx.emitRaw("mint_failed", [["reason", error.message]]);
      }
    },
  };
}

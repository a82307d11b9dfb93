import type { Address } from "../kernel/address.ts";
import type { Coin, Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";
import type { CommitVote } from "../kernel/module.ts";

/** A validator as far as rewards depend on it. `cosmos.staking.v1beta1.Validator` is one. */
export interface ValidatorStake {
  /** `firmvaloper1…` */
  readonly operatorAddress: string;
  readonly tokens: bigint;
  readonly delegatorShares: Dec;
  readonly commission: { readonly commissionRates: { readonly rate: Dec } };
}

export interface DelegationStake {
  readonly delegatorAddress: Address;
  readonly validatorAddress: string;
  readonly shares: Dec;
}

/** What distribution asks of staking. The consumer declares it; the keeper of `staking` satisfies it. */
export interface Staking {
  bondDenom(ctx: QueryCtx): string;
  validator(ctx: QueryCtx, operator: string): ValidatorStake | undefined;
  /** Undefined for a key that no validator has any more. */
  validatorByConsAddr(ctx: QueryCtx, consensusAddress: Uint8Array): ValidatorStake | undefined;
  delegation(ctx: QueryCtx, delegator: Address, operator: string): DelegationStake | undefined;
  delegationsOf(ctx: QueryCtx, delegator: Address): Iterable<DelegationStake>;
  allDelegations(ctx: QueryCtx): Iterable<DelegationStake>;
  /** Votes on the block before this one with the power of the stake behind them, where a cap on votes cut it. */
  votesByStake?(ctx: QueryCtx, votes: readonly CommitVote[]): readonly CommitVote[];
}

/** What distribution asks of a bank. The keeper of `bank` satisfies it. */
export interface Bank {
  balance(ctx: QueryCtx, address: Address, denom: string): bigint;
  balances(ctx: QueryCtx, address: Address): Coins;
  isBlocked(ctx: QueryCtx, address: Address): boolean;
  sendToModule(ctx: Ctx, from: Address, module: string, coins: readonly Coin[]): void;
  sendFromModule(ctx: Ctx, module: string, to: Address, coins: readonly Coin[]): void;
  sendBetweenModules(ctx: Ctx, fromModule: string, toModule: string, coins: readonly Coin[]): void;
}

/** What distribution asks of accounts. The keeper of `auth` satisfies it. */
export interface Accounts {
  moduleAddress(ctx: QueryCtx, module: string): Address;
  openModuleAccount(ctx: Ctx, module: string): { readonly address: Address };
}

export interface DistributionDeps {
  readonly accounts: Accounts;
  readonly bank: Bank;
  readonly staking: Staking;
}

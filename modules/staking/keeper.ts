import type { Delegation, Params, Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Address } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";

/** What staking offers other modules. Operators are `firmvaloper1…`, consensus addresses the 20 bytes of a key. */
export interface Keeper {
  params(ctx: QueryCtx): Params;
  bondDenom(ctx: QueryCtx): string;
  maxValidators(ctx: QueryCtx): number;

  validator(ctx: QueryCtx, operator: string): Validator | undefined;
  /** Also by a key that it has replaced, as long as that can be punished. */
  validatorByConsAddr(ctx: QueryCtx, consensusAddress: Uint8Array): Validator | undefined;
  /** Of its present key. */
  consensusAddress(validator: Validator): Uint8Array;
  /** All, by operator bytes. For genesis, invariants and queries: nothing bounds them. */
  validators(ctx: QueryCtx): Iterable<Validator>;
  /** Bonded ones, most tokens first; at most `max_validators`. */
  bondedByPower(ctx: QueryCtx): Iterable<Validator>;
  /** Operators of the set after the last block and the power of their stake, by operator bytes. */
  lastPowers(ctx: QueryCtx): Iterable<readonly [operator: string, power: bigint]>;
  /** 0 when it was not in the set. */
  lastValidatorPower(ctx: QueryCtx, operator: string): bigint;
  lastTotalPower(ctx: QueryCtx): bigint;
  /** What the stake behind a vote weighs that CometBFT reports with `power` for a block: more where the power cap cut it. */
  stakePower(ctx: QueryCtx, consensusAddress: Uint8Array, height: bigint, power: bigint): bigint;

  /** Tokens of all bonded validators. */
  totalBonded(ctx: QueryCtx): bigint;
  /** Share of the supply that is bonded. */
  bondedRatio(ctx: QueryCtx): Dec;
  stakingTokenSupply(ctx: QueryCtx): bigint;

  delegation(ctx: QueryCtx, delegator: Address, operator: string): Delegation | undefined;
  /** By operator bytes. Bound them by a limit where they enter consensus. */
  delegationsOf(ctx: QueryCtx, delegator: Address, limit?: number): Iterable<Delegation>;
  /** By delegator bytes. Nothing bounds them. */
  delegationsTo(ctx: QueryCtx, operator: string): Iterable<Delegation>;
  allDelegations(ctx: QueryCtx): Iterable<Delegation>;

  /** Returns the tokens burnt of the validator itself. `power` as CometBFT reports it, of the height of the infraction. */
  slash(ctx: Ctx, consensusAddress: Uint8Array, infractionHeight: bigint, power: bigint, fraction: Dec): bigint;
  /** Throws `staking/3` for an unknown one, `staking/7` when it is jailed already. It leaves the set at the end of the block. */
  jail(ctx: Ctx, consensusAddress: Uint8Array): void;
  /** Throws `staking/3` for an unknown one, `sdk/35` when it is not jailed. */
  unjail(ctx: Ctx, consensusAddress: Uint8Array): void;
}

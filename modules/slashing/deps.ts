import type { Delegation, Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Address } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";

/** What slashing asks of staking. The consumer declares it; the keeper of `staking` satisfies it. Operators are `firmvaloper1…`. */
export interface Staking {
  validator(ctx: QueryCtx, operator: string): Validator | undefined;
  /** By its present key, or by one that it has replaced and can still be punished for. */
  validatorByConsAddr(ctx: QueryCtx, consensusAddress: Uint8Array): Validator | undefined;
  /** Of its present key. */
  consensusAddress(validator: Validator): Uint8Array;
  validators(ctx: QueryCtx): Iterable<Validator>;
  delegation(ctx: QueryCtx, delegator: Address, operator: string): Delegation | undefined;
  /** Returns the tokens burnt of the validator itself. */
  slash(ctx: Ctx, consensusAddress: Uint8Array, infractionHeight: bigint, power: bigint, fraction: Dec): bigint;
  jail(ctx: Ctx, consensusAddress: Uint8Array): void;
  unjail(ctx: Ctx, consensusAddress: Uint8Array): void;
}

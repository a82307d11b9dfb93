import type { Address } from "../kernel/address.ts";
import type { Ctx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";

/**
 * What staking tells other modules, while it happens. `operator` is a validator's operator address (`firmvaloper1…`),
 * `consensusAddress` the 20 bytes of its consensus key. A module has those methods that it needs.
 *
 * What a hook throws passes on and undoes the operation, but where it says "tolerated": there the hook's own writes are
 * undone and the operation goes on, for it is a punishment or the end of a block, which nobody may stop.
 */
export interface StakingHooks {
  /** The validator is stored; it has no tokens yet. */
  afterValidatorCreated?(ctx: Ctx, operator: string): void;
  /** The genesis of a chain that goes on has it. Its delegations follow, without hooks: genesis of other modules knows them. */
  afterValidatorImported?(ctx: Ctx, operator: string): void;
  /** Its commission changes, or it is about to be slashed. Tolerated in a slash. */
  beforeValidatorModified?(ctx: Ctx, operator: string): void;
  /** Nobody has delegated to it any more and it is unbonded. Its record is gone. Tolerated. */
  afterValidatorRemoved?(ctx: Ctx, consensusAddress: Uint8Array, operator: string): void;
  /** It entered the set. In the end of a block, or in genesis. Tolerated. */
  afterValidatorBonded?(ctx: Ctx, consensusAddress: Uint8Array, operator: string): void;
  /** It left the set. In the end of a block. Tolerated. */
  afterValidatorBeginUnbonding?(ctx: Ctx, consensusAddress: Uint8Array, operator: string): void;
  /** The operator replaced its key; the new one signs from the second block after this one on. Old votes may still come. */
  afterConsensusKeyRotated?(
    ctx: Ctx,
    operator: string,
    oldConsensusAddress: Uint8Array,
    newConsensusAddress: Uint8Array,
  ): void;
  /** The delegator has no delegation to the validator and is about to get one. */
  beforeDelegationCreated?(ctx: Ctx, delegator: Address, operator: string): void;
  /**
   * Shares of an existing delegation are about to change. `strict`: a message of the delegator does it, so a failure may
   * fail the message; otherwise it is a slash, which must not fail (SDK 0.53.8 `WithStrictWithdraw`).
   */
  beforeDelegationSharesModified?(ctx: Ctx, delegator: Address, operator: string, strict: boolean): void;
  /** The last shares of a delegation are gone; its record goes now. */
  beforeDelegationRemoved?(ctx: Ctx, delegator: Address, operator: string): void;
  /** A delegation is stored, new or with other shares. */
  afterDelegationModified?(ctx: Ctx, delegator: Address, operator: string): void;
  /** `fraction`, above 0 and at most 1, of the validator's tokens is about to be burnt. Tolerated. */
  beforeValidatorSlashed?(ctx: Ctx, operator: string, fraction: Dec): void;
  /** An unbonding delegation, a redelegation or a validator's unbonding began, with this number. Tolerated. */
  afterUnbondingInitiated?(ctx: Ctx, id: bigint): void;
}

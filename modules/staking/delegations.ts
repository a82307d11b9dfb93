import type { Delegation, Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Address } from "../kernel/address.ts";
import { addressToBytes } from "../kernel/address.ts";
import { equal } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, format, ONE } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import type { StakingHooks } from "./hooks.ts";
import { operatorToBytes } from "./keys.ts";
import type { Pools } from "./pools.ts";
import { state } from "./state.ts";
import { hasNoRate, isBonded, isUnbonded, sharesFromTokens, tokensFromShares } from "./validator.ts";
import { addTokensAndShares, jail, removeTokensAndShares, removeValidator, requireValidator } from "./validators.ts";

/** Where tokens of a new delegation come from: the delegator's account, or a pool in which they are staked already. */
export type Source = "account" | "bonded" | "notBonded";

export interface DelegateOptions {
  readonly delegator: Address;
  readonly amount: bigint;
  readonly source: Source;
  /** A message of the delegator does it: what a hook throws fails the message. */
  readonly strict: boolean;
}

export const getDelegation = (ctx: QueryCtx, delegator: Address, operator: string): Delegation | undefined =>
  state.delegations.get(ctx, [delegator, operator]);

export function setDelegation(ctx: Ctx, delegation: Delegation): void {
  const { delegatorAddress, validatorAddress } = delegation;
  state.delegations.set(ctx, [delegatorAddress, validatorAddress], delegation);
  state.delegators.add(ctx, [validatorAddress, delegatorAddress]);
}

/** By operator bytes. */
export const delegationsOf = (ctx: QueryCtx, delegator: Address, limit?: number): Generator<Delegation> =>
  state.delegations.values(ctx, { prefix: [delegator], limit });

/** By delegator bytes. */
export function* delegationsTo(ctx: QueryCtx, operator: string): Generator<Delegation> {
  for (const [, delegator] of state.delegators.keys(ctx, { prefix: [operator] })) {
    const delegation = getDelegation(ctx, delegator, operator);
    if (delegation) yield delegation;
  }
}

/** Whether the delegator is the account behind the operator. */
const isOperator = (ctx: QueryCtx, delegator: Address, operator: string): boolean =>
  equal(addressToBytes(delegator, ctx.addressPrefix), operatorToBytes(operator, ctx));

export type Delegations = ReturnType<typeof createDelegations>;

export function createDelegations({
  pools,
  hooks,
}: {
  readonly pools: Pools;
  readonly hooks: readonly StakingHooks[];
}) {
  /**
   * Delegates tokens to the validator as it was read just now, and returns the shares they make. Throws `staking/34`,
   * `staking/104`, `staking/105`, and as the bank does.
   */
  function delegate(ctx: Ctx, validator: Validator, { delegator, amount, source, strict }: DelegateOptions): Dec {
    if (hasNoRate(validator)) throw fail.noExchangeRate();
    const { operatorAddress } = validator;
    const before = getDelegation(ctx, delegator, operatorAddress);
    for (const hook of hooks) {
      if (before) hook.beforeDelegationSharesModified?.(ctx, delegator, operatorAddress, strict);
      else hook.beforeDelegationCreated?.(ctx, delegator, operatorAddress);
    }
    const bonded = isBonded(validator);
    if (source === "account") pools.delegate(ctx, delegator, bonded, amount);
    else if ((source === "bonded") !== bonded) pools.move(ctx, bonded, amount);
    const shares = addTokensAndShares(ctx, validator, amount);
    setDelegation(ctx, {
      delegatorAddress: delegator,
      validatorAddress: operatorAddress,
      shares: (before?.shares ?? 0n) + shares,
    });
    for (const hook of hooks) hook.afterDelegationModified?.(ctx, delegator, operatorAddress);
    return shares;
  }

  function removeDelegation(ctx: Ctx, { delegatorAddress, validatorAddress }: Delegation): void {
    for (const hook of hooks) hook.beforeDelegationRemoved?.(ctx, delegatorAddress, validatorAddress);
    state.delegations.delete(ctx, [delegatorAddress, validatorAddress]);
    state.delegators.delete(ctx, [validatorAddress, delegatorAddress]);
  }

  /**
   * Takes shares back and returns the tokens they were; which pool those are in is for the caller to see to. An operator
   * whose own stake falls below its minimum goes to jail. Throws `staking/21`, `staking/24`, `staking/3`.
   */
  function unbond(ctx: Ctx, delegator: Address, operator: string, shares: Dec, strict: boolean): bigint {
    const before = getDelegation(ctx, delegator, operator);
    if (!before) throw fail.noDelegatorForAddress();
    for (const hook of hooks) hook.beforeDelegationSharesModified?.(ctx, delegator, operator, strict);
    if (before.shares < shares) throw fail.notEnoughShares(format(before.shares));
    let validator = requireValidator(ctx, operator);
    const delegation = { ...before, shares: before.shares - shares };
    if (isOperator(ctx, delegator, operator) && !validator.jailed && isBelowMinimum(validator, delegation.shares)) {
      jail(ctx, validator);
      validator = requireValidator(ctx, operator);
    }
    if (delegation.shares === 0n) {
      removeDelegation(ctx, delegation);
    } else {
      setDelegation(ctx, delegation);
      for (const hook of hooks) hook.afterDelegationModified?.(ctx, delegator, operator);
    }
    const [after, tokens] = removeTokensAndShares(ctx, validator, shares);
    // One that is not unbonded yet goes when it is.
    if (after.delegatorShares === 0n && isUnbonded(after)) removeValidator(ctx, hooks, operator);
    return tokens;
  }

  /** Shares that the amount makes, at most those that there are. Throws `staking/3`, `staking/19`, `staking/22`, `sdk/18`. */
  function sharesToUnbond(ctx: QueryCtx, delegator: Address, operator: string, amount: bigint): Dec {
    const validator = requireValidator(ctx, operator);
    const delegation = getDelegation(ctx, delegator, operator);
    if (!delegation) throw fail.noDelegation();
    const shares = sharesFromTokens(validator, amount);
    if (shares > delegation.shares) throw sdkError.invalidRequest("invalid shares amount");
    return shares;
  }

  return { delegate, unbond, sharesToUnbond };
}

const isBelowMinimum = (validator: Validator, shares: Dec): boolean =>
  tokensFromShares(validator, shares) / ONE < validator.minSelfDelegation;

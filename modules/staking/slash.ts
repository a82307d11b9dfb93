import type { Redelegation, UnbondingDelegation } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, divideRoundUp, format, fromInt, multiply, ONE } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { type Delegations, getDelegation } from "./delegations.ts";
import type { StakingHooks } from "./hooks.ts";
import type { Pools } from "./pools.ts";
import { stakePowers } from "./stake-power.ts";
import { state } from "./state.ts";
import { tolerate } from "./tolerate.ts";
import { getUnbonding, isOver, replaceUnbonding } from "./unbondings.ts";
import { isBonded, isUnbonded, POWER_REDUCTION } from "./validator.ts";
import { getValidator, removeTokens, validatorByConsAddr } from "./validators.ts";

export interface SlashDeps {
  readonly pools: Pools;
  readonly hooks: readonly StakingHooks[];
  readonly delegations: Delegations;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** `fraction × amount`, towards zero. */
const part = (fraction: Dec, amount: bigint): bigint => multiply(fraction, fromInt(amount)) / ONE;

interface Infraction {
  readonly height: bigint;
  readonly fraction: Dec;
}

/** Whether an entry holds stake that was the validator's at the infraction and can still be reached. */
const isLiable = (ctx: QueryCtx, entry: UnbondingDelegation["entries"][number], { height }: Infraction): boolean =>
  entry.creationHeight >= height && !isOver(ctx, entry);

export function createSlash({ pools, hooks, delegations }: SlashDeps) {
  /** Returns what would be taken if the entries still had all that they began with. */
  function slashUnbonding(ctx: Ctx, unbonding: UnbondingDelegation, infraction: Infraction): bigint {
    let total = 0n;
    let burnt = 0n;
    const entries = unbonding.entries.map((entry) => {
      if (!isLiable(ctx, entry, infraction)) return entry;
      const due = part(infraction.fraction, entry.initialBalance);
      total += due;
      const taken = least(due, entry.balance);
      burnt += taken;
      return { ...entry, balance: entry.balance - taken };
    });
    if (burnt > 0n) replaceUnbonding(ctx, { ...unbonding, entries });
    pools.burn(ctx, false, burnt);
    return total;
  }

  /** Takes up to `due` of what the delegator unbonds from the validator since the infraction. Returns what was taken. */
  function slashUnbondingAfterMove(ctx: Ctx, redelegation: Redelegation, due: bigint, infraction: Infraction): bigint {
    const { delegatorAddress, validatorDstAddress } = redelegation;
    const unbonding = getUnbonding(ctx, delegatorAddress, validatorDstAddress);
    if (!unbonding) return 0n;
    let left = due;
    const entries = unbonding.entries.map((entry) => {
      if (!isLiable(ctx, entry, infraction)) return entry;
      const taken = least(left, entry.balance);
      left -= taken;
      return { ...entry, balance: entry.balance - taken };
    });
    if (left < due) replaceUnbonding(ctx, { ...unbonding, entries });
    return due - left;
  }

  /** Slashes what went to another validator since the infraction. Returns what would be taken if all of it were still there. */
  function slashRedelegation(ctx: Ctx, redelegation: Redelegation, infraction: Infraction): bigint {
    const { delegatorAddress, validatorDstAddress } = redelegation;
    const { fraction } = infraction;
    let total = 0n;
    let burntBonded = 0n;
    let burntNotBonded = 0n;
    for (const entry of redelegation.entries) {
      if (entry.creationHeight < infraction.height || isOver(ctx, entry)) continue;
      const due = part(fraction, entry.initialBalance);
      total += due;
      const taken = slashUnbondingAfterMove(ctx, redelegation, due, infraction);
      burntNotBonded += taken;

      const shares = multiply(fraction, entry.sharesDst);
      if (shares === 0n || taken === due) continue;
      const delegation = getDelegation(ctx, delegatorAddress, validatorDstAddress);
      // Read before: the last shares of an unbonded validator take its record with them.
      const destination = getValidator(ctx, validatorDstAddress);
      if (!delegation || !destination) continue;
      const tokens = delegations.unbond(
        ctx,
        delegatorAddress,
        validatorDstAddress,
        least(shares, delegation.shares),
        false,
      );
      if (isBonded(destination)) burntBonded += tokens;
      else burntNotBonded += tokens;
    }
    pools.burn(ctx, true, burntBonded);
    pools.burn(ctx, false, burntNotBonded);
    return total;
  }

  /** Slashes what left the validator since the infraction. Returns what would be taken if all of it were still there. */
  function slashMoved(ctx: Ctx, operator: string, infraction: Infraction): bigint {
    let total = 0n;
    // Collected first: slashing writes what is walked over.
    for (const [, delegator] of [...state.unbondingsByValidator.keys(ctx, { prefix: [operator] })]) {
      const unbonding = getUnbonding(ctx, delegator, operator);
      if (unbonding) total += slashUnbonding(ctx, unbonding, infraction);
    }
    for (const [, delegator, destination] of [...state.redelegationsBySource.keys(ctx, { prefix: [operator] })]) {
      const redelegation = state.redelegations.get(ctx, [delegator, operator, destination]);
      if (redelegation) total += slashRedelegation(ctx, redelegation, infraction);
    }
    return total;
  }

  /**
   * Burns `fraction` of the stake behind the validator at the height of an infraction, wherever it went since: first what
   * unbonds and what was redelegated, the rest of the validator's own tokens, as far as it has them. Returns the tokens
   * burnt of the validator itself; 0 for an unknown one, whose stake is all gone. `power` is what CometBFT reports of that height;
   * where the power cap cut it, the stake counts.
   *
   * Throws `sdk/35` for a negative fraction, an unbonded validator or an infraction in the future: callers see to these.
   * Source: Cosmos SDK 0.53.8 x/staking/keeper/slash.go. Cost: every unbonding delegation and redelegation from the
   * validator. There are 5,000 entries of redelegations at most; nothing but the fees for making them bounds the others.
   */
  return (ctx: Ctx, consensusAddress: Uint8Array, height: bigint, power: bigint, fraction: Dec): bigint => {
    if (fraction < 0n) throw sdkError.logic(`slash fraction is ${format(fraction)}, want 0 or more`);
    const validator = validatorByConsAddr(ctx, consensusAddress);
    if (!validator) return 0n;
    const { operatorAddress: operator } = validator;
    if (isUnbonded(validator)) throw sdkError.logic(`${operator} is unbonded, want a bonded or unbonding validator`);
    if (height > ctx.height) throw sdkError.logic(`infraction is at height ${height}, want at most ${ctx.height}`);
    // `height` is where the set of the infraction was made, one block before it.
    const stake = stakePowers(ctx, height + 1n)(validator, power) * POWER_REDUCTION;
    for (const hook of hooks) tolerate(ctx, (branch) => hook.beforeValidatorModified?.(branch, operator));

    const moved = height < ctx.height ? slashMoved(ctx, operator, { height, fraction }) : 0n;
    const rest = part(fraction, stake) - moved;
    const burnt = least(rest > 0n ? rest : 0n, validator.tokens);
    if (burnt === 0n) return 0n;

    const effective = least(divideRoundUp(fromInt(burnt), fromInt(validator.tokens)), ONE);
    for (const hook of hooks) tolerate(ctx, (branch) => hook.beforeValidatorSlashed?.(branch, operator, effective));
    removeTokens(ctx, validator, burnt);
    pools.burn(ctx, isBonded(validator), burnt);
    return burnt;
  };
}

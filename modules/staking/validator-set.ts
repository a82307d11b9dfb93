import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { compare } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { ValidatorUpdate } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import type { StakingHooks } from "./hooks.ts";
import { operatorToBytes } from "./keys.ts";
import { ownParams } from "./own-params.ts";
import { unbondingTimeNs } from "./params.ts";
import { type Pools, params } from "./pools.ts";
import { capPowers } from "./power-cap.ts";
import { state } from "./state.ts";
import { tolerate } from "./tolerate.ts";
import { nextUnbondingId } from "./unbonding-id.ts";
import {
  BONDED,
  consensusAddressOf,
  isBonded,
  isUnbonding,
  powerOf,
  UNBONDED,
  UNBONDING,
  validatorUpdate,
} from "./validator.ts";
import {
  byPower,
  dequeueValidator,
  enqueueValidator,
  indexPower,
  removeValidator,
  requireValidator,
  setValidator,
  unindexPower,
} from "./validators.ts";

/** Validators that a block takes out of unbonding. The rest wait: they stay unbonding, as slashable and as free to bond again as before. */
const UNBONDED_PER_BLOCK_MAX = 100;

export interface SetDeps {
  readonly pools: Pools;
  readonly hooks: readonly StakingHooks[];
  /** Whose power is capped together. */
  readonly ownerOf: (ctx: QueryCtx, operator: string) => string;
}

export type ValidatorSet = ReturnType<typeof createValidatorSet>;

export function createValidatorSet({ pools, hooks, ownerOf }: SetDeps) {
  function bond(ctx: Ctx, validator: Validator): Validator {
    unindexPower(ctx, validator);
    const bonded: Validator = { ...validator, status: BONDED };
    setValidator(ctx, bonded);
    indexPower(ctx, bonded);
    dequeueValidator(ctx, bonded);
    const consensusAddress = consensusAddressOf(bonded.consensusPubkey);
    for (const hook of hooks) {
      tolerate(ctx, (branch) => hook.afterValidatorBonded?.(branch, consensusAddress, bonded.operatorAddress));
    }
    return bonded;
  }

  function beginUnbonding(ctx: Ctx, validator: Validator): Validator {
    const { operatorAddress } = validator;
    if (!isBonded(validator)) throw sdkError.logic(`${operatorAddress} leaves the set but is not bonded`);
    const unbondingTime = nsToTimestamp(ctx.time + unbondingTimeNs(params(ctx)));
    unindexPower(ctx, validator);
    const id = nextUnbondingId(ctx);
    const unbonding: Validator = {
      ...validator,
      status: UNBONDING,
      unbondingTime,
      unbondingHeight: ctx.height,
      unbondingIds: [...validator.unbondingIds, id],
    };
    setValidator(ctx, unbonding);
    indexPower(ctx, unbonding);
    enqueueValidator(ctx, unbonding);
    const consensusAddress = consensusAddressOf(unbonding.consensusPubkey);
    for (const hook of hooks) {
      tolerate(ctx, (branch) => hook.afterValidatorBeginUnbonding?.(branch, consensusAddress, operatorAddress));
      tolerate(ctx, (branch) => hook.afterUnbondingInitiated?.(branch, id));
    }
    return unbonding;
  }

  /** The strongest that can be in the set, as many as may be. */
  function candidates(ctx: QueryCtx): readonly Validator[] {
    const chosen: Validator[] = [];
    for (const operator of [...byPower(ctx, params(ctx).maxValidators)]) {
      const validator = requireValidator(ctx, operator);
      if (validator.jailed) throw sdkError.logic(`${operator} is jailed but in the index by power`);
      if (powerOf(validator.tokens) === 0n) break;
      chosen.push(validator);
    }
    return chosen;
  }

  /**
   * Makes the set what stakes say, and returns what CometBFT does not know yet: of each key one update, power 0 only for
   * keys that it has. Source: Cosmos SDK 0.53.8 `ApplyAndReturnValidatorSetUpdates`; key rotation and power cap are ours.
   *
   * When nobody is left who can be in the set, it stays as it is, jailed or without stake as its members may be: a chain
   * without validators never makes another block, and it takes a block to unjail one or to create another.
   *
   * Cost: all members and candidates, `max_validators` each.
   */
  function apply(ctx: Ctx): readonly ValidatorUpdate[] {
    const last = new Map(state.lastPowers.entries(ctx));
    const chosen = candidates(ctx);
    if (chosen.length === 0 && last.size > 0) return takeRotations(ctx, last);

    const known = knownPowers(ctx, last);
    const rotated = new Map(state.rotatedNow.entries(ctx));
    let bondedNow = 0n;
    let unbondedNow = 0n;
    let total = 0n;
    const members: Validator[] = [];
    for (const candidate of chosen) {
      if (!isBonded(candidate)) bondedNow += candidate.tokens;
      const member = isBonded(candidate) ? candidate : bond(ctx, candidate);
      const power = powerOf(member.tokens);
      if (last.get(member.operatorAddress) !== power) state.lastPowers.set(ctx, member.operatorAddress, power);
      last.delete(member.operatorAddress);
      total += power;
      members.push(member);
    }

    const { powerCapBp } = ownParams(ctx);
    const powers = capPowers(
      members.map(({ operatorAddress, tokens }) => ({ owner: ownerOf(ctx, operatorAddress), power: powerOf(tokens) })),
      powerCapBp,
    );
    const updates: ValidatorUpdate[] = [];
    for (const [i, { operatorAddress, consensusPubkey, tokens }] of members.entries()) {
      const power = powers[i]!;
      const before = known.get(operatorAddress);
      const oldKey = before === undefined ? undefined : rotated.get(operatorAddress);
      if (oldKey) updates.push(validatorUpdate(oldKey, 0n));
      if (oldKey || before !== power) updates.push(validatorUpdate(consensusPubkey, power));
      setCapped(ctx, operatorAddress, power === powerOf(tokens) ? undefined : power);
    }

    // A copy in the order of bytes, since `last` has the order of keys, which start with lengths.
    const leaving = [...last.keys()].sort((a, b) => compare(operatorToBytes(a, ctx), operatorToBytes(b, ctx)));
    for (const operator of leaving) {
      const validator = beginUnbonding(ctx, requireValidator(ctx, operator));
      unbondedNow += validator.tokens;
      state.lastPowers.delete(ctx, operator);
      setCapped(ctx, operator, undefined);
      const oldKey = rotated.get(operator);
      updates.push(validatorUpdate(oldKey ?? validator.consensusPubkey, 0n));
    }

    if (bondedNow > unbondedNow) pools.move(ctx, true, bondedNow - unbondedNow);
    else if (unbondedNow > bondedNow) pools.move(ctx, false, unbondedNow - bondedNow);
    if (updates.length > 0) state.lastTotalPower.set(ctx, { int: total });
    for (const operator of rotated.keys()) state.rotatedNow.delete(ctx, operator);
    return updates;
  }

  /** New keys of a set that stays as it is. */
  function takeRotations(ctx: Ctx, last: ReadonlyMap<string, bigint>): readonly ValidatorUpdate[] {
    const known = knownPowers(ctx, last);
    const updates: ValidatorUpdate[] = [];
    for (const [operator, oldKey] of [...state.rotatedNow.entries(ctx)]) {
      state.rotatedNow.delete(ctx, operator);
      const before = known.get(operator);
      if (before === undefined) continue;
      updates.push(validatorUpdate(oldKey, 0n));
      updates.push(validatorUpdate(requireValidator(ctx, operator).consensusPubkey, before));
    }
    return updates;
  }

  /** Powers that CometBFT has: those of stakes, but where the cap cut them. */
  function knownPowers(ctx: QueryCtx, last: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> {
    const capped = new Map(state.cappedPowers.entries(ctx));
    return new Map([...last].map(([operator, power]) => [operator, capped.get(operator) ?? power]));
  }

  function setCapped(ctx: Ctx, operator: string, power: bigint | undefined): void {
    const before = state.cappedPowers.get(ctx, operator);
    if (before === power) return;
    if (power === undefined) state.cappedPowers.delete(ctx, operator);
    else state.cappedPowers.set(ctx, operator, power);
  }

  /** Ends the unbonding of validators whose time has come, at most 100 of them. */
  function unbondMature(ctx: Ctx): void {
    const due: string[] = [];
    for (const [[, height], { addresses }] of state.validatorQueue.entries(ctx, { to: [ctx.time, ctx.height] })) {
      if (height <= ctx.height) due.push(...addresses.slice(0, UNBONDED_PER_BLOCK_MAX - due.length));
      if (due.length === UNBONDED_PER_BLOCK_MAX) break;
    }
    for (const operator of due) tolerate(ctx, (branch) => completeUnbonding(branch, operator));
  }

  function completeUnbonding(ctx: Ctx, operator: string): void {
    const validator = requireValidator(ctx, operator);
    if (!isUnbonding(validator)) throw sdkError.logic(`${operator} waits to be unbonded but is not unbonding`);
    if (validator.unbondingOnHoldRefCount > 0n) return;
    dequeueValidator(ctx, validator);
    setValidator(ctx, { ...validator, status: UNBONDED });
    if (validator.delegatorShares === 0n) removeValidator(ctx, hooks, operator);
  }

  return { apply, unbondMature };
}

import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { timestampToNs } from "../kernel/time.ts";
import { fail } from "./errors.ts";
import type { StakingHooks } from "./hooks.ts";
import { forgetKeysOf } from "./key-rotation.ts";
import { bytesToOperator, operatorToBytes } from "./keys.ts";
import { state } from "./state.ts";
import { tolerate, unmetered } from "./tolerate.ts";
import { addTokens, consensusAddressOf, isBonded, isUnbonded, powerOf, removeShares } from "./validator.ts";

export const getValidator = (ctx: QueryCtx, operator: string): Validator | undefined =>
  state.validators.get(ctx, operator);

/** Throws `staking/3`. */
export function requireValidator(ctx: QueryCtx, operator: string): Validator {
  const validator = getValidator(ctx, operator);
  if (!validator) throw fail.noValidator();
  return validator;
}

/** By its present key, or by one that it has replaced as long as that can be punished. */
export function validatorByConsAddr(ctx: QueryCtx, consensusAddress: Uint8Array): Validator | undefined {
  const operator = state.byConsensusAddress.get(ctx, consensusAddress);
  return operator && getValidator(ctx, bytesToOperator(operator, ctx));
}

export function setValidator(ctx: Ctx, validator: Validator): void {
  state.validators.set(ctx, validator.operatorAddress, validator);
}

export function indexKey(ctx: Ctx, operator: string, key: Any | undefined): void {
  state.byConsensusAddress.set(ctx, consensusAddressOf(key), operatorToBytes(operator, ctx));
}

const rank = ({ tokens, operatorAddress }: Validator) => [powerOf(tokens), operatorAddress] as const;

/** Jailed validators are not in the index by power: they cannot enter the set. */
export function indexPower(ctx: Ctx, validator: Validator): void {
  if (validator.jailed) return;
  state.byPower.set(ctx, rank(validator), operatorToBytes(validator.operatorAddress, ctx));
}

export function unindexPower(ctx: Ctx, validator: Validator): void {
  state.byPower.delete(ctx, rank(validator));
}

/** Stores a change of what the index by power depends on. */
function reindexed(ctx: Ctx, before: Validator, after: Validator): void {
  unindexPower(ctx, before);
  setValidator(ctx, after);
  indexPower(ctx, after);
}

/** Throws `staking/104` and `staking/105`. */
export function addTokensAndShares(ctx: Ctx, validator: Validator, amount: bigint): Dec {
  const [after, shares] = addTokens(validator, amount);
  reindexed(ctx, validator, after);
  return shares;
}

export function removeTokensAndShares(
  ctx: Ctx,
  validator: Validator,
  shares: Dec,
): readonly [validator: Validator, tokens: bigint] {
  const [after, tokens] = removeShares(validator, shares);
  reindexed(ctx, validator, after);
  return [after, tokens];
}

/** Takes slashed tokens away; shares stay. */
export function removeTokens(ctx: Ctx, validator: Validator, tokens: bigint): Validator {
  const after = { ...validator, tokens: validator.tokens - tokens };
  if (after.tokens < 0n) throw sdkError.logic(`validator has ${validator.tokens} tokens, want at least ${tokens}`);
  reindexed(ctx, validator, after);
  return after;
}

/** Throws `staking/7` when it is jailed already. It leaves the set at the end of the block. */
export function jail(ctx: Ctx, validator: Validator): void {
  if (validator.jailed) throw fail.jailed();
  setValidator(ctx, { ...validator, jailed: true });
  unindexPower(ctx, validator);
}

/** Throws `sdk/35` when it is not jailed. */
export function unjail(ctx: Ctx, validator: Validator): void {
  if (!validator.jailed) throw sdkError.logic(`${validator.operatorAddress} is not jailed, want a jailed validator`);
  const after = { ...validator, jailed: false };
  setValidator(ctx, after);
  indexPower(ctx, after);
}

/** Ends a validator that nobody delegates to any more. Throws `staking/8` unless it is unbonded and without tokens. */
export function removeValidator(ctx: Ctx, hooks: readonly StakingHooks[], operator: string): void {
  const validator = getValidator(ctx, operator);
  if (!validator) return;
  if (!isUnbonded(validator)) throw fail.cannotRemove("it is bonded or unbonding, want an unbonded validator");
  if (validator.tokens > 0n) throw fail.cannotRemove(`it has ${validator.tokens} tokens, want none`);
  const consensusAddress = consensusAddressOf(validator.consensusPubkey);
  state.validators.delete(ctx, operator);
  state.byConsensusAddress.delete(ctx, consensusAddress);
  unindexPower(ctx, validator);
  unmetered(ctx, () => forgetKeysOf(ctx, operator));
  for (const hook of hooks) {
    tolerate(ctx, (branch) => hook.afterValidatorRemoved?.(branch, consensusAddress, operator));
  }
}

/** Most tokens first, of validators that are not jailed, lesser operator first of equals. Collect before writing. */
export function* byPower(ctx: QueryCtx, limit?: number): Generator<string> {
  for (const operator of state.byPower.values(ctx, { reverse: true, limit })) yield bytesToOperator(operator, ctx);
}

/** Bonded ones, most tokens first. Jailed ones are left out, though they are bonded until the end of the block. */
export function* bondedByPower(ctx: QueryCtx, limit: number): Generator<Validator> {
  let left = limit;
  for (const operator of byPower(ctx)) {
    if (left === 0) return;
    const validator = requireValidator(ctx, operator);
    if (!isBonded(validator)) continue;
    left--;
    yield validator;
  }
}

const queueKey = ({ unbondingTime, unbondingHeight }: Validator) =>
  [timestampToNs(unbondingTime), unbondingHeight] as const;

/** Notes when an unbonding validator will be unbonded. */
export function enqueueValidator(ctx: Ctx, validator: Validator): void {
  const key = queueKey(validator);
  const addresses = state.validatorQueue.get(ctx, key)?.addresses ?? [];
  state.validatorQueue.set(ctx, key, { addresses: [...addresses, validator.operatorAddress] });
}

export function dequeueValidator(ctx: Ctx, validator: Validator): void {
  const key = queueKey(validator);
  const queued = state.validatorQueue.get(ctx, key)?.addresses ?? [];
  const addresses = queued.filter((operator) => operator !== validator.operatorAddress);
  if (addresses.length === 0) state.validatorQueue.delete(ctx, key);
  else state.validatorQueue.set(ctx, key, { addresses });
}

import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { EventConsensusKeyRotated, type KeyRotation } from "@interfirm/proto/gen/interfirm/staking/v1";
import { bytesToAddress, consensusPrefix } from "../kernel/address.ts";
import { equal } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { nsToTimestamp, timestampToNs } from "../kernel/time.ts";
import { fail } from "./errors.ts";
import type { StakingHooks } from "./hooks.ts";
import { operatorToBytes } from "./keys.ts";
import { ownParams } from "./own-params.ts";
import { unbondingTimeNs } from "./params.ts";
import { params } from "./pools.ts";
import { state } from "./state.ts";
import { consensusAddressOf } from "./validator.ts";
import { indexKey, requireValidator, setValidator } from "./validators.ts";

/** Old keys that a block forgets. The rest wait: they stay punishable a little longer, and taken. */
const FORGOTTEN_PER_BLOCK_MAX = 100;

export type CheckKeyType = (ctx: QueryCtx, key: Any | undefined) => void;

const keyOf = (rotation: KeyRotation) =>
  [timestampToNs(rotation.releaseTime), consensusAddressOf(rotation.oldPubkey)] as const;

/**
 * Replaces the key with which a validator signs. CometBFT goes over to the new key with the second block after this one.
 * For an unbonding time the old key still leads to the validator, so that whatever it signed can be punished, and nobody
 * can take it. No fee: `key_rotations_max` in an unbonding time is what bounds the entries that this makes.
 *
 * Throws `staking/3`, `staking/5` for a key in use, `staking/6`, `staking/7` for a jailed validator, `staking/102`.
 */
export function rotateKey(
  ctx: Ctx,
  hooks: readonly StakingHooks[],
  { operator, newPubkey }: { readonly operator: string; readonly newPubkey: Any },
): void {
  const validator = requireValidator(ctx, operator);
  // A jailed one may be so for a double signature: with its key it would lose what it is jailed for.
  if (validator.jailed) throw fail.jailed();
  const newAddress = consensusAddressOf(newPubkey);
  if (state.byConsensusAddress.has(ctx, newAddress)) throw fail.pubKeyTaken();
  const { keyRotationsMax } = ownParams(ctx);
  const done = [...state.rotations.by.operator.keys(ctx, { from: operator, to: operator, limit: keyRotationsMax + 1 })];
  if (done.length >= keyRotationsMax) throw fail.tooManyRotations(done.length, keyRotationsMax);

  const oldPubkey = validator.consensusPubkey;
  const oldAddress = consensusAddressOf(oldPubkey);
  setValidator(ctx, { ...validator, consensusPubkey: newPubkey });
  indexKey(ctx, operator, newPubkey);
  const rotation: KeyRotation = {
    operatorAddress: operator,
    oldPubkey,
    newPubkey,
    height: ctx.height,
    releaseTime: nsToTimestamp(ctx.time + unbondingTimeNs(params(ctx))),
  };
  state.rotations.set(ctx, keyOf(rotation), rotation);
  // What CometBFT has is the key before the first rotation of this block.
  if (oldPubkey && !state.rotatedNow.has(ctx, operator)) state.rotatedNow.set(ctx, operator, oldPubkey);
  for (const hook of hooks) hook.afterConsensusKeyRotated?.(ctx, operator, oldAddress, newAddress);
  const text = (address: Uint8Array): string => bytesToAddress(address, consensusPrefix(ctx.addressPrefix));
  ctx.emit(EventConsensusKeyRotated, {
    operatorAddress: operator,
    oldConsensusAddress: text(oldAddress),
    newConsensusAddress: text(newAddress),
  });
}

/** Lets go of a replaced key, unless another use of it has begun. */
function forget(ctx: Ctx, rotation: KeyRotation): void {
  const { operatorAddress, oldPubkey } = rotation;
  const address = consensusAddressOf(oldPubkey);
  state.rotations.delete(ctx, keyOf(rotation));
  const holder = state.byConsensusAddress.get(ctx, address);
  const isCurrent = equal(address, currentAddress(ctx, operatorAddress));
  if (holder && equal(holder, operatorToBytes(operatorAddress, ctx)) && !isCurrent) {
    state.byConsensusAddress.delete(ctx, address);
  }
}

function currentAddress(ctx: QueryCtx, operator: string): Uint8Array {
  const validator = state.validators.get(ctx, operator);
  return validator ? consensusAddressOf(validator.consensusPubkey) : new Uint8Array(0);
}

/** Lets go of the keys whose time is over, at most 100 of them. */
export function forgetOldKeys(ctx: Ctx): void {
  for (const rotation of [...state.rotations.values(ctx, { limit: FORGOTTEN_PER_BLOCK_MAX })]) {
    if (timestampToNs(rotation.releaseTime) > ctx.time) return;
    forget(ctx, rotation);
  }
}

/** Lets go of all keys of a validator that is gone. Cost: `key_rotations_max` entries at most. */
export function forgetKeysOf(ctx: Ctx, operator: string): void {
  const keys = [...state.rotations.by.operator.keys(ctx, { from: operator, to: operator })];
  for (const key of keys) {
    const rotation = state.rotations.get(ctx, key);
    if (rotation) forget(ctx, rotation);
  }
}

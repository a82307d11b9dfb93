import type { ValidatorSigningInfo } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { bytesToAddress, consensusPrefix } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { clearMissed, moveMissed } from "./bitmap.ts";
import { fail } from "./errors.ts";
import { state } from "./state.ts";

/** `firmvalcons1…` of the 20 bytes of a consensus key. */
export const consensusAddressText = (address: Uint8Array, { addressPrefix }: QueryCtx): string =>
  bytesToAddress(address, consensusPrefix(addressPrefix));

export const signingInfo = (ctx: QueryCtx, address: Uint8Array): ValidatorSigningInfo | undefined =>
  state.signingInfos.get(ctx, address);

/** What a validator starts with that is bonded in this block. */
const freshInfo = (ctx: QueryCtx, address: Uint8Array): ValidatorSigningInfo => ({
  address: consensusAddressText(address, ctx),
  startHeight: ctx.height,
  indexOffset: 0n,
  jailedUntil: { seconds: 0n, nanos: 0 },
  tombstoned: false,
  missedBlocksCounter: 0n,
});

/**
 * The info of a validator in the set. One that lacks it, since it came with a genesis that had none, starts now: the SDK
 * would stop the chain.
 */
export const infoOrFresh = (ctx: QueryCtx, address: Uint8Array): ValidatorSigningInfo =>
  signingInfo(ctx, address) ?? freshInfo(ctx, address);

/** A validator entered the set. */
export function startSigning(ctx: Ctx, address: Uint8Array): void {
  state.signingInfos.set(ctx, address, { ...infoOrFresh(ctx, address), startHeight: ctx.height });
}

/** Throws `slashing/9` for a key that signed two blocks at one height: no validator may have it again. */
export function checkNotTombstoned(ctx: QueryCtx, address: Uint8Array): void {
  if (signingInfo(ctx, address)?.tombstoned) throw fail.tombstoned(consensusAddressText(address, ctx));
}

/** All that is known of a validator goes over to its new key, so that a rotation forgives nothing. Throws `slashing/9`. */
export function moveSigning(ctx: Ctx, from: Uint8Array, to: Uint8Array): void {
  checkNotTombstoned(ctx, to);
  const info = signingInfo(ctx, from);
  if (!info) return;
  // What the key did for a validator that is gone.
  clearMissed(ctx, to);
  state.signingInfos.delete(ctx, from);
  state.signingInfos.set(ctx, to, { ...info, address: consensusAddressText(to, ctx) });
  moveMissed(ctx, from, to);
}

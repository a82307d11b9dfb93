import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Ctx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { Staking } from "./deps.ts";
import { checkNotTombstoned, moveSigning, startSigning } from "./signing.ts";
import { state } from "./state.ts";

/** What staking tells this module. The consumer declares it; `StakingHooks` of `staking` has all of it. */
export type Hooks = ReturnType<typeof createHooks>;

export function createHooks(staking: Staking) {
  function addKey(ctx: Ctx, validator: Validator | undefined): void {
    const key = validator?.consensusPubkey;
    if (!validator || !key) throw sdkError.logic("validator has no consensus key, want one");
    state.keys.set(ctx, staking.consensusAddress(validator), key);
  }

  return {
    /** Throws `slashing/9` for the key of a validator that was tombstoned and is gone: with a new one it would begin anew. */
    afterValidatorCreated(ctx: Ctx, operator: string): void {
      const validator = staking.validator(ctx, operator);
      addKey(ctx, validator);
      // The SDK does not look, and so takes no gas for it.
      if (validator) ctx.gas.free(() => checkNotTombstoned(ctx, staking.consensusAddress(validator)));
    },

    /** Genesis of this module does not carry keys: staking has them. */
    afterValidatorImported(ctx: Ctx, operator: string): void {
      addKey(ctx, staking.validator(ctx, operator));
    },

    /** What it signed stays: another validator with that key must not begin anew. */
    afterValidatorRemoved(ctx: Ctx, consensusAddress: Uint8Array, _operator: string): void {
      state.keys.delete(ctx, consensusAddress);
    },

    afterValidatorBonded(ctx: Ctx, consensusAddress: Uint8Array, _operator: string): void {
      startSigning(ctx, consensusAddress);
    },

    afterConsensusKeyRotated(ctx: Ctx, operator: string, from: Uint8Array, to: Uint8Array): void {
      state.keys.delete(ctx, from);
      addKey(ctx, staking.validator(ctx, operator));
      moveSigning(ctx, from, to);
    },
  };
}

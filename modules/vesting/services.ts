import type { Msg } from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import type { Ctx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import type { Keeper } from "./keeper.ts";

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  createVestingAccount: (ctx, message) => void keeper.createVesting(ctx, message),
  createPermanentLockedAccount: (ctx, message) => void keeper.createPermanentLocked(ctx, message),
  createPeriodicVestingAccount: (ctx, message) => void keeper.createPeriodic(ctx, message),
});

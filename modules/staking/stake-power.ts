import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { QueryCtx } from "../kernel/context.ts";
import { ownParams } from "./own-params.ts";
import { state } from "./state.ts";
import { powerOf } from "./validator.ts";

/**
 * What the stake weighed with which a validator voted at `height`, where CometBFT reports `power`. They differ only under
 * the power cap, which cuts votes, not what a validator answers with and earns by.
 *
 * The set of a height was made at the end of the second block before, so the history of the block before has its stake;
 * when that is gone, the stake of now counts.
 */
export function stakePower(ctx: QueryCtx, validator: Validator, height: bigint, power: bigint): bigint {
  const { operatorAddress } = validator;
  if (ownParams(ctx).powerCapBp === 0 && !state.cappedPowers.has(ctx, operatorAddress)) return power;
  const set = height > 0n ? state.history.get(ctx, height - 1n)?.valset : undefined;
  const then = set?.find((member) => member.operatorAddress === operatorAddress) ?? validator;
  const stake = powerOf(then.tokens);
  return stake > power ? stake : power;
}

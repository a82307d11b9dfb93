import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { QueryCtx } from "../kernel/context.ts";
import type { CommitVote } from "../kernel/module.ts";
import { ownParams } from "./own-params.ts";
import { state } from "./state.ts";
import { powerOf } from "./validator.ts";
import { validatorByConsAddr } from "./validators.ts";

/**
 * What stakes weighed with which validators voted at `height`, where CometBFT reports other powers. They differ only under
 * the power cap, which cuts votes, not what a validator answers with and earns by.
 *
 * The set of a height was made at the end of the second block before, so the history of the block before has its stake;
 * when that is gone, the stake of now counts.
 *
 * Cost: the set of one block, once, and only under the cap.
 */
export function stakePowers(ctx: QueryCtx, height: bigint): (validator: Validator, power: bigint) => bigint {
  const { powerCapBp } = ownParams(ctx);
  let past: ReadonlyMap<string, bigint> | undefined;
  const then = (): ReadonlyMap<string, bigint> => {
    if (past) return past;
    const set = height > 0n ? state.history.get(ctx, height - 1n)?.valset : undefined;
    past = new Map(set?.map(({ operatorAddress, tokens }) => [operatorAddress, tokens]));
    return past;
  };
  return ({ operatorAddress, tokens }, power) => {
    if (powerCapBp === 0 && !state.cappedPowers.has(ctx, operatorAddress)) return power;
    const stake = powerOf(then().get(operatorAddress) ?? tokens);
    if (stake < power) return power;
    return stake;
  };
}

/** Votes on the block before this one, each with the power of the stake behind it. Those of nobody stay as they are. */
export function votesByStake(ctx: QueryCtx, votes: readonly CommitVote[]): readonly CommitVote[] {
  const stakeOf = stakePowers(ctx, ctx.height - 1n);
  return votes.map((vote) => {
    const validator = validatorByConsAddr(ctx, vote.validator);
    return validator ? { ...vote, power: stakeOf(validator, vote.power) } : vote;
  });
}

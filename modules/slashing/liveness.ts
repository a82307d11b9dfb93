import type { Params, ValidatorSigningInfo } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Ctx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import type { BlockInfo, CommitVote } from "../kernel/module.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import { clearMissed, isMissed, setMissed } from "./bitmap.ts";
import type { Staking } from "./deps.ts";
import { jailDurationNs, missesMax, paramsOf } from "./params.ts";
import { infoOrFresh } from "./signing.ts";
import { state } from "./state.ts";

/** Blocks from a change of the set to the first block that it signs. Source: CometBFT v0.38 spec/abci, SDK `ValidatorUpdateDelay`. */
export const VALIDATOR_UPDATE_DELAY = 1n;

/** Puts the vote into the window. */
function record(ctx: Ctx, address: Uint8Array, info: ValidatorSigningInfo, window: bigint, missed: boolean) {
  const index = info.indexOffset % window;
  const before = isMissed(ctx, address, index);
  if (before !== missed) setMissed(ctx, address, index, missed);
  const change = before === missed ? 0n : missed ? 1n : -1n;
  return {
    ...info,
    indexOffset: info.indexOffset + 1n,
    missedBlocksCounter: info.missedBlocksCounter + change,
  };
}

export function createLiveness(staking: Staking) {
  /** Slashes and jails for downtime. Returns the info with an empty window: it must not be jailed again at once when it is back. */
  function punish(ctx: Ctx, vote: CommitVote, address: Uint8Array, info: ValidatorSigningInfo, params: Params) {
    // The stake that signed is of the block before, in which the set was already fixed. Below 0 in the first blocks: all stake counts.
    const height = ctx.height - VALIDATOR_UPDATE_DELAY - 1n;
    const burnt = staking.slash(ctx, vote.validator, height, vote.power, params.slashFractionDowntime);
    ctx.emitRaw("slash", [
      ["address", info.address],
      ["power", vote.power.toString()],
      ["reason", "missing_signature"],
      ["jailed", info.address],
      ["burned_coins", burnt.toString()],
    ]);
    staking.jail(ctx, vote.validator);
    clearMissed(ctx, address);
    return {
      ...info,
      jailedUntil: nsToTimestamp(ctx.time + jailDurationNs(params)),
      missedBlocksCounter: 0n,
      indexOffset: 0n,
    };
  }

  /** One vote. Votes of validators that are jailed or gone do not count: they come in for two blocks after that. */
  function handle(ctx: Ctx, vote: CommitVote, params: Params, most: bigint): void {
    const validator: Validator | undefined = staking.validatorByConsAddr(ctx, vote.validator);
    if (!validator || validator.jailed) return;
    const address = staking.consensusAddress(validator);
    const { signedBlocksWindow: window } = params;
    const missed = vote.flag === "absent";
    let info: ValidatorSigningInfo = record(ctx, address, infoOrFresh(ctx, address), window, missed);
    if (missed) {
      ctx.emitRaw("liveness", [
        ["address", info.address],
        ["missed_blocks", info.missedBlocksCounter.toString()],
        ["height", ctx.height.toString()],
      ]);
    }
    if (ctx.height > info.startHeight + window && info.missedBlocksCounter > most) {
      const counted = info;
      try {
        info = ctx.atomically((branch) => punish(branch, vote, address, counted, params));
      } catch (error) {
        if (!(error instanceof ChainError)) throw error;
        ctx.emitRaw("slash_failed", [
          ["address", info.address],
          ["reason", error.message],
        ]);
      }
    }
    state.signingInfos.set(ctx, address, info);
  }

  /**
   * Counts who signed the block before, and slashes and jails those that missed too many of the window.
   * Source: Cosmos SDK 0.53.8 x/slashing/keeper/infractions.go. Cost: a vote and a record of each validator in the set.
   */
  return (ctx: Ctx, { lastCommit }: BlockInfo): void => {
    const params = paramsOf(ctx);
    const most = missesMax(params);
    for (const vote of lastCommit) handle(ctx, vote, params, most);
  };
}

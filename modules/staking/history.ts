import { HistoricalInfo, type Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { Header } from "@interfirm/proto/gen/tendermint/types";
import { compare } from "../kernel/bytes.ts";
import type { Ctx } from "../kernel/context.ts";
import type { BlockInfo } from "../kernel/module.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import { params } from "./pools.ts";
import { state } from "./state.ts";
import { consensusAddressOf, powerOf } from "./validator.ts";
import { requireValidator } from "./validators.ts";

/** Entries that a block takes away. One comes with each block; when fewer are kept than before, the others go over some blocks. */
const PRUNED_PER_BLOCK_MAX = 20;

/**
 * Bytes that the history takes, as if all of it were like the newest entry: state is in memory. That is 10,000 entries of 35
 * ordinary validators. The SDK knows no such bound; 10,000 entries of 100 validators with the longest descriptions are 4 GB.
 */
const HISTORY_BYTES_MAX = 1 << 27;

/**
 * Keeps the header and the set with which this block began, for light clients on other chains and for the stake of past
 * votes, and takes away what is older than the last `historical_entries`, or than `HISTORY_BYTES_MAX` have room for.
 *
 * Cost: one entry a member of the set, some 400 bytes each, a block.
 */
export function trackHistory(ctx: Ctx, block: BlockInfo): void {
  const { historicalEntries } = params(ctx);
  let kept = historicalEntries;
  if (historicalEntries > 0) {
    const info = infoOf(ctx, block);
    state.history.set(ctx, ctx.height, info);
    kept = Math.min(kept, Math.ceil(HISTORY_BYTES_MAX / HistoricalInfo.encode(info).finish().length));
  }
  const oldest = ctx.height - BigInt(kept);
  if (oldest < 0n) return;
  for (const height of [...state.history.keys(ctx, { to: oldest, limit: PRUNED_PER_BLOCK_MAX })]) {
    state.history.delete(ctx, height);
  }
}

function infoOf(ctx: Ctx, block: BlockInfo): HistoricalInfo {
  const header = Header.fromPartial({
    chainId: ctx.chainId,
    height: ctx.height,
    time: nsToTimestamp(ctx.time),
    nextValidatorsHash: block.nextValidatorsHash ?? new Uint8Array(0),
    appHash: block.lastAppHash ?? new Uint8Array(0),
    proposerAddress: block.proposer,
  });
  return { header, valset: lastSet(ctx) };
}

/** The set after the last block, in CometBFT's order: most power first, of equals the lesser consensus address. */
function lastSet(ctx: Ctx): readonly Validator[] {
  const set = Array.from(state.lastPowers.keys(ctx), (operator) => requireValidator(ctx, operator));
  return set.sort((a, b) => {
    const difference = powerOf(b.tokens) - powerOf(a.tokens);
    if (difference !== 0n) return difference > 0n ? 1 : -1;
    return compare(consensusAddressOf(a.consensusPubkey), consensusAddressOf(b.consensusPubkey));
  });
}

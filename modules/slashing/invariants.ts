import { equal, toHex } from "../kernel/bytes.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import type { Invariant } from "../kernel/module.ts";
import { missedBlocks } from "./bitmap.ts";
import type { Staking } from "./deps.ts";
import { checkParams, paramsOf } from "./params.ts";
import { state } from "./state.ts";

/** Every counter is the number of bits that are set within the window, and no bits are kept for nobody. */
function counted(ctx: QueryCtx): string | undefined {
  const { signedBlocksWindow: window } = paramsOf(ctx);
  for (const [address, info] of state.signingInfos.entries(ctx)) {
    const missed = missedBlocks(ctx, address);
    if (BigInt(missed.length) !== info.missedBlocksCounter) {
      return `${info.address} counts ${info.missedBlocksCounter} missed blocks, has ${missed.length}`;
    }
    const outside = missed.find((index) => index >= window);
    if (outside !== undefined) return `${info.address} missed block ${outside} of a window of ${window}`;
  }
  for (const [address] of state.missedBlocks.keys(ctx)) {
    if (!state.signingInfos.has(ctx, address)) return `missed blocks of ${toHex(address)} have no signing info`;
  }
  return undefined;
}

function sound(ctx: QueryCtx): string | undefined {
  try {
    checkParams(paramsOf(ctx));
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}

export const invariants = (staking: Staking): Readonly<Record<string, Invariant>> => ({
  counted,
  sound,

  /** A tombstoned validator is in jail. */
  tombstoned(ctx) {
    for (const validator of staking.validators(ctx)) {
      const info = state.signingInfos.get(ctx, staking.consensusAddress(validator));
      if (info?.tombstoned && !validator.jailed) return `${validator.operatorAddress} is tombstoned, not jailed`;
    }
    return undefined;
  },

  /** The keys kept are those of the validators. */
  keys(ctx) {
    let validators = 0;
    for (const validator of staking.validators(ctx)) {
      validators++;
      const key = state.keys.get(ctx, staking.consensusAddress(validator));
      if (!key || !equal(key.value, validator.consensusPubkey?.value ?? new Uint8Array(0))) {
        return `key of ${validator.operatorAddress} is not kept`;
      }
    }
    const kept = [...state.keys.keys(ctx)].length;
    return kept === validators ? undefined : `${kept} keys are kept, there are ${validators} validators`;
  },
});

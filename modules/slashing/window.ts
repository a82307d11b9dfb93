import type { Ctx } from "../kernel/context.ts";
import { missedBlocks, setMissed } from "./bitmap.ts";
import { state } from "./state.ts";

/**
 * Forgets what validators missed outside of a smaller window. Otherwise those blocks would count against them until they
 * were jailed, since no vote comes by there again, as in the SDK.
 * Cost: the bitmap of every validator that ever signed; only governance causes it.
 */
export function trimWindows(ctx: Ctx, window: bigint): void {
  for (const [address, info] of [...state.signingInfos.entries(ctx)]) {
    const outside = missedBlocks(ctx, address).filter((index) => index >= window);
    if (outside.length === 0) continue;
    for (const index of outside) setMissed(ctx, address, index, false);
    const missedBlocksCounter = info.missedBlocksCounter - BigInt(outside.length);
    state.signingInfos.set(ctx, address, { ...info, missedBlocksCounter });
  }
}

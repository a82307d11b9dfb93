import type { Ctx } from "../kernel/context.ts";
import { forgetMissedFrom } from "./bitmap.ts";
import { state } from "./state.ts";

/**
 * Forgets what validators missed outside of a smaller window. Otherwise those blocks would count against them until they
 * were jailed, since no vote comes by there again, as in the SDK.
 * Cost: the chunks of every validator that ever signed; only governance causes it.
 */
export function trimWindows(ctx: Ctx, window: bigint): void {
  for (const [address, info] of [...state.signingInfos.entries(ctx)]) {
    const forgotten = forgetMissedFrom(ctx, address, window);
    if (forgotten === 0) continue;
    const missedBlocksCounter = info.missedBlocksCounter - BigInt(forgotten);
    state.signingInfos.set(ctx, address, { ...info, missedBlocksCounter });
  }
}

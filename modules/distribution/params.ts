import type { Params } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import type { QueryCtx } from "../kernel/context.ts";
import { format, ONE } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { state } from "./state.ts";

/** Source: Cosmos SDK 0.53 x/distribution/types/params.go. */
export const DEFAULT_PARAMS: Params = {
  communityTax: ONE / 50n,
  baseProposerReward: 0n,
  bonusProposerReward: 0n,
  withdrawAddrEnabled: true,
};

/** Throws `sdk/18` for a tax below 0 or above 1. */
export function checkParams({ communityTax }: Params): void {
  if (communityTax < 0n || communityTax > ONE) {
    throw sdkError.invalidRequest(`community tax is ${format(communityTax)}, want 0 to 1`);
  }
}

export const paramsOf = (ctx: QueryCtx): Params => state.params.get(ctx) ?? DEFAULT_PARAMS;

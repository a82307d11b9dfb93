import type { Params } from "@interfirm/proto/gen/interfirm/staking/v1";
import type { QueryCtx } from "../kernel/context.ts";
import { DEFAULT_OWN_PARAMS } from "./params.ts";
import { state } from "./state.ts";

/** The parameters that the SDK does not have. */
export const ownParams = (ctx: QueryCtx): Params => state.ownParams.get(ctx) ?? DEFAULT_OWN_PARAMS;

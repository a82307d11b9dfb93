import type { MsgUpdateParams } from "@interfirm/proto/gen/cosmos/consensus/v1";
import { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import { checkGovAuthority } from "../kernel/authority.ts";
import { equal } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { fail } from "./errors.ts";
import { type CompleteParams, checkParams, checkUpdate } from "./params.ts";
import { state } from "./state.ts";

export type Keeper = typeof keeper;

export const keeper = {
  /** Parameters that hold for the block after this one, and for this one unless it has changed them. Throws `consensus/4` before genesis. */
  params(ctx: QueryCtx): ConsensusParams {
    const params = state.params.get(ctx);
    if (!params) throw fail.notSet();
    return params;
  },

  /** Takes over the parameters of InitChain. Throws `consensus/2` and `consensus/3`. */
  init(ctx: Ctx, params: ConsensusParams): void {
    checkParams(params);
    state.params.set(ctx, params);
  },

  /**
   * Replaces block, evidence and validator parameters, and ABCI parameters when given; the version stays.
   * Throws `gov/13` for another signer than governance, `consensus/2` and `consensus/3`.
   */
  update(ctx: Ctx, { authority, block, evidence, validator, abci }: MsgUpdateParams): void {
    checkGovAuthority(authority, ctx.addressPrefix);
    const current = keeper.params(ctx);
    const next: ConsensusParams = { ...current, block, evidence, validator, abci: abci ?? current.abci };
    checkParams(next);
    checkUpdate(current, next satisfies CompleteParams, ctx.height);
    state.params.set(ctx, next);
    ctx.emitRaw("update_consensus_params", [["authority", authority]]);
  },

  /**
   * What FinalizeBlock returns as `consensus_param_updates`: all groups when anything has changed since `before`, else
   * undefined. All, since CometBFT replaces a group as a whole.
   */
  changedSince(ctx: QueryCtx, before: ConsensusParams): ConsensusParams | undefined {
    const after = keeper.params(ctx);
    const same = equal(ConsensusParams.encode(before).finish(), ConsensusParams.encode(after).finish());
    return same ? undefined : after;
  },
};

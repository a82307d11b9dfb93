import type { Msg, Query } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { type Address, parseAddress } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginateStore } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { checkAllowance, readAllowance } from "./allowance.ts";
import { isLive, type Keeper, PRUNED_PER_MESSAGE_MAX } from "./keeper.ts";
import { state } from "./state.ts";

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  grantAllowance(ctx, message) {
    const { granter, grantee } = parties(ctx, message);
    keeper.checkAbsent(ctx, granter, grantee);
    const allowance = readAllowance(message.allowance);
    checkAllowance(allowance);
    keeper.grant(ctx, granter, grantee, allowance);
  },

  revokeAllowance(ctx, message) {
    const { granter, grantee } = parties(ctx, message);
    keeper.revoke(ctx, granter, grantee);
  },

  pruneAllowances(ctx, { pruner }) {
    keeper.prune(ctx, PRUNED_PER_MESSAGE_MAX);
    ctx.emitRaw("prune_feegrant", [["pruner", pruner]]);
  },
});

/** Throws `sdk/7` unless they are two accounts. */
function parties(ctx: Ctx, { granter, grantee }: { readonly granter: string; readonly grantee: string }) {
  const of = { granter: parseAddress(granter, ctx.addressPrefix), grantee: parseAddress(grantee, ctx.addressPrefix) };
  if (of.granter === of.grantee)
    throw sdkError.invalidAddress(`granter and grantee are both ${granter}, want two accounts`);
  return of;
}

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  allowance(ctx, { granter, grantee }) {
    const from = parseAddress(granter, ctx.addressPrefix);
    const to = parseAddress(grantee, ctx.addressPrefix);
    const allowance = keeper.get(ctx, from, to);
    // The SDK answers with an internal error here, not with one that something is not found.
    if (!allowance) throw sdkError.unknownRequest("rpc error: code = Internal desc = fee-grant not found: not found");
    return { allowance };
  },

  allowances(ctx, { grantee, pagination: request }) {
    const slice = state.grants.slice(ctx, [parseAddress(grantee, ctx.addressPrefix)]);
    const { items, pagination } = paginateStore(slice, request, ([, grant]) => isLive(ctx, grant));
    return { allowances: items.map(([, grant]) => grant), pagination };
  },

  allowancesByGranter(ctx, { granter, pagination: request }) {
    const find = ([from, to]: readonly [Address, Address]) => keeper.get(ctx, from, to);
    const { items, pagination } = paginateStore(
      state.byGranter.slice(ctx, [parseAddress(granter, ctx.addressPrefix)]),
      request,
      ([key]) => find(key) !== undefined,
    );
    return { allowances: items.flatMap(([key]) => find(key) ?? []), pagination };
  },
});

import type { Grant, GrantAuthorization, Msg, Query } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import type { Msg as OwnMsg } from "@interfirm/proto/gen/interfirm/authz/v1";
import { type Address, parseAddress } from "../kernel/address.ts";
import { quote } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginateStore } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import { type GrantKey, isLive, type Keeper, turned } from "./keeper.ts";
import { state } from "./state.ts";

interface Parties {
  readonly granter: Address;
  readonly grantee: Address;
}

/** Throws `sdk/7` for no addresses, `authz/7` unless they are two. */
function parties(ctx: QueryCtx, message: { readonly granter: string; readonly grantee: string }): Parties {
  const grantee = parseAddress(message.grantee, ctx.addressPrefix);
  const granter = parseAddress(message.granter, ctx.addressPrefix);
  if (granter === grantee) throw fail.granteeIsGranter(granter);
  return { granter, grantee };
}

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  grant(ctx, message) {
    const { granter, grantee } = parties(ctx, message);
    keeper.grant(ctx, granter, grantee, message.grant);
  },

  exec(ctx, { grantee, msgs: messages }) {
    if (messages.length === 0) throw sdkError.invalidRequest("messages cannot be empty");
    return { results: keeper.execute(ctx, parseAddress(grantee, ctx.addressPrefix), messages) };
  },

  revoke(ctx, message) {
    const { granter, grantee } = parties(ctx, message);
    const { msgTypeUrl } = message;
    if (msgTypeUrl === "") throw sdkError.invalidRequest("missing msg method name");
    keeper.revoke(ctx, [granter, grantee, msgTypeUrl]);
  },
});

export const ownMsgs = (keeper: Keeper): Handlers<typeof OwnMsg, Ctx> => ({
  revokeAll(ctx, message) {
    const granter = parseAddress(message.granter, ctx.addressPrefix);
    const grantee = message.grantee === "" ? undefined : parties(ctx, message).grantee;
    return { revoked: BigInt(keeper.revokeAll(ctx, granter, grantee)) };
  },
});

const withParties = ([[granter, grantee], { authorization, expiration }]: readonly [
  GrantKey,
  Omit<GrantAuthorization, keyof Parties>,
]): GrantAuthorization => ({ granter, grantee, authorization, expiration });

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  grants(ctx, { granter: from, grantee: to, msgTypeUrl, pagination: request }) {
    const granter = parseAddress(from, ctx.addressPrefix);
    const grantee = parseAddress(to, ctx.addressPrefix);
    if (msgTypeUrl !== "") {
      const grant = keeper.get(ctx, [granter, grantee, msgTypeUrl]);
      if (!grant) throw fail.notFound(granter, grantee, quote(msgTypeUrl));
      return { grants: [grant], pagination: undefined };
    }
    const slice = state.grants.slice(ctx, [granter, grantee]);
    const { items, pagination } = paginateStore(slice, request, ([, grant]) => isLive(ctx, grant));
    return { grants: items.map(([, grant]) => grant), pagination };
  },

  granterGrants(ctx, { granter, pagination: request }) {
    const slice = state.grants.slice(ctx, [parseAddress(granter, ctx.addressPrefix)]);
    const { items, pagination } = paginateStore(slice, request, ([, grant]) => isLive(ctx, grant));
    return { grants: items.map(withParties), pagination };
  },

  granteeGrants(ctx, { grantee, pagination: request }) {
    const slice = state.byGrantee.slice(ctx, [parseAddress(grantee, ctx.addressPrefix)]);
    const find = (key: GrantKey): Grant | undefined => keeper.get(ctx, turned(key));
    const { items, pagination } = paginateStore(slice, request, ([key]) => find(key) !== undefined);
    const grants = items.flatMap(([key]) => {
      const grant = find(key);
      return grant ? [withParties([turned(key), grant])] : [];
    });
    return { grants, pagination };
  },
});

import type { Msg, Query } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { addressToBytes, consensusPrefix, parseAddress, validatorPrefix } from "../kernel/address.ts";
import { checkGovAuthority } from "../kernel/authority.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginateStore } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { Keeper } from "./keeper.ts";
import { state } from "./state.ts";

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  unjail(ctx, { validatorAddr }) {
    keeper.unjail(ctx, parseAddress(validatorAddr, validatorPrefix(ctx.addressPrefix)));
  },

  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    keeper.setParams(ctx, params);
  },
});

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  params: (ctx) => ({ params: keeper.params(ctx) }),

  signingInfo(ctx, { consAddress }) {
    if (consAddress === "") throw sdkError.invalidRequest("consensus address is empty, want one");
    const valSigningInfo = keeper.signingInfo(ctx, addressToBytes(consAddress, consensusPrefix(ctx.addressPrefix)));
    if (!valSigningInfo) throw sdkError.keyNotFound(`SigningInfo not found for validator ${consAddress}`);
    return { valSigningInfo };
  },

  signingInfos(ctx, { pagination: request }) {
    const { items, pagination } = paginateStore(state.signingInfos.slice(ctx), request);
    return { info: items.map(([, info]) => info), pagination };
  },
});

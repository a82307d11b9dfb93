import type { Msg, Query } from "@interfirm/proto/gen/cosmos/mint/v1beta1";
import { checkGovAuthority } from "../kernel/authority.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import type { Keeper } from "./keeper.ts";

export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    keeper.setParams(ctx, params);
  },
});

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  params: (ctx) => ({ params: keeper.params(ctx) }),
  inflation: (ctx) => ({ inflation: keeper.minter(ctx).inflation }),
  annualProvisions: (ctx) => ({ annualProvisions: keeper.minter(ctx).annualProvisions }),
});

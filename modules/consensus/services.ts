import type { Msg, Query } from "@interfirm/proto/gen/cosmos/consensus/v1";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { keeper } from "./keeper.ts";

export const msgs: Handlers<typeof Msg, Ctx> = {
  updateParams: (ctx, msg) => keeper.update(ctx, msg),
};

export const queries: Handlers<typeof Query, QueryCtx> = {
  params: (ctx) => ({ params: keeper.params(ctx) }),
};

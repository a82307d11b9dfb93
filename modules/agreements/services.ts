import type { Msg, Query } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { parseAddress } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginate } from "../kernel/pagination.ts";
import type { Escrow, Keeper } from "./keeper.ts";
import { state } from "./state.ts";

/** Signers are already verified: the proto names the field, `modules/auth` checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  propose: (ctx, msg) => ({ id: keeper.propose(ctx, msg) }),
  accept: (ctx, msg) => keeper.accept(ctx, msg),
  settle: (ctx, msg) => keeper.settle(ctx, msg),
});

export const queries = (keeper: Keeper, escrow: Escrow): Handlers<typeof Query, QueryCtx> => ({
  agreement: (ctx, { id }) => ({ agreement: keeper.get(ctx, id) }),
  agreements(ctx, request) {
    const { items, pagination } = paginate(state.agreements.slice(ctx), request.pagination);
    return { agreements: items.map(([, agreement]) => agreement), pagination };
  },
  agreementsByParty(ctx, request) {
    const party = parseAddress(request.party, ctx.addressPrefix);
    const { items, pagination } = paginate(state.agreements.by.party.slice(ctx, party), request.pagination);
    return { agreements: items.map((id) => keeper.get(ctx, id)), pagination };
  },
  escrow: (ctx) => ({ address: escrow.address(ctx), held: escrow.held(ctx), owed: keeper.owedCoins(ctx) }),
});

import { Msg, Query } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { Msg as OwnMsg, Query as OwnQuery } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import type { QueryCtx } from "../kernel/context.ts";
import { defineModule, serve } from "../kernel/module.ts";
import { genesis } from "./genesis.ts";
import { createKeeper, type Keeper, type Staking } from "./keeper.ts";
import { msgs, ownMsgs, ownQueries, queries } from "./services.ts";
import { state } from "./state.ts";

/** A plan whose height has passed was carried out, put off or dropped in that block. */
const ahead =
  (keeper: Keeper) =>
  (ctx: QueryCtx): string | undefined => {
    const plan = keeper.plan(ctx);
    if (!plan || plan.height > ctx.height || ctx.height === 0n) return undefined;
    return `plan ${plan.name} is for height ${plan.height}, which is not after ${ctx.height}`;
  };

/** What belongs to a plan is there only with it. */
function owned(ctx: QueryCtx): string | undefined {
  if (state.plan.get(ctx)) return undefined;
  for (const operator of state.signals.keys(ctx, { limit: 1 })) return `${operator} is ready for no plan`;
  const postponements = state.postponements.get(ctx);
  return postponements === undefined ? undefined : `no plan was put off ${postponements} times`;
}

export interface UpgradeDeps {
  readonly staking: Staking;
}

export function upgrade({ staking }: UpgradeDeps) {
  const keeper = createKeeper(staking);
  return defineModule({
    name: "upgrade",
    storeKey: "upgrade",
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper)), serve(OwnMsg, ownMsgs(keeper))],
    queries: [serve(Query, queries(keeper)), serve(OwnQuery, ownQueries(keeper))],
    genesis: genesis(keeper),
    invariants: { ahead: ahead(keeper), owned },
  });
}

import { Msg, Query } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { defineModule, serve } from "../kernel/module.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { createKeeper, type FeegrantDeps, PRUNED_PER_BLOCK_MAX } from "./keeper.ts";
import { msgs, queries } from "./services.ts";
import { STORE_KEY } from "./state.ts";

/** Accounts that pay the fees of others. */
export function feegrant(deps: FeegrantDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: "feegrant",
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis: genesis(keeper),
    invariants,
    endBlock: (ctx) => keeper.prune(ctx, PRUNED_PER_BLOCK_MAX),
  });
}

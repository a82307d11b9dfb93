import { Msg, Query } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { defineModule, serve } from "../kernel/module.ts";
import type { DistributionDeps } from "./deps.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { createKeeper } from "./keeper.ts";
import { DISTRIBUTION } from "./pool.ts";
import { msgs, queries } from "./services.ts";
import { STORE_KEY } from "./state.ts";

/** Rewards: who has earned what of fees and minted coins, and how they get it. */
export function distribution(deps: DistributionDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: DISTRIBUTION,
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis: genesis(deps),
    invariants: invariants(deps, keeper),
    beginBlock: keeper.beginBlock,
  });
}

import { Msg, Query } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { Msg as OwnMsg, Query as OwnQuery } from "@interfirm/proto/gen/interfirm/staking/v1";
import { defineModule, serve } from "../kernel/module.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { createKeeper, type StakingDeps } from "./keeper.ts";
import { ownQueries, queries } from "./queries.ts";
import { msgs, ownMsgs } from "./services.ts";
import { STORE_KEY } from "./state.ts";

/** Who makes blocks, and whose stake stands for it. */
export function staking(deps: StakingDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: "staking",
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper)), serve(OwnMsg, ownMsgs(keeper))],
    queries: [serve(Query, queries(keeper)), serve(OwnQuery, ownQueries(keeper))],
    genesis: genesis(keeper),
    invariants: invariants(keeper),
    beginBlock: keeper.beginBlock,
    endBlock: keeper.endBlock,
  });
}

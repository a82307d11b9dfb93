import { Msg as MsgV1, Query as QueryV1 } from "@interfirm/proto/gen/cosmos/gov/v1";
import { Msg as MsgV1beta1, Query as QueryV1beta1 } from "@interfirm/proto/gen/cosmos/gov/v1beta1";
import { Msg, Query } from "@interfirm/proto/gen/interfirm/governance/v1";
import { defineModule, serve } from "../kernel/module.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { createKeeper, type GovernanceDeps } from "./keeper.ts";
import { msgs, queries } from "./services.ts";
import { msgsV1, queriesV1 } from "./services-v1.ts";
import { msgsV1beta1, queriesV1beta1 } from "./services-v1beta1.ts";
import { GOV } from "./state.ts";

/** Stakeholders decide what the chain does in its own name. */
export function governance(deps: GovernanceDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: GOV,
    storeKey: GOV,
    version: 1,
    keeper,
    msgs: [serve(MsgV1, msgsV1(keeper)), serve(MsgV1beta1, msgsV1beta1(keeper)), serve(Msg, msgs(keeper))],
    queries: [
      serve(QueryV1, queriesV1(keeper)),
      serve(QueryV1beta1, queriesV1beta1(keeper)),
      serve(Query, queries(keeper)),
    ],
    genesis: genesis(keeper, deps.bank),
    invariants: invariants(deps.bank),
    endBlock: keeper.endBlock,
  });
}

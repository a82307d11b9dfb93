import { Msg, Query } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { defineModule, serve } from "../kernel/module.ts";
import type { Staking } from "./deps.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { createKeeper } from "./keeper.ts";
import { msgs, queries } from "./services.ts";
import { STORE_KEY } from "./state.ts";

/** How well validators sign, and what it costs them when they do not. */
export function slashing({ staking }: { readonly staking: Staking }) {
  const keeper = createKeeper(staking);
  return defineModule({
    name: "slashing",
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis,
    invariants: invariants(staking),
    beginBlock: keeper.beginBlock,
  });
}

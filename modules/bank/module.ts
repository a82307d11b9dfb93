import { Msg, Query } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { defineModule, serve } from "../kernel/module.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { type BankDeps, createKeeper } from "./keeper.ts";
import { msgs, queries } from "./services.ts";
import { STORE_KEY } from "./state.ts";

/** Coins: who holds how much, and how much there is. */
export function bank(deps: BankDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: "bank",
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis: genesis(keeper),
    invariants,
  });
}

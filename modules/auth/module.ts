import { Msg, Query } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { defineModule, serve } from "../kernel/module.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { type AuthDeps, createKeeper } from "./keeper.ts";
import { msgs, queries } from "./services.ts";
import { STORE_KEY } from "./state.ts";

/** Accounts: who exists, under which number, with which key, and how many transactions they have sent. */
export function auth(deps: AuthDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: "auth",
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis: genesis(keeper),
    invariants: invariants(keeper),
  });
}

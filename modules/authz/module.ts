import { Msg, Query } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { Msg as OwnMsg } from "@interfirm/proto/gen/interfirm/authz/v1";
import { defineModule, serve } from "../kernel/module.ts";
import { genesis } from "./genesis.ts";
import { invariants } from "./invariants.ts";
import { type AuthzDeps, createKeeper } from "./keeper.ts";
import { msgs, ownMsgs, queries } from "./services.ts";
import { STORE_KEY } from "./state.ts";

/** Accounts that let others send messages for them. */
export function authz(deps: AuthzDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: "authz",
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper)), serve(OwnMsg, ownMsgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis: genesis(keeper),
    invariants,
    beginBlock: (ctx) => keeper.prune(ctx),
  });
}

import { Msg, Query } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { defineModule, serve } from "../kernel/module.ts";
import { AGREEMENTS } from "./bank-escrow.ts";
import { genesis } from "./genesis.ts";
import { numbered, queued, solvent, tracked } from "./invariants.ts";
import { createKeeper, type Escrow } from "./keeper.ts";
import { msgs, queries } from "./services.ts";

/** A module is a function of what it needs: wiring is a call, and a cycle does not type-check. */
export function agreements({ escrow }: { readonly escrow: Escrow }) {
  const keeper = createKeeper(escrow);
  return defineModule({
    name: AGREEMENTS,
    storeKey: AGREEMENTS,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper, escrow))],
    genesis: genesis(keeper),
    invariants: { solvent: solvent(escrow), tracked: tracked(keeper), queued, numbered },
    endBlock: keeper.expire,
  });
}

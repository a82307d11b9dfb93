import { Msg, Query } from "@interfirm/proto/gen/cosmos/consensus/v1";
import { Empty } from "@interfirm/proto/gen/google/protobuf";
import type { QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import { defineModule, type Genesis, serve } from "../kernel/module.ts";
import { keeper } from "./keeper.ts";
import { checkParams } from "./params.ts";
import { msgs, queries } from "./services.ts";
import { state } from "./state.ts";

/** Nothing: parameters come with InitChain, from `consensus.params` of the genesis file, by `keeper.init`. */
const genesis: Genesis<Empty> = { type: Empty, empty: {}, validate() {}, init() {}, export: () => ({}) };

function sound(ctx: QueryCtx): string | undefined {
  const params = state.params.get(ctx);
  if (!params) return undefined;
  try {
    checkParams(params);
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return error.message;
    throw error;
  }
}

export function consensus() {
  return defineModule({
    name: "consensus",
    storeKey: "consensus",
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs)],
    queries: [serve(Query, queries)],
    genesis,
    invariants: { sound },
  });
}

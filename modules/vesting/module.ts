import { Msg } from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import { Empty } from "@interfirm/proto/gen/google/protobuf";
import { defineModule, serve } from "../kernel/module.ts";
import { createKeeper, type VestingDeps } from "./keeper.ts";
import { msgs } from "./services.ts";

/** Accounts whose coins become free over time. It keeps nothing of its own: the accounts are in `auth`. */
export function vesting(deps: VestingDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: "vesting",
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    genesis: {
      type: Empty,
      empty: {},
      validate: () => undefined,
      init: () => undefined,
      export: () => ({}),
    },
  });
}

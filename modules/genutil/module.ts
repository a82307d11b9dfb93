import { defineModule } from "../kernel/module.ts";
import { type GenutilDeps, genesis } from "./genesis.ts";
import type { GenTx } from "./gentx.ts";

/** Its genesis runs last: its transactions need the state of all other modules. */
export function genutil<T extends GenTx>(deps: GenutilDeps<T>) {
  return defineModule({
    name: "genutil",
    version: 1,
    keeper: undefined,
    genesis: genesis(deps),
  });
}

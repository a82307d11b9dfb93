import { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import { defineState } from "../kernel/collections.ts";

/** The SDK's layout: `"Consensus"` → ConsensusParams. */
export const state = defineState("consensus", (store) => ({
  params: store.item("Consensus", ConsensusParams),
}));

import { GenesisState, Msg, Query } from "@interfirm/proto/gen/cosmos/evidence/v1beta1";
import { addressToBytes, consensusPrefix } from "../kernel/address.ts";
import { equal, toHex } from "../kernel/bytes.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { defineModule, type Genesis, serve } from "../kernel/module.ts";
import { timestampToNs } from "../kernel/time.ts";
import { checkEquivocation, equivocationHash, packEquivocation, unpackEvidence } from "./equivocation.ts";
import { fail } from "./errors.ts";
import { createKeeper, type EvidenceDeps } from "./keeper.ts";
import { msgs, queries } from "./services.ts";
import { STORE_KEY, state } from "./state.ts";

const genesis: Genesis<GenesisState> = {
  type: GenesisState,
  empty: { evidence: [] },

  validate({ evidence }, addressPrefix) {
    const hashes = new Set<string>();
    for (const packed of evidence) {
      const equivocation = unpackEvidence(packed);
      checkEquivocation(equivocation);
      timestampToNs(equivocation.time);
      addressToBytes(equivocation.consensusAddress, consensusPrefix(addressPrefix));
      const hash = toHex(equivocationHash(equivocation));
      if (hashes.has(hash)) throw fail.badGenesis(`evidence ${hash} is there twice, want it once`);
      hashes.add(hash);
    }
  },

  init(ctx, { evidence }) {
    for (const packed of evidence) {
      const equivocation = unpackEvidence(packed);
      state.evidence.set(ctx, equivocationHash(equivocation), packEquivocation(equivocation));
    }
  },

  export: (ctx) => ({ evidence: [...state.evidence.values(ctx)] }),
};

/** Evidence lies under its hash. */
function hashed(ctx: QueryCtx): string | undefined {
  for (const [hash, packed] of state.evidence.entries(ctx)) {
    if (!equal(hash, equivocationHash(unpackEvidence(packed)))) return `evidence ${toHex(hash)} has another hash`;
  }
  return undefined;
}

/** Validators that broke the rules of consensus: what CometBFT reports of them, acted on once. */
export function evidence(deps: EvidenceDeps) {
  const keeper = createKeeper(deps);
  return defineModule({
    name: "evidence",
    storeKey: STORE_KEY,
    version: 1,
    keeper,
    msgs: [serve(Msg, msgs(keeper))],
    queries: [serve(Query, queries(keeper))],
    genesis,
    invariants: { hashed },
    beginBlock: keeper.beginBlock,
  });
}

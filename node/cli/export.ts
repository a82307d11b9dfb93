import { writeFileSync } from "node:fs";
import type { ConsensusParams as ChainParams } from "@interfirm/proto/gen/tendermint/types";
import { cometAddress } from "../config/comet-keys.ts";
import {
  type ConsensusParams,
  DEFAULT_CONSENSUS_PARAMS,
  formatGenesis,
  type Genesis,
  readGenesis,
} from "../config/genesis.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { requireState, withOfflineNode } from "./offline-node.ts";
import type { Register } from "./program.ts";

/** The chain's parameters in the form of CometBFT's genesis file, where lengths of time are nanoseconds. */
function toGenesisParams({ block, evidence, validator, version, abci }: ChainParams): ConsensusParams {
  const fallback = DEFAULT_CONSENSUS_PARAMS;
  const age = evidence?.maxAgeDuration;
  return {
    block: block ? { max_bytes: String(block.maxBytes), max_gas: String(block.maxGas) } : fallback.block,
    evidence: evidence
      ? {
          max_age_num_blocks: String(evidence.maxAgeNumBlocks),
          max_age_duration: String((age?.seconds ?? 0n) * 1_000_000_000n + BigInt(age?.nanos ?? 0)),
          max_bytes: String(evidence.maxBytes),
        }
      : fallback.evidence,
    validator: validator ? { pub_key_types: validator.pubKeyTypes } : fallback.validator,
    version: { app: String(version?.app ?? 0n) },
    abci: { vote_extensions_enable_height: String(abci?.voteExtensionsEnableHeight ?? 0n) },
  };
}

export const register: Register = (program, run) => {
  const command = program
    .command("export")
    .description("write the state as a genesis file; the node must not run")
    .action(
      run(async ({ home, flags, io }) => {
        if (flags.is("for-zero-height"))
          throw new Error("--for-zero-height is not in this release: the height goes on after an export");
        requireState(home);
        await withOfflineNode({ home, io }, async ({ application }) => {
          const { genesis } = readGenesis(home.genesis);
          const state = await application.export(flags.count("height") ?? 0n);
          const wanted = flags.list("modules-to-export").filter((name) => name !== "");
          const parts = Object.entries(state.appState).filter(([name]) => wanted.length === 0 || wanted.includes(name));
          const exported: Genesis = {
            ...genesis,
            chain_id: state.chainId,
            initial_height: String(state.height + 1n),
            consensus_params: toGenesisParams(state.consensusParams),
            validators: state.validators.map(({ pubKey, power }) => ({
              address: Buffer.from(cometAddress(pubKey)).toString("hex").toUpperCase(),
              pub_key: { type: "tendermint/PubKeyEd25519", value: Buffer.from(pubKey).toString("base64") },
              power: String(power),
              name: "",
            })),
            app_state: Object.fromEntries(parts) as Genesis["app_state"],
          };
          const path = flags.text("output-document");
          if (path === undefined) io.out(formatGenesis(exported).trimEnd());
          else writeFileSync(path, formatGenesis(exported));
        });
      }),
    );
  valueFlags(command, {
    "--height <height>": "height to export (default: the latest)",
    "--modules-to-export <names>": "only these modules, with commas",
    "--jail-allowed-addrs <addresses>": "without effect: there is no jail yet",
    "--output-document <file>": "write to a file",
  });
  boolFlags(command, { "--for-zero-height": "not in this release" });
};

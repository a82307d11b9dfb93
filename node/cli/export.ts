import { writeFileSync } from "node:fs";
import { formatGenesis, type Genesis, readGenesis } from "../config/genesis.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { toGenesisParams, toGenesisValidator } from "./genesis-forms.ts";
import { requireState, withOfflineNode } from "./offline-node.ts";
import type { Register } from "./program.ts";

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
            validators: state.validators.map(toGenesisValidator),
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

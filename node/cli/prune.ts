import { appToml } from "../config/app-toml.ts";
import { loadConfig } from "../config/load.ts";
import { pruningFor } from "../config/preflight.ts";
import { valueFlags } from "./flags.ts";
import { LOCK_WAIT_MS, requireState } from "./offline-node.ts";
import type { Register } from "./program.ts";

export const register: Register = (program, run) => {
  const command = program
    .command("prune [strategy]")
    .description("drop older versions of the state now: default, nothing, everything or custom; the node must not run")
    .action(
      run(async ({ home, flags, io }, strategy: string | undefined) => {
        requireState(home);
        const { prune } = await import("../store/rollback.ts");
        const given = Object.fromEntries(
          ["pruning", "pruning-keep-recent", "pruning-interval"].map((name) => [
            name,
            flags.given(name) ? flags.text(name) : undefined,
          ]),
        );
        const all = { ...given, pruning: strategy ?? given["pruning"] };
        const { values } = loadConfig(appToml, { path: home.appToml, env: io.env, flags: all });
        const earliest = await prune({
          path: home.applicationDb,
          pruning: pruningFor(values),
          lockWaitMs: LOCK_WAIT_MS,
        });
        io.out(`the earliest version of the state is now that of height ${earliest}`);
      }),
    );
  valueFlags(command, {
    "--pruning <strategy>": "same as the argument",
    "--pruning-keep-recent <heights>": "with custom: how many heights stay",
    "--pruning-interval <heights>": "with custom: at least 10",
    "--app-db-backend <kind>": "without effect: LevelDB",
  });
};

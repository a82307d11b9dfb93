import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { lastSignedHeight } from "../config/comet-keys.ts";
import { cometToml } from "../config/comet-toml.ts";
import { loadConfig } from "../config/load.ts";
import { boolFlags } from "./flags.ts";
import { LOCK_WAIT_MS, requireState, withOfflineNode } from "./offline-node.ts";
import type { Register } from "./program.ts";

export const register: Register = (program, run) => {
  const command = program
    .command("rollback")
    .description("take the last block back, of the application and of CometBFT; the node must not run")
    .action(
      run(async ({ home, flags, io }) => {
        requireState(home);
        const { locateTool } = await import("../comet/locate.ts");
        const { rollback } = await import("../store/rollback.ts");
        const binary = await locateTool("cometbft", { env: io.env });
        // Before anything is taken back: a build that is not that of the state refuses here.
        const standing = await withOfflineNode({ home, io }, async ({ store }) => ({
          height: store.version,
          appHash: store.appHash,
        }));
        const args = ["rollback", "--home", home.root, ...(flags.is("hard") ? ["--hard"] : [])];
        const comet = spawnSync(binary, args, { encoding: "utf8", env: { ...io.env } });
        if (comet.status !== 0) {
          throw new Error(`cometbft could not roll back: ${(comet.stderr || comet.stdout).trim().split("\n").at(-1)}`);
        }
        const height = /to height (\d+)/.exec(comet.stdout)?.[1];
        if (height === undefined)
          throw new Error(`cometbft said ${JSON.stringify(comet.stdout.slice(0, 200))}, want a height`);
        // CometBFT may have been a block behind already, or only its last block had to go.
        const behind = standing.height <= BigInt(height);
        const done = behind
          ? standing
          : await rollback({ path: home.applicationDb, height: BigInt(height), lockWaitMs: LOCK_WAIT_MS });
        io.out(
          `Rolled back state to height ${done.height} and hash ${Buffer.from(done.appHash).toString("hex").toUpperCase()}`,
        );
        const { priv_validator_state_file: state } = loadConfig(cometToml, {
          path: home.cometToml,
          env: io.env,
        }).values;
        const signed = lastSignedHeight(resolve(home.root, state));
        if (flags.is("hard") && signed > done.height) {
          io.err(
            `this validator has signed at height ${signed} and does not sign it again: the others' votes must take the chain past it`,
          );
        }
      }),
    );
  boolFlags(command, { "--hard": "remove the last block, too, so that another may take its place" });
};

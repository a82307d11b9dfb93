/** `interfirmd comet bootstrap-state`: CometBFT's state for an application that was restored from a snapshot. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { cometToml } from "../config/comet-toml.ts";
import { readGenesis } from "../config/genesis.ts";
import { loadConfig } from "../config/load.ts";
import { checkChainId } from "../config/preflight.ts";
import { durationMs } from "../config/schema.ts";
import type { Context } from "./context.ts";
import { withOfflineNode } from "./offline-node.ts";

/** Rejects with an Error that names the next step; then nothing is written. */
export async function bootstrapState(context: Context): Promise<void> {
  const { home, io, flags } = context;
  const { readFacts } = await import("../comet/bootstrap.ts");
  const { requireEmptyState, stateFiles, writeStateFiles } = await import("../comet/state-files.ts");
  const { CHAIN_STORE, readIdentity } = await import("../app/chain-state.ts");
  const comet = loadConfig(cometToml, { path: home.cometToml, env: io.env }).values;
  if (comet.db_backend !== "goleveldb") {
    throw new Error(`db_backend of config.toml is ${comet.db_backend}, want goleveldb, which this command writes`);
  }
  const servers = comet["statesync.rpc_servers"].split(",").map((server) => server.trim());
  const trust = { height: BigInt(comet["statesync.trust_height"]), hash: comet["statesync.trust_hash"] };
  if (!existsSync(home.applicationDb)) {
    throw new Error(`${home.applicationDb} is not there: run interfirmd snapshots restore first, or give --home`);
  }
  const { genesis } = readGenesis(home.genesis);
  const folder = resolve(home.root, comet.db_dir);
  // The application's database stays open: nobody starts the node meanwhile.
  await withOfflineNode(context, async ({ store }) => {
    const height = store.version;
    checkChainId(home.genesis, genesis, readIdentity(store.latest.store(CHAIN_STORE))?.chainId);
    const wanted = flags.count("height") ?? height;
    if (height === 0n || wanted !== height) {
      throw new Error(
        `the application is at height ${height}, want ${height === 0n ? "that of a snapshot" : wanted}: run interfirmd snapshots restore first`,
      );
    }
    if (trust.height === 0n || trust.height > height || !/^[0-9a-fA-F]{64}$/.test(trust.hash)) {
      throw new Error(
        `statesync.trust_height is ${trust.height} and statesync.trust_hash is "${trust.hash}", want a height of at most ${height} and its block's hash, from a node that you trust: interfirmd config set config statesync.trust_height ${height}`,
      );
    }
    await requireEmptyState(folder, height);
    const facts = await readFacts({
      servers: servers.filter((server) => server !== ""),
      trust,
      trustingPeriodMs: durationMs(comet["statesync.trust_period"]),
      chainId: genesis.chain_id,
      initialHeight: BigInt(genesis.initial_height),
      height,
      appHash: store.appHash,
    });
    await writeStateFiles(folder, stateFiles(facts));
    io.err(
      `wrote CometBFT's state of height ${height} to ${join(folder, "state.db")}: interfirmd start goes on from it`,
    );
  });
}

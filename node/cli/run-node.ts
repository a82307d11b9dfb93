/** A node from its first check to its last file closed. */
import { existsSync } from "node:fs";
import { createAbciServer } from "../abci/server.ts";
import { CHAIN_STORE, readIdentity } from "../app/chain-state.ts";
import { HaltError } from "../app/halt.ts";
import { COMETBFT_VERSION, locateTool } from "../comet/locate.ts";
import { clearLeftover } from "../comet/pid-file.ts";
import { startComet } from "../comet/process.ts";
import { supervise } from "../comet/supervisor.ts";
import type { AppConfig } from "../config/app-toml.ts";
import type { CometConfig } from "../config/comet-toml.ts";
import { type Genesis, readGenesis, writeGenesis } from "../config/genesis.ts";
import type { Environment, Home } from "../config/home.ts";
import { checkAppConfig, checkChainId, checkCometConfig, warningsOf } from "../config/preflight.ts";
import { VERSION } from "../config/version.ts";
import { type Logger, withFields } from "../log/logger.ts";
import { type Build, openNode } from "./open-node.ts";
import { privateSocket } from "./private-socket.ts";
import { removeData } from "./remove-data.ts";

export interface RunNodeOptions {
  readonly home: Home;
  readonly app: AppConfig;
  readonly comet: CometConfig;
  /** Added to CometBFT's environment: keys of config.toml that flags or our environment overrule. */
  readonly cometEnv: Readonly<Record<string, string>>;
  readonly cometFlags: readonly string[];
  /** False: CometBFT runs outside, and connects to `address`. */
  readonly withComet: boolean;
  readonly address?: string | undefined;
  readonly shutdownGraceMs: number;
  readonly invariantPeriod: bigint;
  /** Heights whose upgrades are passed over. */
  readonly skippedUpgrades: ReadonlySet<bigint>;
  readonly build: Build | undefined;
  readonly logger: Logger;
  readonly env: Environment;
}

/** Resolves with the exit code of the process. Rejects before anything runs when the node must not start. */
export async function runNode(options: RunNodeOptions): Promise<number> {
  const { home, app, comet, logger, withComet } = options;
  const genesis = prepareGenesis(options);
  checkAppConfig(app);
  checkCometConfig(comet);
  const binary = withComet ? await locateTool("cometbft", { env: options.env }) : undefined;
  const rpcAddress = reachable(comet["rpc.laddr"]);
  const node = await openNode({
    home,
    app,
    logger,
    rpc: rpcAddress,
    mempoolSize: comet["mempool.size"],
    invariantPeriod: options.invariantPeriod,
    skippedUpgrades: options.skippedUpgrades,
    build: options.build,
  });
  const { store } = node;
  try {
    checkChainId(home.genesis, genesis, readIdentity(store.latest.store(CHAIN_STORE))?.chainId);
  } catch (error) {
    await node.close();
    throw error;
  }
  const socket = withComet
    ? privateSocket(home.data)
    : { address: options.address ?? "tcp://127.0.0.1:26658", remove() {} };
  let giveUp: (error: unknown) => void = () => {};
  const broken = new Promise<unknown>((resolve) => {
    giveUp = resolve;
  });
  const abci = createAbciServer({
    address: socket.address,
    handlers: node.application.handlers,
    logger: withFields(logger, { module: "abci" }),
    onFatal: (error) => giveUp(error),
  });
  logger.info(
    { version: VERSION, cometbft: COMETBFT_VERSION, home: home.root, height: store.version },
    "interfirmd starts",
  );
  const ready = node.application.onCommit(() => {
    ready();
    logger.info(
      { height: store.version, rpc: rpcAddress },
      "the node is ready: it has committed its first block since it started",
    );
  });
  const release = mindSignals(logger);
  let cutOff = false;
  let halted = false;
  void broken.then((error) => {
    halted = error instanceof HaltError;
  });
  try {
    const code = await supervise({
      logger,
      abci,
      clearLeftover: withComet ? () => clearLeftover(home.root, logger) : undefined,
      startComet:
        binary === undefined
          ? undefined
          : (proxyApp) =>
              startComet({
                binary,
                home: home.root,
                proxyApp,
                flags: options.cometFlags,
                env: options.cometEnv,
                committedHeight: isIndexed(comet) ? store.version : undefined,
                onCutOff() {
                  cutOff = store.isRestored;
                },
                logger,
              }),
      shutdownGraceMs: options.shutdownGraceMs,
      fatal: broken,
    });
    return halted ? 0 : code;
  } finally {
    release();
    await node.close();
    socket.remove();
    if (cutOff) {
      // A state of one snapshot and not one block: with state sync all of it comes again.
      const again = comet["statesync.enable"];
      if (again) removeData(home, comet);
      logger.error(
        {},
        again
          ? "state sync was cut off before its first block: its data are removed, start again to begin it anew"
          : "the start from a snapshot was cut off before its first block: run interfirmd comet bootstrap-state again, then start",
      );
    }
    logger.info({}, "the node has ended");
  }
}

/** Whether CometBFT keeps an index of transactions on its own disk, and what it takes to complete it. */
const isIndexed = (comet: CometConfig): boolean =>
  comet["tx_index.indexer"] === "kv" && !comet["storage.discard_abci_responses"];

/** SIGQUIT, which cosmovisor may send, ends the node as SIGTERM does; SIGHUP, which would end it, does not. */
function mindSignals(logger: Logger): () => void {
  const quit = () => void process.kill(process.pid, "SIGTERM");
  const hangUp = () => logger.info({}, "SIGHUP is without effect: the log goes to stdout");
  process.on("SIGQUIT", quit).on("SIGHUP", hangUp);
  return () => void process.off("SIGQUIT", quit).off("SIGHUP", hangUp);
}

/** Checks the genesis file and writes it in the form that CometBFT reads, if it is not in it. */
function prepareGenesis({ home, app, comet, logger }: RunNodeOptions): Genesis {
  const { genesis, foreign } = readGenesis(home.genesis);
  if (foreign) {
    writeGenesis(home.genesis, genesis);
    logger.info({ file: home.genesis }, "rewrote the genesis file in the form that cometbft reads");
  }
  for (const warning of warningsOf(app, comet, genesis)) logger.warn({}, warning);
  if (comet.priv_validator_laddr === "" && !existsSync(home.privValidatorKey)) {
    throw new Error(
      `${home.privValidatorKey} is not there: run interfirmd init, or set priv_validator_laddr for a remote signer`,
    );
  }
  return genesis;
}

/** An address that listens on all interfaces is reached on the loopback. */
const reachable = (laddr: string): string => laddr.replace(/:\/\/(0\.0\.0\.0|\[::\]|):/, "://127.0.0.1:");

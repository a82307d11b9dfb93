/** What a node must not start with, and what an operator should hear of. */

import { type Pruning, pruningOf } from "../store/pruning.ts";
import type { AppConfig } from "./app-toml.ts";
import type { CometConfig } from "./comet-toml.ts";
import { type Genesis, hazardsOf } from "./genesis.ts";

/** Amounts of a price may have decimals, unlike coins. */
const PRICE = /^(0|[1-9][0-9]{0,38})(\.[0-9]{1,18})?[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/;

/** Throws an Error unless `text` is one or more prices of gas: `0.025ufirm,1uusd`. */
export function checkGasPrices(text: string): void {
  if (text.trim() === "") {
    throw new Error(
      "minimum-gas-prices is empty, want a price such as 0.025ufirm (or 0ufirm for none): set it in app.toml, " +
        "with --minimum-gas-prices or INTERFIRMD_MINIMUM_GAS_PRICES",
    );
  }
  for (const price of text.split(",")) {
    if (price.length > 200 || !PRICE.test(price.trim())) {
      throw new Error(
        `minimum-gas-prices has ${JSON.stringify(price)}, want amount and denomination such as 0.025ufirm`,
      );
    }
  }
}

/** The pruning that app.toml asks for. Throws an Error when `custom` asks for what cannot be, as the SDK does. */
export const pruningFor = (config: AppConfig): Pruning =>
  pruningOf(config.pruning, {
    keepRecent: Number(config["pruning-keep-recent"]),
    interval: Number(config["pruning-interval"]),
  });

/** Throws an Error for a configuration that a node must not start with. Source: Cosmos SDK 0.53 server/config `ValidateBasic`. */
export function checkAppConfig(config: AppConfig): void {
  checkGasPrices(config["minimum-gas-prices"]);
  pruningFor(config);
  if (config.pruning === "everything" && config["state-sync.snapshot-interval"] > 0) {
    throw new Error(
      `pruning is "everything" and state-sync.snapshot-interval is ${config["state-sync.snapshot-interval"]}: ` +
        "snapshots need older versions of the state, want another pruning or interval 0",
    );
  }
}

const isPublic = (address: string): boolean =>
  address !== "" &&
  !/^(tcp:\/\/|http:\/\/)?(localhost|127\.|\[::1\]|::1|unix:)/.test(address) &&
  !address.startsWith("unix:");

/** Throws an Error for settings of CometBFT that hand the node to strangers. */
export function checkCometConfig(comet: CometConfig): void {
  if (comet["rpc.unsafe"] && isPublic(comet["rpc.laddr"])) {
    throw new Error(
      `rpc.unsafe is true and rpc.laddr is ${comet["rpc.laddr"]}, want one of them otherwise: anybody may empty the mempool`,
    );
  }
  if (isPublic(comet["rpc.pprof_laddr"])) {
    throw new Error(
      `rpc.pprof_laddr is ${comet["rpc.pprof_laddr"]}, want a loopback address: a profiler must not be public`,
    );
  }
}

/** Sentences for the log: settings that endanger the node or its network. */
export function warningsOf(app: AppConfig, comet: CometConfig, genesis: Genesis): readonly string[] {
  const found: string[] = [];
  if (!comet["mempool.recheck"]) found.push("mempool.recheck is false: spent transactions stay in the mempool");
  if (app["api.enable"]) found.push("api.enable is true, but this release has no REST interface yet");
  return [...found, ...hazardsOf(genesis)];
}

/** Throws when the genesis file is not that of the chain whose state the node has: CometBFT reads the file only once. */
export function checkChainId(genesisFile: string, { chain_id: told }: Genesis, inState: string | undefined): void {
  if (inState === undefined || inState === told) return;
  throw new Error(
    `${genesisFile} is of chain ${told} and the data are of ${inState}: put the right genesis file there, or remove the data with interfirmd comet unsafe-reset-all`,
  );
}

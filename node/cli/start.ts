/** `interfirmd start`: the flags of `simd start`, and the configuration that comes of them. */
import type { Command } from "commander";
import { appToml } from "../config/app-toml.ts";
import { cometToml } from "../config/comet-toml.ts";
import { loadConfig } from "../config/load.ts";
import { type Entries, environmentName } from "../config/schema.ts";
import { parseLevels, toCometLevels } from "../log/levels.ts";
import { createLogger } from "../log/logger.ts";
import { ExitCode } from "./command.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Register } from "./program.ts";

/** Flags that set a key of app.toml of the same name. */
const APP_FLAGS: Readonly<Record<string, string>> = {
  "--minimum-gas-prices <prices>": "the least price of gas that this node takes: 0.025ufirm",
  "--query-gas-limit <gas>": "the most gas a query may use",
  "--halt-height <height>": "the height before which the node stops",
  "--halt-time <seconds>": "the time, in seconds since 1970, at which the node stops",
  "--pruning <strategy>": "default, nothing, everything or custom",
  "--pruning-keep-recent <heights>": "with custom: how many heights stay",
  "--pruning-interval <heights>": "with custom: every how many heights older ones go",
  "--min-retain-blocks <blocks>": "blocks that CometBFT keeps at least; 0 keeps all",
  "--api.address <address>": "where REST listens",
  "--api.max-open-connections <number>": "the most connections to REST",
  "--api.rpc-read-timeout <seconds>": "how long a request may take to arrive",
  "--api.rpc-write-timeout <seconds>": "how long an answer may take to leave",
  "--api.rpc-max-body-bytes <bytes>": "longest body of a request",
  "--grpc.address <address>": "where gRPC listens",
  "--state-sync.snapshot-interval <heights>": "every how many heights a snapshot is taken",
  "--state-sync.snapshot-keep-recent <number>": "how many snapshots stay",
  "--mempool.max-txs <number>": "without effect: CometBFT's mempool is used",
};

const APP_BOOL_FLAGS: Readonly<Record<string, string>> = {
  "--api.enable": "serve REST",
  "--api.swagger": "serve REST's description",
  "--api.enabled-unsafe-cors": "let any page call REST",
  "--grpc.enable": "serve gRPC",
  "--grpc-web.enable": "serve gRPC-Web",
};

/** Flags of `cometbft start`, and the keys of config.toml that they set. */
const COMET_FLAGS: Readonly<Record<string, string>> = {
  "--moniker <name>": "moniker",
  "--priv_validator_laddr <address>": "priv_validator_laddr",
  "--consensus.double_sign_check_height <blocks>": "consensus.double_sign_check_height",
  "--consensus.create_empty_blocks_interval <time>": "consensus.create_empty_blocks_interval",
  "--rpc.laddr <address>": "rpc.laddr",
  "--rpc.grpc_laddr <address>": "rpc.grpc_laddr",
  "--rpc.pprof_laddr <address>": "rpc.pprof_laddr",
  "--p2p.laddr <address>": "p2p.laddr",
  "--p2p.external-address <address>": "p2p.external_address",
  "--p2p.seeds <nodes>": "p2p.seeds",
  "--p2p.persistent_peers <nodes>": "p2p.persistent_peers",
  "--p2p.unconditional_peer_ids <ids>": "p2p.unconditional_peer_ids",
  "--p2p.private_peer_ids <ids>": "p2p.private_peer_ids",
  "--db_backend <kind>": "db_backend",
  "--db_dir <folder>": "db_dir",
};

const COMET_BOOL_FLAGS: Readonly<Record<string, string>> = {
  "--rpc.unsafe": "rpc.unsafe",
  "--p2p.pex": "p2p.pex",
  "--p2p.seed_mode": "p2p.seed_mode",
  "--consensus.create_empty_blocks": "consensus.create_empty_blocks",
};

/** What `simd start` takes and this node has no use for. */
const IGNORED_FLAGS: Readonly<Record<string, string>> = {
  "--trace-store <file>": "without effect",
  "--inter-block-cache [bool]": "without effect: the whole tree is in memory",
  "--cpu-profile <file>": "without effect: use node --cpu-prof",
  "--iavl-disable-fastnode [bool]": "without effect",
  "--proxy_app <address>": "without effect: the node's own address is used",
  "--abci <transport>": "without effect: socket is used",
  "--grpc-only [bool]": "without effect",
};

const nameOf = (term: string): string => /^--([a-z0-9_.-]+)/i.exec(term)?.[1] as string;

export const register: Register = (program, run) => {
  const command = program
    .command("start")
    .description("run the node: the application and, as its child, CometBFT")
    .action(run((context) => start(context)));
  addStartFlags(command);
};

function addStartFlags(command: Command): void {
  valueFlags(command, {
    "--address <address>": "where the application listens when CometBFT runs outside (default: tcp://127.0.0.1:26658)",
    "--transport <kind>": "socket",
    "--genesis_hash <hash>": "SHA-256 of the genesis file, in hex, which CometBFT checks",
    "--unsafe-skip-upgrades <heights>": "heights whose upgrades are passed over, such as 100,200",
    "--inv-check-period <blocks>": "every how many blocks all invariants are checked; 0 means never",
    "--shutdown-grace <time>": "how long CometBFT may take to end by itself (default: 30s)",
    ...APP_FLAGS,
    ...described(COMET_FLAGS),
    ...IGNORED_FLAGS,
  });
  boolFlags(command, {
    "--with-comet": "run CometBFT, too (default: true)",
    "--with-tendermint": "same as --with-comet",
    ...APP_BOOL_FLAGS,
    ...described(COMET_BOOL_FLAGS),
  });
}

/** Flags with what config.toml says of their keys. */
const described = (flags: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(flags).map(([term, key]) => [term, (cometToml.entries as Entries)[key]?.comment ?? key]),
  );

async function start(context: Context): Promise<void> {
  const { flags, home, io } = context;
  const given = (terms: Readonly<Record<string, string>>, keyOf: (term: string) => string) =>
    Object.fromEntries(
      Object.keys(terms).map((term) => [keyOf(term), flags.given(nameOf(term)) ? flags.text(nameOf(term)) : undefined]),
    );
  const cometKeys = { ...COMET_FLAGS, ...COMET_BOOL_FLAGS };
  const cometFlags = {
    ...given(cometKeys, (term) => cometKeys[term] as string),
    log_level: flags.text("log_level"),
    log_format: flags.text("log_format"),
  };
  const app = loadConfig(appToml, {
    path: home.appToml,
    env: io.env,
    flags: given({ ...APP_FLAGS, ...APP_BOOL_FLAGS }, nameOf),
  });
  const comet = loadConfig(cometToml, { path: home.cometToml, env: io.env, flags: cometFlags });
  const logger = createLogger({
    level: comet.values.log_level,
    format: comet.values.log_format === "json" ? "json" : "plain",
    color: process.stdout.isTTY && !flags.is("log_no_color"),
  });
  for (const key of [
    ...app.unknown.map((name) => `app.toml: ${name}`),
    ...comet.unknown.map((name) => `config.toml: ${name}`),
  ]) {
    logger.warn({ key }, "nobody knows this key of the configuration");
  }
  for (const term of Object.keys(IGNORED_FLAGS)) {
    if (flags.given(nameOf(term))) logger.warn({ flag: `--${nameOf(term)}` }, "this flag is without effect");
  }
  const transport = flags.text("transport") ?? "socket";
  if (transport !== "socket") throw new Error(`--transport is ${transport}, want socket`);
  const { runNode } = await import("./run-node.ts");
  const genesisHash = flags.text("genesis_hash");
  const code = await runNode({
    home,
    app: app.values,
    comet: comet.values,
    cometEnv: cometEnvironment(comet.values, comet.origins),
    cometFlags: genesisHash === undefined ? [] : ["--genesis_hash", genesisHash],
    withComet: !["with-comet", "with-tendermint"].some((name) => flags.text(name) === "false"),
    address: flags.text("address"),
    shutdownGraceMs: readMilliseconds(flags.text("shutdown-grace") ?? app.values["interfirm.shutdown-grace"]),
    invariantPeriod: flags.count("inv-check-period") ?? 0n,
    skippedUpgrades: readHeights(flags.text("unsafe-skip-upgrades") ?? ""),
    build: io.build,
    logger,
    env: io.env,
  });
  if (code !== 0) throw new ExitCode(code);
}

/** Values of config.toml that flags or the environment give, as CometBFT itself reads them from its environment. */
function cometEnvironment(
  values: Readonly<Record<string, unknown>>,
  origins: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const [key, origin] of Object.entries(origins)) {
    if (origin !== "flag" && origin !== "environment") continue;
    const value = values[key];
    env[environmentName(key).replace(/^INTERFIRMD_/, "CMT_")] = Array.isArray(value) ? value.join(",") : String(value);
  }
  return { ...env, CMT_LOG_LEVEL: toCometLevels(parseLevels(String(values["log_level"]))) };
}

function readMilliseconds(text: string): number {
  const match = /^(\d{1,5})(ms|s|m)$/.exec(text);
  if (!match) throw new Error(`--shutdown-grace is ${JSON.stringify(text)}, want a length of time such as 30s`);
  return Number(match[1]) * { ms: 1, s: 1000, m: 60_000 }[match[2] as "ms" | "s" | "m"];
}

/** Heights with commas between them. */
function readHeights(text: string): ReadonlySet<bigint> {
  const parts = text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  for (const part of parts) {
    if (!/^[1-9][0-9]{0,17}$/.test(part)) {
      throw new Error(`--unsafe-skip-upgrades is ${JSON.stringify(text)}, want heights such as 100,200`);
    }
  }
  return new Set(parts.map(BigInt));
}

/**
 * Makes the homes of a network, by the same commands that an operator types: init, keys add, genesis
 * add-genesis-account, gentx, collect-gentxs, config set.
 */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "@interfirm/node/cli/program";
import { type Json, type JsonObject, readGenesis, writeGenesis } from "@interfirm/node/config/genesis";
import { homeAt } from "@interfirm/node/config/home";
import type { Links } from "./links.ts";
import type { Manifest, NodeSpec } from "./manifest.ts";

/** What a validator owns at genesis, and how much of it stands behind its power: a power of 1 is a million units. */
const VALIDATOR_OWNS = 1_000_000_000n;
const UNITS_PER_POWER = 1_000_000n;

/** A genesis account: who, and how much of the manifest's denom. */
export interface GenesisAccount {
  readonly address: string;
  readonly amount: bigint;
}

/** Runs one `interfirmd` command in this process and returns what it prints. Throws what it says when it fails. */
export async function interfirmd(...args: readonly string[]): Promise<string> {
  const out: string[] = [];
  const err: string[] = [];
  const refuse = () => Promise.reject(new Error(`interfirmd ${args.join(" ")} asks, want no questions`));
  const code = await run(args, {
    env: {},
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    prompt: { secret: refuse, line: refuse, confirm: refuse } as never,
  });
  if (code !== 0) throw new Error(`interfirmd ${args.join(" ")}: ${err.join("\n")}`);
  return out.join("\n");
}

/** Changes to the genesis of a network: parameters by module, over those of `init`. */
export type GenesisParams = Readonly<Record<string, JsonObject>>;

/** Makes the home of every node: one genesis for all, everybody's keys, peers and ports. Nodes meet over `links` where given. */
export async function makeHomes(
  manifest: Manifest,
  accounts: readonly GenesisAccount[],
  { params = {}, links }: { readonly params?: GenesisParams | undefined; readonly links?: Links | undefined } = {},
): Promise<void> {
  const { nodes, chainId, prefix, denom } = manifest;
  const validators = nodes.filter(({ power }) => power > 0);
  const [first] = validators;
  if (!first) throw new Error("network has no validator, want at least one");
  mkdirSync(manifest.root, { recursive: true });
  const chain = ["--chain-id", chainId, "--bech32-prefix", prefix, "--default-denom", denom];
  for (const { name, home } of nodes) {
    await interfirmd("init", name, "--home", home, ...chain, "--initial-height", `${manifest.initialHeight}`);
  }

  setParams(homeAt(first.home).genesis, params);

  const keyring = ["--keyring-backend", "test"];
  for (const { name, home } of validators) {
    await interfirmd("keys", "add", name, "--home", home, ...keyring);
    const address = (await interfirmd("keys", "show", name, "-a", "--home", home, ...keyring)).trim();
    await addAccount(first, address, VALIDATOR_OWNS, denom);
  }
  for (const { address, amount } of accounts) await addAccount(first, address, amount, denom);

  for (const validator of validators) {
    if (validator !== first) copyFileSync(homeAt(first.home).genesis, homeAt(validator.home).genesis);
    const stake = `${BigInt(validator.power) * UNITS_PER_POWER}${denom}`;
    await interfirmd(
      "genesis",
      "gentx",
      validator.name,
      stake,
      "--home",
      validator.home,
      "--chain-id",
      chainId,
      ...keyring,
    );
    if (validator !== first) {
      mkdirSync(homeAt(first.home).gentx, { recursive: true });
      for (const file of readdirSync(homeAt(validator.home).gentx)) {
        copyFileSync(join(homeAt(validator.home).gentx, file), join(homeAt(first.home).gentx, file));
      }
    }
  }
  await interfirmd("genesis", "collect-gentxs", "--home", first.home);
  for (const { home } of nodes) {
    if (home !== first.home) copyFileSync(homeAt(first.home).genesis, homeAt(home).genesis);
  }

  for (const node of nodes) await configure(node, manifest, await peersOf(node, nodes, links));
}

/** The private key of a validator's operator. */
export async function keyOf({ name, home }: NodeSpec): Promise<Uint8Array> {
  const flags = ["--unarmored-hex", "--unsafe", "--yes", "--keyring-backend", "test"];
  return new Uint8Array(
    Buffer.from((await interfirmd("keys", "export", name, "--home", home, ...flags)).trim(), "hex"),
  );
}

function setParams(path: string, changes: GenesisParams): void {
  const { genesis } = readGenesis(path);
  const state: Record<string, Json> = { ...genesis.app_state };
  for (const [module, changed] of Object.entries(changes)) {
    const of = (state[module] ?? {}) as JsonObject;
    state[module] = { ...of, params: { ...(of["params"] as JsonObject), ...changed } };
  }
  writeGenesis(path, { ...genesis, app_state: state });
}

const addAccount = ({ home }: NodeSpec, address: string, amount: bigint, denom: string): Promise<string> =>
  interfirmd("genesis", "add-genesis-account", address, `${amount}${denom}`, "--home", home);

/** `id@host:port` of all others. */
async function peersOf(node: NodeSpec, nodes: readonly NodeSpec[], links?: Links): Promise<readonly string[]> {
  const peers: string[] = [];
  for (const { name, home, ports } of nodes) {
    if (name === node.name) continue;
    const id = (await interfirmd("comet", "show-node-id", "--home", home)).trim();
    peers.push(`${id}@127.0.0.1:${(await links?.open(node.name, name, ports.p2p)) ?? ports.p2p}`);
  }
  return peers;
}

async function configure(node: NodeSpec, manifest: Manifest, peers: readonly string[]): Promise<void> {
  const comet = {
    "rpc.laddr": `tcp://127.0.0.1:${node.ports.rpc}`,
    "p2p.laddr": `tcp://127.0.0.1:${node.ports.p2p}`,
    "p2p.persistent_peers": peers.join(","),
    // All nodes share one address, which is not one of the open internet.
    "p2p.allow_duplicate_ip": "true",
    "p2p.addr_book_strict": "false",
    "p2p.pex": "false",
    // Peers come and go here; CometBFT would wait longer each time.
    "p2p.persistent_peers_max_dial_period": "1s",
    "consensus.timeout_commit": manifest.timeoutCommit,
    // A page that somebody develops is served from another port.
    "rpc.cors_allowed_origins": '["*"]',
    log_format: "json",
  };
  const app = {
    "minimum-gas-prices": `0.01${manifest.denom}`,
    "state-sync.snapshot-interval": `${manifest.snapshotInterval}`,
  };
  await setAll(node, "config", comet);
  await setAll(node, "app", app);
}

/** `interfirmd config set <file> <key> <value>`, for each. */
export async function setAll(
  { home }: NodeSpec,
  file: "config" | "app",
  values: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    await interfirmd("config", "set", file, key, value, "--home", home);
  }
}

/** The files of a new node. */
import { randomInt } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import { isAddressPrefix } from "@interfirm/modules/kernel/address";
import { isDenom } from "@interfirm/modules/kernel/coins";
import { type Dec, ONE, parse as parseDec } from "@interfirm/modules/kernel/decimal";
import { type AppConfig, appToml } from "../config/app-toml.ts";
import { type ClientConfig, clientToml } from "../config/client-toml.ts";
import {
  type Ed25519Key,
  ed25519FromSecret,
  generateEd25519,
  loadOrCreate,
  nodeIdOf,
  writeNodeKey,
  writeValidatorKey,
  writeValidatorState,
} from "../config/comet-keys.ts";
import { type CometConfig, cometToml } from "../config/comet-toml.ts";
import { writeFileAtomically } from "../config/files.ts";
import {
  type ConsensusParams,
  checkChainId,
  DEFAULT_CONSENSUS_PARAMS,
  type Genesis,
  writeGenesis,
} from "../config/genesis.ts";
import { type Home, homeAt } from "../config/home.ts";
import { renderToml } from "../config/toml.ts";
import { VERSION } from "../config/version.ts";
import { emptyAppState } from "./chain-modules.ts";

export interface InitOptions {
  /** Folder of the home. */
  readonly home: string;
  readonly moniker: string;
  /** Default: `interfirm-` and six random letters. */
  readonly chainId?: string | undefined;
  /** Default: `firm`. */
  readonly bech32Prefix?: string | undefined;
  /** Default: `ufirm`. */
  readonly defaultDenom?: string | undefined;
  /** As decimal digits, 0 to 1, for good: 0 mints nothing. Default: the curve of Cosmos chains. */
  readonly inflation?: string | undefined;
  /** Default: 1. */
  readonly initialHeight?: bigint | undefined;
  /** Replaces a genesis file that is there. Keys stay as they are. */
  readonly overwrite?: boolean | undefined;
  /** The validator's key is derived from it. */
  readonly mnemonic?: string | undefined;
  /** RFC 3339. Default: now. */
  readonly genesisTime?: string | undefined;
  readonly consensusParams?: ConsensusParams | undefined;
  /** Values other than the defaults. */
  readonly app?: Partial<AppConfig> | undefined;
  readonly comet?: Partial<CometConfig> | undefined;
  readonly client?: Partial<ClientConfig> | undefined;
}

export interface InitResult {
  readonly home: Home;
  readonly nodeId: string;
  readonly genesis: Genesis;
  readonly validatorKey: Ed25519Key;
}

/**
 * Makes config/{app,config,client}.toml, genesis.json, node_key.json, priv_validator_key.json and
 * data/priv_validator_state.json. Keys and the validator's state that are there stay. Rejects when there is a genesis
 * file and `overwrite` is not set.
 */
export async function initHome(options: InitOptions): Promise<InitResult> {
  const { moniker, bech32Prefix = "firm", defaultDenom = "ufirm", initialHeight = 1n } = options;
  const chainId = options.chainId || `interfirm-${randomLetters(6)}`;
  const home = homeAt(options.home);
  checkChainId(chainId);
  if (!isAddressPrefix(bech32Prefix)) {
    throw new Error(`bech32 prefix is ${JSON.stringify(bech32Prefix)}, want 1 to 20 lower-case letters and digits`);
  }
  if (!isDenom(defaultDenom))
    throw new Error(`denomination is ${JSON.stringify(defaultDenom)}, want [a-zA-Z][a-zA-Z0-9/:._-]{2,127}`);
  const inflation = options.inflation === undefined ? undefined : readInflation(options.inflation);
  if (initialHeight < 1n) throw new Error(`initial height is ${initialHeight}, want at least 1`);
  if (!options.overwrite && existsSync(home.genesis)) {
    throw new Error(`${home.genesis} is there already: give --overwrite to replace it, or another --home`);
  }
  for (const folder of [home.root, home.config, home.data]) mkdirSync(folder, { recursive: true, mode: 0o700 });

  const nodeKey = loadOrCreate(home.nodeKey, writeNodeKey);
  const { mnemonic } = options;
  const fresh = mnemonic === undefined ? generateEd25519 : () => ed25519FromSecret(mnemonic);
  const validatorKey = loadOrCreate(home.privValidatorKey, writeValidatorKey, fresh);
  writeValidatorState(home.privValidatorState);

  writeFileAtomically(
    home.appToml,
    renderToml(appToml, { "minimum-gas-prices": `0${defaultDenom}`, ...options.app }),
    0o644,
  );
  writeFileAtomically(home.cometToml, renderToml(cometToml, { moniker, ...options.comet }), 0o644);
  writeFileAtomically(home.clientToml, renderToml(clientToml, { "chain-id": chainId, ...options.client }), 0o644);
  const genesis: Genesis = {
    app_name: "interfirmd",
    app_version: VERSION,
    genesis_time: options.genesisTime ?? new Date().toISOString(),
    chain_id: chainId,
    initial_height: String(initialHeight),
    consensus_params: options.consensusParams ?? DEFAULT_CONSENSUS_PARAMS,
    app_hash: "",
    app_state: emptyAppState({ bech32Prefix, denom: defaultDenom, inflation }),
  };
  writeGenesis(home.genesis, genesis);
  return { home, nodeId: nodeIdOf(nodeKey.pubKey), genesis, validatorKey };
}

function readInflation(text: string): Dec {
  const inflation = parseDec(text);
  if (inflation < 0n || inflation > ONE) throw new Error(`inflation is ${text}, want 0 to 1`);
  return inflation;
}

const randomLetters = (length: number): string =>
  Array.from({ length }, () => "abcdefghijklmnopqrstuvwxyz"[randomInt(26)]).join("");

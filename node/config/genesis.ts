/** The genesis file: CometBFT's document with the application's state in it (`AppGenesis` of the Cosmos SDK 0.53). */
import { readFileSync } from "node:fs";
import { writeFileAtomically } from "./files.ts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

/** 64-bit numbers are decimal text, as CometBFT writes them. */
export interface ConsensusParams {
  readonly block: { readonly max_bytes: string; readonly max_gas: string };
  readonly evidence: {
    readonly max_age_num_blocks: string;
    /** Nanoseconds. */
    readonly max_age_duration: string;
    readonly max_bytes: string;
  };
  readonly validator: { readonly pub_key_types: readonly string[] };
  readonly version?: { readonly app?: string } | undefined;
  readonly abci?: { readonly vote_extensions_enable_height?: string } | undefined;
}

export interface GenesisValidator {
  /** Upper-case hex. */
  readonly address: string;
  readonly pub_key: { readonly type: string; readonly value: string };
  readonly power: string;
  readonly name: string;
}

export interface Genesis {
  readonly app_name?: string | undefined;
  readonly app_version?: string | undefined;
  /** RFC 3339. */
  readonly genesis_time: string;
  readonly chain_id: string;
  /** Decimal text, at least 1. */
  readonly initial_height: string;
  readonly consensus_params: ConsensusParams;
  readonly validators?: readonly GenesisValidator[] | undefined;
  readonly app_hash: string;
  readonly app_state: JsonObject;
}

/** CometBFT refuses longer ones. */
const CHAIN_ID_CHARACTERS_MAX = 50;

/**
 * Blocks of 4 MiB and 1,000 million gas, about 13,000 payments. Misbehaviour counts for 21 days, the usual unbonding time,
 * which in blocks of a second is 1,814,400.
 */
export const DEFAULT_CONSENSUS_PARAMS: ConsensusParams = {
  block: { max_bytes: "4194304", max_gas: "1000000000" },
  evidence: { max_age_num_blocks: "1814400", max_age_duration: "1814400000000000", max_bytes: "1048576" },
  validator: { pub_key_types: ["ed25519"] },
  version: { app: "0" },
  abci: { vote_extensions_enable_height: "0" },
};

/** Throws an Error unless CometBFT takes it as a chain id. */
export function checkChainId(chainId: string): void {
  if (chainId === "" || chainId.length > CHAIN_ID_CHARACTERS_MAX) {
    throw new Error(`chain id has ${chainId.length} characters, want 1 to ${CHAIN_ID_CHARACTERS_MAX}`);
  }
}

/** The JSON text of a genesis file. */
export const formatGenesis = (genesis: Genesis): string => `${JSON.stringify(genesis, undefined, 2)}\n`;

export const writeGenesis = (path: string, genesis: Genesis): void =>
  writeFileAtomically(path, formatGenesis(genesis), 0o644);

export interface ReadGenesis {
  readonly genesis: Genesis;
  /** Whether CometBFT could not read the file as it is: `start` then writes it back. */
  readonly foreign: boolean;
}

/**
 * Reads a genesis file in our form or in the SDK's (`consensus: { params, validators }`, which wins where both are
 * present). Throws an Error that names the file and what is wrong with it.
 */
export function readGenesis(path: string): ReadGenesis {
  let source: string;
  try {
    source = readFileSync(path, "utf8");
  } catch (cause) {
    throw new Error(`${path} is not there: run interfirmd init first, or give --home`, { cause });
  }
  try {
    return parseGenesis(source);
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Throws an Error that says what is wrong with the text. */
export function parseGenesis(source: string): ReadGenesis {
  const document = object("genesis file", JSON.parse(source) as unknown);
  const consensus = document["consensus"] === undefined ? undefined : object("consensus", document["consensus"]);
  const params = object(
    "consensus params",
    consensus?.["params"] ?? document["consensus_params"] ?? DEFAULT_CONSENSUS_PARAMS,
  );
  const validators = consensus?.["validators"] ?? document["validators"] ?? [];
  const initialHeight = decimalText("initial_height", document["initial_height"] ?? "1");
  const genesis: Genesis = {
    ...optionalText("app_name", document["app_name"]),
    ...optionalText("app_version", document["app_version"]),
    genesis_time: someText("genesis_time", document["genesis_time"]),
    chain_id: someText("chain_id", document["chain_id"]),
    initial_height: initialHeight === "0" ? "1" : initialHeight,
    consensus_params: readParams(params),
    ...(Array.isArray(validators) && validators.length > 0 ? { validators: validators.map(readValidator) } : {}),
    app_hash: typeof document["app_hash"] === "string" ? document["app_hash"] : "",
    app_state: object("app_state", document["app_state"] ?? {}),
  };
  checkChainId(genesis.chain_id);
  if (Number.isNaN(Date.parse(genesis.genesis_time))) {
    throw new Error(
      `genesis_time is ${JSON.stringify(genesis.genesis_time)}, want a time such as 2026-01-31T12:00:00Z`,
    );
  }
  const foreign =
    consensus !== undefined || typeof document["initial_height"] === "number" || document["app_hash"] === null;
  return { genesis, foreign };
}

function readParams(params: JsonObject): ConsensusParams {
  const block = object("consensus params: block", params["block"] ?? {});
  const evidence = object("consensus params: evidence", params["evidence"] ?? {});
  const validator = object("consensus params: validator", params["validator"] ?? {});
  const version = object("consensus params: version", params["version"] ?? {});
  const abci = object("consensus params: abci", params["abci"] ?? {});
  const fallback = DEFAULT_CONSENSUS_PARAMS;
  const types = validator["pub_key_types"];
  return {
    block: {
      max_bytes: decimalText("block.max_bytes", block["max_bytes"] ?? fallback.block.max_bytes),
      max_gas: decimalText("block.max_gas", block["max_gas"] ?? fallback.block.max_gas),
    },
    evidence: {
      max_age_num_blocks: decimalText(
        "evidence.max_age_num_blocks",
        evidence["max_age_num_blocks"] ?? fallback.evidence.max_age_num_blocks,
      ),
      max_age_duration: decimalText(
        "evidence.max_age_duration",
        evidence["max_age_duration"] ?? fallback.evidence.max_age_duration,
      ),
      max_bytes: decimalText("evidence.max_bytes", evidence["max_bytes"] ?? fallback.evidence.max_bytes),
    },
    validator: { pub_key_types: Array.isArray(types) ? types.map(String) : fallback.validator.pub_key_types },
    version: { app: decimalText("version.app", version["app"] ?? "0") },
    abci: {
      vote_extensions_enable_height: decimalText(
        "abci.vote_extensions_enable_height",
        abci["vote_extensions_enable_height"] ?? "0",
      ),
    },
  };
}

function readValidator(value: unknown): GenesisValidator {
  const { address, pub_key, power, name } = object("validator", value);
  const key = object("pub_key of a validator", pub_key);
  return {
    address: someText("address of a validator", address),
    pub_key: { type: someText("type of a pub_key", key["type"]), value: someText("value of a pub_key", key["value"]) },
    power: decimalText("power of a validator", power),
    name: typeof name === "string" ? name : "",
  };
}

/** What S20 of the hazards catalogue forbids: parameters that stop or endanger a network. One line each. */
export function hazardsOf({ consensus_params: { block, evidence } }: Genesis): readonly string[] {
  const found: string[] = [];
  const maxBytes = BigInt(block.max_bytes);
  if (maxBytes > 4_194_304n || maxBytes === -1n) {
    found.push(
      `block.max_bytes is ${maxBytes}, want at most 4194304: larger blocks take longer to reach all validators`,
    );
  }
  if (BigInt(block.max_gas) === -1n)
    found.push("block.max_gas is -1, want a limit: one block may take for ever without it");
  if (BigInt(evidence.max_bytes) > maxBytes && maxBytes > 0n) {
    found.push(`evidence.max_bytes is ${evidence.max_bytes}, want at most block.max_bytes ${maxBytes}`);
  }
  return found;
}

export function object(what: string, value: unknown): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`${what} is ${JSON.stringify(value)?.slice(0, 80)}, want an object`);
  }
  return value as JsonObject;
}

function someText(what: string, value: unknown): string {
  if (typeof value !== "string" || value === "") throw new Error(`${what} is ${JSON.stringify(value)}, want text`);
  return value;
}

const optionalText = <K extends string>(key: K, value: unknown): { readonly [P in K]?: string } =>
  (typeof value === "string" ? { [key]: value } : {}) as { readonly [P in K]?: string };

const INT64_MAX = (1n << 63n) - 1n;

/** The SDK writes some numbers as numbers, others as text. CometBFT reads all of them as int64. */
function decimalText(what: string, value: unknown): string {
  const text = typeof value === "number" && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== "string" || !/^-?[0-9]{1,19}$/.test(text)) {
    throw new Error(`${what} is ${JSON.stringify(value)}, want a whole number`);
  }
  const number = BigInt(text);
  if (number > INT64_MAX || number < -INT64_MAX) throw new Error(`${what} is ${text}, want at most ${INT64_MAX}`);
  return text;
}

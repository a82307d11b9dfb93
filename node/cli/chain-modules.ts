/** The chain's modules, as commands need them that run without a node. */
import { checkParams } from "@interfirm/modules/consensus/params";
import { type Dec, format } from "@interfirm/modules/kernel/decimal";
import type { AnyModule } from "@interfirm/modules/kernel/module";
import { toJson } from "@interfirm/proto/json";
import { interfirmModules } from "../app/app.ts";
import { addressPrefixOf, chainPart, readGenesis } from "../app/genesis.ts";
import type { Genesis, Json, JsonObject } from "../config/genesis.ts";
import { createLogger, withFields } from "../log/logger.ts";
import { fromGenesisParams } from "./genesis-forms.ts";
import { registry } from "./tx-json.ts";

/** The chain's modules, for their genesis and their services: nothing is verified here. */
export const chainModules = (): readonly AnyModule[] =>
  interfirmModules({
    verifier: { secp256k1: () => false, ed25519: () => false },
  }).modules;

/** The state of every module before anything has happened. */
export function emptyAppState({ bech32Prefix, denom, inflation }: NewChain): JsonObject {
  const state: Record<string, Json> = { ...(chainPart(bech32Prefix) as JsonObject) };
  for (const { name, genesis } of chainModules()) state[name] = toJson(genesis.type, genesis.empty, registry) as Json;
  const staking = state["staking"] as JsonObject;
  const mint = state["mint"] as JsonObject;
  return {
    ...state,
    staking: { ...staking, params: { ...(staking["params"] as JsonObject), bond_denom: denom } },
    mint: mintState(mint, denom, inflation),
    gov: govState(state["gov"] as JsonObject, denom),
  };
}

/** What modules cannot know of a new chain. */
export interface NewChain {
  readonly bech32Prefix: string;
  /** Token of stake and fees, and what is minted. */
  readonly denom: string;
  /** Inflation of the chain as long as governance does not change it. Undefined: the SDK's curve. */
  readonly inflation?: Dec | undefined;
}

/** Mints `denom`. One inflation and no other: it is the least, the greatest and the first. */
function mintState(state: JsonObject, denom: string, inflation: Dec | undefined): JsonObject {
  const params = { ...(state["params"] as JsonObject), mint_denom: denom };
  if (inflation === undefined) return { ...state, params };
  const rate = format(inflation);
  return {
    minter: { ...(state["minter"] as JsonObject), inflation: rate },
    params: { ...params, inflation_max: rate, inflation_min: rate },
  };
}

/** Deposits are made of `denom`. */
function govState(state: JsonObject, denom: string): JsonObject {
  const params = state["params"] as JsonObject;
  const inDenom = (coins: Json): Json => (coins as JsonObject[]).map((coin) => ({ ...coin, denom }));
  const [least, expedited] = [params["min_deposit"] as Json, params["expedited_min_deposit"] as Json];
  return { ...state, params: { ...params, min_deposit: inDenom(least), expedited_min_deposit: inDenom(expedited) } };
}

/**
 * Throws an Error that names the module or the consensus parameter that no chain can start with. Parts of modules that we
 * do not have are told to `warn`.
 */
export function validateGenesis({ app_state, consensus_params }: Genesis, warn: (text: string) => void): void {
  const logger = createLogger({ write: warn });
  checkParams(fromGenesisParams(consensus_params));
  readGenesis(
    chainModules(),
    app_state as never,
    addressPrefixOf(app_state as never),
    registry,
    withFields(logger, {}),
  );
}

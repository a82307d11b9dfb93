import { isAddressPrefix } from "@interfirm/modules/kernel/address";
import type { Ctx, QueryCtx } from "@interfirm/modules/kernel/context";
import type { AnyModule, ValidatorUpdate } from "@interfirm/modules/kernel/module";
import { fromJson, type JsonValue, toJson } from "@interfirm/proto/json";
import type { Registry } from "@interfirm/proto/registry";
import type { Logger } from "../abci/logger.ts";

/** What a chain is called whose genesis does not say how its addresses start. */
const ADDRESS_PREFIX_DEFAULT = "firm";

/** State of each module, by the module's name: `app_state` of the genesis file. */
export type AppState = Readonly<Record<string, JsonValue>>;

/** Reads `app_state` of a genesis file. Throws a plain Error, for whoever wrote the file, when it is no JSON object. */
export function parseAppState(bytes: Uint8Array): AppState {
  if (bytes.length === 0) return {};
  let state: unknown;
  try {
    state = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`genesis: app_state is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof state !== "object" || state === null || Array.isArray(state)) {
    throw new Error("genesis: app_state is not an object, want one entry a module");
  }
  return state as AppState;
}

/**
 * Part of `app_state` that is the application's own: `{"bech32_prefix": "firm"}`. It is no field of a module's, since the SDK's
 * tools pass over a part that they do not know and refuse such a field.
 */
const CHAIN = "chain";
const PREFIX = "bech32_prefix";

/** The application's own part of the genesis of a chain whose addresses start so. */
export const chainPart = (addressPrefix: string): AppState => ({ [CHAIN]: { [PREFIX]: addressPrefix } });

/**
 * How account addresses of the chain start, from `app_state.chain.bech32_prefix`; a genesis of another program, which does not
 * say, has it in its first address. Throws a plain Error when it cannot be one, and for a part that says anything else: a
 * misspelt prefix would be another one.
 */
export function addressPrefixOf(state: AppState): string {
  const part = state[CHAIN] ?? {};
  const other = typeof part === "object" ? Object.keys(part).find((name) => name !== PREFIX) : JSON.stringify(part);
  if (other !== undefined) throw new Error(`genesis: chain has ${other}, want ${PREFIX} alone`);
  const prefix = memberOf(part, PREFIX);
  if (prefix === undefined || prefix === "") return prefixOfFirstAddress(state) ?? ADDRESS_PREFIX_DEFAULT;
  if (typeof prefix !== "string" || !isAddressPrefix(prefix)) {
    throw new Error(
      `genesis: chain.${PREFIX} is ${JSON.stringify(prefix)}, want 1 to 20 lower-case letters and digits`,
    );
  }
  return prefix;
}

const memberOf = (json: unknown, name: string): unknown =>
  typeof json === "object" && json !== null && Object.hasOwn(json, name) ? (json as AppState)[name] : undefined;

const firstOf = (json: unknown): unknown => (Array.isArray(json) ? json[0] : undefined);

function prefixOfFirstAddress(state: AppState): string | undefined {
  const account = firstOf(memberOf(state["auth"], "accounts"));
  const base = memberOf(account, "base_account") ?? memberOf(memberOf(account, "base_vesting_account"), "base_account");
  const balance = firstOf(memberOf(state["bank"], "balances"));
  for (const holder of [account, base, balance]) {
    const address = memberOf(holder, "address");
    const prefix = typeof address === "string" ? address.slice(0, Math.max(0, address.lastIndexOf("1"))) : "";
    if (isAddressPrefix(prefix)) return prefix;
  }
  return undefined;
}

/** Each module's part of the genesis, read and checked. Throws a plain Error that names the module. */
export function readGenesis(
  modules: readonly AnyModule[],
  state: AppState,
  addressPrefix: string,
  registry: Registry,
  logger: Logger,
): ReadonlyMap<string, unknown> {
  const known = new Set([CHAIN, ...modules.map((module) => module.name)]);
  for (const name of Object.keys(state)) {
    if (!known.has(name)) logger.warn({ module: name }, "genesis has state of a module that this chain does not have");
  }
  const parts = new Map<string, unknown>();
  for (const { name, genesis } of modules) {
    // The SDK's tools write null for a module that has nothing to say, such as `consensus`.
    const json = state[name] ?? undefined;
    try {
      const part = json === undefined ? genesis.empty : fromJson(genesis.type, json, registry);
      genesis.validate(part, addressPrefix);
      parts.set(name, part);
    } catch (cause) {
      throw new Error(`genesis: app_state.${name}: ${(cause as Error).message}`, { cause });
    }
  }
  return parts;
}

/** Runs every module's `init`, in order. Returns the validators that modules name. */
export function initGenesis(
  modules: readonly AnyModule[],
  parts: ReadonlyMap<string, unknown>,
  ctx: Ctx,
): readonly (readonly ValidatorUpdate[])[] {
  const updates: (readonly ValidatorUpdate[])[] = [];
  for (const { name, genesis } of modules) {
    try {
      const named = genesis.init(ctx, parts.get(name));
      if (named && named.length > 0) updates.push(named);
    } catch (cause) {
      throw new Error(`genesis: app_state.${name}: ${(cause as Error).message}`, { cause });
    }
  }
  return updates;
}

/** The state of every module as `app_state` of a genesis file. */
export function exportGenesis(modules: readonly AnyModule[], ctx: QueryCtx, registry: Registry): AppState {
  const state: Record<string, JsonValue> = { ...chainPart(ctx.addressPrefix) };
  for (const { name, genesis } of modules) state[name] = toJson(genesis.type, genesis.export(ctx), registry);
  return state;
}

import { GenesisState, type Params } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import { addressToBytes, validatorPrefix } from "../kernel/address.ts";
import { quote, toHex } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import type { Genesis } from "../kernel/module.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { checkParams, DEFAULT_PARAMS } from "./params.ts";
import { checkName, checkPlan, ZERO_TIME } from "./plan.ts";
import { state } from "./state.ts";

/** Longest name of a module and highest version: names enter keys, and versions are counted through. */
const MODULE_NAME_MAX = 64;
const VERSION_MAX = 1_000_000n;

/** A genesis of the SDK has no parameters here, which reads as zeros that no parameters may be. */
const given = ({ params }: GenesisState): Params =>
  params.readyThreshold === 0n && params.postponeBlocks === 0n ? DEFAULT_PARAMS : params;

/** Runs a check and says of which part of the genesis it fails. */
function within(what: string, check: () => void): void {
  try {
    check();
  } catch (cause) {
    throw cause instanceof ChainError ? fail.badGenesis(`${what}: ${cause.message}`) : cause;
  }
}

function once(what: string, seen: Set<string>, name: string): void {
  if (seen.has(name)) throw fail.badGenesis(`${what} ${name} is there twice`);
  seen.add(name);
}

/** Throws `upgrade/101` for the first rule that is broken. */
function validate(genesis: GenesisState, addressPrefix: string): void {
  const { plan, signals, postponements, applied, moduleVersions } = genesis;
  within("params", () => checkParams(given(genesis)));
  if (plan) within("plan", () => checkPlan(plan));
  else if (signals.length > 0 || postponements > 0n) {
    throw fail.badGenesis(`${signals.length} signals and ${postponements} postponements without a plan, want none`);
  }
  const operators = new Set<string>();
  for (const { validatorAddress, height } of signals) {
    within(`signal of ${quote(validatorAddress)}`, () => {
      once("signal of", operators, toHex(addressToBytes(validatorAddress, validatorPrefix(addressPrefix))));
    });
    if (height <= 0n) throw fail.badGenesis(`signal of ${validatorAddress} has height ${height}, want more than 0`);
  }
  const names = new Set<string>();
  for (const { name, height } of applied) {
    within(`applied plan ${quote(name)}`, () => checkName(name));
    once("applied plan", names, name);
    if (height <= 0n) throw fail.badGenesis(`applied plan ${name} has height ${height}, want more than 0`);
  }
  if (plan && names.has(plan.name)) throw fail.badGenesis(`plan ${plan.name} was carried out already`);
  const modules = new Set<string>();
  for (const { name, version } of moduleVersions) {
    if (name === "" || name.length > MODULE_NAME_MAX || version < 1n || version > VERSION_MAX) {
      throw fail.badGenesis(`module ${quote(name)} has version ${version}, want a name and 1 to ${VERSION_MAX}`);
    }
    once("version of module", modules, name);
  }
}

export const genesis = (keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { params: DEFAULT_PARAMS, plan: undefined, signals: [], postponements: 0n, applied: [], moduleVersions: [] },
  validate,
  init(ctx: Ctx, genesis) {
    const { plan, signals, postponements, applied, moduleVersions } = genesis;
    keeper.setParams(ctx, given(genesis));
    if (plan) state.plan.set(ctx, { ...plan, time: ZERO_TIME });
    for (const { validatorAddress, height } of signals) state.signals.set(ctx, validatorAddress, height);
    if (postponements > 0n) state.postponements.set(ctx, postponements);
    for (const { name, height } of applied) state.applied.set(ctx, [height, name], undefined);
    for (const { name, version } of moduleVersions) keeper.setModuleVersion(ctx, name, Number(version));
  },
  export: (ctx: QueryCtx) => ({
    params: keeper.params(ctx),
    plan: keeper.plan(ctx),
    signals: [...state.signals.entries(ctx)].map(([validatorAddress, height]) => ({ validatorAddress, height })),
    postponements: state.postponements.get(ctx) ?? 0n,
    applied: [...state.applied.keys(ctx)].map(([height, name]) => ({ name, height })),
    moduleVersions: [...state.versions.entries(ctx)].map(([name, version]) => ({ name, version })),
  }),
});

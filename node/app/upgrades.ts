/**
 * Upgrades of the program at a height, as operators and cosmovisor know them from the SDK (x/upgrade v0.2.0 abci.go): the
 * old build stops before the block of the plan, the new one begins with it.
 */
import type { Ctx, QueryCtx } from "@interfirm/modules/kernel/context";
import { createQueryCtx } from "@interfirm/modules/kernel/ctx";
import type { AnyModule } from "@interfirm/modules/kernel/module";
import type { Keeper } from "@interfirm/modules/upgrade/keeper";
import type { Plan } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import type { Logger } from "../abci/logger.ts";
import type { StoreUpgrades } from "../store/upgrades.ts";
import type { ReadView } from "../store/version.ts";
import { CHAIN_STORE, readIdentity } from "./chain-state.ts";

/** What a build does at the height of the plan with this name. */
export interface Upgrade {
  readonly name: string;
  /** Stores that come, go or change their name with it. */
  readonly stores?: Omit<StoreUpgrades, "height"> | undefined;
  /** What is done besides migrating the modules; it calls `migrate` where that belongs. */
  readonly run?: ((ctx: Ctx, migrate: () => void) => void) | undefined;
}

/** Upgrades that this build can carry out. The last one stays for as long as a chain may be at it: it names the build. */
export const UPGRADES: readonly Upgrade[] = [];

/** Stops the node, with a code other than 0, because another build must go on. Operators search logs for the texts. */
export class UpgradeError extends Error {
  override readonly name = "UpgradeError";
}

/** The plan's height has come, and this build cannot carry it out. Nothing of the block is done. */
export class UpgradeNeededError extends UpgradeError {}

/** What the old build leaves on disk for cosmovisor when the plan's height has come. */
export interface UpgradeInfo {
  readonly name: string;
  /** The first block of the new build. */
  readonly height: bigint;
  readonly info: string;
}

export interface UpgradesDeps {
  readonly modules: readonly AnyModule[];
  readonly keeper: Keeper;
  readonly upgrades: readonly Upgrade[];
  /** Heights whose upgrades the operators pass over (`--unsafe-skip-upgrades`). */
  readonly skipped: ReadonlySet<bigint>;
}

type Step =
  | { readonly does: "nothing" }
  | { readonly does: "skip" | "postpone" | "needed" | "early"; readonly plan: Plan }
  | { readonly does: "apply"; readonly plan: Plan; readonly upgrade: Upgrade };

/** What the block of `height` does about the plan, by what the state of the block before says. */
function stepAt(ctx: QueryCtx, height: bigint, { keeper, upgrades, skipped }: UpgradesDeps): Step {
  const plan = keeper.plan(ctx);
  if (!plan) return { does: "nothing" };
  const upgrade = upgrades.find(({ name }) => name === plan.name);
  if (plan.height > height) return upgrade ? { does: "early", plan } : { does: "nothing" };
  if (skipped.has(height)) return { does: "skip", plan };
  if (!keeper.readiness(ctx).enough) return upgrade ? { does: "early", plan } : { does: "postpone", plan };
  return upgrade ? { does: "apply", plan, upgrade } : { does: "needed", plan };
}

const tooEarly = ({ name }: Plan): UpgradeError =>
  new UpgradeError(
    `BINARY UPDATED BEFORE TRIGGER! UPGRADE "${name}" - in binary but not executed on chain. Downgrade your binary`,
  );

/** Changes of the stores for the block after `latest`, if its upgrade is carried out. Throws `UpgradeError`. */
export function storeUpgradesAfter(latest: ReadView, deps: UpgradesDeps): StoreUpgrades | undefined {
  const ctx = contextOf(latest);
  if (!ctx) return undefined;
  const height = latest.height + 1n;
  const step = stepAt(ctx, height, deps);
  if (step.does === "early") throw tooEarly(step.plan);
  return step.does === "apply" ? { height, ...step.upgrade.stores } : undefined;
}

/**
 * Throws unless the build may go on from `latest`: a program on state of another version would fork the chain. Where the
 * next block carries out an upgrade, versions may differ, for it migrates them.
 */
export function checkBuild(latest: ReadView, deps: UpgradesDeps): void {
  const ctx = contextOf(latest);
  if (!ctx) return;
  const { modules, keeper, upgrades } = deps;
  const step = stepAt(ctx, latest.height + 1n, deps);
  if (step.does === "early") throw tooEarly(step.plan);
  if (step.does === "apply") return;
  const last = keeper.lastApplied(ctx);
  if (last && !upgrades.some(({ name }) => name === last.name)) {
    throw new UpgradeError(
      `wrong app version, upgrade handler is missing for ${last.name} upgrade plan: run the build that carried it out`,
    );
  }
  for (const { name, version } of modules) {
    const found = keeper.moduleVersion(ctx, name);
    if (found !== version) {
      throw new UpgradeError(
        `state has version ${found ?? "none"} of module ${name}, want ${version}: run the matching program`,
      );
    }
  }
}

/**
 * Writes the build's versions into a genesis that names none. Throws unless one that does, since it was exported, names
 * those of this build: its state would mean something else.
 */
export function recordVersions(ctx: Ctx, { modules, keeper }: UpgradesDeps): void {
  const named = keeper.moduleVersions(ctx);
  const built = new Map(modules.map(({ name, version }) => [name, version]));
  for (const [name, version] of named) {
    if (built.get(name) === version) continue;
    const want = built.get(name) ?? "no such module";
    throw new Error(`genesis: app_state.upgrade: module ${name} has version ${version}, want ${want}`);
  }
  for (const [name, version] of built) keeper.setModuleVersion(ctx, name, version);
}

function contextOf(view: ReadView): QueryCtx | undefined {
  if (view.height === 0n) return undefined;
  const identity = readIdentity(view.store(CHAIN_STORE));
  if (!identity) return undefined;
  const { chainId, addressPrefix } = identity;
  const { height, time } = view;
  return createQueryCtx({ chainId, addressPrefix, height, time, open: (key) => view.store(key) });
}

export interface BlockUpgradesDeps extends UpgradesDeps {
  /** Makes the plan durable for cosmovisor before the node stops. */
  readonly leaveInfo: (info: UpgradeInfo) => void;
  readonly logger: Logger;
}

/**
 * The first thing in every block. Returns whether an upgrade was carried out. Throws `UpgradeError`, which stops the node
 * with nothing of the block done, when another build must go on.
 */
export function beginUpgrade(ctx: Ctx, deps: BlockUpgradesDeps): boolean {
  const { keeper, logger, leaveInfo } = deps;
  const step = stepAt(ctx, ctx.height, deps);
  if (step.does === "nothing") return false;
  const { plan } = step;
  const { name, info } = plan;
  switch (step.does) {
    case "early": {
      const error = tooEarly(plan);
      logger.error({}, error.message);
      throw error;
    }
    case "skip":
      logger.info({}, `UPGRADE "${name}" SKIPPED at ${plan.height}: ${info}`);
      keeper.skip(ctx);
      return false;
    case "postpone": {
      const { height } = keeper.postpone(ctx);
      logger.warn({ plan: name, height: `${height}` }, "upgrade postponed: too few validators are ready");
      return false;
    }
    case "needed": {
      const error = new UpgradeNeededError(`UPGRADE "${name}" NEEDED at height: ${plan.height}: ${info}`);
      logger.error({}, error.message);
      leaveInfo({ name, height: ctx.height, info });
      throw error;
    }
    case "apply":
      logger.info({}, `applying upgrade "${name}" at height: ${plan.height}`);
      carryOut(ctx, plan, step.upgrade, deps);
      return true;
  }
}

function carryOut(ctx: Ctx, plan: Plan, { run }: Upgrade, { modules, keeper }: UpgradesDeps): void {
  let migrated = false;
  const migrate = () => {
    if (migrated) throw new Error(`upgrade ${plan.name} migrates twice, want once`);
    migrated = true;
    migrateModules(ctx, modules, keeper);
  };
  if (run) run(ctx, migrate);
  else migrate();
  if (!migrated) throw new Error(`upgrade ${plan.name} did not migrate the modules`);
  keeper.apply(ctx, plan);
}

/** Takes every module, in order, from the version in state to that of the build; a new one starts from its empty genesis. */
function migrateModules(ctx: Ctx, modules: readonly AnyModule[], keeper: Keeper): void {
  const before = keeper.moduleVersions(ctx);
  for (const { name, version, migrations, genesis } of modules) {
    const from = before.get(name);
    if (from !== undefined && from > version) {
      throw new Error(`state has version ${from} of module ${name}, want at most ${version}: it is never taken back`);
    }
    if (from === undefined) {
      const validators = genesis.init(ctx, genesis.empty) ?? [];
      if (validators.length > 0) throw new Error(`new module ${name} names validators, want none in an upgrade`);
    } else {
      for (let next = from + 1; next <= version; next++) migrations?.[next]?.(ctx);
    }
    keeper.setModuleVersion(ctx, name, version);
  }
  const present = new Set(modules.map(({ name }) => name));
  for (const name of before.keys()) if (!present.has(name)) keeper.forgetModule(ctx, name);
}

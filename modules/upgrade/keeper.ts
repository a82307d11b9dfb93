import type { Plan } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import {
  type AppliedPlan,
  EventReady,
  EventUpgradePostponed,
  type Params,
  type QueryReadinessResponse,
  type ValidatorReadiness,
} from "@interfirm/proto/gen/interfirm/upgrade/v1";
import { govAuthority } from "../kernel/authority.ts";
import { quote } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ONE } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import { checkParams, DEFAULT_PARAMS } from "./params.ts";
import { checkPlan, ZERO_TIME } from "./plan.ts";
import { state } from "./state.ts";

/** What upgrade asks of staking. The consumer declares it; the keeper of `staking` satisfies it. */
export interface Staking {
  /** Operators of the set after the last block, at most `max_validators`, and what their votes count, by operator bytes. */
  votePowers(ctx: QueryCtx): Iterable<readonly [operator: string, power: bigint]>;
  /** 0 when it was not in the set. Throws `sdk/7` for text that is no operator's address. */
  lastValidatorPower(ctx: QueryCtx, operator: string): bigint;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper(staking: Staking) {
  const params = (ctx: QueryCtx): Params => state.params.get(ctx) ?? DEFAULT_PARAMS;
  const plan = (ctx: QueryCtx): Plan | undefined => state.plan.get(ctx);

  /** Throws `upgrade/6` for another signer than governance. */
  function checkAuthority(authority: string, { addressPrefix }: QueryCtx): void {
    const want = govAuthority(addressPrefix);
    if (authority !== want) throw fail.invalidSigner(want, authority);
  }

  /** 0 for a plan that was not carried out. As many reads as governance has carried out plans. */
  function appliedHeight(ctx: QueryCtx, name: string): bigint {
    for (const [height, applied] of state.applied.keys(ctx)) if (applied === name) return height;
    return 0n;
  }

  /** Drops the plan and what was said of it. Signals are at most one for each validator that was bonded meanwhile. */
  function clear(ctx: Ctx): void {
    state.plan.delete(ctx);
    state.postponements.delete(ctx);
    for (const operator of [...state.signals.keys(ctx)]) state.signals.delete(ctx, operator);
  }

  /** Who of the bonded validators is ready, and whether the plan would be carried out at its height. */
  function readiness(ctx: QueryCtx): QueryReadinessResponse {
    const validators: ValidatorReadiness[] = [];
    let readyPower = 0n;
    let totalPower = 0n;
    const due = plan(ctx);
    if (due) {
      for (const [validatorAddress, power] of staking.votePowers(ctx)) {
        const readyHeight = state.signals.get(ctx, validatorAddress) ?? 0n;
        totalPower += power;
        if (readyHeight > 0n) readyPower += power;
        validators.push({ validatorAddress, power, readyHeight });
      }
    }
    const { readyThreshold, postponeBlocks } = params(ctx);
    const enough = postponeBlocks === 0n || readyPower * ONE >= readyThreshold * totalPower;
    const postponements = state.postponements.get(ctx) ?? 0n;
    return { plan: due, readyPower, totalPower, enough: due !== undefined && enough, postponements, validators };
  }

  return {
    params,
    plan,
    appliedHeight,
    readiness,

    /** Throws `upgrade/100`. */
    setParams(ctx: Ctx, next: Params): void {
      checkParams(next);
      state.params.set(ctx, next);
    },

    /**
     * Plans an upgrade in place of the one that is planned, if any. Throws `upgrade/6` for another signer than governance,
     * `sdk/18` for an unsound plan, one for this block or an earlier one, and one with the name of a plan that was carried out.
     */
    schedule(ctx: Ctx, authority: string, next: Plan): void {
      checkAuthority(authority, ctx);
      checkPlan(next);
      if (next.height <= ctx.height) {
        throw sdkError.invalidRequest(
          `height is ${next.height}, want more than ${ctx.height}: upgrade cannot be scheduled in the past`,
        );
      }
      if (appliedHeight(ctx, next.name) > 0n) {
        throw sdkError.invalidRequest(`upgrade with name ${quote(next.name)} has already been completed`);
      }
      clear(ctx);
      state.plan.set(ctx, { ...next, time: ZERO_TIME });
    },

    /** Drops the plan; without one nothing happens, as in the SDK. Throws `upgrade/6`. */
    cancel(ctx: Ctx, authority: string): void {
      checkAuthority(authority, ctx);
      clear(ctx);
    },

    /** Throws `upgrade/3` without a plan, `upgrade/102` to `upgrade/104`, `sdk/7` for what is no operator. */
    signalReady(ctx: Ctx, operator: string, planName: string): void {
      const due = plan(ctx);
      if (!due) throw fail.noPlan();
      if (due.name !== planName) throw fail.otherPlan(quote(planName), due.name);
      if (staking.lastValidatorPower(ctx, operator) === 0n) throw fail.notBonded(operator);
      const since = state.signals.get(ctx, operator);
      if (since !== undefined) throw fail.alreadyReady(operator, since);
      state.signals.set(ctx, operator, ctx.height);
      ctx.emit(EventReady, { validatorAddress: operator, planName });
    },

    /** Puts the plan off, from this block on, by what the parameters say. Throws `upgrade/3` without one. */
    postpone(ctx: Ctx): Plan {
      const due = plan(ctx);
      if (!due) throw fail.noPlan();
      const { postponeBlocks } = params(ctx);
      const { readyPower, totalPower, postponements } = readiness(ctx);
      const next = { ...due, height: ctx.height + postponeBlocks };
      state.plan.set(ctx, next);
      state.postponements.set(ctx, postponements + 1n);
      ctx.emit(EventUpgradePostponed, {
        planName: due.name,
        fromHeight: ctx.height,
        toHeight: next.height,
        readyPower,
        totalPower,
      });
      return next;
    },

    /** Drops the plan because the operators pass it over. */
    skip: clear,

    /** Writes down that the plan is carried out in this block. */
    apply(ctx: Ctx, { name }: Plan): void {
      clear(ctx);
      state.applied.set(ctx, [ctx.height, name], undefined);
    },

    lastApplied(ctx: QueryCtx): AppliedPlan | undefined {
      for (const [height, name] of state.applied.keys(ctx, { reverse: true, limit: 1 })) return { name, height };
      return undefined;
    },

    /** Of every module of the chain, by name. Bounded by the modules that there are. */
    moduleVersions: (ctx: QueryCtx): ReadonlyMap<string, number> =>
      new Map([...state.versions.entries(ctx)].map(([name, version]) => [name, Number(version)])),

    /** Undefined for a module that the state does not know. */
    moduleVersion(ctx: QueryCtx, name: string): number | undefined {
      const version = state.versions.get(ctx, name);
      return version === undefined ? undefined : Number(version);
    },

    setModuleVersion: (ctx: Ctx, name: string, version: number): void => state.versions.set(ctx, name, BigInt(version)),

    /** For a module that is there no longer. */
    forgetModule: (ctx: Ctx, name: string): void => state.versions.delete(ctx, name),
  };
}

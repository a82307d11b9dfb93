import type { Msg, Query } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import type { Msg as OwnMsg, Query as OwnQuery } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import { checkGovAuthority, govAuthority } from "../kernel/authority.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";

export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  softwareUpgrade: (ctx, { authority, plan }) => keeper.schedule(ctx, authority, plan),
  cancelUpgrade: (ctx, { authority }) => keeper.cancel(ctx, authority),
});

export const ownMsgs = (keeper: Keeper): Handlers<typeof OwnMsg, Ctx> => ({
  signalReady: (ctx, { validatorAddress, planName }) => keeper.signalReady(ctx, validatorAddress, planName),
  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    keeper.setParams(ctx, params);
  },
});

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  currentPlan: (ctx) => ({ plan: keeper.plan(ctx) }),
  appliedPlan: (ctx, { name }) => ({ height: keeper.appliedHeight(ctx, name) }),
  // As the SDK answers where nothing was kept: IBC's own module has it.
  upgradedConsensusState: () => ({ upgradedConsensusState: new Uint8Array(0) }),
  moduleVersions(ctx, { moduleName }) {
    if (moduleName === "") {
      const versions = [...keeper.moduleVersions(ctx)];
      return { moduleVersions: versions.map(([name, version]) => ({ name, version: BigInt(version) })) };
    }
    const version = keeper.moduleVersion(ctx, moduleName);
    if (version === undefined) throw fail.moduleVersionNotFound(moduleName);
    return { moduleVersions: [{ name: moduleName, version: BigInt(version) }] };
  },
  authority: (ctx) => ({ address: govAuthority(ctx.addressPrefix) }),
});

export const ownQueries = (keeper: Keeper): Handlers<typeof OwnQuery, QueryCtx> => ({
  params: (ctx) => ({ params: keeper.params(ctx) }),
  readiness: (ctx) => keeper.readiness(ctx),
});

import type { AnteOptions } from "@interfirm/modules/auth/ante";
import type { Tx } from "@interfirm/modules/auth/tx";
import type { Ctx, QueryCtx } from "@interfirm/modules/kernel/context";
import type { AnyModule } from "@interfirm/modules/kernel/module";
import type { Keeper as UpgradeKeeper } from "@interfirm/modules/upgrade/keeper";
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import type { Registry } from "@interfirm/proto/registry";
import type { Upgrade } from "./upgrades.ts";

/** What the application asks of the module that keeps the parameters of consensus. */
export interface ConsensusParamsKeeper {
  params(ctx: QueryCtx): ConsensusParams;
  /** Takes over the parameters of InitChain. Throws when CometBFT would refuse them. */
  init(ctx: Ctx, params: ConsensusParams): void;
  /** What FinalizeBlock tells CometBFT; undefined when nothing has changed since `before`. */
  changedSince(ctx: QueryCtx, before: ConsensusParams): ConsensusParams | undefined;
}

/** A chain as its modules make it: what `app.ts` returns, or a test with modules of its own. */
export interface Composition {
  /** In the order of their genesis and of their begin and end of blocks. */
  readonly modules: readonly AnyModule[];
  /** What every transaction must pass before its messages run. Throws `ChainError`. */
  readonly ante: (ctx: Ctx, tx: Tx, options: AnteOptions) => void;
  readonly consensusParams: ConsensusParamsKeeper;
  /** Keeps the plan of the next upgrade and the versions of modules. Its module is one of `modules`. */
  readonly upgrade: UpgradeKeeper;
  /** Upgrades that this build can carry out. */
  readonly upgrades: readonly Upgrade[];
  /** Every type that messages, genesis and answers of these modules may hold in an `Any`. */
  readonly registry: Registry;
}

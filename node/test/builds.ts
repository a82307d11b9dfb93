/**
 * Two builds of the chain, as before and after an upgrade `v2`: the second has a module at version 2 whose store has another
 * name, a new module, and one module less.
 */
import { defineState } from "@interfirm/modules/kernel/collections";
import type { QueryCtx } from "@interfirm/modules/kernel/context";
import { type AnyModule, defineModule, serve } from "@interfirm/modules/kernel/module";
import { u64Value } from "@interfirm/modules/kernel/values";
import { QueryAppliedPlanResponse } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { Empty } from "@interfirm/proto/gen/google/protobuf";
import type { ServiceType } from "@interfirm/proto/types";
import type { Composition } from "../app/composition.ts";
import type { Upgrade } from "../app/upgrades.ts";

export const PLAN = "v2";

const genesis = { type: Empty, empty: {}, validate() {}, init() {}, export: () => ({}) };
const counted = (storeKey: string) => defineState(storeKey, (store) => ({ count: store.item(0x00, u64Value) }));
const before = counted("tally");
const after = counted("score");
const stays = counted("notes");

/** Counts blocks by one. */
const tally = defineModule({
  name: "tally",
  storeKey: "tally",
  version: 1,
  keeper: {},
  genesis,
  endBlock: (ctx) => before.count.set(ctx, (before.count.get(ctx) ?? 0n) + 1n),
});

/** Counts blocks by a thousand: what was counted before is worth that much now. */
const score = defineModule({
  name: "tally",
  storeKey: "score",
  version: 2,
  keeper: {},
  genesis,
  migrations: { 2: (ctx) => after.count.set(ctx, (after.count.get(ctx) ?? 0n) * 1_000n) },
  endBlock: (ctx) => after.count.set(ctx, (after.count.get(ctx) ?? 0n) + 1_000n),
});

const legacy = defineModule({ name: "legacy", storeKey: "legacy", version: 1, keeper: {}, genesis });

/** Asks the second build since when its new module is there. */
export const NotesQuery = {
  typeName: "drill.v1.Query",
  comment: "",
  methods: { since: { name: "Since", input: Empty, output: QueryAppliedPlanResponse, http: [], comment: "" } },
} as const satisfies ServiceType;

/** New with the upgrade; notes the height of its genesis. */
const notes = defineModule({
  name: "notes",
  storeKey: "notes",
  version: 3,
  keeper: {},
  genesis: { ...genesis, init: (ctx) => stays.count.set(ctx, ctx.height) },
  migrations: { 2() {}, 3() {} },
  queries: [serve(NotesQuery, { since: (ctx: QueryCtx) => ({ height: stays.count.get(ctx) ?? 0n }) })],
});

const UPGRADE: Upgrade = {
  name: PLAN,
  stores: { added: ["notes"], deleted: ["legacy"], renamed: [{ from: "tally", to: "score" }] },
};

const withModules = (chain: Composition, modules: readonly AnyModule[], upgrades: readonly Upgrade[]): Composition => ({
  ...chain,
  modules: [...chain.modules, ...modules],
  upgrades,
});

/** The build that runs before the plan. */
export const firstBuild = (chain: Composition): Composition => withModules(chain, [tally, legacy], []);

/** The build that carries the plan out. `changes` make it a wrong one. */
export const secondBuild = (chain: Composition, changes: Partial<Upgrade> = {}): Composition =>
  withModules(chain, [score, notes], [{ ...UPGRADE, ...changes }]);

/** What the second build has counted, and the height at which its new module began. */
export const countedIn = (ctx: QueryCtx) => ({ score: after.count.get(ctx), since: stays.count.get(ctx) });

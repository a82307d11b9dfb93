import type { QueryCtx } from "./context.ts";
import type { AnyModule } from "./module.ts";

export interface BrokenInvariant {
  readonly module: string;
  readonly invariant: string;
  readonly why: string;
}

/** Runs all invariants of all modules. Cost: reads as much state as they need; never in a transaction. */
export function brokenInvariants(modules: readonly AnyModule[], ctx: QueryCtx): readonly BrokenInvariant[] {
  const broken: BrokenInvariant[] = [];
  for (const module of modules) {
    // biome-ignore lint/plugin: a table in code; nothing of its order enters state
    for (const [invariant, holds] of Object.entries(module.invariants ?? {})) {
      const why = holds(ctx);
      if (why !== undefined) broken.push({ module: module.name, invariant, why });
    }
  }
  return broken;
}

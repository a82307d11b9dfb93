import type { QueryCtx } from "../kernel/context.ts";
import { expiresAt, readAllowance } from "./allowance.ts";
import { state } from "./state.ts";

export const invariants = {
  /** Allowances that end, and no others, have one entry in the queue, at their end. */
  queueMatches(ctx: QueryCtx): string | undefined {
    let ends = 0;
    for (const [[grantee, granter], { allowance }] of state.grants.entries(ctx)) {
      const expiration = expiresAt(readAllowance(allowance));
      if (expiration === undefined) continue;
      ends++;
      if (!state.queue.has(ctx, [expiration, grantee, granter])) {
        return `allowance of ${granter} for ${grantee} ends at ${expiration} ns, which is not in the queue`;
      }
    }
    let queued = 0;
    for (const _ of state.queue.keys(ctx)) queued++;
    return queued === ends ? undefined : `${queued} entries in the queue for ${ends} allowances that end, want as many`;
  },

  /** An allowance stands where its two accounts say, and once in the index by granter. */
  keysMatch(ctx: QueryCtx): string | undefined {
    let allowances = 0;
    for (const [[grantee, granter], grant] of state.grants.entries(ctx)) {
      if (grant.granter !== granter || grant.grantee !== grantee) {
        return `allowance of ${granter} for ${grantee} says it is of ${grant.granter} for ${grant.grantee}`;
      }
      if (!state.byGranter.has(ctx, [granter, grantee]))
        return `allowance of ${granter} for ${grantee} is not in the index`;
      allowances++;
    }
    let indexed = 0;
    for (const _ of state.byGranter.keys(ctx)) indexed++;
    return indexed === allowances
      ? undefined
      : `${indexed} entries in the index for ${allowances} allowances, want as many`;
  },
};

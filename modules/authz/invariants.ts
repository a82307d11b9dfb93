import type { QueryCtx } from "../kernel/context.ts";
import { readAuthorization } from "./authorization.ts";
import { expirationOf } from "./keeper.ts";
import { state } from "./state.ts";

export const invariants = {
  /** Grants that end, and no others, stand once in the queue, at their end. */
  queueMatches(ctx: QueryCtx): string | undefined {
    let ends = 0;
    for (const [[granter, grantee, type], grant] of state.grants.entries(ctx)) {
      const expiration = expirationOf(grant);
      if (expiration === undefined) continue;
      ends++;
      if (!state.queue.get(ctx, [expiration, granter, grantee])?.msgTypeUrls.includes(type)) {
        return `grant of ${granter} for ${grantee} of ${type} ends at ${expiration} ns, which is not in the queue`;
      }
    }
    let queued = 0;
    for (const { msgTypeUrls } of state.queue.values(ctx)) {
      if (msgTypeUrls.length === 0) return "queue has an empty entry, want none";
      queued += msgTypeUrls.length;
    }
    return queued === ends ? undefined : `${queued} grants in the queue for ${ends} that end, want as many`;
  },

  /** A grant stands under the message type of its authorisation, which is sound, and once in the index by grantee. */
  typesMatch(ctx: QueryCtx): string | undefined {
    let grants = 0;
    for (const [[granter, grantee, type], { authorization }] of state.grants.entries(ctx)) {
      const { messageType } = readAuthorization(authorization);
      if (messageType !== type) return `grant of ${granter} for ${grantee} of ${type} is one of ${messageType}`;
      if (!state.byGrantee.has(ctx, [grantee, granter, type])) {
        return `grant of ${granter} for ${grantee} of ${type} is not in the index`;
      }
      grants++;
    }
    let indexed = 0;
    for (const _ of state.byGrantee.keys(ctx)) indexed++;
    return indexed === grants ? undefined : `${indexed} entries in the index for ${grants} grants, want as many`;
  },
};

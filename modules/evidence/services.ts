import type { Msg, Query } from "@interfirm/proto/gen/cosmos/evidence/v1beta1";
import { parseAddress } from "../kernel/address.ts";
import { fromHex } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginate } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { Keeper } from "./keeper.ts";
import { state } from "./state.ts";

/** Longest text of a hash that is read: 32 bytes. */
const HASH_DIGITS_MAX = 64;

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  submitEvidence(ctx, { submitter, evidence }) {
    parseAddress(submitter, ctx.addressPrefix);
    return { hash: keeper.submit(ctx, evidence) };
  },
});

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  evidence(ctx, { hash }) {
    if (hash === "") throw sdkError.invalidRequest("hash is empty, want one");
    if (hash.length > HASH_DIGITS_MAX) {
      throw sdkError.invalidRequest(`hash has ${hash.length} digits, want at most ${HASH_DIGITS_MAX}`);
    }
    const evidence = keeper.evidence(ctx, fromHex(hash));
    if (!evidence) throw sdkError.keyNotFound(`evidence ${hash} not found`);
    return { evidence };
  },

  allEvidence(ctx, { pagination: request }) {
    const { items, pagination } = paginate(state.evidence.slice(ctx), request);
    return { evidence: items.map(([, evidence]) => evidence), pagination };
  },
});

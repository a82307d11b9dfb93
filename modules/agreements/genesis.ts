import { AgreementStatus, GenesisState } from "@interfirm/proto/gen/interfirm/agreements/v1";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import type { Genesis } from "../kernel/module.ts";
import { fail } from "./errors.ts";
import { checkTerms, type Keeper } from "./keeper.ts";
import { state } from "./state.ts";

const { AGREEMENT_STATUS_PROPOSED: FIRST, AGREEMENT_STATUS_REFUND_DUE: LAST } = AgreementStatus;

/** Throws `badGenesis` for the first rule that is broken. */
function validate({ agreements, nextId }: GenesisState, addressPrefix: string): void {
  let previous = 0n;
  for (const agreement of agreements) {
    const { id, status, refundHeight } = agreement;
    if (id <= previous) throw fail.badGenesis(`agreement ${id} comes after ${previous}, want ascending ids from 1`);
    if (!Number.isInteger(status) || status < FIRST || status > LAST) {
      throw fail.badGenesis(`agreement ${id} has status ${status}, want ${FIRST} to ${LAST}`);
    }
    if (refundHeight > 0n !== (status === LAST)) {
      throw fail.badGenesis(`agreement ${id} has refund height ${refundHeight}, want one exactly when a refund is due`);
    }
    try {
      checkTerms(agreement, addressPrefix);
    } catch (cause) {
      throw cause instanceof ChainError ? fail.badGenesis(`agreement ${id}: ${cause.message}`) : cause;
    }
    previous = id;
  }
  if (nextId <= previous) throw fail.badGenesis(`next id is ${nextId}, want more than ${previous}`);
}

export const genesis = (keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { nextId: 1n, agreements: [] },
  validate,
  init(ctx: Ctx, { agreements, nextId }) {
    state.nextId.set(ctx, nextId);
    for (const agreement of agreements) keeper.restore(ctx, agreement);
  },
  export: (ctx: QueryCtx) => ({ nextId: state.nextId.peek(ctx), agreements: [...state.agreements.values(ctx)] }),
});

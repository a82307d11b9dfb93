import type { Agreement } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { amountOf, type Coins, formatCoins, sumCoins } from "../kernel/coins.ts";
import type { QueryCtx } from "../kernel/context.ts";
import type { Invariant } from "../kernel/module.ts";
import type { Escrow, Keeper } from "./keeper.ts";
import { isOpen, isOwed, state } from "./state.ts";

const owedByAgreements = (ctx: QueryCtx): Coins =>
  sumCoins([...state.agreements.values(ctx)].filter(isOwed).map(({ price }) => price));

/** Escrow holds at least what agreements bind. More is possible: a genesis may have put coins there. */
export const solvent =
  (escrow: Escrow): Invariant =>
  (ctx) => {
    const held = escrow.held(ctx);
    const missing = owedByAgreements(ctx).find(({ denom, amount }) => amountOf(held, denom) < amount);
    if (!missing) return undefined;
    const { denom, amount } = missing;
    return `escrow holds ${amountOf(held, denom)} ${denom}, agreements bind ${amount} ${denom}`;
  };

/** What is noted as owed is what agreements bind, denom by denom. */
export const tracked =
  (keeper: Keeper): Invariant =>
  (ctx) => {
    const noted = formatCoins(keeper.owedCoins(ctx));
    const bound = formatCoins(owedByAgreements(ctx));
    return noted === bound ? undefined : `noted as owed are ${noted || "no coins"}, agreements bind ${bound || "none"}`;
  };

/** The queue of refunds has every agreement whose price is in escrow, once, at its height, and no other. */
export const queued: Invariant = (ctx) => {
  const queue = new Map([...state.agreements.by.refund.entries(ctx)].map(([height, id]) => [id, height]));
  const heightOf = (a: Agreement): bigint => (isOpen(a) ? a.deadlineHeight : a.refundHeight);
  let owed = 0;
  for (const [id, agreement] of state.agreements.entries(ctx)) {
    if (!isOwed(agreement)) continue;
    owed++;
    if (queue.get(id) !== heightOf(agreement)) return `agreement ${id} is not queued for height ${heightOf(agreement)}`;
  }
  return queue.size === owed ? undefined : `${queue.size} refunds are queued, want the ${owed} in escrow`;
};

/** Ids are those of their keys and below the next one. */
export const numbered: Invariant = (ctx) => {
  const next = state.nextId.peek(ctx);
  for (const [id, agreement] of state.agreements.entries(ctx)) {
    if (agreement.id !== id || id >= next) return `agreement ${agreement.id} is kept as ${id}, the next id is ${next}`;
  }
  return undefined;
};

import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";

const OUT_OF_GAS = 11;

/**
 * Runs something whose refusal must not stop what is under way: a refusal undoes its writes and is dropped. Running out of
 * gas still ends a transaction.
 */
export function tolerate(ctx: Ctx, act: (ctx: Ctx) => void): void {
  try {
    ctx.atomically(act);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    if (error.codespace === "sdk" && error.code === OUT_OF_GAS) throw error;
  }
}

/** Gives back the gas that `act` takes: for what the SDK has at hand without reading it. */
export function unmetered<R>(ctx: QueryCtx, act: () => R): R {
  const before = ctx.gas.used;
  const result = act();
  ctx.gas.refund(ctx.gas.used - before);
  return result;
}

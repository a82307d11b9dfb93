import type { UnbondingDelegation, Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Address } from "../kernel/address.ts";
import { formatCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { nsToTimestamp, timestampToNs } from "../kernel/time.ts";
import type { Delegations } from "./delegations.ts";
import { fail } from "./errors.ts";
import type { StakingHooks } from "./hooks.ts";
import { unbondingTimeNs } from "./params.ts";
import { type Pools, params } from "./pools.ts";
import { timeQueue } from "./queue.ts";
import { state } from "./state.ts";
import { tolerate } from "./tolerate.ts";
import { chargeUnbondingIndex, nextUnbondingId } from "./unbonding-id.ts";
import { hasNoRate, isBonded } from "./validator.ts";
import { requireValidator } from "./validators.ts";

/**
 * Unbonding delegations that a block pays out. The rest wait, oldest first: nobody can slash or cancel them any more, for
 * both go by the time of completion and not by the queue.
 */
const PAYOUTS_PER_BLOCK_MAX = 200;
/** Pairs whose unbonding has an entry that ends then. A pair may be there twice, and after its entry was cancelled. */
export const unbondingQueue = timeQueue(
  state.unbondingQueue,
  ({ pairs }) => pairs,
  (pairs) => ({ pairs }),
);
/** Prefix, and two addresses of 20 bytes after their lengths. */
const KEY_BYTES = 43;

export const getUnbonding = (ctx: QueryCtx, delegator: Address, operator: string): UnbondingDelegation | undefined =>
  state.unbondings.get(ctx, [delegator, operator]);

export function setUnbonding(ctx: Ctx, unbonding: UnbondingDelegation): void {
  const { delegatorAddress, validatorAddress } = unbonding;
  state.unbondings.set(ctx, [delegatorAddress, validatorAddress], unbonding);
  state.unbondingsByValidator.add(ctx, [validatorAddress, delegatorAddress]);
}

/** Stores one that is there already: its index stays. */
export function replaceUnbonding(ctx: Ctx, unbonding: UnbondingDelegation): void {
  state.unbondings.set(ctx, [unbonding.delegatorAddress, unbonding.validatorAddress], unbonding);
}

/** Stores what is left of it: nothing when no entries are. */
function setOrRemove(ctx: Ctx, unbonding: UnbondingDelegation): void {
  const { delegatorAddress, validatorAddress } = unbonding;
  if (unbonding.entries.length > 0) {
    setUnbonding(ctx, unbonding);
  } else {
    state.unbondings.delete(ctx, [delegatorAddress, validatorAddress]);
    state.unbondingsByValidator.delete(ctx, [validatorAddress, delegatorAddress]);
  }
}

/** Whether the time of an unbonding or redelegating entry has come and nothing holds it. It cannot be slashed any more. */
export function isOver(
  ctx: QueryCtx,
  entry: Pick<UnbondingDelegation["entries"][number], "completionTime" | "unbondingOnHoldRefCount">,
): boolean {
  return timestampToNs(entry.completionTime) <= ctx.time && entry.unbondingOnHoldRefCount === 0n;
}

export interface UnbondingDeps {
  readonly pools: Pools;
  readonly hooks: readonly StakingHooks[];
  readonly delegations: Delegations;
}

export type Unbondings = ReturnType<typeof createUnbondings>;

export function createUnbondings({ pools, hooks, delegations }: UnbondingDeps) {
  function addEntry(ctx: Ctx, delegator: Address, operator: string, completion: bigint, balance: bigint): void {
    const unbondingId = nextUnbondingId(ctx);
    const completionTime = nsToTimestamp(completion);
    const before = getUnbonding(ctx, delegator, operator);
    const entries = [...(before?.entries ?? [])];
    const at = entries.findIndex(
      (entry) => entry.creationHeight === ctx.height && timestampToNs(entry.completionTime) === completion,
    );
    if (at < 0) {
      entries.push({
        creationHeight: ctx.height,
        completionTime,
        initialBalance: balance,
        balance,
        unbondingId,
        unbondingOnHoldRefCount: 0n,
      });
    } else {
      const entry = entries[at]!;
      entries[at] = {
        ...entry,
        balance: entry.balance + balance,
        initialBalance: entry.initialBalance + balance,
      };
    }
    setUnbonding(ctx, { delegatorAddress: delegator, validatorAddress: operator, entries });
    if (at >= 0) return;
    chargeUnbondingIndex(ctx, KEY_BYTES);
    for (const hook of hooks) tolerate(ctx, (branch) => hook.afterUnbondingInitiated?.(branch, unbondingId));
  }

  /** Starts the unbonding of shares. Returns when it ends, in nanoseconds since 1970, and the tokens. Throws `staking/27` and as `unbond` does. */
  function undelegate(
    ctx: Ctx,
    delegator: Address,
    operator: string,
    shares: Dec,
  ): { readonly completion: bigint; readonly amount: bigint } {
    const validator = requireValidator(ctx, operator);
    const entries = getUnbonding(ctx, delegator, operator)?.entries.length ?? 0;
    if (entries >= params(ctx).maxEntries) throw fail.maxUnbondingEntries();
    const amount = delegations.unbond(ctx, delegator, operator, shares, true);
    if (isBonded(validator)) pools.move(ctx, false, amount);
    const completion = ctx.time + unbondingTimeNs(params(ctx));
    addEntry(ctx, delegator, operator, completion, amount);
    unbondingQueue.put(ctx, completion, { delegatorAddress: delegator, validatorAddress: operator });
    return { completion, amount };
  }

  /** Delegates tokens that are unbonding back. Throws `staking/34`, `staking/7`, `sdk/38`, `sdk/18` and as `delegate` does. */
  function cancel(
    ctx: Ctx,
    validator: Validator,
    request: { readonly delegator: Address; readonly amount: bigint; readonly creationHeight: bigint },
  ): void {
    const { delegator, amount, creationHeight } = request;
    const { operatorAddress: operator } = validator;
    if (hasNoRate(validator)) throw fail.noExchangeRate();
    if (validator.jailed) throw fail.jailed();
    const unbonding = getUnbonding(ctx, delegator, operator);
    if (!unbonding) {
      throw sdkError.notFound(`unbonding delegation with delegator ${delegator} not found for validator ${operator}`);
    }
    const at = unbonding.entries.findIndex((entry) => entry.creationHeight === creationHeight);
    const entry = unbonding.entries[at];
    if (!entry) {
      throw sdkError.notFound(`unbonding delegation entry is not found at block height ${creationHeight}`);
    }
    if (entry.balance < amount) {
      throw sdkError.invalidRequest("amount is greater than the unbonding delegation entry balance");
    }
    if (timestampToNs(entry.completionTime) < ctx.time) {
      throw sdkError.invalidRequest("unbonding delegation is already processed");
    }
    delegations.delegate(ctx, validator, { delegator, amount, source: "notBonded", strict: true });
    const entries = [...unbonding.entries];
    const balance = entry.balance - amount;
    if (balance === 0n) entries.splice(at, 1);
    else entries[at] = { ...entry, balance, initialBalance: entry.initialBalance - amount };
    setOrRemove(ctx, { ...unbonding, entries });
  }

  /** Pays out every entry of the pair whose time has come. Throws `staking/26` when there is none at all. */
  function complete(ctx: Ctx, delegator: Address, operator: string): void {
    const unbonding = getUnbonding(ctx, delegator, operator);
    if (!unbonding) throw fail.noUnbondingDelegation();
    const { bondDenom: denom } = params(ctx);
    let paid = 0n;
    for (const entry of unbonding.entries) {
      if (!isOver(ctx, entry) || entry.balance === 0n) continue;
      pools.undelegate(ctx, delegator, entry.balance);
      paid += entry.balance;
    }
    setOrRemove(ctx, { ...unbonding, entries: unbonding.entries.filter((entry) => !isOver(ctx, entry)) });
    ctx.emitRaw("complete_unbonding", [
      ["amount", formatCoins(paid > 0n ? [{ denom, amount: paid }] : [])],
      ["validator", operator],
      ["delegator", delegator],
    ]);
  }

  return {
    undelegate,
    cancel,

    /** Pays out what is due, at most `PAYOUTS_PER_BLOCK_MAX` of the queue. One that was cancelled or paid already is passed over. */
    payOut(ctx: Ctx): void {
      for (const pair of unbondingQueue.take(ctx, PAYOUTS_PER_BLOCK_MAX)) {
        tolerate(ctx, (branch) => complete(branch, pair.delegatorAddress, pair.validatorAddress));
      }
    },
  };
}

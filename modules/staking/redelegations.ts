import type { Redelegation } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Address } from "../kernel/address.ts";
import { formatCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";
import { NS_PER_SECOND, nsToTimestamp, timestampToNs } from "../kernel/time.ts";
import type { Delegations } from "./delegations.ts";
import { fail } from "./errors.ts";
import type { StakingHooks } from "./hooks.ts";
import { unbondingTimeNs } from "./params.ts";
import { params } from "./pools.ts";
import { timeQueue } from "./queue.ts";
import { state } from "./state.ts";
import { tolerate } from "./tolerate.ts";
import { chargeUnbondingIndex, nextUnbondingId } from "./unbonding-id.ts";
import { isOver } from "./unbondings.ts";
import { isBonded, isUnbonded } from "./validator.ts";
import { getValidator } from "./validators.ts";

/**
 * Redelegations that a block ends. The rest wait, oldest first: they cannot be slashed any more, and until they end their
 * tokens cannot be redelegated on.
 */
const REDELEGATIONS_PER_BLOCK_MAX = 200;
/**
 * Entries of redelegations from one validator that may be open at a time. A slash of it goes after each of them, at some 0.3 ms, in
 * one block. Nobody is locked in: undelegating is not bounded. The SDK has no bound.
 */
const OPEN_MAX = 5000n;

/** Redelegations with an entry that ends then. */
export const redelegationQueue = timeQueue(
  state.redelegationQueue,
  ({ triplets }) => triplets,
  (triplets) => ({ triplets }),
);
/** Prefix, and three addresses of 20 bytes after their lengths. */
const KEY_BYTES = 64;
/** The first moment of the year 1, as Go's zero time: there is nothing to wait for. */
const NO_TIME = -62_135_596_800n * NS_PER_SECOND;

/** Who moves shares from where to where. */
export interface Move {
  readonly delegator: Address;
  readonly source: string;
  readonly destination: string;
}

const getRedelegation = (ctx: QueryCtx, { delegator, source, destination }: Move): Redelegation | undefined =>
  state.redelegations.get(ctx, [delegator, source, destination]);

export function setRedelegation(ctx: Ctx, redelegation: Redelegation): void {
  const { delegatorAddress: delegator, validatorSrcAddress: source, validatorDstAddress: destination } = redelegation;
  state.redelegations.set(ctx, [delegator, source, destination], redelegation);
  state.redelegationsBySource.add(ctx, [source, delegator, destination]);
  state.redelegationsByDestination.add(ctx, [destination, delegator, source]);
}

/** Entries of redelegations from the validator that are open. Takes no gas: the SDK does not count them. */
const openFrom = (ctx: QueryCtx, source: string): bigint =>
  ctx.gas.free(() => state.openRedelegations.get(ctx, source) ?? 0n);

/** Opens or, below 0, ends so many entries. Takes no gas either. */
export function countOpen(ctx: Ctx, source: string, change: number): void {
  if (change === 0) return;
  ctx.gas.free(() => {
    const open = openFrom(ctx, source) + BigInt(change);
    if (open > 0n) state.openRedelegations.set(ctx, source, open);
    else state.openRedelegations.delete(ctx, source);
  });
}

function removeRedelegation(ctx: Ctx, { delegator, source, destination }: Move): void {
  state.redelegations.delete(ctx, [delegator, source, destination]);
  state.redelegationsBySource.delete(ctx, [source, delegator, destination]);
  state.redelegationsByDestination.delete(ctx, [destination, delegator, source]);
}

/** Whether tokens of the delegator are still on their way to the validator. Then they cannot go on: their old validator must be slashable. */
function isReceiving(ctx: QueryCtx, delegator: Address, operator: string): boolean {
  const [first] = state.redelegationsByDestination.keys(ctx, { prefix: [operator, delegator], limit: 1 });
  return first !== undefined;
}

export interface RedelegationDeps {
  readonly hooks: readonly StakingHooks[];
  readonly delegations: Delegations;
}

export type Redelegations = ReturnType<typeof createRedelegations>;

export function createRedelegations({ hooks, delegations }: RedelegationDeps) {
  /** Until when what the source does wrong reaches the moved tokens, and since when; undefined when it does not. */
  function exposure(
    ctx: QueryCtx,
    source: string,
  ): { readonly completion: bigint; readonly height: bigint } | undefined {
    const validator = getValidator(ctx, source);
    // It went when it was unbonded and the last shares left it just now.
    if (!validator) return undefined;
    const time = unbondingTimeNs(params(ctx));
    if (isBonded(validator)) return { completion: ctx.time + time, height: ctx.height };
    if (isUnbonded(validator)) return undefined;
    return { completion: timestampToNs(validator.unbondingTime), height: validator.unbondingHeight };
  }

  /**
   * Moves shares to another validator at once. Returns until when they stay liable for the old one.
   * Throws `staking/29` to `staking/33`, `staking/44`, `staking/106` and as `unbond` and `delegate` do.
   */
  function begin(ctx: Ctx, move: Move, shares: Dec): bigint {
    const { delegator, source, destination } = move;
    if (source === destination) throw fail.selfRedelegation();
    const to = getValidator(ctx, destination);
    if (!to) throw fail.badRedelegationDst();
    const from = getValidator(ctx, source);
    if (!from) throw fail.badRedelegationSrc();
    if (isReceiving(ctx, delegator, source)) throw fail.transitiveRedelegation();
    const before = getRedelegation(ctx, move);
    if (before && before.entries.length >= params(ctx).maxEntries) throw fail.maxRedelegationEntries();
    const open = openFrom(ctx, source);
    if (open >= OPEN_MAX) throw fail.tooManyRedelegations(open, OPEN_MAX);

    const amount = delegations.unbond(ctx, delegator, source, shares, true);
    if (amount === 0n) throw fail.tinyRedelegation();
    const sharesDst = delegations.delegate(ctx, to, {
      delegator,
      amount,
      source: isBonded(from) ? "bonded" : "notBonded",
      strict: true,
    });
    const exposed = exposure(ctx, source);
    if (!exposed) return NO_TIME;
    addEntry(ctx, move, { ...exposed, amount, sharesDst });
    redelegationQueue.put(ctx, exposed.completion, {
      delegatorAddress: delegator,
      validatorSrcAddress: source,
      validatorDstAddress: destination,
    });
    return exposed.completion;
  }

  function addEntry(
    ctx: Ctx,
    move: Move,
    entry: { readonly completion: bigint; readonly height: bigint; readonly amount: bigint; readonly sharesDst: Dec },
  ): void {
    const { delegator, source, destination } = move;
    const unbondingId = nextUnbondingId(ctx);
    const entries = getRedelegation(ctx, move)?.entries ?? [];
    const added = {
      creationHeight: entry.height,
      completionTime: nsToTimestamp(entry.completion),
      initialBalance: entry.amount,
      sharesDst: entry.sharesDst,
      unbondingId,
      unbondingOnHoldRefCount: 0n,
    };
    setRedelegation(ctx, {
      delegatorAddress: delegator,
      validatorSrcAddress: source,
      validatorDstAddress: destination,
      entries: [...entries, added],
    });
    countOpen(ctx, source, 1);
    chargeUnbondingIndex(ctx, KEY_BYTES);
    for (const hook of hooks) tolerate(ctx, (branch) => hook.afterUnbondingInitiated?.(branch, unbondingId));
  }

  /** Ends every entry whose time has come. Throws `staking/28` when there is no redelegation. */
  function complete(ctx: Ctx, move: Move): void {
    const redelegation = getRedelegation(ctx, move);
    if (!redelegation) throw fail.noRedelegation();
    const { bondDenom: denom } = params(ctx);
    let amount = 0n;
    for (const entry of redelegation.entries) if (isOver(ctx, entry)) amount += entry.initialBalance;
    const entries = redelegation.entries.filter((entry) => !isOver(ctx, entry));
    countOpen(ctx, move.source, entries.length - redelegation.entries.length);
    if (entries.length === 0) removeRedelegation(ctx, move);
    else setRedelegation(ctx, { ...redelegation, entries });
    ctx.emitRaw("complete_redelegation", [
      ["amount", formatCoins(amount > 0n ? [{ denom, amount }] : [])],
      ["delegator", move.delegator],
      ["source_validator", move.source],
      ["destination_validator", move.destination],
    ]);
  }

  return {
    begin,

    /** Ends what is due, at most `REDELEGATIONS_PER_BLOCK_MAX` of the queue. One that has ended already is passed over. */
    end(ctx: Ctx): void {
      for (const triplet of redelegationQueue.take(ctx, REDELEGATIONS_PER_BLOCK_MAX)) {
        const { delegatorAddress: delegator, validatorSrcAddress: source, validatorDstAddress: destination } = triplet;
        tolerate(ctx, (branch) => complete(branch, { delegator, source, destination }));
      }
    },
  };
}

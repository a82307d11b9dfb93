import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { PowerSnapshot } from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";
import type { StakingHooks } from "../staking/hooks.ts";
import { state } from "./state.ts";

/** What governance asks of staking. */
export interface Staking {
  /** Bonded ones, most tokens first; at most `max_validators`. */
  bondedByPower(ctx: QueryCtx): Iterable<Validator>;
  totalBonded(ctx: QueryCtx): bigint;
  delegation(
    ctx: QueryCtx,
    delegator: Address,
    operator: string,
  ): { readonly validatorAddress: string; readonly shares: Dec } | undefined;
  /** At most `limit` of them. */
  delegationsOf(
    ctx: QueryCtx,
    delegator: Address,
    limit: number,
  ): Iterable<{ readonly validatorAddress: string; readonly shares: Dec }>;
}

/** A snapshot, ready to be asked. */
export interface Power {
  readonly snapshot: PowerSnapshot;
  /** Place of a validator in the snapshot, by operator. */
  readonly places: ReadonlyMap<string, number>;
}

/** Shares of one voter with one validator of the snapshot. */
export interface Stake {
  readonly place: number;
  readonly shares: Dec;
}

/** Proposals that get their snapshot in one block. Those beyond get the next block's. */
const AWAITING_MAX = 1000;
/** Records of snapshots that are over, dropped per block. */
const FORGOTTEN_PER_BLOCK_MAX = 500;
const NO_ID = 0n;
const ID_MAX = 2n ** 64n - 1n;

/**
 * Voting power as it was at the end of the block in which voting began. Validators are few and copied; delegations are
 * not: staking's hooks write down the shares of a delegation before they change, at most once a snapshot, and what has no
 * such record since the snapshot is as it was. Nothing here costs gas, so that staking costs what it costs on the SDK.
 */
export function createPower(staking: Staking) {
  function present(ctx: QueryCtx, id: bigint): PowerSnapshot {
    return {
      id,
      height: ctx.height,
      bondedTokens: staking.totalBonded(ctx),
      validators: Array.from(staking.bondedByPower(ctx), ({ operatorAddress, tokens, delegatorShares }) => ({
        operatorAddress,
        tokens,
        delegatorShares,
      })),
    };
  }

  const ready = (snapshot: PowerSnapshot): Power => ({
    snapshot,
    places: new Map(snapshot.validators.map(({ operatorAddress }, place) => [operatorAddress, place])),
  });

  /** The snapshot of a proposal that is voted on; as long as it has none, power as it is now. */
  function of(ctx: QueryCtx, proposalId: bigint): Power {
    return ctx.gas.free(() => {
      const id = state.snapshotOf.get(ctx, proposalId) ?? NO_ID;
      const snapshot = id === NO_ID ? undefined : state.snapshots.get(ctx, id);
      return ready(snapshot ?? present(ctx, ID_MAX));
    });
  }

  /**
   * Writes down power for the proposals whose voting began in this block. The last act of the block's end, so that all
   * that the block did to stake is in it. Cost: the bonded validators, once a block in which voting began.
   */
  function take(ctx: Ctx): void {
    const awaiting = [...state.snapshotOf.by.snapshot.keys(ctx, { from: NO_ID, to: NO_ID, limit: AWAITING_MAX })];
    if (awaiting.length === 0) return;
    const id = state.nextSnapshotId.next(ctx);
    state.snapshots.set(ctx, id, present(ctx, id));
    for (const proposalId of awaiting) state.snapshotOf.set(ctx, proposalId, id);
  }

  /** The snapshot that a proposal is counted with. One that came by genesis and is due at once has none yet: it is taken now. */
  function settled(ctx: Ctx, proposalId: bigint): Power {
    if (state.snapshotOf.get(ctx, proposalId) === NO_ID) take(ctx);
    return of(ctx, proposalId);
  }

  /** Voting on the proposal is over: its snapshot goes when no other proposal needs it. */
  function release(ctx: Ctx, proposalId: bigint): void {
    ctx.gas.free(() => {
      const id = state.snapshotOf.get(ctx, proposalId);
      if (id === undefined) return;
      state.snapshotOf.delete(ctx, proposalId);
      if (id !== NO_ID && state.snapshotOf.by.snapshot.keys(ctx, { from: id, to: id, limit: 1 }).next().done) {
        state.snapshots.delete(ctx, id);
      }
    });
  }

  /** Drops records that no snapshot needs any more: those older than the oldest. */
  function forget(ctx: Ctx): void {
    const [oldest] = state.snapshots.keys(ctx, { limit: 1 });
    const old = [...state.historyBySnapshot.keys(ctx, { limit: FORGOTTEN_PER_BLOCK_MAX })];
    for (const [id, delegator, operator] of old) {
      if (oldest !== undefined && id >= oldest) return;
      state.historyBySnapshot.delete(ctx, [id, delegator, operator]);
      state.history.delete(ctx, [delegator, operator, id]);
    }
  }

  /** Shares as recorded at the snapshot, or at the first one after it that has a record. Undefined when none has. */
  function recorded(ctx: QueryCtx, id: bigint, delegator: Address, operator: string): Dec | undefined {
    const range = { from: [delegator, operator, id], to: [delegator, operator, ID_MAX], limit: 1 } as const;
    const [entry] = state.history.entries(ctx, range);
    return entry?.[1];
  }

  /** To be called while the delegation is still as it was. `shares` are those that it has, 0 when there is none. */
  function record(ctx: Ctx, delegator: Address, operator: string, shares: () => Dec): void {
    ctx.gas.free(() => {
      const [latest] = state.snapshots.keys(ctx, { reverse: true, limit: 1 });
      if (latest === undefined || recorded(ctx, latest, delegator, operator) !== undefined) return;
      state.history.set(ctx, [delegator, operator, latest], shares());
      state.historyBySnapshot.add(ctx, [latest, delegator, operator]);
    });
  }

  /**
   * What a voter had with the validators of the snapshot, and how many reads that took: at most a few times the number of
   * validators, however many delegations and records there are.
   */
  function stakesAt(ctx: QueryCtx, power: Power, voter: Address): { stakes: readonly Stake[]; reads: number } {
    const { id, validators } = power.snapshot;
    const limit = validators.length + 1;
    const now = [...staking.delegationsOf(ctx, voter, limit)];
    const changed = Array.from(state.history.keys(ctx, { prefix: [voter], limit }), ([, operator]) => operator);
    const reads = 1 + now.length + changed.length;
    const stakes: Stake[] = [];
    const add = (operator: string, shares: Dec): void => {
      const place = power.places.get(operator);
      if (place !== undefined && shares > 0n) stakes.push({ place, shares });
    };
    if (now.length < limit && changed.length === 0) {
      for (const { validatorAddress, shares } of now) add(validatorAddress, shares);
      return { stakes, reads };
    }
    const isWhole = now.length < limit && changed.length < limit;
    const candidates = isWhole
      ? [...new Set([...now.map(({ validatorAddress }) => validatorAddress), ...changed])]
      : validators.map(({ operatorAddress }) => operatorAddress);
    for (const operator of candidates) {
      if (!power.places.has(operator)) continue;
      const shares = recorded(ctx, id, voter, operator) ?? staking.delegation(ctx, voter, operator)?.shares ?? 0n;
      add(operator, shares);
    }
    return { stakes, reads: reads + candidates.length };
  }

  const hooks: StakingHooks = {
    beforeDelegationCreated(ctx, delegator, operator) {
      // In genesis staking comes after governance: it restores delegations, it does not change them.
      if (ctx.height > 0n) record(ctx, delegator, operator, () => 0n);
    },
    beforeDelegationSharesModified(ctx, delegator, operator) {
      if (ctx.height > 0n) {
        record(ctx, delegator, operator, () => staking.delegation(ctx, delegator, operator)?.shares ?? 0n);
      }
    },
  };

  return { of, settled, take, release, forget, stakesAt, hooks };
}

import { ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import { govAuthority } from "../kernel/authority.ts";
import { amountOf, formatCoins, sumCoins } from "../kernel/coins.ts";
import type { Invariant } from "../kernel/module.ts";
import { timestampToNs } from "../kernel/time.ts";
import type { Bank } from "./deposits.ts";
import { state } from "./state.ts";

const { PROPOSAL_STATUS_DEPOSIT_PERIOD: DEPOSIT, PROPOSAL_STATUS_VOTING_PERIOD: VOTING } = ProposalStatus;

export const invariants = (bank: Bank) =>
  ({
    /** Governance's account has what was put down, and the count of it is right. */
    moduleAccount(ctx) {
      const total = sumCoins(Array.from(state.deposits.values(ctx), ({ amount }) => amount).flat());
      const held = Array.from(state.held.entries(ctx), ([denom, amount]) => ({ denom, amount }));
      if (formatCoins(total) !== formatCoins(held)) {
        return `deposits are ${formatCoins(total)}, counted as ${formatCoins(held)}`;
      }
      const balance = bank.balances(ctx, govAuthority(ctx.addressPrefix));
      const short = total.some(({ denom, amount }) => amountOf(balance, denom) < amount);
      return short ? `governance holds ${formatCoins(balance)}, deposits are ${formatCoins(total)}` : undefined;
    },

    /** Ids are below the next one, and each record stands under its own. */
    numbered(ctx) {
      const next = state.nextId.peek(ctx);
      for (const [id, proposal] of state.proposals.entries(ctx)) {
        if (id !== proposal.id || id >= next) return `proposal ${proposal.id} is under ${id}, the next id is ${next}`;
      }
      return undefined;
    },

    /** A proposal is in the queue of its period, under its end, and in no other. */
    queued(ctx) {
      let waiting = 0;
      for (const { id, status, depositEndTime, votingEndTime } of state.proposals.values(ctx)) {
        const isVoting = status === VOTING;
        if (isVoting !== state.voting.has(ctx, id))
          return `proposal ${id} has status ${status} but a wrong mark of voting`;
        if (isVoting !== state.snapshotOf.has(ctx, id))
          return `proposal ${id} has status ${status} but a wrong snapshot`;
        if (status !== DEPOSIT && !isVoting) continue;
        waiting++;
        const [queue, end] = isVoting ? [state.active, votingEndTime] : [state.inactive, depositEndTime];
        if (!end || queue.get(ctx, [timestampToNs(end), id]) !== id) return `proposal ${id} is not in its queue`;
      }
      const queued = [...state.active.keys(ctx)].length + [...state.inactive.keys(ctx)].length;
      return queued === waiting ? undefined : `${queued} are queued, ${waiting} proposals wait`;
    },

    /** Votes and counts are of proposals that are voted on. */
    voted(ctx) {
      for (const [id, voter] of state.votes.keys(ctx))
        if (!state.voting.has(ctx, id)) return `vote of ${voter} on ${id}`;
      for (const [id, voter] of state.choiceVotes.keys(ctx)) {
        if (!state.voting.has(ctx, id)) return `vote of ${voter} on ${id}`;
      }
      for (const id of state.tallies.keys(ctx)) if (!state.voting.has(ctx, id)) return `count of ${id}`;
      return undefined;
    },

    /** Every snapshot is in use, and records of delegations are there both ways. */
    snapshots(ctx) {
      const used = new Set(state.snapshotOf.values(ctx));
      used.delete(0n);
      for (const id of used) if (!state.snapshots.has(ctx, id)) return `snapshot ${id} is missing`;
      for (const id of state.snapshots.keys(ctx)) if (!used.has(id)) return `snapshot ${id} is of no use`;
      let records = 0;
      for (const [delegator, operator, id] of state.history.keys(ctx)) {
        records++;
        if (!state.historyBySnapshot.has(ctx, [id, delegator, operator]))
          return `record of ${delegator} lacks its index`;
      }
      const indexed = [...state.historyBySnapshot.keys(ctx)].length;
      return indexed === records ? undefined : `${indexed} indexed records, ${records} there`;
    },

    /** Coins put down for a proposal that is gone or decided are being given back or burned. */
    settled(ctx) {
      const settling = new Set(Array.from(state.settlements.keys(ctx), ([, id]) => id));
      for (const [id, depositor] of state.deposits.keys(ctx)) {
        const status = state.proposals.get(ctx, id)?.status;
        if (status !== DEPOSIT && status !== VOTING && !settling.has(id)) return `deposit of ${depositor} on ${id}`;
      }
      return undefined;
    },
  }) as const satisfies Readonly<Record<string, Invariant>>;

import { type Params, type Proposal, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import { type ProposalDetails, ProposalKind } from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { nsToTimestamp, type Timestamp, timestampToNs } from "../kernel/time.ts";
import { fail } from "./errors.ts";
import { durationNs, ownParams, params } from "./params.ts";
import { state } from "./state.ts";

export type Kind = (typeof ProposalKind)[keyof typeof ProposalKind];

const VOTING = Uint8Array.of(1);

/** Throws `gov/2`. */
export function getProposal(ctx: QueryCtx, id: bigint): Proposal {
  const proposal = state.proposals.get(ctx, id);
  if (!proposal) throw fail.unknownProposal(id);
  return proposal;
}

/** Saves a proposal and whether it is voted on. */
export function saveProposal(ctx: Ctx, proposal: Proposal): void {
  if (proposal.status === ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD) state.voting.set(ctx, proposal.id, VOTING);
  else state.voting.delete(ctx, proposal.id);
  state.proposals.set(ctx, proposal.id, proposal);
}

/** Drops a proposal and where it is queued. */
export function dropProposal(ctx: Ctx, id: bigint): void {
  const { depositEndTime, votingEndTime } = getProposal(ctx, id);
  if (depositEndTime) state.inactive.delete(ctx, [timestampToNs(depositEndTime), id]);
  if (votingEndTime) {
    state.active.delete(ctx, [timestampToNs(votingEndTime), id]);
    state.voting.delete(ctx, id);
  }
  state.proposals.delete(ctx, id);
  ctx.gas.free(() => state.details.delete(ctx, id));
}

/** Without gas: the SDK does not have them. Undefined for a proposal of the SDK's kind that has not failed. */
export const detailsOf = (ctx: QueryCtx, id: bigint): ProposalDetails | undefined =>
  ctx.gas.free(() => state.details.get(ctx, id));

export const kindOf = (details: ProposalDetails | undefined): Kind =>
  details?.kind ?? ProposalKind.PROPOSAL_KIND_STANDARD;

/** What is known of a proposal without a record of its own. */
export const plainDetails = (proposalId: bigint): ProposalDetails => ({
  proposalId,
  kind: ProposalKind.PROPOSAL_KIND_STANDARD,
  rejectThreshold: 0n,
  choices: [],
  picked: 0,
  failure: undefined,
  retryUntil: undefined,
  finalTally: undefined,
});

/** The deposit with which voting begins. */
export const minDepositOf = ({ expedited }: { readonly expedited: boolean }, value: Params): Coins =>
  expedited ? value.expeditedMinDeposit : value.minDeposit;

/** Whether the time of a queue's entry is over: its own block still counts. */
export const isOver = (ctx: QueryCtx, end: Timestamp | undefined): boolean =>
  end !== undefined && ctx.time > timestampToNs(end);

/**
 * Whether the time of a queue's entry is over and a block has ended since, which had no room for it. Until then the entry is
 * open, as in the SDK, whose blocks leave nothing waiting.
 */
export const isClosed = (ctx: QueryCtx, end: Timestamp | undefined): boolean =>
  end !== undefined && timestampToNs(end) <= (ctx.gas.free(() => state.closedUntil.get(ctx)) ?? -1n);

/** Voting begins now; with which power is written down at the end of the block. */
export function activateVoting(ctx: Ctx, proposal: Proposal): void {
  const { id } = proposal;
  const value = params(ctx);
  const period =
    kindOf(detailsOf(ctx, id)) === ProposalKind.PROPOSAL_KIND_OPTIMISTIC
      ? ownParams(ctx).optimisticVotingPeriod
      : proposal.expedited
        ? value.expeditedVotingPeriod
        : value.votingPeriod;
  const end = ctx.time + durationNs(period);
  saveProposal(ctx, {
    ...proposal,
    status: ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD,
    votingStartTime: nsToTimestamp(ctx.time),
    votingEndTime: nsToTimestamp(end),
  });
  if (proposal.depositEndTime) state.inactive.delete(ctx, [timestampToNs(proposal.depositEndTime), id]);
  state.active.set(ctx, [end, id], id);
  ctx.gas.free(() => state.snapshotOf.set(ctx, id, 0n));
}

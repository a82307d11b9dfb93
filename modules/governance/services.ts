import { type Msg, ProposalKind, type Query } from "@interfirm/proto/gen/interfirm/governance/v1";
import { parseAddress } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginate } from "../kernel/pagination.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { ownParams } from "./params.ts";
import { detailsOf, kindOf, plainDetails } from "./records.ts";
import { checkAuthority, checkExists, checkId, noVote } from "./services-v1.ts";
import { state } from "./state.ts";
import { wholeChoice } from "./votes.ts";

/** Signers are already verified. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  retryProposal(ctx, { sender, proposalId }) {
    parseAddress(sender, ctx.addressPrefix);
    keeper.execution.retry(ctx, proposalId);
  },

  submitOptimisticProposal: (ctx, { messages, rejectThreshold, ...draft }) => ({
    proposalId: keeper.submission.optimistic(
      ctx,
      { ...draft, proposer: parseAddress(draft.proposer, ctx.addressPrefix) },
      messages,
      rejectThreshold,
    ),
  }),

  submitMultipleChoiceProposal: (ctx, { options, ...draft }) => ({
    proposalId: keeper.submission.multipleChoice(
      ctx,
      { ...draft, proposer: parseAddress(draft.proposer, ctx.addressPrefix) },
      options,
    ),
  }),

  voteChoice(ctx, { voter, proposalId, option, metadata }) {
    keeper.votes.choose(ctx, proposalId, parseAddress(voter, ctx.addressPrefix), wholeChoice(option), metadata);
  },

  voteChoiceWeighted(ctx, { voter, proposalId, options, metadata }) {
    keeper.votes.choose(ctx, proposalId, parseAddress(voter, ctx.addressPrefix), options, metadata);
  },

  updateParams(ctx, { authority, params }) {
    checkAuthority(ctx, authority);
    keeper.setOwnParams(ctx, params);
  },
});

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  params: (ctx) => ({ params: ownParams(ctx) }),

  proposal(ctx, { proposalId }) {
    checkExists(ctx, proposalId);
    return { proposal: keeper.details(ctx, proposalId) };
  },

  proposals(ctx, { kind, pagination: request }) {
    const isAny = kind === ProposalKind.PROPOSAL_KIND_UNSPECIFIED;
    const isWanted = (id: bigint): boolean => isAny || kindOf(detailsOf(ctx, id)) === kind;
    const { items, pagination } = paginate(state.proposals.slice(ctx), request, ([id]) => isWanted(id));
    return { proposals: items.map(([id]) => detailsOf(ctx, id) ?? plainDetails(id)), pagination };
  },

  choiceVote(ctx, { proposalId, voter }) {
    checkId(proposalId);
    const vote = state.choiceVotes.get(ctx, [proposalId, parseAddress(voter, ctx.addressPrefix)]);
    if (!vote) throw noVote(proposalId, voter);
    return { vote };
  },

  choiceVotes(ctx, { proposalId, pagination: request }) {
    checkId(proposalId);
    const { items, pagination } = paginate(state.choiceVotes.slice(ctx, [proposalId]), request);
    return { votes: items.map(([, vote]) => vote), pagination };
  },

  choiceTally(ctx, { proposalId }) {
    checkExists(ctx, proposalId);
    return { tally: { counts: keeper.choiceTally(ctx, proposalId) } };
  },

  powerSnapshot(ctx, { proposalId }) {
    checkExists(ctx, proposalId);
    const id = state.snapshotOf.get(ctx, proposalId);
    const snapshot = id === undefined ? undefined : state.snapshots.get(ctx, id);
    if (!snapshot) throw fail.inactiveProposal(proposalId);
    return { snapshot };
  },

  votingPower(ctx, { proposalId, voter }) {
    checkExists(ctx, proposalId);
    return { power: keeper.votingPower(ctx, proposalId, parseAddress(voter, ctx.addressPrefix)) };
  },
});

import { type Msg, ProposalStatus, type Query } from "@interfirm/proto/gen/cosmos/gov/v1";
import { parseAddress } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { quote } from "../kernel/bytes.ts";
import { checkCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginate } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { params } from "./params.ts";
import { getProposal } from "./records.ts";
import { state } from "./state.ts";
import { checkSplit, isOption, whole } from "./votes.ts";

/** Signers are already verified: the proto names the field, the ante or the router checked it. */
export const msgsV1 = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  submitProposal: (ctx, { messages, expedited, ...draft }) => ({
    proposalId: keeper.submission.standard(
      ctx,
      { ...draft, proposer: parseAddress(draft.proposer, ctx.addressPrefix) },
      messages,
      expedited,
    ),
  }),

  execLegacyContent: (ctx, { content, authority }) => keeper.submission.execContent(ctx, content, authority),

  vote(ctx, { proposalId, voter, option, metadata }) {
    const address = parseAddress(voter, ctx.addressPrefix);
    if (!isOption(option)) throw fail.invalidVote(`${option}`);
    keeper.votes.add(ctx, proposalId, address, whole(option), metadata);
  },

  voteWeighted(ctx, { proposalId, voter, options, metadata }) {
    const address = parseAddress(voter, ctx.addressPrefix);
    checkSplit(options);
    keeper.votes.add(ctx, proposalId, address, options, metadata);
  },

  deposit(ctx, { proposalId, depositor, amount }) {
    const address = parseAddress(depositor, ctx.addressPrefix);
    if (amount.length === 0) throw sdkError.invalidCoins("no coins, want at least one");
    checkCoins(amount);
    if (keeper.deposits.add(ctx, proposalId, address, amount)) {
      ctx.emitRaw("proposal_deposit", [["voting_period_start", `${proposalId}`]]);
    }
  },

  updateParams(ctx, { authority, params: value }) {
    checkAuthority(ctx, authority);
    keeper.setParams(ctx, value);
  },

  cancelProposal(ctx, { proposalId, proposer }) {
    const address = parseAddress(proposer, ctx.addressPrefix);
    keeper.cancel(ctx, proposalId, address);
    ctx.emitRaw("cancel_proposal", [
      ["sender", proposer],
      ["proposal_id", `${proposalId}`],
    ]);
    return { proposalId, canceledTime: nsToTimestamp(ctx.time), canceledHeight: ctx.height };
  },
});

/** Throws `gov/13` unless governance itself signs. */
export function checkAuthority(ctx: QueryCtx, authority: string): void {
  const want = govAuthority(ctx.addressPrefix);
  if (authority !== want) throw fail.invalidSigner(`invalid authority; expected ${want}, got ${authority}`);
}

/** Throws `sdk/18` for 0, which no proposal has. */
export function checkId(id: bigint): void {
  if (id === 0n) throw sdkError.invalidRequest("proposal id can not be 0");
}

/** What a proposal must be for a query of it. Throws `sdk/18` for 0 and `sdk/22` for one that does not exist. */
export function checkExists(ctx: QueryCtx, id: bigint): void {
  checkId(id);
  if (!state.proposals.has(ctx, id)) throw sdkError.keyNotFound(`proposal ${id} doesn't exist`);
}

/** As the SDK answers: a request for a vote that is not there is wrong, not in vain. */
export const noVote = (id: bigint, voter: string) =>
  sdkError.invalidRequest(`voter: ${voter} not found for proposal: ${id}`);

const STATUS_MAX = ProposalStatus.PROPOSAL_STATUS_FAILED;

export const queriesV1 = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  constitution: (ctx) => ({ constitution: state.constitution.get(ctx) ?? "" }),

  proposal(ctx, { proposalId }) {
    checkExists(ctx, proposalId);
    return { proposal: getProposal(ctx, proposalId) };
  },

  proposals(ctx, { proposalStatus, voter, depositor, pagination: request }) {
    const voterAddress = voter === "" ? undefined : parseAddress(voter, ctx.addressPrefix);
    const depositorAddress = depositor === "" ? undefined : parseAddress(depositor, ctx.addressPrefix);
    const anyStatus = proposalStatus < 1 || proposalStatus > STATUS_MAX;
    const { items, pagination } = paginate(state.proposals.slice(ctx), request, ([id, { status }]) => {
      if (!anyStatus && status !== proposalStatus) return false;
      if (
        voterAddress &&
        !state.votes.has(ctx, [id, voterAddress]) &&
        !state.choiceVotes.has(ctx, [id, voterAddress])
      ) {
        return false;
      }
      return !depositorAddress || state.deposits.has(ctx, [id, depositorAddress]);
    });
    return { proposals: items.map(([, proposal]) => proposal), pagination };
  },

  vote(ctx, { proposalId, voter }) {
    checkId(proposalId);
    if (voter === "") throw sdkError.invalidRequest("empty voter address");
    const vote = state.votes.get(ctx, [proposalId, parseAddress(voter, ctx.addressPrefix)]);
    if (!vote) throw noVote(proposalId, voter);
    return { vote };
  },

  votes(ctx, { proposalId, pagination: request }) {
    checkId(proposalId);
    const { items, pagination } = paginate(state.votes.slice(ctx, [proposalId]), request);
    return { votes: items.map(([, vote]) => vote), pagination };
  },

  params(ctx, { paramsType }) {
    const value = params(ctx);
    if (!["", "deposit", "voting", "tallying"].includes(paramsType)) {
      throw sdkError.invalidRequest(`unknown params type: ${quote(paramsType)}`);
    }
    const { minDeposit, maxDepositPeriod, votingPeriod, quorum, threshold, vetoThreshold } = value;
    return {
      depositParams: paramsType === "deposit" ? { minDeposit, maxDepositPeriod } : undefined,
      votingParams: paramsType === "voting" ? { votingPeriod } : undefined,
      tallyParams: paramsType === "tallying" ? { quorum, threshold, vetoThreshold } : undefined,
      params: value,
    };
  },

  deposit(ctx, { proposalId, depositor }) {
    checkId(proposalId);
    if (depositor === "") throw sdkError.invalidRequest("empty depositor address");
    const deposit = state.deposits.get(ctx, [proposalId, parseAddress(depositor, ctx.addressPrefix)]);
    if (!deposit) throw sdkError.keyNotFound(`deposit of ${depositor} on proposal ${proposalId} doesn't exist`);
    return { deposit };
  },

  deposits(ctx, { proposalId, pagination: request }) {
    checkId(proposalId);
    const { items, pagination } = paginate(state.deposits.slice(ctx, [proposalId]), request);
    return { deposits: items.map(([, deposit]) => deposit), pagination };
  },

  tallyResult(ctx, { proposalId }) {
    checkExists(ctx, proposalId);
    return { tally: keeper.tally(ctx, proposalId) };
  },
});

import type * as v1 from "@interfirm/proto/gen/cosmos/gov/v1";
import type { Deposit, Msg, Proposal, Query, TallyResult, Vote } from "@interfirm/proto/gen/cosmos/gov/v1beta1";
import { fromDigits } from "@interfirm/proto/wire";
import { parseAddress } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { format, parse } from "../kernel/decimal.ts";
import type { Handlers } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { checkContent, contentMessage, contentOf, readContent } from "./content.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { msgsV1, queriesV1 } from "./services-v1.ts";

/** The older messages, as CosmJS sends them. Each is done by its namesake of v1. */
export function msgsV1beta1(keeper: Keeper): Handlers<typeof Msg, Ctx> {
  const now = msgsV1(keeper);
  return {
    submitProposal(ctx, { content, initialDeposit, proposer }) {
      const text = readContent(content);
      checkContent(text);
      if (!content) throw fail.invalidContent("missing content");
      const draft = { initialDeposit, metadata: "", title: text.title, summary: text.description };
      const address = parseAddress(proposer, ctx.addressPrefix);
      const message = contentMessage(content, govAuthority(ctx.addressPrefix));
      return { proposalId: keeper.submission.standard(ctx, { ...draft, proposer: address }, [message], false) };
    },
    vote: (ctx, message) => now.vote(ctx, { ...message, metadata: "" }),
    voteWeighted: (ctx, { options, ...message }) =>
      now.voteWeighted(ctx, {
        ...message,
        options: options.map(({ option, weight }) => ({ option, weight: format(weight) })),
        metadata: "",
      }),
    deposit: (ctx, message) => now.deposit(ctx, message),
  };
}

/** Go's zero time, the year 1: what the older form has where v1 has nothing. */
const NO_TIME = { seconds: -62_135_596_800n, nanos: 0 };

const toTally = (tally: v1.TallyResult | undefined): TallyResult => ({
  yes: fromDigits(tally?.yesCount ?? "0"),
  abstain: fromDigits(tally?.abstainCount ?? "0"),
  no: fromDigits(tally?.noCount ?? "0"),
  noWithVeto: fromDigits(tally?.noWithVetoCount ?? "0"),
});

/** A proposal of v1 in the older form, which has room for one message: `content` is absent for one that has not exactly one. */
function toProposal(proposal: v1.Proposal): Proposal {
  const [message, ...others] = proposal.messages;
  return {
    proposalId: proposal.id,
    content: others.length > 0 || !message ? undefined : (contentOf(message) ?? message),
    status: proposal.status,
    finalTallyResult: toTally(proposal.finalTallyResult),
    submitTime: proposal.submitTime ?? NO_TIME,
    depositEndTime: proposal.depositEndTime ?? NO_TIME,
    totalDeposit: proposal.totalDeposit,
    votingStartTime: proposal.votingStartTime ?? NO_TIME,
    votingEndTime: proposal.votingEndTime ?? NO_TIME,
  };
}

const toVote = ({ proposalId, voter, options }: v1.Vote): Vote => ({
  proposalId,
  voter,
  option: 0,
  options: options.map(({ option, weight }) => ({ option, weight: parse(weight) })),
});

const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("a query of v1 answered without its value");
  return value;
};

const NOTHING = { seconds: 0n, nanos: 0 };

/** The older queries, served from what those of v1 answer. */
export function queriesV1beta1(keeper: Keeper): Handlers<typeof Query, QueryCtx> {
  const now = queriesV1(keeper);
  return {
    proposal(ctx, request) {
      const proposal = toProposal(present(now.proposal(ctx, request).proposal));
      if (!proposal.content) {
        throw sdkError.unknownRequest(
          "can't convert a gov/v1 Proposal to gov/v1beta1 Proposal when amount of proposal messages not exactly one: invalid type",
        );
      }
      return { proposal };
    },
    proposals(ctx, request) {
      const { proposals, pagination } = now.proposals(ctx, request);
      return { proposals: proposals.map(toProposal), pagination };
    },
    vote: (ctx, request) => ({ vote: toVote(present(now.vote(ctx, request).vote)) }),
    votes(ctx, request) {
      const { votes, pagination } = now.votes(ctx, request);
      return { votes: votes.map(toVote), pagination };
    },
    params(ctx, request) {
      if (request.paramsType === "") throw sdkError.invalidRequest(" is not a valid parameter type");
      const { depositParams, votingParams, tallyParams } = now.params(ctx, request);
      return {
        votingParams: { votingPeriod: votingParams?.votingPeriod ?? NOTHING },
        depositParams: {
          minDeposit: depositParams?.minDeposit ?? [],
          maxDepositPeriod: depositParams?.maxDepositPeriod ?? NOTHING,
        },
        tallyParams: {
          quorum: parse(tallyParams?.quorum ?? "0"),
          threshold: parse(tallyParams?.threshold ?? "0"),
          vetoThreshold: parse(tallyParams?.vetoThreshold ?? "0"),
        },
      };
    },
    deposit: (ctx, request): { deposit: Deposit } => ({ deposit: present(now.deposit(ctx, request).deposit) }),
    deposits: (ctx, request) => now.deposits(ctx, request),
    tallyResult: (ctx, request) => ({ tally: toTally(now.tallyResult(ctx, request).tally) }),
  };
}

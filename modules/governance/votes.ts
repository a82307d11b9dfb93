import { VoteOption, type WeightedVoteOption } from "@interfirm/proto/gen/cosmos/gov/v1";
import { EventChoiceVoted, ProposalKind } from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import { quote, toUtf8 } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, format, ONE, parse } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import type { GovernanceHooks } from "./hooks.ts";
import { METADATA_BYTES_MAX } from "./params.ts";
import { detailsOf, isOver, kindOf } from "./records.ts";
import { state } from "./state.ts";

const OPTION_MAX = VoteOption.VOTE_OPTION_NO_WITH_VETO;

export const isOption = (option: number): option is VoteOption =>
  Number.isInteger(option) && option >= VoteOption.VOTE_OPTION_YES && option <= OPTION_MAX;

/** The one option of a vote that is not split. */
export const whole = (option: VoteOption): readonly WeightedVoteOption[] => [{ option, weight: format(ONE) }];

/** Throws `gov/7` unless the text is a weight above 0 and at most 1. */
function parseWeight(text: string): Dec {
  let weight: Dec;
  try {
    weight = parse(text);
  } catch (error) {
    if (error instanceof ChainError) throw fail.invalidVote(`weight is ${quote(text)}, want a decimal`);
    throw error;
  }
  if (weight <= 0n || weight > ONE) throw fail.invalidVote(`weight is ${text}, want more than 0 and at most 1`);
  return weight;
}

/** Throws `gov/7` unless there are options, each once, whose weights sum to 1. */
export function checkSplit(options: readonly WeightedVoteOption[]): void {
  if (options.length === 0) throw sdkError.invalidRequest("null");
  let total = 0n;
  const seen = new Set<VoteOption>();
  for (const { option, weight } of options) {
    if (!isOption(option)) throw fail.invalidVote(`${option}`);
    total += parseWeight(weight);
    if (seen.has(option)) throw fail.invalidVote("duplicated vote option");
    seen.add(option);
  }
  if (total > ONE) throw fail.invalidVote("total weight overflow 1.00");
  if (total < ONE) throw fail.invalidVote("total weight lower than 1.00");
}

/** As Go's `encoding/json` writes them. Weights have been parsed, so that they need no escapes. */
const optionsText = (options: readonly WeightedVoteOption[]): string =>
  `[${options.map(({ option, weight }) => `{"option":${option},"weight":"${weight}"}`).join(",")}]`;

/** Throws `gov/15`. */
export function checkMetadata(metadata: string): void {
  if (metadata === "") return;
  const { length } = toUtf8(metadata);
  if (length > METADATA_BYTES_MAX) throw fail.metadataTooLong(length);
}

export function createVotes(hooks: readonly GovernanceHooks[]) {
  /** Throws `gov/3` unless the proposal is voted on and its time is not over, whether or not it is counted yet. */
  function checkVoting(ctx: QueryCtx, id: bigint): void {
    if (!state.voting.has(ctx, id)) throw fail.inactiveProposal(id);
    ctx.gas.free(() => {
      if (isOver(ctx, state.proposals.get(ctx, id)?.votingEndTime)) throw fail.inactiveProposal(id);
    });
  }

  return {
    /** Votes, or votes anew. The options have been checked. */
    add(ctx: Ctx, id: bigint, voter: Address, options: readonly WeightedVoteOption[], metadata: string): void {
      checkVoting(ctx, id);
      checkMetadata(metadata);
      if (kindOf(detailsOf(ctx, id)) === ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE) {
        throw fail.wrongKind(id, "multiple-choice", "a vote for one of its options");
      }
      state.votes.set(ctx, [id, voter], { proposalId: id, voter, options, metadata });
      for (const hook of hooks) hook.afterProposalVote?.(ctx, id, voter);
      ctx.emitRaw("proposal_vote", [
        ["voter", voter],
        ["option", optionsText(options)],
        ["proposal_id", `${id}`],
      ]);
    },

    /** Votes for one option of a multiple-choice proposal, by its number from 1, or votes anew. */
    choose(ctx: Ctx, id: bigint, voter: Address, option: number, metadata: string): void {
      checkVoting(ctx, id);
      checkMetadata(metadata);
      const details = detailsOf(ctx, id);
      if (kindOf(details) !== ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE) {
        throw fail.wrongKind(id, "answered by yes or no", "a multiple-choice one");
      }
      const most = details?.choices.length ?? 0;
      if (option < 1 || option > most) throw fail.invalidVote(`option is ${option}, want 1 to ${most}`);
      state.choiceVotes.set(ctx, [id, voter], { proposalId: id, voter, option, metadata });
      for (const hook of hooks) hook.afterProposalVote?.(ctx, id, voter);
      ctx.emit(EventChoiceVoted, { proposalId: id, voter, option });
    },

    /** Drops all votes on a proposal. What bounds it is the gas of the message. */
    drop(ctx: Ctx, id: bigint): void {
      for (const key of [...state.votes.keys(ctx, { prefix: [id] })]) state.votes.delete(ctx, key);
      ctx.gas.free(() => {
        for (const key of [...state.choiceVotes.keys(ctx, { prefix: [id] })]) state.choiceVotes.delete(ctx, key);
      });
    },
  };
}

import { VoteOption, type WeightedVoteOption } from "@interfirm/proto/gen/cosmos/gov/v1";
import { EventChoiceVoted, ProposalKind, type WeightedChoice } from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import { quote, toUtf8 } from "../kernel/bytes.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, format, ONE, parse } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import type { GovernanceHooks } from "./hooks.ts";
import { METADATA_BYTES_MAX } from "./params.ts";
import { detailsOf, isClosed, kindOf } from "./records.ts";
import { state } from "./state.ts";

const OPTION_MAX = VoteOption.VOTE_OPTION_NO_WITH_VETO;

export const isOption = (option: number): option is VoteOption =>
  Number.isInteger(option) && option >= VoteOption.VOTE_OPTION_YES && option <= OPTION_MAX;

/** The one option of a vote that is not split. */
export const whole = (option: VoteOption): readonly WeightedVoteOption[] => [{ option, weight: format(ONE) }];

/** Throws `gov/7` unless the text is a decimal. */
function parseWeight(text: string): Dec {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof ChainError) throw fail.invalidVote(`weight is ${quote(text)}, want a decimal`);
    throw error;
  }
}

/** Throws `gov/7` unless there are options, each once, whose weights are above 0 and sum to 1. */
function checkParts<T extends { readonly option: number }>(
  options: readonly T[],
  isOffered: (option: number) => boolean,
  weightOf: (part: T) => Dec,
): void {
  if (options.length === 0) throw sdkError.invalidRequest("null");
  let total = 0n;
  const seen = new Set<number>();
  for (const part of options) {
    const { option } = part;
    if (!isOffered(option)) throw fail.invalidVote(`${option}`);
    const weight = weightOf(part);
    if (weight <= 0n || weight > ONE) {
      throw fail.invalidVote(`weight is ${format(weight)}, want more than 0 and at most 1`);
    }
    total += weight;
    if (seen.has(option)) throw fail.invalidVote("duplicated vote option");
    seen.add(option);
  }
  if (total > ONE) throw fail.invalidVote("total weight overflow 1.00");
  if (total < ONE) throw fail.invalidVote("total weight lower than 1.00");
}

/** Of a vote for yes, no, veto or abstention. Throws `gov/7` as `checkParts` does. */
export const checkSplit = (options: readonly WeightedVoteOption[]): void =>
  checkParts(options, isOption, ({ weight }) => parseWeight(weight));

/** Of a vote for some of `most` options. Throws `gov/7` as `checkParts` does. */
export const checkChoices = (options: readonly WeightedChoice[], most: number): void =>
  checkParts(
    options,
    (option) => option >= 1 && option <= most,
    ({ weight }) => weight,
  );

/** The one option, by its number from 1, of a vote that is not split. */
export const wholeChoice = (option: number): readonly WeightedChoice[] => [{ option, weight: ONE }];

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
  /** Throws `gov/3` unless the proposal is voted on and does not wait to be counted. */
  function checkVoting(ctx: QueryCtx, id: bigint): void {
    if (!state.voting.has(ctx, id)) throw fail.inactiveProposal(id);
    ctx.gas.free(() => {
      if (isClosed(ctx, state.proposals.get(ctx, id)?.votingEndTime)) throw fail.inactiveProposal(id);
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

    /** Votes for one or some options of a multiple-choice proposal, or votes anew. */
    choose(ctx: Ctx, id: bigint, voter: Address, options: readonly WeightedChoice[], metadata: string): void {
      checkVoting(ctx, id);
      checkMetadata(metadata);
      const details = detailsOf(ctx, id);
      if (kindOf(details) !== ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE) {
        throw fail.wrongKind(id, "answered by yes or no", "a multiple-choice one");
      }
      checkChoices(options, details?.choices.length ?? 0);
      state.choiceVotes.set(ctx, [id, voter], { proposalId: id, voter, options, metadata });
      for (const hook of hooks) hook.afterProposalVote?.(ctx, id, voter);
      ctx.emit(EventChoiceVoted, { proposalId: id, voter, options });
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

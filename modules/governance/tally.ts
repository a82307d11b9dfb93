import { type Params, type Proposal, type TallyResult, VoteOption } from "@interfirm/proto/gen/cosmos/gov/v1";
import {
  type CountedOption,
  type MessageRule,
  type ProposalDetails,
  ProposalKind,
  type TallyProgress,
} from "@interfirm/proto/gen/interfirm/governance/v1";
import { type Address, addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { type Dec, divide, fromInt, multiply, parse, truncateInt } from "../kernel/decimal.ts";
import type { Power, Stake } from "./power.ts";
import { kindOf } from "./records.ts";

/** Places of the SDK's options in a count. */
export const YES = 0;
const ABSTAIN = 1;
export const NO = 2;
export const VETO = 3;
const SDK_OPTIONS = 4;

/** Place of an option of the SDK, whose numbers are from 1 in the order of places. */
export const placeOf = (option: VoteOption): number => option - VoteOption.VOTE_OPTION_YES;

/** Voting power by the place of the option, and of all. */
export interface Counted {
  readonly counts: readonly Dec[];
  readonly total: Dec;
}

/**
 * Votes as they are counted, one after the other in any order: the sums are exact, so that neither the order nor where
 * one block stopped shows in the result. Source: Cosmos SDK 0.53 x/gov/keeper/tally.go.
 */
export class Count {
  readonly #power: Power;
  readonly #counts: Dec[];
  #total: Dec = 0n;
  /** By place of the validator: shares of delegators who have voted themselves. */
  readonly #deducted: Dec[];
  /** By place of the validator: its own vote. */
  readonly #votes: (readonly CountedOption[])[];

  constructor(power: Power, options: number) {
    this.#power = power;
    this.#counts = Array.from({ length: options }, () => 0n);
    this.#deducted = power.snapshot.validators.map(() => 0n);
    this.#votes = power.snapshot.validators.map(() => []);
  }

  /** Goes on where `progress` was. */
  static from(power: Power, options: number, progress: TallyProgress | undefined): Count {
    const count = new Count(power, options);
    if (!progress) return count;
    for (const [place, sum] of progress.counts.entries()) count.#counts[place] = sum;
    count.#total = progress.total;
    for (const { operatorAddress, deductedShares, vote } of progress.validators) {
      const place = power.places.get(operatorAddress);
      if (place === undefined) continue;
      count.#deducted[place] = deductedShares;
      count.#votes[place] = vote;
    }
    return count;
  }

  add(voter: Address, stakes: readonly Stake[], vote: readonly CountedOption[], addressPrefix: string): void {
    const operator = bytesToAddress(addressToBytes(voter, addressPrefix), validatorPrefix(addressPrefix));
    const own = this.#power.places.get(operator);
    if (own !== undefined) this.#votes[own] = vote;
    for (const { place, shares } of stakes) {
      this.#deducted[place] = (this.#deducted[place] ?? 0n) + shares;
      this.#weigh(place, shares, vote);
    }
  }

  /** For a proposal whose count a later block goes on with. */
  progress(proposalId: bigint): TallyProgress {
    const validators = this.#power.snapshot.validators.flatMap(({ operatorAddress }, place) => {
      const [deductedShares = 0n, vote = []] = [this.#deducted[place], this.#votes[place]];
      return deductedShares === 0n && vote.length === 0 ? [] : [{ operatorAddress, deductedShares, vote }];
    });
    return { proposalId, counts: [...this.#counts], total: this.#total, validators };
  }

  /** Validators vote for those of their delegators who have not. Ends the count. */
  finish(): Counted {
    for (const [place, { delegatorShares }] of this.#power.snapshot.validators.entries()) {
      const vote = this.#votes[place] ?? [];
      if (vote.length > 0) this.#weigh(place, delegatorShares - (this.#deducted[place] ?? 0n), vote);
    }
    return { counts: this.#counts, total: this.#total };
  }

  #weigh(place: number, shares: Dec, vote: readonly CountedOption[]): void {
    const validator = this.#power.snapshot.validators[place];
    if (!validator || validator.delegatorShares === 0n) return;
    const power = divide(shares * validator.tokens, validator.delegatorShares);
    for (const { index, weight } of vote) {
      this.#counts[index] = (this.#counts[index] ?? 0n) + multiply(power, weight);
    }
    this.#total += power;
  }
}

/** How many options a proposal's votes choose among. */
export const optionsOf = (details: ProposalDetails | undefined): number =>
  kindOf(details) === ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE ? (details?.choices.length ?? 0) : SDK_OPTIONS;

export function tallyResult({ counts }: Counted): TallyResult {
  const text = (place: number): string => truncateInt(counts[place] ?? 0n).toString();
  return { yesCount: text(YES), abstainCount: text(ABSTAIN), noCount: text(NO), noWithVetoCount: text(VETO) };
}

export const EMPTY_TALLY: TallyResult = { yesCount: "0", abstainCount: "0", noCount: "0", noWithVetoCount: "0" };

/** What the votes say. */
export interface Verdict {
  readonly passes: boolean;
  /** Whether the deposits are burned. */
  readonly burn: boolean;
  /** Number of the option that is picked, from 1; 0 when none is, or there is nothing to pick. */
  readonly picked: number;
}

export interface Rules {
  readonly params: Params;
  readonly messageRules: readonly MessageRule[];
  readonly choiceThreshold: Dec;
}

const NO_VERDICT: Verdict = { passes: false, burn: false, picked: 0 };

/** The strictest of the general share and those of the message types that a proposal has. */
function strictest(
  general: string,
  rules: readonly MessageRule[],
  typeUrls: ReadonlySet<string>,
  share: "quorum" | "threshold",
): Dec {
  let most = parse(general);
  for (const rule of rules) if (typeUrls.has(rule.msgTypeUrl) && rule[share] > most) most = rule[share];
  return most;
}

/** Decides a proposal by its kind. `bonded` is the power that could have voted. */
export function decide(
  proposal: Proposal,
  details: ProposalDetails | undefined,
  counted: Counted,
  bonded: bigint,
  rules: Rules,
): Verdict {
  if (bonded === 0n) return NO_VERDICT;
  switch (kindOf(details)) {
    case ProposalKind.PROPOSAL_KIND_OPTIMISTIC:
      return decideOptimistic(counted, details?.rejectThreshold ?? 0n, bonded, rules.params);
    case ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE:
      return decideChoice(counted, details, bonded, rules);
    default:
      return decideStandard(proposal, counted, bonded, rules);
  }
}

/** Source: Cosmos SDK 0.53 x/gov/keeper/tally.go, `Tally`. */
function decideStandard(proposal: Proposal, { counts, total }: Counted, bonded: bigint, rules: Rules): Verdict {
  const { params, messageRules } = rules;
  const typeUrls = new Set(proposal.messages.map(({ typeUrl }) => typeUrl));
  const quorum = strictest(params.quorum, messageRules, typeUrls, "quorum");
  if (divide(total, fromInt(bonded)) < quorum) return { ...NO_VERDICT, burn: params.burnVoteQuorum };
  const decided = total - (counts[ABSTAIN] ?? 0n);
  if (decided === 0n) return NO_VERDICT;
  if (isVetoed(counts, total, params)) return { ...NO_VERDICT, burn: params.burnVoteVeto };
  const general = proposal.expedited ? params.expeditedThreshold : params.threshold;
  const threshold = strictest(general, messageRules, typeUrls, "threshold");
  return { ...NO_VERDICT, passes: divide(counts[YES] ?? 0n, decided) > threshold };
}

const isVetoed = (counts: readonly Dec[], total: Dec, { vetoThreshold }: Params): boolean =>
  total > 0n && divide(counts[VETO] ?? 0n, total) > parse(vetoThreshold);

/** Passes unless no and veto together have the share of all power that was stated. No quorum: silence agrees. */
function decideOptimistic({ counts, total }: Counted, threshold: Dec, bonded: bigint, params: Params): Verdict {
  const against = (counts[NO] ?? 0n) + (counts[VETO] ?? 0n);
  if (against < multiply(fromInt(bonded), threshold)) return { ...NO_VERDICT, passes: true };
  return { ...NO_VERDICT, burn: params.burnVoteVeto && isVetoed(counts, total, params) };
}

/** The option with most power, alone and with its least share, under the quorum. A tie changes nothing. */
function decideChoice(
  { counts, total }: Counted,
  details: ProposalDetails | undefined,
  bonded: bigint,
  { params, messageRules, choiceThreshold }: Rules,
): Verdict {
  const typeUrls = new Set(details?.choices.flatMap(({ messages }) => messages.map(({ typeUrl }) => typeUrl)));
  const quorum = strictest(params.quorum, messageRules, typeUrls, "quorum");
  if (divide(total, fromInt(bonded)) < quorum) return { ...NO_VERDICT, burn: params.burnVoteQuorum };
  let best = 0;
  let isTie = false;
  for (const [place, sum] of counts.entries()) {
    const most = counts[best] ?? 0n;
    if (place === best) continue;
    if (sum === most) isTie = true;
    else if (sum > most) [best, isTie] = [place, false];
  }
  const most = counts[best] ?? 0n;
  if (isTie || most === 0n || total === 0n) return NO_VERDICT;
  const ownTypes = new Set(details?.choices[best]?.messages.map(({ typeUrl }) => typeUrl));
  let least = choiceThreshold;
  for (const rule of messageRules) if (ownTypes.has(rule.msgTypeUrl) && rule.threshold > least) least = rule.threshold;
  return divide(most, total) >= least ? { ...NO_VERDICT, passes: true, picked: best + 1 } : NO_VERDICT;
}

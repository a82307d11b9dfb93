import { type Proposal, ProposalStatus, type Vote } from "@interfirm/proto/gen/cosmos/gov/v1";
import {
  type ChoiceVote,
  type CountedOption,
  EventChoicePicked,
  type ProposalDetails,
  ProposalKind,
} from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ONE, parse } from "../kernel/decimal.ts";
import { nsToTimestamp, timestampToNs } from "../kernel/time.ts";
import type { Budget, Deposits } from "./deposits.ts";
import { EXECUTION_GAS_MAX, type Execution } from "./execute.ts";
import { type GovernanceHooks, tolerate } from "./hooks.ts";
import { durationNs, ownParams, params } from "./params.ts";
import type { createPower, Power } from "./power.ts";
import { detailsOf, dropProposal, getProposal, kindOf, plainDetails, saveProposal } from "./records.ts";
import { state } from "./state.ts";
import { Count, type Counted, decide, optionsOf, placeOf, tallyResult, type Verdict } from "./tally.ts";

/** What one block does at most: votes that it counts, with what is read to weigh them, and deposits that it gives back or burns. */
export const PER_BLOCK_MAX: Readonly<Budget> = { reads: 2500, deposits: 500 };
/** Proposals that one block drops for want of deposits, and that it decides. */
const PROPOSALS_PER_BLOCK_MAX = 50;
/** Gas of executed proposals after which the next ones wait for another block. */
const GAS_PER_BLOCK_MAX = 2 * EXECUTION_GAS_MAX;
/** Votes read at once. */
const CHUNK = 100;
const ID_MAX = 2n ** 64n - 1n;

const NO_QUORUM_TEXT = "proposal did not get enough votes to pass";

export interface EndBlockDeps {
  readonly power: ReturnType<typeof createPower>;
  readonly deposits: Deposits;
  readonly execution: Execution;
  readonly hooks: readonly GovernanceHooks[];
  readonly perBlock: Readonly<Budget>;
}

/** A vote of either form, as a count takes it. */
interface Ballot {
  readonly voter: Address;
  readonly vote: readonly CountedOption[];
}

const ballot = ({ voter, options }: Vote): Ballot => ({
  voter,
  vote: options.map(({ option, weight }) => ({ index: placeOf(option), weight: parse(weight) })),
});

const choiceBallot = ({ voter, options }: ChoiceVote): Ballot => ({
  voter,
  vote: options.map(({ option, weight }) => ({ index: option - 1, weight })),
});

const isChoice = (details: ProposalDetails | undefined): boolean =>
  kindOf(details) === ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE;

export type EndBlock = ReturnType<typeof createEndBlock>;

/** What governance does at the end of a block. Source: Cosmos SDK 0.53 x/gov/abci.go; the bounds are ours. */
export function createEndBlock({ power, deposits, execution, hooks, perBlock }: EndBlockDeps) {
  function* ballots(
    ctx: QueryCtx,
    id: bigint,
    details: ProposalDetails | undefined,
    limit?: number,
  ): Generator<Ballot> {
    if (isChoice(details))
      for (const vote of state.choiceVotes.values(ctx, { prefix: [id], limit })) yield choiceBallot(vote);
    else for (const vote of state.votes.values(ctx, { prefix: [id], limit })) yield ballot(vote);
  }

  const countFrom = (ctx: QueryCtx, at: Power, id: bigint, details: ProposalDetails | undefined): Count =>
    Count.from(
      at,
      optionsOf(details),
      ctx.gas.free(() => state.tallies.get(ctx, id)),
    );

  /** How the votes stand now, those included that earlier blocks have counted. What bounds it is the gas of the query. */
  function standing(ctx: QueryCtx, id: bigint): Counted {
    const details = detailsOf(ctx, id);
    const at = power.of(ctx, id);
    const count = countFrom(ctx, at, id, details);
    for (const { voter, vote } of ballots(ctx, id, details)) {
      count.add(voter, power.stakesAt(ctx, at, voter).stakes, vote, ctx.addressPrefix);
    }
    return count.finish();
  }

  /**
   * Counts votes and drops them, as many as the block has room for. Returns undefined when there are more: then what is
   * counted is written down. Nobody can vote meanwhile, and power is that of the snapshot, so waiting changes nothing.
   */
  function tally(
    ctx: Ctx,
    id: bigint,
    at: Power,
    details: ProposalDetails | undefined,
    budget: Budget,
  ): Counted | undefined {
    const count = countFrom(ctx, at, id, details);
    while (budget.reads > 0) {
      const chunk = [...ballots(ctx, id, details, Math.min(CHUNK, budget.reads))];
      for (const { voter, vote } of chunk) {
        if (budget.reads <= 0) break;
        const { stakes, reads } = power.stakesAt(ctx, at, voter);
        budget.reads -= reads;
        count.add(voter, stakes, vote, ctx.addressPrefix);
        if (isChoice(details)) state.choiceVotes.delete(ctx, [id, voter]);
        else state.votes.delete(ctx, [id, voter]);
      }
      if (chunk.length > 0) continue;
      state.tallies.delete(ctx, id);
      return count.finish();
    }
    state.tallies.set(ctx, id, count.progress(id));
    return undefined;
  }

  function emitDecided(ctx: Ctx, id: bigint, result: string, log: string): void {
    ctx.emitRaw("active_proposal", [
      ["proposal_id", `${id}`],
      ["proposal_result", result],
      ["proposal_log", log],
    ]);
  }

  /** What becomes of a proposal whose votes are counted: the changed record, and what the event says. */
  function outcome(
    ctx: Ctx,
    proposal: Proposal,
    details: ProposalDetails | undefined,
    { passes }: Verdict,
  ): { readonly changes: Partial<Proposal>; readonly result: string; readonly log: string } {
    const { id } = proposal;
    if (passes) {
      // It is decided before its messages run: what they would vote or put down on it came after the count.
      saveProposal(ctx, { ...proposal, status: ProposalStatus.PROPOSAL_STATUS_PASSED });
      const failure = execution.execute(ctx, proposal, details);
      if (!failure) {
        const changes = { status: ProposalStatus.PROPOSAL_STATUS_PASSED };
        return { changes, result: "proposal_passed", log: "passed" };
      }
      const { messageIndex, reason } = failure;
      const typeUrl = execution.messagesOf(proposal, details)[messageIndex]?.typeUrl ?? "";
      return {
        changes: { status: ProposalStatus.PROPOSAL_STATUS_FAILED, failedReason: reason },
        result: "proposal_failed",
        log: `passed, but msg ${messageIndex} (${typeUrl}) failed on execution: ${reason}`,
      };
    }
    if (proposal.expedited) {
      // It gets the time of a regular proposal, counted from the same start, and its snapshot stays.
      const start = proposal.votingStartTime ? timestampToNs(proposal.votingStartTime) : ctx.time;
      const end = start + durationNs(params(ctx).votingPeriod);
      state.active.set(ctx, [end, id], id);
      return {
        changes: { expedited: false, votingEndTime: nsToTimestamp(end) },
        result: "expedited_proposal_rejected",
        log: "expedited proposal converted to regular",
      };
    }
    return {
      changes: { status: ProposalStatus.PROPOSAL_STATUS_REJECTED, failedReason: NO_QUORUM_TEXT },
      result: "proposal_rejected",
      log: "rejected",
    };
  }

  function finish(ctx: Ctx, proposal: Proposal, at: Power, counted: Counted, budget: Budget): void {
    const { id } = proposal;
    const rules = { params: params(ctx), ...ownParams(ctx) };
    const found = detailsOf(ctx, id);
    const verdict = decide(proposal, found, counted, at.snapshot.bondedTokens, rules);
    let details = found;
    if (isChoice(found)) {
      const finalTally = { counts: counted.counts.map((sum) => sum / ONE) };
      details = { ...(found ?? plainDetails(id)), picked: verdict.picked, finalTally };
      state.details.set(ctx, id, details);
      if (verdict.picked > 0) ctx.emit(EventChoicePicked, { proposalId: id, option: verdict.picked });
    }
    if (!proposal.expedited || verdict.passes) deposits.settle(ctx, id, verdict.burn, budget);
    if (proposal.votingEndTime) state.active.delete(ctx, [timestampToNs(proposal.votingEndTime), id]);
    const finalTallyResult = isChoice(found) ? proposal.finalTallyResult : tallyResult(counted);
    const tallied = { ...proposal, finalTallyResult };
    const { changes, result, log } = outcome(ctx, tallied, details, verdict);
    saveProposal(ctx, { ...tallied, ...changes });
    if (changes.expedited !== false) power.release(ctx, id);
    for (const hook of hooks) tolerate(ctx, (branch) => hook.afterProposalVotingPeriodEnded?.(branch, id));
    emitDecided(ctx, id, result, log);
  }

  /** Proposals whose time for deposits is over without enough of them are dropped. */
  function dropDue(ctx: Ctx, budget: Budget): void {
    const range = { to: [ctx.time, ID_MAX], limit: PROPOSALS_PER_BLOCK_MAX } as const;
    for (const id of [...state.inactive.values(ctx, range)]) {
      dropProposal(ctx, id);
      deposits.settle(ctx, id, params(ctx).burnProposalDepositPrevote, budget);
      for (const hook of hooks) tolerate(ctx, (branch) => hook.afterProposalFailedMinDeposit?.(branch, id));
      ctx.emitRaw("inactive_proposal", [
        ["proposal_id", `${id}`],
        ["proposal_result", "proposal_dropped"],
      ]);
    }
  }

  /** Proposals whose time for votes is over are counted and decided, in the order of their ends. */
  function decideDue(ctx: Ctx, budget: Budget): void {
    const range = { to: [ctx.time, ID_MAX], limit: PROPOSALS_PER_BLOCK_MAX } as const;
    const start = ctx.gas.used;
    for (const key of [...state.active.keys(ctx, range)]) {
      if (ctx.gas.used - start > GAS_PER_BLOCK_MAX) return;
      const [, id] = key;
      // What was executed meanwhile may have cancelled it, in the name of its proposer.
      if (!state.active.has(ctx, key)) continue;
      const proposal = getProposal(ctx, id);
      const at = power.settled(ctx, id);
      const counted = tally(ctx, id, at, detailsOf(ctx, id), budget);
      if (!counted) return;
      finish(ctx, proposal, at, counted, budget);
    }
  }

  /** Writes down whether proposals wait whose time is over: their votes and deposits are closed. */
  function close(ctx: Ctx): void {
    const range = { to: [ctx.time, ID_MAX], limit: 1 } as const;
    const waiting = [...state.inactive.keys(ctx, range), ...state.active.keys(ctx, range)];
    if (waiting.length > 0) state.closedUntil.set(ctx, ctx.time);
    else if (state.closedUntil.get(ctx) !== undefined) state.closedUntil.delete(ctx);
  }

  return {
    standing,

    /**
     * Cost: bounded by the constants above, whatever is due. Snapshots come last, so that what the block did to stake,
     * also by executed proposals, is in them.
     */
    endBlock(ctx: Ctx): void {
      const budget: Budget = { ...perBlock };
      deposits.goOn(ctx, budget);
      dropDue(ctx, budget);
      decideDue(ctx, budget);
      close(ctx);
      power.take(ctx);
      power.forget(ctx);
    },
  };
}

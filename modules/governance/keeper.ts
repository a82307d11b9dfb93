import { type Params, ProposalStatus, type TallyResult } from "@interfirm/proto/gen/cosmos/gov/v1";
import type { Params as OwnParams, ProposalDetails } from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { truncateInt } from "../kernel/decimal.ts";
import { type Bank, type Budget, type CommunityPool, createDeposits } from "./deposits.ts";
import { createEndBlock, PER_BLOCK_MAX } from "./end-block.ts";
import { fail } from "./errors.ts";
import { createExecution, type Messages } from "./execute.ts";
import type { GovernanceHooks } from "./hooks.ts";
import { checkOwnParams, checkParams, params } from "./params.ts";
import { createPower, type Staking } from "./power.ts";
import { detailsOf, dropProposal, getProposal, isClosed, isOver, plainDetails } from "./records.ts";
import { state } from "./state.ts";
import { type Accounts, createSubmission } from "./submit.ts";
import { EMPTY_TALLY, optionsOf, tallyResult } from "./tally.ts";
import { createVotes } from "./votes.ts";

export interface GovernanceDeps {
  readonly accounts: Accounts;
  readonly bank: Bank;
  readonly staking: Staking;
  /** How messages of other modules are found and handled. */
  readonly messages: Messages;
  /** Without it, the price of cancelling goes to its account as to any other. */
  readonly communityPool?: CommunityPool | undefined;
  /** May be filled after the keeper was made, before the first block. */
  readonly hooks?: readonly GovernanceHooks[] | undefined;
  /** What the end of a block does at most. It is consensus. */
  readonly perBlock?: Readonly<Budget> | undefined;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper(deps: GovernanceDeps) {
  const { accounts, bank, staking, messages, communityPool, hooks = [], perBlock = PER_BLOCK_MAX } = deps;
  const power = createPower(staking);
  const deposits = createDeposits({ bank, communityPool, hooks });
  const execution = createExecution(messages, deposits);
  const submission = createSubmission({ accounts, messages, deposits, execution, hooks });
  const votes = createVotes(hooks);
  const { standing, endBlock } = createEndBlock({ power, deposits, execution, hooks, perBlock });

  const isVoting = (ctx: QueryCtx, id: bigint): boolean =>
    getProposal(ctx, id).status === ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD;

  /** Throws `gov/2`. */
  function details(ctx: QueryCtx, id: bigint): ProposalDetails {
    getProposal(ctx, id);
    return detailsOf(ctx, id) ?? plainDetails(id);
  }

  return {
    accounts,
    power,
    deposits,
    execution,
    submission,
    votes,
    endBlock,
    details,
    /** To be put among staking's hooks: without them, stake that moves could vote twice. */
    stakingHooks: power.hooks,

    /**
     * Takes a proposal back. Throws `gov/18` for another than its proposer, `gov/21` for one that is decided, `gov/20` when
     * voting is over, `gov/3` when it waits to be dropped.
     */
    cancel(ctx: Ctx, id: bigint, proposer: Address): void {
      const proposal = getProposal(ctx, id);
      if (proposal.proposer !== proposer) throw fail.invalidProposer(proposer);
      const { status } = proposal;
      if (
        status !== ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD &&
        status !== ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD
      ) {
        throw fail.invalidProposal("proposal should be in the deposit or voting period");
      }
      if (isOver(ctx, proposal.votingEndTime)) throw fail.votingEnded(id);
      if (!proposal.votingEndTime && isClosed(ctx, proposal.depositEndTime)) throw fail.inactiveProposal(id);
      deposits.charge(ctx, id, params(ctx));
      if (proposal.votingStartTime) votes.drop(ctx, id);
      power.release(ctx, id);
      dropProposal(ctx, id);
    },

    /** Throws `sdk/18`. */
    setParams(ctx: Ctx, value: Params): void {
      checkParams(value, ctx.addressPrefix);
      deposits.checkPossible(ctx, value);
      state.params.set(ctx, value);
    },

    /** Throws `sdk/18`. */
    setOwnParams(ctx: Ctx, value: OwnParams): void {
      checkOwnParams(value, ctx.addressPrefix);
      state.ownParams.set(ctx, value);
    },

    /** How the votes stand, or stood when they were counted. Zeros for a multiple-choice proposal: ask `choiceTally`. */
    tally(ctx: QueryCtx, id: bigint): TallyResult {
      const { status, finalTallyResult } = getProposal(ctx, id);
      if (status !== ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD) return finalTallyResult ?? EMPTY_TALLY;
      return (detailsOf(ctx, id)?.choices.length ?? 0) > 0 ? EMPTY_TALLY : tallyResult(standing(ctx, id));
    },

    /** Power of each option of a multiple-choice proposal. */
    choiceTally(ctx: QueryCtx, id: bigint): readonly bigint[] {
      const found = details(ctx, id);
      if (found.choices.length === 0) throw fail.wrongKind(id, "answered by yes or no", "a multiple-choice one");
      if (found.finalTally) return found.finalTally.counts;
      if (isVoting(ctx, id)) return standing(ctx, id).counts.map(truncateInt);
      return Array.from({ length: optionsOf(found) }, () => 0n);
    },

    /** Power of an account's own delegations on a proposal that is voted on. Throws `gov/3` for another one. */
    votingPower(ctx: QueryCtx, id: bigint, voter: Address): bigint {
      if (!isVoting(ctx, id)) throw fail.inactiveProposal(id);
      const at = power.of(ctx, id);
      let sum = 0n;
      for (const { place, shares } of power.stakesAt(ctx, at, voter).stakes) {
        const validator = at.snapshot.validators[place];
        if (validator && validator.delegatorShares > 0n) sum += (shares * validator.tokens) / validator.delegatorShares;
      }
      return sum;
    },
  };
}

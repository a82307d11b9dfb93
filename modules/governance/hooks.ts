import type { Address } from "../kernel/address.ts";
import type { Ctx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";

/**
 * What governance tells other modules, while it happens. A module has those methods that it needs. What the first three
 * throw undoes the message; of the last two, which run at the end of a block, only the hook's own writes are undone.
 */
export interface GovernanceHooks {
  afterProposalSubmission?(ctx: Ctx, proposalId: bigint): void;
  afterProposalDeposit?(ctx: Ctx, proposalId: bigint, depositor: Address): void;
  afterProposalVote?(ctx: Ctx, proposalId: bigint, voter: Address): void;
  afterProposalFailedMinDeposit?(ctx: Ctx, proposalId: bigint): void;
  afterProposalVotingPeriodEnded?(ctx: Ctx, proposalId: bigint): void;
}

/** Runs what may fail for a reason of the chain's. Returns the failure, whose writes are undone; a bug passes on. */
export function tolerate(ctx: Ctx, act: (ctx: Ctx) => void): ChainError | undefined {
  try {
    ctx.atomically(act);
    return undefined;
  } catch (error) {
    if (error instanceof ChainError) return error;
    throw error;
  }
}

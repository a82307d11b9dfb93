import { type Proposal, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import {
  EventExecutionFailed,
  EventProposalRetried,
  type ExecutionFailure,
  type ProposalDetails,
  ProposalKind,
} from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import type { Deposits } from "./deposits.ts";
import { fail } from "./errors.ts";
import { durationNs, ownParams } from "./params.ts";
import { detailsOf, getProposal, isOver, kindOf, plainDetails, saveProposal } from "./records.ts";
import { state } from "./state.ts";

/** What governance asks of the application: who signs a message, and to have it handled. */
export interface Messages {
  /** Whether a module handles it. */
  handles(typeUrl: string): boolean;
  /** Throws `sdk/34` for bytes that are not of the type, `sdk/7` for a signer that is no address. */
  signers(ctx: QueryCtx, message: Any): readonly Address[];
  /** Handles the message if `signer` is its only one; `sdk/4` otherwise. Passes on what the handler throws. */
  dispatch(ctx: Ctx, message: Any, signer: Address): unknown;
}

/** Gas that the messages of one proposal may take: about as much as a full block of transactions. */
export const EXECUTION_GAS_MAX = 50_000_000;
/** Characters of a failure that are stored. */
const REASON_MAX = 1000;
const OUT_OF_GAS = 11;

export type Execution = ReturnType<typeof createExecution>;

export function createExecution(messages: Messages, deposits: Deposits) {
  /**
   * Whether messages of a proposal run now: then none may be executed again from within, in whatever they are wrapped, or
   * a proposal that retries itself would go on until the stack is full. Runs never interleave, so this is no state.
   */
  let isRunning = false;

  /** Throws `gov/101` for a message that an optimistic proposal may not hold. */
  function checkOptimistic(ctx: QueryCtx, list: readonly Any[]): void {
    const { optimisticMessages } = ownParams(ctx);
    for (const { typeUrl } of list) {
      if (!optimisticMessages.includes(typeUrl))
        throw fail.notOptimistic(`message is ${typeUrl}, want one of the allowed`);
    }
  }

  /** What passing means: the messages of the proposal, or of the option that was picked. */
  const messagesOf = (proposal: Proposal, details: ProposalDetails | undefined): readonly Any[] =>
    kindOf(details) === ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE
      ? (details?.choices[details.picked - 1]?.messages ?? [])
      : proposal.messages;

  /**
   * Runs the messages under the authority of governance, all or none. Returns why not, when it is for a reason of the
   * chain's; the application makes one of a bug. What they did to governance's account must leave the deposits whole.
   */
  function run(ctx: Ctx, list: readonly Any[], details: ProposalDetails | undefined): ExecutionFailure | undefined {
    let messageIndex = 0;
    isRunning = true;
    try {
      ctx.gas.within(EXECUTION_GAS_MAX, () =>
        ctx.atomically((branch) => {
          // The list may have become shorter since the proposal was made.
          if (kindOf(details) === ProposalKind.PROPOSAL_KIND_OPTIMISTIC) checkOptimistic(branch, list);
          const authority = govAuthority(branch.addressPrefix);
          for (const [index, message] of list.entries()) {
            messageIndex = index;
            messages.dispatch(branch, message, authority);
          }
          deposits.checkHeld(branch);
        }),
      );
      return undefined;
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      const { codespace, code, message } = error;
      return { messageIndex, codespace, code, reason: message.slice(0, REASON_MAX), height: ctx.height };
    } finally {
      isRunning = false;
    }
  }

  return {
    checkOptimistic,
    messagesOf,

    /** Executes a proposal that has passed. Returns its new status and what was written down of it. */
    execute(ctx: Ctx, proposal: Proposal, details: ProposalDetails | undefined): ExecutionFailure | undefined {
      const failure = run(ctx, messagesOf(proposal, details), details);
      if (!failure) return undefined;
      const retryUntil = nsToTimestamp(ctx.time + durationNs(ownParams(ctx).retryWindow));
      state.details.set(ctx, proposal.id, { ...(details ?? plainDetails(proposal.id)), failure, retryUntil });
      const { messageIndex, codespace, code } = failure;
      ctx.emit(EventExecutionFailed, { proposalId: proposal.id, messageIndex, codespace, code });
      return failure;
    },

    /**
     * Executes a failed proposal again, for whoever pays the gas. Throws `gov/103` for one that has not failed, `gov/104`
     * past the window, `gov/21` from within a proposal, `gov/105` when it fails again: then nothing has changed, and nobody's turn is used up.
     */
    retry(ctx: Ctx, id: bigint): void {
      if (isRunning) throw fail.invalidProposal("a proposal cannot execute proposals");
      const proposal = getProposal(ctx, id);
      if (proposal.status !== ProposalStatus.PROPOSAL_STATUS_FAILED) throw fail.notFailed(id);
      const details = detailsOf(ctx, id);
      if (!details?.retryUntil || isOver(ctx, details.retryUntil)) throw fail.retryOver(id);
      const failure = run(ctx, messagesOf(proposal, details), details);
      if (failure) {
        const { codespace, code, reason } = failure;
        if (codespace === "sdk" && code === OUT_OF_GAS) throw new ChainError(codespace, code, reason);
        throw fail.retryFailed(id, reason);
      }
      saveProposal(ctx, { ...proposal, status: ProposalStatus.PROPOSAL_STATUS_PASSED, failedReason: "" });
      state.details.set(ctx, id, { ...details, failure: undefined, retryUntil: undefined });
      ctx.emit(EventProposalRetried, { proposalId: id });
    },
  };
}

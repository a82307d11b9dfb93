import { type MsgSubmitProposal, Proposal, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import {
  type Choice,
  EventProposalSubmitted,
  type ProposalDetails,
  ProposalKind,
} from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import { quote, toUtf8 } from "../kernel/bytes.ts";
import type { Ctx } from "../kernel/context.ts";
import { type Dec, format } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { KV_GAS_COSTS } from "../kernel/gas.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import { contentOf, readContent } from "./content.ts";
import type { Deposits } from "./deposits.ts";
import { fail } from "./errors.ts";
import type { Execution, Messages } from "./execute.ts";
import type { GovernanceHooks } from "./hooks.ts";
import { readMetadata } from "./metadata.ts";
import {
  CHOICES_MAX,
  CHOICES_MIN,
  durationNs,
  MESSAGES_MAX,
  METADATA_BYTES_MAX,
  ownParams,
  params,
  SUMMARY_BYTES_MAX,
} from "./params.ts";
import { plainDetails, saveProposal } from "./records.ts";
import { GOV, state } from "./state.ts";
import { EMPTY_TALLY } from "./tally.ts";
import { checkMetadata } from "./votes.ts";

/** What governance asks of accounts. */
export interface Accounts {
  openModuleAccount(ctx: Ctx, module: string): { readonly address: Address };
}

export interface SubmitDeps {
  readonly accounts: Accounts;
  readonly messages: Messages;
  readonly deposits: Deposits;
  readonly execution: Execution;
  readonly hooks: readonly GovernanceHooks[];
}

/** What a proposer says, whatever the kind. */
export type Draft = Omit<MsgSubmitProposal, "messages" | "expedited">;

/** Makes proposals. Source of the order of checks, reads and writes: Cosmos SDK 0.53 x/gov/keeper. */
export function createSubmission({ accounts, messages, deposits, execution, hooks }: SubmitDeps) {
  /** Throws `gov/10`, `/12` or `/13` for a message that governance could not execute. */
  function checkMessage(ctx: Ctx, message: Any): void {
    if (!messages.handles(message.typeUrl)) throw fail.unroutableMessage(message.typeUrl);
    let signers: readonly Address[];
    try {
      signers = messages.signers(ctx, message);
    } catch (error) {
      if (error instanceof ChainError) throw fail.invalidMessage(error.message);
      throw error;
    }
    const [signer] = signers;
    if (signer === undefined || signers.length > 1) throw fail.invalidSigner(`${signers.length} signers, want one`);
    const { address } = accounts.openModuleAccount(ctx, GOV);
    if (signer !== address) throw fail.invalidSigner(signer);
    const content = contentOf(message);
    if (content) {
      // The SDK tries the content, which looks the account up once more.
      accounts.openModuleAccount(ctx, GOV);
      readContent(content);
    }
  }

  /** `details` for a proposal of our kinds; its `proposalId` is filled in. */
  function make(
    ctx: Ctx,
    draft: Draft,
    list: readonly Any[],
    { expedited = false, details }: { readonly expedited?: boolean; readonly details?: ProposalDetails },
  ): bigint {
    const { proposer, initialDeposit, metadata, title, summary } = draft;
    const value = params(ctx);
    deposits.checkInitial(initialDeposit, value, expedited);
    deposits.checkDenoms(initialDeposit, value);
    checkLengths(draft);
    const all = [...list, ...(details?.choices.flatMap((choice) => choice.messages) ?? [])];
    if (all.length > MESSAGES_MAX) throw fail.invalidMessage(`${all.length} messages, want at most ${MESSAGES_MAX}`);
    for (const message of all) checkMessage(ctx, message);

    const id = state.nextId.next(ctx);
    const end = ctx.time + durationNs(params(ctx).maxDepositPeriod);
    const proposal: Proposal = {
      id,
      messages: list,
      status: ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD,
      finalTallyResult: EMPTY_TALLY,
      submitTime: nsToTimestamp(ctx.time),
      depositEndTime: nsToTimestamp(end),
      totalDeposit: [],
      votingStartTime: undefined,
      votingEndTime: undefined,
      metadata,
      title,
      summary,
      proposer,
      expedited,
      failedReason: "",
    };
    saveProposal(ctx, proposal);
    state.inactive.set(ctx, [end, id], id);
    if (details) {
      state.details.set(ctx, id, { ...details, proposalId: id });
      ctx.emit(EventProposalSubmitted, { proposalId: id, kind: details.kind });
    }
    for (const hook of hooks) hook.afterProposalSubmission?.(ctx, id);
    ctx.emitRaw("submit_proposal", [
      ["proposal_id", `${id}`],
      ["proposal_proposer", proposer],
      ["proposal_messages", list.map(({ typeUrl }) => `,${typeUrl}`).join("")],
    ]);
    const { length } = Proposal.encode(proposal).finish();
    ctx.gas.use(3 * KV_GAS_COSTS.writeCostPerByte * length, "submit proposal");
    if (deposits.add(ctx, id, proposer, initialDeposit)) {
      ctx.emitRaw("submit_proposal", [["voting_period_start", `${id}`]]);
    }
    return id;
  }

  return {
    /** A proposal of the SDK's kind. Returns its id. */
    standard(ctx: Ctx, draft: Draft, list: readonly Any[], expedited: boolean): bigint {
      checkTitles(draft);
      if (list.length === 0 && draft.metadata === "") throw fail.noMessages();
      checkStated(draft);
      return make(ctx, draft, list, { expedited });
    },

    /** Passes unless a share of all power rejects it. Throws `gov/101` for what may not be decided so. */
    optimistic(ctx: Ctx, draft: Draft, list: readonly Any[], asked: Dec | undefined): bigint {
      checkTitles(draft);
      checkStated(draft);
      const { optimisticProposers: proposers, optimisticRejectThreshold: most } = ownParams(ctx);
      if (proposers.length > 0 && !proposers.includes(draft.proposer)) {
        throw fail.notOptimistic(`${draft.proposer} may not make one, want one of the allowed proposers`);
      }
      const rejectThreshold = asked ?? most;
      if (rejectThreshold <= 0n || rejectThreshold > most) {
        throw fail.notOptimistic(
          `reject threshold is ${format(rejectThreshold)}, want more than 0 and at most ${format(most)}`,
        );
      }
      execution.checkOptimistic(ctx, list);
      const kind = ProposalKind.PROPOSAL_KIND_OPTIMISTIC;
      return make(ctx, draft, list, { details: { ...plainDetails(0n), kind, rejectThreshold } });
    },

    /** One of the options is picked. Throws `gov/102` for a list of options that is unsound. */
    multipleChoice(ctx: Ctx, draft: Draft, choices: readonly Choice[]): bigint {
      checkTitles(draft);
      checkStated(draft);
      checkChoices(choices);
      const kind = ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE;
      return make(ctx, draft, [], { details: { ...plainDetails(0n), kind, choices } });
    },

    /** Throws `gov/13` unless governance does it, `gov/5` or `gov/9` for content that cannot be executed. */
    execContent(ctx: Ctx, content: Any | undefined, authority: Address): void {
      const { address } = accounts.openModuleAccount(ctx, GOV);
      if (authority !== address) throw fail.invalidSigner(`expected ${address} got ${authority}`);
      readContent(content);
    },
  };
}

function checkTitles({ title, summary }: Draft): void {
  if (title === "") throw sdkError.invalidRequest("proposal title cannot be empty");
  if (summary === "") throw sdkError.invalidRequest("proposal summary cannot be empty");
}

/** Throws `gov/5` when metadata states another title or summary than the proposal has. */
function checkStated({ title, summary, metadata }: Draft): void {
  const stated = metadata === "" ? undefined : readMetadata(metadata);
  if (!stated) return;
  if (stated.title !== title) {
    throw fail.invalidContent(`metadata title ${quote(stated.title)} must equal proposal title ${quote(title)}`);
  }
  if (stated.summary !== summary) {
    throw fail.invalidContent(
      `metadata summary ${quote(stated.summary)} must equal proposal summary ${quote(summary)}`,
    );
  }
}

/** Throws `gov/15` or `gov/22`. */
function checkLengths({ title, summary, metadata }: Draft): void {
  checkMetadata(metadata);
  const { length } = toUtf8(summary);
  if (length > SUMMARY_BYTES_MAX) throw fail.summaryTooLong(length);
  checkMetadata(title);
}

function checkChoices(choices: readonly Choice[]): void {
  const { length } = choices;
  if (length < CHOICES_MIN || length > CHOICES_MAX) {
    throw fail.badChoices(`there are ${length}, want ${CHOICES_MIN} to ${CHOICES_MAX}`);
  }
  for (const { label } of choices) {
    const bytes = toUtf8(label).length;
    if (label.trim() === "" || bytes > METADATA_BYTES_MAX) {
      throw fail.badChoices(`label is ${quote(label)}, want 1 to ${METADATA_BYTES_MAX} bytes that are not blank`);
    }
  }
  if (new Set(choices.map(({ label }) => label)).size !== length) throw fail.badChoices("two labels are alike");
}

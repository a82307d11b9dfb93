import { govAuthority } from "@interfirm/modules/kernel/authority";
import { MsgUpdateParams as MsgUpdateBankParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { MsgCommunityPoolSpend } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import {
  MsgCancelProposal,
  MsgDeposit,
  MsgSubmitProposal,
  MsgVote,
  MsgVoteWeighted,
  ProposalStatus,
  Query,
} from "@interfirm/proto/gen/cosmos/gov/v1";
import type { AnyMessage } from "../../test/accounts.ts";
import { message } from "../../test/accounts.ts";
import { type Operation, ownerOf, type View } from "../operation.ts";

const GOV = "cosmos.gov.v1.Query";
const PERCENT = 10n ** 16n;

async function someProposal(view: View, status: ProposalStatus) {
  const { proposals } = await view.query(GOV, Query.methods.proposals, {
    proposalStatus: status,
    pagination: { reverse: true, limit: 20n },
  });
  return proposals.length === 0 ? undefined : view.random.pick(proposals);
}

/** What a proposal would do: nothing, something that works, something that fails when it is executed. */
function proposedMessages(view: View): readonly AnyMessage[] {
  const prefix = view.accounts[0]!.address.slice(0, view.accounts[0]!.address.lastIndexOf("1"));
  const authority = govAuthority(prefix);
  const kind = view.random.below(4);
  if (kind === 0) return [];
  if (kind === 1) {
    return [message(MsgUpdateBankParams, { authority, params: { sendEnabled: [], defaultSendEnabled: true } })];
  }
  const amount = kind === 2 ? view.random.amount(1n, 1_000_000n) : 10n ** 30n;
  const recipient = view.random.pick(view.accounts).address;
  return [message(MsgCommunityPoolSpend, { authority, recipient, amount: [{ denom: view.denom, amount }] })];
}

/** Shares of a vote that add up to one, as text with 18 decimals. */
function weights(view: View): { readonly option: 1 | 2 | 3 | 4; readonly weight: string }[] {
  const yes = BigInt(view.random.between(1, 99));
  const text = (percent: bigint): string => `0.${(percent * PERCENT).toString().padStart(18, "0")}`;
  return [
    { option: 1, weight: text(yes) },
    { option: view.random.pick([2, 3, 4] as const), weight: text(100n - yes) },
  ];
}

export const governanceOperations: readonly Operation[] = [
  {
    name: "submit a proposal",
    weight: 4,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const { params } = await view.query(GOV, Query.methods.params, { paramsType: "deposit" });
      const minimum = params?.minDeposit.find(({ denom }) => denom === view.denom)?.amount ?? 1n;
      const amount = view.random.chance(70) ? minimum : view.random.amount(1n, minimum);
      const submit = message(MsgSubmitProposal, {
        messages: proposedMessages(view).map(({ typeUrl, value }) => ({ typeUrl, value })),
        initialDeposit: [{ denom: view.denom, amount }],
        proposer: signer.address,
        title: `proposal at ${view.height}`,
        summary: "made by the simulation",
        expedited: view.random.chance(15),
      });
      return { signer, messages: [submit] };
    },
  },
  {
    name: "deposit on a proposal",
    weight: 3,
    async plan(view) {
      const proposal = await someProposal(view, ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD);
      if (!proposal) return undefined;
      const signer = view.random.pick(view.accounts);
      const amount = view.random.amount(1n, (await view.spendable(signer.address)) / 20n);
      const deposit = message(MsgDeposit, {
        proposalId: proposal.id,
        depositor: signer.address,
        amount: [{ denom: view.denom, amount }],
      });
      return { signer, messages: [deposit] };
    },
  },
  {
    name: "vote",
    weight: 10,
    async plan(view) {
      const proposal = await someProposal(view, ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD);
      if (!proposal) return undefined;
      const signer = view.random.pick(view.accounts);
      const ballot = { proposalId: proposal.id, voter: signer.address };
      const vote = view.random.chance(80)
        ? message(MsgVote, { ...ballot, option: view.random.chance(70) ? 1 : view.random.pick([2, 3, 4] as const) })
        : message(MsgVoteWeighted, { ...ballot, options: weights(view) });
      return { signer, messages: [vote] };
    },
  },
  {
    name: "cancel a proposal",
    weight: 1,
    async plan(view) {
      const proposal = await someProposal(view, ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD);
      const signer = proposal && ownerOf(view, proposal.proposer);
      if (!signer) return undefined;
      return { signer, messages: [message(MsgCancelProposal, { proposalId: proposal.id, proposer: signer.address })] };
    },
  },
];

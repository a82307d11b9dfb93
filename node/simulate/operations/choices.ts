import { govAuthority } from "@interfirm/modules/kernel/authority";
import { MsgUpdateParams as MsgUpdateBankParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { MsgCommunityPoolSpend } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { Query as GovQuery, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import {
  MsgRetryProposal,
  MsgSubmitMultipleChoiceProposal,
  MsgSubmitOptimisticProposal,
  MsgVoteChoice,
  MsgVoteChoiceWeighted,
  ProposalKind,
  Query,
} from "@interfirm/proto/gen/interfirm/governance/v1";
import { message } from "../../test/accounts.ts";
import { type Operation, ownerOf, type View } from "../operation.ts";

const GOV = "cosmos.gov.v1.Query";
const OWN = "interfirm.governance.v1.Query";
const LABELS = ["red", "green", "blue", "grey", "pink", "gold", "lime", "teal", "none"];

const prefixOf = ({ accounts }: View): string => accounts[0]!.address.slice(0, accounts[0]!.address.lastIndexOf("1"));

async function deposit(view: View) {
  const { params } = await view.query(GOV, GovQuery.methods.params, { paramsType: "deposit" });
  return params?.minDeposit ?? [];
}

const setSendEnabled = (view: View) =>
  message(MsgUpdateBankParams, {
    authority: govAuthority(prefixOf(view)),
    params: { sendEnabled: [], defaultSendEnabled: true },
  });

/** May fail when it is executed, and succeed later. */
const spend = (view: View) =>
  message(MsgCommunityPoolSpend, {
    authority: govAuthority(prefixOf(view)),
    recipient: view.random.pick(view.accounts).address,
    amount: [{ denom: view.denom, amount: view.random.amount(1n, 10n ** 9n) }],
  });

const words = (view: View) => ({ title: `of ours at ${view.height}`, summary: "made by the simulation" });

/** Proposals of our kinds, and votes on them. */
export const choiceOperations: readonly Operation[] = [
  {
    name: "submit an optimistic proposal",
    weight: 1,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      // Spending is not on the list, so some of these are refused.
      const messages = [view.random.chance(80) ? setSendEnabled(view) : spend(view)];
      const submit = message(MsgSubmitOptimisticProposal, {
        proposer: signer.address,
        messages,
        initialDeposit: await deposit(view),
        rejectThreshold: view.random.chance(50) ? 5n * 10n ** 16n : undefined,
        ...words(view),
      });
      return { signer, messages: [submit] };
    },
  },
  {
    name: "submit a multiple-choice proposal",
    weight: 1,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const options = LABELS.slice(0, view.random.between(1, LABELS.length)).map((label) => {
        const kind = view.random.below(3);
        return { label, messages: kind === 0 ? [] : [kind === 1 ? setSendEnabled(view) : spend(view)] };
      });
      const initialDeposit = await deposit(view);
      const submit = message(MsgSubmitMultipleChoiceProposal, {
        proposer: signer.address,
        options,
        initialDeposit,
        ...words(view),
      });
      return { signer, messages: [submit] };
    },
  },
  {
    name: "vote for an option",
    weight: 6,
    async plan(view) {
      const { proposals } = await view.query(OWN, Query.methods.proposals, {
        kind: ProposalKind.PROPOSAL_KIND_MULTIPLE_CHOICE,
        pagination: { reverse: true, limit: 5n },
      });
      if (proposals.length === 0) return undefined;
      const { proposalId, choices } = view.random.pick(proposals);
      const signer = view.random.pick(view.accounts);
      if (view.random.chance(20)) {
        const weight = BigInt(view.random.between(0, 11)) * 10n ** 17n;
        const options = [
          { option: 1, weight },
          { option: 2, weight: 10n ** 18n - weight },
        ];
        return { signer, messages: [message(MsgVoteChoiceWeighted, { voter: signer.address, proposalId, options })] };
      }
      const option = view.random.chance(60) ? 1 : view.random.between(0, choices.length + 1);
      return { signer, messages: [message(MsgVoteChoice, { voter: signer.address, proposalId, option })] };
    },
  },
  {
    name: "execute a failed proposal again",
    weight: 2,
    async plan(view) {
      const { proposals } = await view.query(GOV, GovQuery.methods.proposals, {
        proposalStatus: ProposalStatus.PROPOSAL_STATUS_FAILED,
        pagination: { reverse: true, limit: 5n },
      });
      if (proposals.length === 0) return undefined;
      const { id, proposer } = view.random.pick(proposals);
      const signer = ownerOf(view, proposer) ?? view.random.pick(view.accounts);
      return { signer, messages: [message(MsgRetryProposal, { sender: signer.address, proposalId: id })] };
    },
  },
];

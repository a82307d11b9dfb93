/** What governance decides on a network: proposals of its own messages, the votes of all operators, and the outcome. */
import type { SigningClient } from "@interfirm/client/client";
import { ModuleAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { type Proposal, ProposalStatus, VoteOption } from "@interfirm/proto/gen/cosmos/gov/v1";
import { packAny } from "@interfirm/proto/registry";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import type { Network } from "../network.ts";
import { until } from "../wait.ts";
import { operatorOf } from "./stakeholders.ts";

const DECISION_MS = 90_000;

/** A message of governance: its authority is filled in. */
export interface GovMessage {
  readonly type: MessageType<unknown>;
  readonly fields: object;
}

export const govMessage = <T extends object>(
  type: MessageType<T>,
  fields: DeepPartial<Omit<T, "authority">> & object,
): GovMessage => ({ type: type as MessageType<unknown>, fields });

export interface Governance {
  /** Makes a proposal of each message, all operators vote for all of them. Resolves with what has become of them. */
  decide<const M extends readonly GovMessage[]>(...messages: M): Promise<{ readonly [K in keyof M]: Proposal }>;
  close(): void;
}

/** `proposer` pays the deposits. The caller closes it. */
export async function governanceOf(network: Network, proposer: SigningClient): Promise<Governance> {
  const { denom } = network.manifest;
  const { query, msgs, address } = proposer;
  const { account } = await query.auth.moduleAccountByName({ name: "gov" });
  const authority = account && ModuleAccount.decode(account.value).baseAccount?.address;
  if (!authority) throw new Error("gov has no account, want that of governance");
  const initialDeposit = (await query.gov.params({ paramsType: "deposit" })).params?.minDeposit ?? [];
  const operators = await Promise.all(network.validators.map((node) => operatorOf(network, node, network.validators)));
  const howFor = (proposals: number) => ({
    gas: 600_000n * BigInt(proposals),
    fee: [{ denom, amount: 6_000n * BigInt(proposals) }],
  });

  const decided = (proposalId: bigint) =>
    until(`proposal ${proposalId} is decided`, DECISION_MS, async () => {
      const { proposal } = await query.gov.proposal({ proposalId });
      return proposal && proposal.status > ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD ? proposal : undefined;
    });

  return {
    async decide(...messages) {
      const how = howFor(messages.length);
      const submissions = messages.map(({ type, fields }, index) =>
        msgs.gov.submitProposal({
          proposer: address,
          messages: [packAny(type, type.fromPartial({ ...fields, authority }))],
          initialDeposit,
          title: `Proposal ${index}`,
          summary: type.typeUrl,
        }),
      );
      const { responses } = await proposer.submit(submissions, how);
      const ids = responses.map(({ proposalId }) => proposalId);
      await Promise.all(
        operators.map((operator) => {
          const option = VoteOption.VOTE_OPTION_YES;
          const votes = ids.map((proposalId) => msgs.gov.vote({ proposalId, voter: operator.address, option }));
          return operator.submit(votes, how);
        }),
      );
      // One for each message: a mapped tuple loses its length in types.
      return Promise.all(ids.map(decided)) as never;
    },
    close() {
      for (const operator of operators) operator.close();
    },
  };
}

/** Throws unless the proposal has passed. */
export function expectPassed(what: string, proposal: Proposal | undefined): void {
  const { status, failedReason } = proposal ?? {};
  if (status !== ProposalStatus.PROPOSAL_STATUS_PASSED) {
    throw new Error(`${what}: proposal has status ${status}, want it passed: ${failedReason}`);
  }
}

import { defineErrors } from "../kernel/errors.ts";

/**
 * Codes are consensus: append only. Up to 23 they are those of the SDK's x/gov, whose words the messages end with; from 100
 * on they are ours. Source: Cosmos SDK 0.53 x/gov/types/errors.go.
 */
export const fail = defineErrors("gov", {
  unknownProposal: [2, (id: bigint) => `proposal ${id} doesn't exist: unknown proposal`],
  inactiveProposal: [3, (id: bigint) => `${id}: inactive proposal`],
  invalidContent: [5, (why: string) => `${why}: invalid proposal content`],
  invalidVote: [7, (why: string) => `${why}: invalid vote option`],
  badGenesis: [8, (why: string) => `genesis: ${why}: invalid genesis state`],
  noHandler: [9, (content: string) => `${content}: no handler exists for proposal type`],
  unroutableMessage: [10, (typeUrl: string) => `${typeUrl}: proposal message not recognized by router`],
  noMessages: [11, () => "either metadata or Msgs length must be non-nil: no messages proposed"],
  invalidMessage: [12, (why: string) => `${why}: invalid proposal message`],
  invalidSigner: [13, (why: string) => `${why}: expected gov account as only signer for proposal message`],
  metadataTooLong: [15, (bytes: number) => `got metadata with length ${bytes}: metadata too long`],
  depositTooSmall: [16, (why: string) => `${why}: minimum deposit is too small`],
  invalidProposer: [18, (who: string) => `invalid proposer ${who}: invalid proposer`],
  votingEnded: [
    20,
    (id: bigint) => `voting period is already ended for this proposal ${id}: voting period already ended`,
  ],
  invalidProposal: [21, (why: string) => `${why}: invalid proposal`],
  summaryTooLong: [22, (bytes: number) => `got summary with length ${bytes}: summary too long`],
  invalidDepositDenom: [
    23,
    (deposit: string, denoms: string) =>
      `deposited ${deposit}, but gov accepts only the following denom(s): [${denoms}]: invalid deposit denom`,
  ],
  wrongKind: [100, (id: bigint, kind: string, want: string) => `proposal ${id} is ${kind}, want ${want}`],
  notOptimistic: [101, (why: string) => `optimistic proposal: ${why}`],
  badChoices: [102, (why: string) => `options: ${why}`],
  notFailed: [103, (id: bigint) => `proposal ${id} has not failed, want one that has`],
  retryOver: [104, (id: bigint) => `proposal ${id} failed too long ago, want a retry within the window`],
  retryFailed: [105, (id: bigint, why: string) => `proposal ${id} failed again: ${why}`],
});

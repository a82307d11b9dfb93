/** A world of governance with stakeholders in it, and short words for what they do. */
import { MsgUpdateParams as MsgUpdateBankParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { ProposalStatus, VoteOption } from "@interfirm/proto/gen/cosmos/gov/v1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { WeightedChoice } from "@interfirm/proto/gen/interfirm/governance/v1";
import type { Address } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { addr, TEST_PREFIX } from "../kernel/testing.ts";
import { DEFAULT_OWN_PARAMS } from "./params.ts";
import { state } from "./state.ts";
import { createGovWorld, DENOM, type GovWorldOptions, operatorOf, pack } from "./testing.ts";
import { wholeChoice } from "./votes.ts";

export const [alice, bob, carol, dave] = ["a", "b", "c", "d"].map((name) => addr(name)) as [
  Address,
  Address,
  Address,
  Address,
];
export const AUTHORITY = govAuthority(TEST_PREFIX);
export const DAY_NS = 86_400_000_000_000n;
export const ENOUGH = [{ denom: DENOM, amount: 10_000_000n }];
export const { VOTE_OPTION_YES: YES, VOTE_OPTION_NO: NO, VOTE_OPTION_NO_WITH_VETO: VETO } = VoteOption;

/** A message of governance's that any chain handles. */
export const setSendEnabled = (enabled: boolean): Any =>
  pack(MsgUpdateBankParams, { authority: AUTHORITY, params: { defaultSendEnabled: enabled } });

export const SMALL = [{ denom: DENOM, amount: 200_000n }];
export const CHOICES = [
  { label: "off", messages: [setSendEnabled(false)] },
  { label: "on", messages: [setSendEnabled(true)] },
  { label: "as it is", messages: [] },
];

export const PASSED = ProposalStatus.PROPOSAL_STATUS_PASSED;
export const REJECTED = ProposalStatus.PROPOSAL_STATUS_REJECTED;
export const FAILED = ProposalStatus.PROPOSAL_STATUS_FAILED;

type Setup = ReturnType<typeof createGovWorld>;

export function open(options: GovWorldOptions = {}) {
  const setup = createGovWorld(options);
  setup.world.init(setup.genesis);
  return tools(setup);
}

/** Stake: alice validates with 600 of her own, bob's 300 and carol's 100. */
export function tools(setup: Setup) {
  const { world, gov, staking } = setup;
  const { submission, votes } = gov.keeper;
  for (const [who, tokens] of [
    [alice, 600n],
    [bob, 300n],
    [carol, 100n],
  ] as const) {
    staking.change(undefined, who, operatorOf(alice), tokens);
  }
  const draft = { proposer: alice, initialDeposit: ENOUGH, metadata: "ipfs://x", title: "t", summary: "s" };
  return {
    ...setup,
    draft,
    propose: (messages: readonly Any[] = [], expedited = false) =>
      world.tx((ctx) => submission.standard(ctx, { ...draft, ...(expedited && MORE) }, messages, expedited)),
    vote: (id: bigint, voter: Address, option: VoteOption) =>
      world.tx((ctx) => votes.add(ctx, id, voter, [{ option, weight: "1" }], "")),
    choose: (id: bigint, voter: Address, option: number) =>
      world.tx((ctx) => votes.choose(ctx, id, voter, wholeChoice(option), "")),
    split: (id: bigint, voter: Address, options: readonly WeightedChoice[]) =>
      world.tx((ctx) => votes.choose(ctx, id, voter, options, "")),
    block: () => {
      world.beginBlock();
      world.endBlock();
    },
    pass: (ns: bigint) => {
      world.time += ns;
      world.beginBlock();
      world.endBlock();
    },
    proposal: (id: bigint) => world.query((ctx) => state.proposals.get(ctx, id)),
    details: (id: bigint) => world.query((ctx) => gov.keeper.details(ctx, id)),
    setOwnParams: (changes: Partial<typeof DEFAULT_OWN_PARAMS>) =>
      world.tx((ctx) => gov.keeper.setOwnParams(ctx, { ...DEFAULT_OWN_PARAMS, ...changes })),
    balance: (who: Address) => world.query((ctx) => setup.bank.keeper.balance(ctx, who, DENOM)),
  };
}
const MORE = { initialDeposit: [{ denom: DENOM, amount: 50_000_000n }] };

/** `codespace/code` of what the call throws, or `none`. */
export const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "none";
  } catch (error) {
    const { codespace, code } = error as { codespace?: string; code?: number };
    return `${codespace}/${code}`;
  }
};

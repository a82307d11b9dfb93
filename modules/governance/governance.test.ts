import { MsgSend, MsgUpdateParams as MsgUpdateBankParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import {
  MsgDeposit,
  MsgSubmitProposal,
  MsgUpdateParams,
  ProposalStatus,
  VoteOption,
} from "@interfirm/proto/gen/cosmos/gov/v1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { MsgUpdateParams as MsgUpdateOwnParams } from "@interfirm/proto/gen/interfirm/governance/v1";
import { describe, expect, it, vi } from "vitest";
import type { Address } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import type { Ctx } from "../kernel/context.ts";
import { fromInt, ONE } from "../kernel/decimal.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, TEST_PREFIX } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import type { GovernanceHooks } from "./hooks.ts";
import { checkOwnParams, checkParams, DEFAULT_OWN_PARAMS, defaultParams } from "./params.ts";
import { state } from "./state.ts";
import { createGovWorld, DENOM, type GovWorldOptions, operatorOf, pack } from "./testing.ts";

const [alice, bob, carol, dave] = ["a", "b", "c", "d"].map((name) => addr(name)) as [
  Address,
  Address,
  Address,
  Address,
];
const AUTHORITY = govAuthority(TEST_PREFIX);
const DAY_NS = 86_400_000_000_000n;
const ENOUGH = [{ denom: DENOM, amount: 10_000_000n }];
const { VOTE_OPTION_YES: YES, VOTE_OPTION_NO: NO, VOTE_OPTION_NO_WITH_VETO: VETO } = VoteOption;

/** A message of governance's that any chain handles. */
const setSendEnabled = (enabled: boolean): Any =>
  pack(MsgUpdateBankParams, { authority: AUTHORITY, params: { defaultSendEnabled: enabled } });

type Setup = ReturnType<typeof createGovWorld>;

function open(options: GovWorldOptions = {}) {
  const setup = createGovWorld(options);
  setup.world.init(setup.genesis);
  return tools(setup);
}

/** Stake: alice validates with 600 of her own, bob's 300 and carol's 100. */
function tools(setup: Setup) {
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
    choose: (id: bigint, voter: Address, option: number) => world.tx((ctx) => votes.choose(ctx, id, voter, option, "")),
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

const codeOf = (act: () => unknown): string => {
  try {
    act();
    return "none";
  } catch (error) {
    const { codespace, code } = error as { codespace?: string; code?: number };
    return `${codespace}/${code}`;
  }
};

/** Proposals in every status and of every kind, half counted, with deposits on their way back. */
function fill(setup: ReturnType<typeof open>): void {
  const { world, gov, staking, draft, propose, vote, choose, block, pass, setOwnParams } = setup;
  setOwnParams({ optimisticMessages: [MsgUpdateBankParams.typeUrl] });
  const failing = propose([pack(MsgSend, { fromAddress: AUTHORITY, toAddress: dave, amount: ENOUGH })]);
  const rejected = propose();
  vote(failing, alice, YES);
  vote(rejected, alice, NO);
  pass(2n * DAY_NS);
  const { submission } = gov.keeper;
  propose([setSendEnabled(true)], true);
  world.tx((ctx) => submission.optimistic(ctx, draft, [setSendEnabled(true)], undefined));
  block();
  world.tx((ctx) => staking.change(ctx, bob, operatorOf(alice), 1n));
  const choice = world.tx((ctx) => submission.multipleChoice(ctx, draft, CHOICES));
  for (const voter of [alice, bob, carol]) choose(choice, voter, 1);
  vote(choice - 1n, bob, NO);
  world.tx((ctx) => submission.standard(ctx, { ...draft, initialDeposit: SMALL }, [], false));
  world.tx((ctx) => gov.keeper.deposits.add(ctx, choice, dave, SMALL));
}
const SMALL = [{ denom: DENOM, amount: 200_000n }];
const CHOICES = [
  { label: "off", messages: [setSendEnabled(false)] },
  { label: "on", messages: [setSendEnabled(true)] },
  { label: "as it is", messages: [] },
];

moduleLaws("gov", () => {
  const setup = createGovWorld();
  return {
    module: setup.gov,
    modules: setup.modules,
    fill(world) {
      world.tx((ctx) => {
        setup.bank.keeper.mint(ctx, "mint", [{ denom: DENOM, amount: 4_000_000_000n }]);
        const each = [{ denom: DENOM, amount: 1_000_000_000n }];
        for (const who of [alice, bob, carol, dave]) setup.bank.keeper.sendFromModule(ctx, "mint", who, each);
      });
      fill(tools({ ...setup, world }));
    },
  };
});

readmeLaws({
  module: createGovWorld().gov,
  readme: new URL("README.md", import.meta.url),
  state,
  errors: fail,
  events: [
    "submit_proposal",
    "proposal_deposit",
    "proposal_vote",
    "cancel_proposal",
    "inactive_proposal",
    "active_proposal",
    "interfirm.governance.v1.EventProposalSubmitted",
    "interfirm.governance.v1.EventChoiceVoted",
    "interfirm.governance.v1.EventChoicePicked",
    "interfirm.governance.v1.EventExecutionFailed",
    "interfirm.governance.v1.EventProposalRetried",
  ],
});

const PASSED = ProposalStatus.PROPOSAL_STATUS_PASSED;
const REJECTED = ProposalStatus.PROPOSAL_STATUS_REJECTED;
const FAILED = ProposalStatus.PROPOSAL_STATUS_FAILED;

describe("voting power", () => {
  it("is that of the end of the block in which voting began: stake that moves cannot vote twice", () => {
    const { world, gov, staking, propose, vote, block } = open();
    const id = propose();
    block();
    vote(id, bob, NO);
    // Bob hands his stake on to Dave, who delegates it and votes too.
    world.tx((ctx) => staking.change(ctx, bob, operatorOf(alice), 0n));
    world.tx((ctx) => staking.change(ctx, dave, operatorOf(alice), 300n));
    vote(id, dave, NO);
    const tally = world.query((ctx) => gov.keeper.tally(ctx, id));
    expect(tally).toEqual({ yesCount: "0", abstainCount: "0", noCount: "300", noWithVetoCount: "0" });
    expect(world.query((ctx) => gov.keeper.votingPower(ctx, id, bob))).toBe(300n);
    expect(world.query((ctx) => gov.keeper.votingPower(ctx, id, dave))).toBe(0n);
    expect(world.broken()).toEqual([]);
  });

  it("counts stake that moves in the block in which voting begins once, as it is in the end", () => {
    const { world, gov, staking, propose, vote, block } = open();
    world.tx((ctx) => staking.change(ctx, dave, operatorOf(alice), 50n));
    const id = propose();
    world.tx((ctx) => staking.change(ctx, dave, operatorOf(alice), 0n));
    world.tx((ctx) => staking.change(ctx, carol, operatorOf(alice), 150n));
    block();
    vote(id, carol, YES);
    vote(id, dave, YES);
    expect(world.query((ctx) => gov.keeper.tally(ctx, id)).yesCount).toBe("150");
  });

  it("is found for a voter with more delegations and records than there are validators", () => {
    const { world, gov, staking, propose, vote, block } = open();
    const operators = Array.from({ length: 40 }, (_, i) => operatorOf(addr(`validator ${i}`)));
    const ids: bigint[] = [];
    for (let round = 0; round < 4; round++) {
      ids.push(propose());
      block();
      for (const operator of [...operators, operatorOf(alice)]) {
        // Only Alice is in the set.
        world.tx((ctx) => staking.change(ctx, dave, operator, BigInt(round + 1)));
        for (const other of operators) staking.validators.delete(other);
      }
    }
    for (const id of ids) vote(id, dave, YES);
    const counted = ids.map((id) => world.query((ctx) => gov.keeper.tally(ctx, id)).yesCount);
    expect(counted).toEqual(["0", "1", "2", "3"]);
  });

  it("costs stakers no gas", () => {
    const { world, staking, propose, block } = open();
    propose();
    block();
    const used = world.tx((ctx) => {
      staking.change(ctx, bob, operatorOf(alice), 7n);
      return ctx.gas.used;
    });
    expect(used).toBe(0);
    expect(world.query((ctx) => [...state.history.keys(ctx)])).toHaveLength(1);
  });

  it("of a proposal that comes without a snapshot is taken at the end of the first block", () => {
    const { world, gov, propose, block } = open();
    const id = propose();
    block();
    const { interfirm: _, ...foreign } = world.query((ctx) => gov.genesis.export(ctx));
    const other = createGovWorld();
    other.world.height = world.height;
    other.world.time = world.time;
    const bank = world.query((ctx) => other.bank.genesis.export(ctx));
    other.world.init({ bank, gov: { ...foreign, interfirm: undefined } });
    expect(other.world.broken()).toEqual([]);
    other.staking.change(undefined, bob, operatorOf(bob), 5n);
    other.world.beginBlock();
    other.world.endBlock();
    expect(other.world.query((ctx) => other.gov.keeper.votingPower(ctx, id, bob))).toBe(5n);
  });
});

describe("a passed proposal", () => {
  it("executes all messages or none, stores why it failed and can be tried again within the window", () => {
    let works = false;
    const seen = vi.fn();
    const fails = (ctx: Ctx): void => {
      state.held.set(ctx, "ghost", 1n);
      if (!works) throw fail.invalidProposal("not today");
      state.held.delete(ctx, "ghost");
      seen();
    };
    const setup = open({ handle: { "/cosmos.bank.v1beta1.MsgSend": fails } });
    const { world, gov, propose, vote, pass, proposal, details } = setup;
    const send = pack(MsgSend, { fromAddress: AUTHORITY, toAddress: dave, amount: ENOUGH });
    const id = propose([setSendEnabled(false), send]);
    vote(id, alice, YES);
    pass(2n * DAY_NS);
    expect(proposal(id)).toMatchObject({ status: FAILED, failedReason: "not today: invalid proposal" });
    expect(details(id).failure).toMatchObject({ messageIndex: 1, codespace: "gov", code: 21 });
    expect(world.query((ctx) => setup.bank.keeper.params(ctx).defaultSendEnabled)).toBe(true);
    expect(world.broken()).toEqual([]);

    const retry = () => world.tx((ctx) => gov.keeper.execution.retry(ctx, id));
    expect(codeOf(retry)).toBe("gov/105");
    expect(proposal(id)?.status).toBe(FAILED);
    works = true;
    expect(codeOf(() => world.tx((ctx) => gov.keeper.execution.retry(ctx, id), 3000))).toBe("sdk/11");
    world.time += 7n * DAY_NS;
    retry();
    expect(seen).toHaveBeenCalledOnce();
    expect(proposal(id)).toMatchObject({ status: PASSED, failedReason: "" });
    expect(world.query((ctx) => setup.bank.keeper.params(ctx).defaultSendEnabled)).toBe(false);
    expect(codeOf(retry)).toBe("gov/103");
  });

  it("can no longer be tried again past the window", () => {
    const { world, gov, propose, vote, pass, proposal } = open();
    const id = propose([pack(MsgSend, { fromAddress: AUTHORITY, toAddress: dave, amount: ENOUGH })]);
    vote(id, alice, YES);
    pass(2n * DAY_NS);
    expect(proposal(id)?.status).toBe(FAILED);
    world.time += 7n * DAY_NS + 1n;
    expect(codeOf(() => world.tx((ctx) => gov.keeper.execution.retry(ctx, id)))).toBe("gov/104");
    expect(codeOf(() => world.tx((ctx) => gov.keeper.execution.retry(ctx, 99n)))).toBe("gov/2");
  });

  it("cannot spend what others have put down, in any way", () => {
    const { world, propose, vote, pass, proposal, balance } = open();
    const held = propose();
    const small = { denom: DENOM, amount: 1n };
    const nested = { proposer: AUTHORITY, title: "t", summary: "s", metadata: "x", initialDeposit: ENOUGH };
    const ids = [
      propose([pack(MsgSend, { fromAddress: AUTHORITY, toAddress: dave, amount: [small] })]),
      propose([pack(MsgDeposit, { depositor: AUTHORITY, proposalId: held, amount: ENOUGH })]),
      propose([pack(MsgSubmitProposal, nested)]),
    ];
    const before = balance(dave);
    for (const id of ids) vote(id, alice, YES);
    pass(2n * DAY_NS);
    for (const id of ids) expect(proposal(id)).toMatchObject({ status: FAILED });
    expect(balance(dave)).toBe(before);
    expect(world.broken()).toEqual([]);
  });

  it("runs out of gas instead of stopping the chain, and a bug in a handler passes on", () => {
    const spend = (ctx: Ctx): void => {
      for (;;) ctx.gas.use(1_000_000, "work");
    };
    const bug = (): void => {
      throw new TypeError("a bug");
    };
    const url = "/cosmos.bank.v1beta1.MsgSend";
    const message = pack(MsgSend, { fromAddress: AUTHORITY, toAddress: dave, amount: ENOUGH });
    const greedy = open({ handle: { [url]: spend } });
    const id = greedy.propose([message]);
    greedy.vote(id, alice, YES);
    greedy.pass(2n * DAY_NS);
    expect(greedy.details(id).failure).toMatchObject({ codespace: "sdk", code: 11 });
    const buggy = open({ handle: { [url]: bug } });
    buggy.vote(buggy.propose([message]), alice, YES);
    expect(() => buggy.pass(2n * DAY_NS)).toThrow(TypeError);
  });

  it("can change the parameters of governance, which are checked", () => {
    const { world, propose, vote, pass, proposal } = open();
    const good = propose([
      pack(MsgUpdateParams, { authority: AUTHORITY, params: { ...defaultParams(DENOM), quorum: "0.1" } }),
    ]);
    const bad = propose([
      pack(MsgUpdateParams, { authority: AUTHORITY, params: { ...defaultParams(DENOM), quorum: "1.1" } }),
    ]);
    const own = propose([
      pack(MsgUpdateOwnParams, {
        authority: AUTHORITY,
        params: { ...DEFAULT_OWN_PARAMS, optimisticMessages: ["/a.B"] },
      }),
    ]);
    for (const id of [good, bad, own]) vote(id, alice, YES);
    pass(2n * DAY_NS);
    expect([good, bad, own].map((id) => proposal(id)?.status)).toEqual([PASSED, FAILED, PASSED]);
    expect(world.query((ctx) => [state.params.get(ctx)?.quorum, state.ownParams.get(ctx)?.optimisticMessages])).toEqual(
      ["0.1", ["/a.B"]],
    );
  });

  it("is told to hooks, whose failure at the end of a block stops nothing", () => {
    const told: string[] = [];
    const hooks: GovernanceHooks[] = [
      {
        afterProposalSubmission: (_, id) => void told.push(`submitted ${id}`),
        afterProposalDeposit: (_, id) => void told.push(`deposit ${id}`),
        afterProposalVote: (_, id) => void told.push(`vote ${id}`),
        afterProposalFailedMinDeposit: (_, id) => void told.push(`dropped ${id}`),
        afterProposalVotingPeriodEnded(ctx, id) {
          state.held.set(ctx, "ghost", 1n);
          throw fail.unknownProposal(id);
        },
      },
    ];
    const { world, gov, draft, propose, vote, pass, proposal } = open({ hooks });
    const id = propose();
    vote(id, alice, YES);
    world.tx((ctx) => gov.keeper.submission.standard(ctx, { ...draft, initialDeposit: SMALL }, [], false));
    pass(2n * DAY_NS);
    expect(told).toEqual(["submitted 1", "deposit 1", "vote 1", "submitted 2", "deposit 2", "dropped 2"]);
    expect(proposal(id)?.status).toBe(PASSED);
    expect(world.broken()).toEqual([]);
  });
});

describe("an optimistic proposal", () => {
  const LISTED = { optimisticMessages: [MsgUpdateBankParams.typeUrl] };

  it("passes in silence, and is rejected by the stated share of all power", () => {
    const { world, gov, draft, vote, pass, proposal, setOwnParams } = open();
    setOwnParams({ ...LISTED, optimisticRejectThreshold: 3n * 10n ** 17n });
    const make = (asked?: bigint) =>
      world.tx((ctx) => gov.keeper.submission.optimistic(ctx, draft, [setSendEnabled(true)], asked));
    const silent = make();
    const rejected = make();
    const almost = make();
    const lower = make(10n ** 17n);
    vote(rejected, bob, NO);
    vote(almost, carol, VETO);
    vote(lower, carol, VETO);
    pass(2n * DAY_NS);
    expect([silent, rejected, almost, lower].map((id) => proposal(id)?.status)).toEqual([
      PASSED,
      REJECTED,
      PASSED,
      REJECTED,
    ]);
  });

  it("may hold only listed messages, by listed proposers, and no higher threshold than the parameter's", () => {
    const { world, gov, draft, vote, pass, proposal, details, setOwnParams } = open();
    const make = (proposer: Address, list: readonly Any[], asked?: bigint) => () =>
      world.tx((ctx) => gov.keeper.submission.optimistic(ctx, { ...draft, proposer }, list, asked));
    expect(codeOf(make(alice, [setSendEnabled(true)]))).toBe("gov/101");
    expect(codeOf(make(alice, []))).toBe("none");
    setOwnParams({ ...LISTED, optimisticProposers: [bob] });
    expect(codeOf(make(alice, [setSendEnabled(true)]))).toBe("gov/101");
    expect(codeOf(make(bob, [setSendEnabled(true)], 2n * 10n ** 17n))).toBe("gov/101");
    expect(codeOf(make(bob, [setSendEnabled(true)], 0n))).toBe("gov/101");
    expect(codeOf(make(bob, [setSendEnabled(true)], -1n))).toBe("gov/101");
    const id = make(bob, [setSendEnabled(false)])();
    // Taken off the list while it is voted on, the message must not run.
    setOwnParams({});
    vote(id, alice, YES);
    pass(2n * DAY_NS);
    expect(proposal(id)?.status).toBe(FAILED);
    expect(details(id).failure).toMatchObject({ codespace: "gov", code: 101 });
  });
});

describe("a multiple-choice proposal", () => {
  const make = ({ world, gov, draft }: ReturnType<typeof open>) =>
    world.tx((ctx) => gov.keeper.submission.multipleChoice(ctx, draft, CHOICES));

  it("executes the option that most power picked; delegators override their validator", () => {
    const setup = open();
    const id = make(setup);
    setup.choose(id, alice, 2);
    setup.choose(id, bob, 1);
    setup.choose(id, bob, 3);
    expect(setup.world.query((ctx) => setup.gov.keeper.choiceTally(ctx, id))).toEqual([0n, 700n, 300n]);
    setup.pass(2n * DAY_NS);
    expect(setup.proposal(id)?.status).toBe(PASSED);
    expect(setup.details(id)).toMatchObject({ picked: 2, finalTally: { counts: [0n, 700n, 300n] } });
    expect(setup.world.broken()).toEqual([]);
  });

  it("changes nothing on a tie, below the quorum and below the least share", () => {
    const outcome = (votes: readonly (readonly [Address, number])[], changes = {}) => {
      const setup = open();
      setup.setOwnParams(changes);
      setup.staking.change(undefined, dave, operatorOf(dave), 300n);
      const id = make(setup);
      for (const [who, option] of votes) setup.choose(id, who, option);
      setup.pass(2n * DAY_NS);
      return [setup.proposal(id)?.status, setup.details(id).picked];
    };
    const tie = [
      [bob, 1],
      [dave, 2],
    ] as const;
    expect(outcome(tie)).toEqual([REJECTED, 0]);
    expect(outcome([...tie, [carol, 3]])).toEqual([REJECTED, 0]);
    expect(outcome([...tie, [carol, 1]])).toEqual([PASSED, 1]);
    expect(outcome([...tie, [carol, 1]], { choiceThreshold: 6n * 10n ** 17n })).toEqual([REJECTED, 0]);
    expect(outcome([[bob, 1]])).toEqual([REJECTED, 0]);
    expect(outcome([])).toEqual([REJECTED, 0]);
  });

  it("has 2 to 8 options with labels of their own, and takes votes for one of them only", () => {
    const setup = open();
    const { world, gov, draft, vote, choose, propose } = setup;
    const label = (text: string) => ({ label: text, messages: [] });
    const tryChoices = (choices: readonly { label: string; messages: readonly Any[] }[]) =>
      codeOf(() => world.tx((ctx) => gov.keeper.submission.multipleChoice(ctx, draft, choices)));
    expect(tryChoices([label("a")])).toBe("gov/102");
    expect(tryChoices("abcdefghi".split("").map(label))).toBe("gov/102");
    expect(tryChoices([label("a"), label("a")])).toBe("gov/102");
    expect(tryChoices([label("a"), label(" ")])).toBe("gov/102");
    expect(tryChoices([label("a"), label("x".repeat(256))])).toBe("gov/102");
    const foreign = pack(MsgSend, { fromAddress: bob, toAddress: dave, amount: ENOUGH });
    expect(tryChoices([label("a"), { label: "b", messages: [foreign] }])).toBe("gov/13");
    const id = make(setup);
    for (const option of [0, 4, -1]) expect(codeOf(() => choose(id, bob, option))).toBe("gov/7");
    expect(codeOf(() => vote(id, bob, YES))).toBe("gov/100");
    expect(codeOf(() => choose(propose(), bob, 1))).toBe("gov/100");
    expect(codeOf(() => choose(77n, bob, 1))).toBe("gov/3");
  });
});

describe("rules for message types", () => {
  it("ask for more of a proposal that has such a message", () => {
    const { propose, vote, pass, proposal, setOwnParams } = open();
    const rule = { msgTypeUrl: MsgUpdateBankParams.typeUrl, quorum: 0n, threshold: 7n * 10n ** 17n };
    setOwnParams({ messageRules: [rule] });
    const strict = propose([setSendEnabled(true)]);
    const plain = propose();
    for (const id of [strict, plain]) {
      vote(id, alice, YES);
      vote(id, bob, NO);
    }
    pass(2n * DAY_NS);
    expect([strict, plain].map((id) => proposal(id)?.status)).toEqual([REJECTED, PASSED]);
  });
});

describe("much at once", () => {
  const voters = Array.from({ length: 300 }, (_, i) => addr(`voter ${i}`));

  it("is counted block by block; what waits takes no votes, deposits or cancelling", () => {
    const { world, gov, staking, propose, vote, pass, block, proposal } = open({
      perBlock: { reads: 100, deposits: 5 },
    });
    for (const who of voters) staking.change(undefined, who, operatorOf(alice), 2n);
    const [first, second] = [propose(), propose()];
    block();
    for (const who of voters) vote(first, who, YES);
    vote(second, alice, YES);
    pass(2n * DAY_NS);
    expect(world.query((ctx) => [...state.votes.keys(ctx, { prefix: [first] })])).toHaveLength(250);
    expect(codeOf(() => vote(first, bob, NO))).toBe("gov/3");
    expect(codeOf(() => vote(second, bob, NO))).toBe("gov/3");
    expect(codeOf(() => world.tx((ctx) => gov.keeper.deposits.add(ctx, second, dave, ENOUGH)))).toBe("gov/3");
    expect(codeOf(() => world.tx((ctx) => gov.keeper.cancel(ctx, second, alice)))).toBe("gov/20");
    expect(world.query((ctx) => gov.keeper.tally(ctx, first)).yesCount).toBe("600");
    for (let i = 0; i < 8; i++) {
      block();
      expect(world.broken()).toEqual([]);
    }
    expect(proposal(first)?.finalTallyResult?.yesCount).toBe("600");
    expect([first, second].map((id) => proposal(id)?.status)).toEqual([PASSED, PASSED]);
  });

  it("gives back or burns deposits block by block, and goes on past a refund that is refused", () => {
    const rich = addr("rich");
    const depositors = voters.slice(0, 20);
    const { world, gov, bank, propose, pass, block } = open({
      accounts: [alice, bob, carol, dave, ...depositors],
      perBlock: { reads: 100, deposits: 6 },
    });
    const id = propose();
    for (const who of depositors) world.tx((ctx) => gov.keeper.deposits.add(ctx, id, who, ENOUGH));
    // One depositor comes to hold so much that nothing more fits.
    world.tx((ctx) => bank.keeper.mint(ctx, "mint", [{ denom: "other", amount: 1n }]));
    const [refused] = depositors;
    world.tx((ctx) => bank.keeper.send(ctx, rich, rich, []));
    const full = 2n ** 256n - 1n - world.query((ctx) => bank.keeper.supply(ctx, DENOM));
    world.tx((ctx) => bank.keeper.mint(ctx, "mint", [{ denom: DENOM, amount: full }]));
    world.tx((ctx) => bank.keeper.sendFromModule(ctx, "mint", refused!, [{ denom: DENOM, amount: full }]));
    pass(2n * DAY_NS);
    const open_ = () => world.query((ctx) => [...state.deposits.keys(ctx)].length);
    expect(open_()).toBe(15);
    for (let i = 0; i < 4; i++) {
      expect(world.broken()).toEqual([]);
      block();
    }
    expect(open_()).toBe(0);
    expect(world.query((ctx) => [...state.settlements.keys(ctx)])).toEqual([]);
  });

  it("of messages and of words is refused", () => {
    const { world, gov, draft, propose } = open();
    const many = (n: number) => Array.from({ length: n }, () => setSendEnabled(true));
    expect(codeOf(() => propose(many(101)))).toBe("gov/12");
    expect(codeOf(() => propose(many(100)))).toBe("none");
    const words = (changes: Partial<typeof draft>) =>
      codeOf(() => world.tx((ctx) => gov.keeper.submission.standard(ctx, { ...draft, ...changes }, [], false)));
    expect(words({ title: "x".repeat(256) })).toBe("gov/15");
    expect(words({ metadata: "é".repeat(128) })).toBe("gov/15");
    expect(words({ summary: "x".repeat(10_201) })).toBe("gov/22");
    expect(words({ metadata: `${"[".repeat(250)}` })).toBe("none");
    expect(words({ metadata: "null" })).toBe("gov/5");
    expect(words({ metadata: '{"Title":"t","SUMMARY":"s"}' })).toBe("none");
    expect(words({ metadata: '{"title":1}' })).toBe("none");
  });
});

describe("the end of a proposal's time", () => {
  it("ends deposits and votes, though its block still counts what it has", () => {
    const { world, gov, draft, propose, vote, proposal } = open();
    const id = propose();
    const small = world.tx((ctx) =>
      gov.keeper.submission.standard(ctx, { ...draft, initialDeposit: SMALL }, [], false),
    );
    world.time += 2n * DAY_NS;
    vote(id, alice, YES);
    world.time += 1n;
    expect(codeOf(() => vote(id, bob, NO))).toBe("gov/3");
    expect(codeOf(() => world.tx((ctx) => gov.keeper.deposits.add(ctx, small, dave, ENOUGH)))).toBe("gov/3");
    world.endBlock();
    expect(proposal(id)?.status).toBe(PASSED);
    expect(proposal(small)).toBeUndefined();
  });
});

describe("parameters", () => {
  const value = defaultParams(DENOM);
  it.each([
    ["quorum", "-0.1"],
    ["quorum", "x"],
    ["threshold", "0"],
    ["threshold", "1.000000000000000001"],
    ["vetoThreshold", "0"],
    ["expeditedThreshold", "0.5"],
    ["minInitialDepositRatio", "1.1"],
    ["proposalCancelRatio", "-1"],
    ["minDepositRatio", "0.0000000000000000001"],
    ["proposalCancelDest", "cosmos1x"],
    ["minDeposit", []],
    ["minDeposit", [{ denom: DENOM, amount: 2n ** 256n }]],
    ["expeditedMinDeposit", value.minDeposit],
    ["votingPeriod", undefined],
    ["votingPeriod", { seconds: 0n, nanos: 0 }],
    ["votingPeriod", { seconds: 2n ** 40n, nanos: 0 }],
    ["votingPeriod", value.expeditedVotingPeriod],
    ["maxDepositPeriod", { seconds: -1n, nanos: 0 }],
  ])("are refused with a %s of %s", (name, wrong) => {
    expect(() => checkParams({ ...value, [name]: wrong }, TEST_PREFIX)).toThrow();
    expect(() => checkParams(value, TEST_PREFIX)).not.toThrow();
  });

  it.each([
    ["retryWindow", { seconds: 0n, nanos: 0 }],
    ["choiceThreshold", -1n],
    ["choiceThreshold", ONE + 1n],
    ["optimisticRejectThreshold", 0n],
    ["optimisticVotingPeriod", { seconds: -5n, nanos: 0 }],
    ["optimisticProposers", ["nobody"]],
    ["optimisticMessages", ["no slash"]],
    ["optimisticMessages", ["/a.B", "/a.B"]],
    ["optimisticMessages", ["/interfirm.governance.v1.MsgUpdateParams"]],
    ["optimisticMessages", ["/cosmos.authz.v1beta1.MsgExec"]],
    ["messageRules", [{ msgTypeUrl: "/a.B", quorum: 2n * ONE, threshold: 0n }]],
    ["messageRules", [{ msgTypeUrl: "/a.B", quorum: 0n, threshold: ONE }]],
    ["messageRules", [{ msgTypeUrl: "", quorum: 0n, threshold: 0n }]],
  ])("of ours are refused with a %s of %o", (name, wrong) => {
    expect(() => checkOwnParams({ ...DEFAULT_OWN_PARAMS, [name]: wrong }, TEST_PREFIX)).toThrow();
    expect(fromInt(1n)).toBe(ONE);
  });
});

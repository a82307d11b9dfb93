import { MsgSend, MsgUpdateParams as MsgUpdateBankParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { MsgDeposit, MsgSubmitProposal, MsgUpdateParams, MsgVote } from "@interfirm/proto/gen/cosmos/gov/v1";
import { MsgRetryProposal, MsgUpdateParams as MsgUpdateOwnParams } from "@interfirm/proto/gen/interfirm/governance/v1";
import { describe, expect, it, vi } from "vitest";
import type { Ctx } from "../kernel/context.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import type { GovernanceHooks } from "./hooks.ts";
import { DEFAULT_OWN_PARAMS, defaultParams } from "./params.ts";
import {
  AUTHORITY,
  alice,
  bob,
  CHOICES,
  carol,
  codeOf,
  DAY_NS,
  dave,
  ENOUGH,
  FAILED,
  NO,
  open,
  PASSED,
  REJECTED,
  SMALL,
  setSendEnabled,
  tools,
  YES,
} from "./stakeholders.ts";
import { state } from "./state.ts";
import { createGovWorld, DENOM, operatorOf, pack } from "./testing.ts";

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
    // One that is due at once is counted with the power of then.
    const late = createGovWorld();
    late.world.height = world.height;
    late.world.time = world.time + 3n * DAY_NS;
    late.world.init({ bank, gov: { ...foreign, interfirm: undefined } });
    late.staking.change(undefined, alice, operatorOf(alice), 5n);
    late.world.endBlock();
    expect(late.world.query((ctx) => state.proposals.get(ctx, id)?.status)).toBe(REJECTED);
    expect(late.world.broken()).toEqual([]);
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

  it("cannot execute failed proposals from within, itself included", () => {
    const { world, gov, propose, vote, pass, proposal } = open();
    const again = (proposalId: bigint) => pack(MsgRetryProposal, { sender: AUTHORITY, proposalId });
    const [itself, other] = [propose([again(1n)]), propose([again(1n)])];
    for (const id of [itself, other]) vote(id, alice, YES);
    pass(2n * DAY_NS);
    expect([itself, other].map((id) => proposal(id)?.status)).toEqual([FAILED, FAILED]);
    for (const id of [itself, other]) {
      expect(codeOf(() => world.tx((ctx) => gov.keeper.execution.retry(ctx, id)))).toBe("gov/105");
    }
  });

  it("is decided before its messages run, which cannot vote on it any more", () => {
    const { world, propose, vote, pass, proposal } = open();
    const id = propose([pack(MsgVote, { proposalId: 1n, voter: AUTHORITY, option: YES, metadata: "" })]);
    expect(id).toBe(1n);
    vote(id, alice, YES);
    pass(2n * DAY_NS);
    expect(proposal(id)).toMatchObject({ status: FAILED, failedReason: "1: inactive proposal" });
    expect(world.query((ctx) => [...state.votes.keys(ctx)])).toEqual([]);
    expect(world.broken()).toEqual([]);
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
    const coins = [{ denom: DENOM, amount: 10n ** 70n }];
    const beyond = propose([
      pack(MsgUpdateParams, {
        authority: AUTHORITY,
        params: {
          ...defaultParams(DENOM),
          minDeposit: coins,
          expeditedMinDeposit: [{ denom: DENOM, amount: 10n ** 71n }],
        },
      }),
    ]);
    for (const id of [good, bad, own, beyond]) vote(id, alice, YES);
    pass(2n * DAY_NS);
    expect([good, bad, own, beyond].map((id) => proposal(id)?.status)).toEqual([PASSED, FAILED, PASSED, FAILED]);
    expect(proposal(beyond)?.failedReason).toMatch(/want at most the supply/);
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

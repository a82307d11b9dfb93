import { MsgSend, MsgUpdateParams as MsgUpdateBankParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { describe, expect, it } from "vitest";
import type { Address } from "../kernel/address.ts";
import {
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
  setSendEnabled,
  VETO,
  YES,
} from "./stakeholders.ts";
import { operatorOf, pack } from "./testing.ts";

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

  it("counts the parts of a split vote", () => {
    const setup = open();
    const id = make(setup);
    const part = (option: number, tenths: bigint) => ({ option, weight: tenths * 10n ** 17n });
    setup.split(id, alice, [part(1, 3n), part(2, 7n)]);
    setup.split(id, bob, [part(3, 10n)]);
    setup.split(id, bob, [part(3, 5n), part(1, 5n)]);
    expect(setup.world.query((ctx) => setup.gov.keeper.choiceTally(ctx, id))).toEqual([360n, 490n, 150n]);
    for (const bad of [
      [],
      [part(1, 9n)],
      [part(1, 9n), part(2, 2n)],
      [part(1, 5n), part(1, 5n)],
      [part(1, 11n), part(2, -1n)],
      [part(1, 10n), part(2, 0n)],
      [part(4, 10n)],
      [part(0, 10n)],
    ]) {
      expect(codeOf(() => setup.split(id, carol, bad))).toBe(bad.length === 0 ? "sdk/18" : "gov/7");
    }
    setup.pass(2n * DAY_NS);
    expect(setup.details(id)).toMatchObject({ picked: 2, finalTally: { counts: [360n, 490n, 150n] } });
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

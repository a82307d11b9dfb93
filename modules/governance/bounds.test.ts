import { describe, expect, it } from "vitest";
import { sdkError } from "../kernel/sdk-errors.ts";
import { addr } from "../kernel/testing.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import {
  alice,
  bob,
  carol,
  codeOf,
  DAY_NS,
  dave,
  ENOUGH,
  NO,
  open,
  PASSED,
  SMALL,
  setSendEnabled,
  VETO,
  YES,
} from "./stakeholders.ts";
import { state } from "./state.ts";
import { DENOM, operatorOf } from "./testing.ts";

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

  it("gives back deposits block by block, and tries again later where the bank refuses", () => {
    const depositors = voters.slice(0, 20);
    const [refused] = depositors;
    let refuses = true;
    const { world, gov, propose, pass, block } = open({
      accounts: [alice, bob, carol, dave, ...depositors],
      perBlock: { reads: 100, deposits: 6 },
      restrictions: [
        (_, __, to) => {
          if (refuses && to === refused) throw sdkError.unauthorized(`${to} may not be paid`);
          return to;
        },
      ],
    });
    const id = propose();
    for (const who of depositors) world.tx((ctx) => gov.keeper.deposits.add(ctx, id, who, ENOUGH));
    const left = () => world.query((ctx) => Array.from(state.deposits.keys(ctx), ([, depositor]) => depositor));
    pass(2n * DAY_NS);
    expect(left().length).toBeGreaterThanOrEqual(15);
    for (let i = 0; i < 5; i++) {
      expect(world.broken()).toEqual([]);
      block();
    }
    expect(left()).toEqual([refused]);
    expect(world.broken()).toEqual([]);
    refuses = false;
    world.height += 1000n;
    block();
    expect(left()).toEqual([]);
    expect(world.query((ctx) => [...state.settlements.keys(ctx)])).toEqual([]);
  });

  it("burns deposits block by block", () => {
    const depositors = voters.slice(0, 20);
    const { world, gov, bank, propose, vote, pass, block } = open({
      accounts: [alice, bob, carol, dave, ...depositors],
      perBlock: { reads: 100, deposits: 6 },
    });
    const supply = () => world.query((ctx) => bank.keeper.supply(ctx, DENOM));
    const before = supply();
    const id = propose();
    for (const who of depositors) world.tx((ctx) => gov.keeper.deposits.add(ctx, id, who, ENOUGH));
    vote(id, alice, VETO);
    pass(2n * DAY_NS);
    expect(before - supply()).toBe(60_000_000n);
    for (let i = 0; i < 4; i++) {
      expect(world.broken()).toEqual([]);
      block();
    }
    expect(before - supply()).toBe(210_000_000n);
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
  it("is that of the first block after it, in which votes and deposits count", () => {
    const { world, gov, draft, propose, vote, proposal } = open();
    const id = propose();
    const small = world.tx((ctx) =>
      gov.keeper.submission.standard(ctx, { ...draft, initialDeposit: SMALL }, [], false),
    );
    world.time += 2n * DAY_NS;
    vote(id, alice, YES);
    world.time += 1n;
    vote(id, bob, NO);
    world.tx((ctx) => gov.keeper.deposits.add(ctx, small, dave, SMALL));
    world.endBlock();
    expect(proposal(id)?.status).toBe(PASSED);
    expect(proposal(id)?.finalTallyResult).toMatchObject({ yesCount: "700", noCount: "300" });
    expect(proposal(small)).toBeUndefined();
    expect(codeOf(() => vote(id, bob, YES))).toBe("gov/3");
  });

  it("closes proposals that a block has no room to drop, and the export says so", () => {
    const { world, gov, draft } = open();
    const ids = world.tx((ctx) =>
      Array.from({ length: 60 }, () =>
        gov.keeper.submission.standard(ctx, { ...draft, initialDeposit: SMALL }, [], false),
      ),
    );
    const closed = () => world.query((ctx) => gov.genesis.export(ctx).interfirm?.closedUntil);
    expect(closed()).toBeUndefined();
    world.time += 2n * DAY_NS;
    world.endBlock();
    const last = ids[59]!;
    expect(closed()).toEqual(nsToTimestamp(world.time));
    world.time += 1n;
    expect(codeOf(() => world.tx((ctx) => gov.keeper.deposits.add(ctx, last, dave, ENOUGH)))).toBe("gov/3");
    expect(codeOf(() => world.tx((ctx) => gov.keeper.cancel(ctx, last, alice)))).toBe("gov/3");
    world.endBlock();
    expect(closed()).toBeUndefined();
  });
});

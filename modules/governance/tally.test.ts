import type { VoteOption } from "@interfirm/proto/gen/cosmos/gov/v1";
import { fromDigits } from "@interfirm/proto/wire";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Address } from "../kernel/address.ts";
import { addr } from "../kernel/testing.ts";
import { defaultParams } from "./params.ts";
import { state } from "./state.ts";
import { createGovWorld, DENOM, type GovWorldOptions, operatorOf } from "./testing.ts";

const ONE = 10n ** 18n;
const DAY_NS = 86_400_000_000_000n;
const ACCOUNTS = Array.from({ length: 7 }, (_, i) => addr(`voter ${i}`));
const VALIDATORS = ACCOUNTS.slice(0, 3).map((account) => operatorOf(account));

/** Nearest, halves to even, as `LegacyDec` divides. */
function quotient(a: bigint, b: bigint): bigint {
  const scaled = (a * ONE * ONE) / b;
  const [q, rest] = [scaled / ONE, scaled % ONE];
  return rest * 2n > ONE || (rest * 2n === ONE && q % 2n === 1n) ? q + 1n : q;
}

type Stakes = ReadonlyMap<Address, ReadonlyMap<string, bigint>>;
type Validators = ReadonlyMap<string, { readonly tokens: bigint; readonly shares: bigint }>;

/** The plainest count there is, over a copy of all stake. */
function model(stakes: Stakes, validators: Validators, votes: ReadonlyMap<Address, VoteOption>): readonly bigint[] {
  const counts = [0n, 0n, 0n, 0n];
  const add = (option: VoteOption, operator: string, shares: bigint): void => {
    const { tokens, shares: all } = validators.get(operator)!;
    if (all > 0n) counts[option - 1]! += quotient(shares * tokens, all);
  };
  for (const [voter, option] of votes) {
    for (const [operator, shares] of stakes.get(voter) ?? []) add(option, operator, shares);
  }
  for (const [operator, { shares }] of validators) {
    const own = ACCOUNTS.find((account) => operatorOf(account) === operator)!;
    const option = votes.get(own);
    if (option === undefined) continue;
    const voted = [...votes.keys()].reduce((sum, voter) => sum + (stakes.get(voter)?.get(operator) ?? 0n), 0n);
    add(option, operator, shares - voted);
  }
  return counts.map((sum) => sum / ONE);
}

function open(options: GovWorldOptions = {}) {
  const setup = createGovWorld({ accounts: ACCOUNTS, ...options });
  const { world, staking, gov, genesis } = setup;
  world.init(genesis);
  for (const [i, operator] of VALIDATORS.entries()) staking.change(undefined, ACCOUNTS[i]!, operator, 100n + BigInt(i));
  const [proposer] = ACCOUNTS;
  const draft = {
    proposer: proposer!,
    initialDeposit: defaultParams(DENOM).minDeposit,
    metadata: "x",
    title: "t",
    summary: "s",
  };
  const propose = (): bigint => world.tx((ctx) => gov.keeper.submission.standard(ctx, draft, [], false));
  const cast = (id: bigint, voter: Address, option: VoteOption): void =>
    world.tx((ctx) => gov.keeper.votes.add(ctx, id, voter, [{ option, weight: "1" }], ""));
  const next = (): void => {
    world.beginBlock();
    world.endBlock();
  };
  return { ...setup, propose, cast, next };
}

const voter = fc.nat({ max: ACCOUNTS.length - 1 });
const vote = fc.record({
  do: fc.constant("vote" as const),
  id: fc.bigInt(1n, 3n),
  voter,
  option: fc.integer({ min: 1, max: 4 }),
});
const stake = fc.record({
  do: fc.constant("stake" as const),
  voter,
  validator: fc.nat({ max: VALIDATORS.length - 1 }),
  tokens: fc.oneof(fc.constant(0n), fc.bigInt(1n, 10_000n)),
});
const slash = fc.record({ do: fc.constant("slash" as const), validator: fc.nat({ max: 2 }) });
const begin = fc.constant({ do: "begin" as const });
const block = fc.constant({ do: "block" as const });
const step = fc.oneof(
  { weight: 6, arbitrary: vote },
  { weight: 4, arbitrary: stake },
  { weight: 1, arbitrary: slash },
  { weight: 1, arbitrary: begin },
  { weight: 2, arbitrary: block },
);
const scenario = fc
  .tuple(
    fc.array(stake, { minLength: 4, maxLength: 12, size: "max" }),
    fc.array(step, { minLength: 10, maxLength: 60, size: "max" }),
  )
  .map(([stakes, steps]) => [...stakes, { do: "begin" as const }, ...steps]);

describe("a count", () => {
  const RUNS = 40;
  let fruitful = 0;

  it("is that of the plainest model at the snapshot, whatever moves and wherever blocks stop counting", () => {
    fc.assert(
      fc.property(scenario, fc.integer({ min: 1, max: 30 }), (steps, reads) => {
        const { world, staking, gov, propose, cast, next: block } = open({ perBlock: { reads, deposits: 2 } });
        let begun = 0n;
        let awaiting: bigint[] = [];
        const expected = new Map<bigint, readonly [Stakes, Validators]>();
        const votes = new Map<bigint, Map<Address, VoteOption>>();
        const next = (): void => {
          block();
          for (const id of awaiting) {
            const stakes = new Map([...staking.stakes].map(([who, mine]) => [who, new Map(mine)]));
            expected.set(id, [stakes, new Map([...staking.validators].map(([o, v]) => [o, { ...v }]))]);
          }
          awaiting = [];
          expect(world.broken()).toEqual([]);
        };
        for (const move of steps) {
          if (move.do === "begin" && begun < 3n) {
            begun++;
            awaiting.push(propose());
            votes.set(begun, new Map());
          } else if (move.do === "vote" && move.id <= begun) {
            cast(move.id, ACCOUNTS[move.voter]!, move.option as VoteOption);
            votes.get(move.id)!.set(ACCOUNTS[move.voter]!, move.option as VoteOption);
          } else if (move.do === "stake") {
            const [who, operator] = [ACCOUNTS[move.voter]!, VALIDATORS[move.validator]!];
            world.tx((ctx) => staking.change(ctx, who, operator, move.tokens));
          } else if (move.do === "slash") {
            const validator = staking.validators.get(VALIDATORS[move.validator]!)!;
            validator.tokens -= validator.tokens / 7n;
          } else if (move.do === "block") next();
        }
        next();
        const standing = new Map([...expected.keys()].map((id) => [id, tallyOf(id)]));
        world.time += 2n * DAY_NS;
        if ([...votes.values()].some(({ size }) => size > 2)) fruitful++;
        for (let left = 0; left < 200 && world.query((ctx) => [...state.active.keys(ctx)].length) > 0; left++) {
          block();
          // Whoever moves stake or votes while a count goes on changes nothing.
          world.tx((ctx) => staking.change(ctx, ACCOUNTS[left % 7]!, VALIDATORS[left % 3]!, BigInt(left * 1000)));
          expect(world.broken()).toEqual([]);
        }
        for (const [id, [stakes, validators]] of expected) {
          const counts = model(stakes, validators, votes.get(id)!);
          expect(tallyOf(id)).toEqual(counts);
          expect(standing.get(id)).toEqual(counts);
        }
        for (let i = 0; i < 5; i++) block();
        world.query((ctx) => {
          expect([...state.votes.keys(ctx)]).toEqual([]);
          expect([...state.snapshots.keys(ctx)]).toEqual([]);
          expect([...state.history.keys(ctx)]).toEqual([]);
          expect([...state.tallies.keys(ctx)]).toEqual([]);
          expect([...state.held.keys(ctx)]).toEqual([]);
        });

        function tallyOf(id: bigint): readonly bigint[] {
          const tally = world.query((ctx) => gov.keeper.tally(ctx, id));
          return [tally.yesCount, tally.abstainCount, tally.noCount, tally.noWithVetoCount].map(fromDigits);
        }
      }),
      { numRuns: RUNS },
    );
    expect(fruitful).toBeGreaterThan(RUNS / 2);
  });
});

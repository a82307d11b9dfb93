/**
 * Random lives of a small chain beside a model of it that knows only whole sums: what each person put in and got out, and
 * what each slash may take.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Dec, fromInt, multiply, ONE } from "../kernel/decimal.ts";
import { addr } from "../kernel/testing.ts";
import { DENOM, keyOf, operatorOf, type StakingChain, startStaking, UNIT } from "./testing.ts";
import { consensusAddressOf, isUnbonded, tokensFromShares } from "./validator.ts";

const VALIDATORS = ["alice", "bob", "carol"] as const;
const NAMES = [...VALIDATORS, "dave", "erin"] as const;
const UNBONDING_SECONDS = 8n;

const person = fc.constantFrom(...NAMES);
const validator = fc.constantFrom(...VALIDATORS);
const amount = fc.oneof(fc.bigInt(1n, 9n), fc.bigInt(1n, 20n * UNIT));
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("delegate" as const), by: person, to: validator, amount }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("undelegate" as const), by: person, to: validator, amount }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("redelegate" as const),
      by: person,
      from: validator,
      to: validator,
      amount,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("cancel" as const),
      by: person,
      to: validator,
      amount,
      ago: fc.bigInt(0n, 6n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("slash" as const),
      to: validator,
      ago: fc.bigInt(0n, 6n),
      fraction: fc.oneof(fc.bigInt(1n, ONE), fc.constant(ONE / 3n), fc.constant(ONE)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("jail" as const, "unjail" as const), to: validator }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("block" as const), seconds: fc.bigInt(1n, 3n) }) },
);
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never;

/** Everything of a person: in the account, staked, on its way out. */
function worth(chain: StakingChain, name: string): Dec {
  return chain.world.query((ctx) => {
    const genesis = chain.modules.stake.genesis.export(ctx);
    const who = addr(name);
    let sum = fromInt(chain.modules.money.keeper.balance(ctx, who, DENOM));
    for (const { delegatorAddress, validatorAddress, shares } of genesis.delegations) {
      const record = chain.keeper.validator(ctx, validatorAddress);
      if (delegatorAddress === who && record) sum += tokensFromShares(record, shares);
    }
    for (const { delegatorAddress, entries } of genesis.unbondingDelegations) {
      if (delegatorAddress === who) for (const { balance } of entries) sum += fromInt(balance);
    }
    return sum;
  });
}

const supply = (chain: StakingChain): bigint =>
  chain.world.query((ctx) => chain.modules.money.keeper.supply(ctx, DENOM));

/** Runs what may be refused, but only with a typed error. Whether it was done. */
function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ codespace: expect.any(String), code: expect.any(Number) });
    return false;
  }
}

class Life {
  readonly chain = startStaking({
    names: NAMES,
    params: { unbondingTime: { seconds: UNBONDING_SECONDS, nanos: 0 }, maxEntries: 4, maxValidators: 2 },
  });
  /** Destinations and times until which tokens of a person that came there by a redelegation cannot go on. */
  readonly #arrivals: { readonly by: string; readonly to: string; readonly until: bigint }[] = [];
  /** Power by block, as CometBFT would report it. */
  readonly #powers: Map<string, bigint>[] = [];

  constructor() {
    for (const name of VALIDATORS) this.chain.create(name, 10n * UNIT);
    this.block(1n);
  }

  block(seconds: bigint): void {
    const before = supply(this.chain);
    this.chain.block(seconds);
    expect(supply(this.chain)).toBe(before);
    expect(this.chain.world.broken()).toEqual([]);
    const powers = this.chain.world.query((ctx) => new Map(this.chain.keeper.lastPowers(ctx)));
    this.#powers[Number(this.chain.world.height)] = powers;
  }

  run(act: Act): void {
    const { chain } = this;
    const before = { supply: supply(chain), worths: NAMES.map((name) => worth(chain, name)) };
    if (act.kind === "block") this.block(act.seconds);
    else if (act.kind === "slash") this.slash(act, before.supply);
    else {
      this.move(act);
      expect(supply(chain)).toBe(before.supply);
    }
    for (const [i, name] of NAMES.entries()) {
      // Roundings take from who acts and leave it with the validator: at most a unit a delegation, never a gain worth a unit.
      const change = worth(chain, name) - before.worths[i]!;
      if (act.kind !== "slash") expect(change < 4n * ONE && change > -4n * ONE, `${name} ${change}`).toBe(true);
      else expect(change < 4n * ONE).toBe(true);
    }
  }

  move(act: Exclude<Act, { kind: "block" | "slash" }>): void {
    const { chain } = this;
    if (act.kind === "delegate") attempt(() => chain.delegate(act.by, act.to, act.amount));
    else if (act.kind === "undelegate") attempt(() => chain.undelegate(act.by, act.to, act.amount));
    else if (act.kind === "redelegate") this.redelegate(act);
    else if (act.kind === "cancel") {
      const creationHeight = chain.world.height - act.ago;
      attempt(() =>
        chain.world.tx((ctx) =>
          chain.msgs.cancelUnbondingDelegation(ctx, {
            delegatorAddress: addr(act.by),
            validatorAddress: operatorOf(act.to),
            amount: { denom: DENOM, amount: act.amount },
            creationHeight,
          }),
        ),
      );
    } else {
      const address = consensusAddressOf(keyOf(act.to));
      attempt(() => chain.world.tx((ctx) => chain.keeper[act.kind](ctx, address)));
    }
  }

  redelegate({ by, from, to, amount }: Extract<Act, { kind: "redelegate" }>): void {
    const { world } = this.chain;
    const source = world.query((ctx) => this.chain.keeper.validator(ctx, operatorOf(from)));
    const isHopping = this.#arrivals.some((a) => a.by === by && a.to === from && a.until > world.time);
    const done = attempt(() => this.chain.redelegate(by, from, to, amount));
    if (isHopping) expect(done).toBe(false);
    if (done && source && !isUnbonded(source)) {
      const until =
        source.status === 3
          ? world.time + UNBONDING_SECONDS * 1_000_000_000n
          : source.unbondingTime.seconds * 1_000_000_000n + BigInt(source.unbondingTime.nanos);
      this.#arrivals.push({ by, to, until });
    }
  }

  slash({ to, ago, fraction }: Extract<Act, { kind: "slash" }>, before: bigint): void {
    const { chain } = this;
    const height = chain.world.height - ago;
    const power = this.#powers[Number(height)]?.get(operatorOf(to)) ?? 0n;
    const record = chain.world.query((ctx) => chain.keeper.validator(ctx, operatorOf(to)));
    const own = record?.tokens ?? 0n;
    let burnt = 0n;
    const done = attempt(() => {
      burnt = chain.world.tx((ctx) => chain.keeper.slash(ctx, consensusAddressOf(keyOf(to)), height, power, fraction));
    });
    const lost = before - supply(chain);
    const due = multiply(fraction, fromInt(power * UNIT)) / ONE;
    if (!done) expect(lost).toBe(0n);
    // Of the validator itself never more than what is due, nor than it has.
    expect(burnt <= due && burnt <= own && burnt <= lost).toBe(true);
    expect(chain.world.broken()).toEqual([]);
  }
}

it("keeps its books over random lives, refuses hops and slashes no more of a validator than is due", () => {
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 60 }), (acts) => {
      const life = new Life();
      for (const step of acts) life.run(step);
      for (let i = 0n; i < UNBONDING_SECONDS + 2n; i++) life.block(1n);
    }),
    { numRuns: 40 },
  );
});

it("slashes exactly the stake of the infraction when nothing was slashed before, wherever it went since", () => {
  const moves = fc.array(
    fc.record({
      kind: fc.constantFrom("undelegate", "redelegate", "block"),
      by: fc.constantFrom("dave", "erin"),
      units: fc.bigInt(1n, 5n),
    }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(moves, fc.bigInt(1n, 100n), (steps, percent) => {
      const chain = startStaking({ names: NAMES, params: { maxEntries: 10 } });
      chain.create("alice", 40n * UNIT);
      chain.create("bob", 40n * UNIT);
      chain.delegate("dave", "alice", 30n * UNIT);
      chain.delegate("erin", "alice", 30n * UNIT);
      chain.block();
      const { height } = chain.world;
      chain.block();
      for (const { kind, by, units } of steps) {
        if (kind === "block") chain.block();
        else if (kind === "undelegate") chain.undelegate(by, "alice", units * UNIT);
        else chain.redelegate(by, "alice", "bob", units * UNIT);
      }
      chain.block();
      const before = supply(chain);
      const fraction = (percent * ONE) / 100n;
      chain.world.tx((ctx) => chain.keeper.slash(ctx, consensusAddressOf(keyOf("alice")), height, 100n, fraction));
      expect(before - supply(chain)).toBe((100n * UNIT * percent) / 100n);
      chain.block();
      expect(chain.world.broken()).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

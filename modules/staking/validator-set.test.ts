import { PubKey as Secp256k1 } from "@interfirm/proto/gen/cosmos/crypto/secp256k1";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ONE } from "../kernel/decimal.ts";
import type { ValidatorUpdate } from "../kernel/module.ts";
import { addr } from "../kernel/testing.ts";
import { state } from "./state.ts";
import { DENOM, keyOf, operatorOf, type StakingChain, startStaking, UNIT } from "./testing.ts";
import { consensusAddressOf } from "./validator.ts";

const THREE_WEEKS = 1_814_400n;
const address = (name: string): Uint8Array => consensusAddressOf(keyOf(name));
const jail = (chain: StakingChain, name: string): void =>
  chain.world.tx((ctx) => chain.keeper.jail(ctx, address(name)));
const unjail = (chain: StakingChain, name: string): void =>
  chain.world.tx((ctx) => chain.keeper.unjail(ctx, address(name)));
const cap = (chain: StakingChain, powerCapBp: number): void =>
  chain.world.tx((ctx) => chain.keeper.setOwnParams(ctx, { powerCapBp, keyRotationsMax: 1 }));

describe("the set", () => {
  it("is the strongest, and tells CometBFT what changes", () => {
    const chain = startStaking({ params: { maxValidators: 2 } });
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 20n * UNIT + 999_999n);
    chain.create("carol", 9n * UNIT);
    expect(chain.block()).toEqual({ bob: 20n, alice: 10n });
    expect(chain.block()).toEqual({});
    chain.delegate("dave", "carol", 2n * UNIT);
    expect(chain.block()).toEqual({ carol: 11n, alice: 0n });
    expect(chain.world.broken()).toEqual([]);
    chain.block(THREE_WEEKS);
    chain.block();
    expect(chain.validator("alice").status).toBe(1);
    expect(chain.world.broken()).toEqual([]);
  });

  it("has nobody with less than one unit of power", () => {
    const chain = startStaking();
    chain.create("alice", UNIT);
    chain.create("bob", UNIT - 1n);
    expect(chain.block()).toEqual({ alice: 1n });
  });

  it("stays as it is when nobody is left who could be in it, until there is somebody", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.block();
    jail(chain, "alice");
    jail(chain, "bob");
    expect(chain.block()).toEqual({});
    chain.undelegate("alice", "alice", 10n * UNIT);
    expect(chain.block()).toEqual({});
    expect(chain.world.broken()).toEqual([]);
    unjail(chain, "bob");
    expect(chain.block()).toEqual({ alice: 0n });
    expect(chain.world.broken()).toEqual([]);
  });

  it("goes on when the last stake is taken away", () => {
    const chain = startStaking();
    chain.create("alice", UNIT);
    chain.block();
    chain.undelegate("alice", "alice", UNIT);
    expect(chain.block()).toEqual({});
    expect(chain.block(THREE_WEEKS)).toEqual({});
    chain.create("bob", 5n * UNIT);
    expect(chain.block()).toEqual({ bob: 5n, alice: 0n });
    chain.block(THREE_WEEKS);
    chain.block();
    expect(() => chain.validator("alice")).toThrow("no validator");
    expect(chain.world.broken()).toEqual([]);
  });

  it("never has more power than CometBFT adds up", () => {
    const chain = startStaking({ names: ["alice"] });
    const most = 1_152_921_504_606_846n * UNIT;
    chain.create("alice", UNIT);
    fund(chain, "alice", most * 2n);
    expect(() => chain.delegate("alice", "alice", most)).toThrow(
      expect.objectContaining({ codespace: "staking", code: 104 }),
    );
    chain.delegate("alice", "alice", most - UNIT);
    expect(chain.block()).toEqual({ alice: most / UNIT });
  });

  it("gets one update a key, zero only for members, whatever happens", () => {
    const names = ["alice", "bob", "carol", "dave", "erin"];
    const act = fc.record({
      kind: fc.constantFrom("delegate", "undelegate", "jail", "unjail", "rotate", "cap", "block"),
      who: fc.constantFrom(...names),
      amount: fc.bigInt(1n, 30n).map((units) => units * UNIT - 1n),
    });
    fc.assert(
      fc.property(fc.array(act, { minLength: 5, maxLength: 40 }), (acts) => {
        const chain = startStaking({ params: { maxValidators: 3, unbondingTime: { seconds: 3n, nanos: 0 } } });
        const known = new Map<string, bigint>();
        let rotations = 0;
        for (const name of names) chain.create(name, 10n * UNIT);
        followBlock(chain, known);
        for (const { kind, who, amount } of acts) {
          const key = chain.world.query((ctx) => chain.keeper.validator(ctx, operatorOf(who)))?.consensusPubkey;
          attempt(() => {
            if (kind === "delegate") chain.delegate(who, who, amount);
            else if (kind === "undelegate") chain.undelegate(who, who, amount);
            else if (kind === "cap") cap(chain, Number(amount % 10_001n));
            else if (kind === "block") followBlock(chain, known);
            else if (kind === "rotate") {
              const next = keyOf(`${who} ${rotations++}`);
              chain.world.tx((ctx) => chain.keeper.rotateKey(ctx, operatorOf(who), next));
            } else if (key) {
              chain.world.tx((ctx) => chain.keeper[kind](ctx, consensusAddressOf(key)));
            }
          });
        }
        for (let i = 0; i < 5; i++) followBlock(chain, known);
      }),
      { numRuns: 20 },
    );
  });
});

/** What CometBFT does with updates: throws where it would stop. */
function followBlock(chain: StakingChain, known: Map<string, bigint>): void {
  const updates: readonly ValidatorUpdate[] = chain.world.endBlock();
  const seen = new Set<string>();
  for (const { pubKey, power } of updates) {
    const key = pubKey.join();
    expect(seen.has(key)).toBe(false);
    seen.add(key);
    if (power > 0n) known.set(key, power);
    else expect(known.delete(key)).toBe(true);
  }
  expect(known.size).toBeGreaterThan(0);
  expect(chain.world.broken()).toEqual([]);
  chain.world.beginBlock();
}

/** Runs what may be refused, but only with a typed error. */
function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ codespace: expect.any(String), code: expect.any(Number) });
  }
}

function fund(chain: StakingChain, name: string, amount: bigint): void {
  const { keeper } = chain.modules.money;
  chain.world.tx((ctx) => {
    keeper.mint(ctx, "faucet", [{ denom: DENOM, amount }]);
    keeper.sendFromModule(ctx, "faucet", addr(name), [{ denom: DENOM, amount }]);
  });
}

describe("queues", () => {
  it("pay out 200 a block and let nobody touch those who wait", () => {
    const names = Array.from({ length: 201 }, (_, i) => `person ${i}`);
    const chain = startStaking({ names: ["alice", ...names], params: { unbondingTime: { seconds: 10n, nanos: 0 } } });
    chain.create("alice", UNIT);
    for (const name of names) chain.delegate(name, "alice", 10n);
    chain.block();
    const began = chain.world.height;
    for (const name of names) chain.undelegate(name, "alice", 10n);
    const before = names.map((name) => chain.balance(name));
    chain.block(10n);
    chain.block();
    const waiting = names.filter((name, i) => chain.balance(name) === before[i]);
    expect(waiting.length).toBe(1);
    const [last = ""] = waiting;
    expect(() =>
      chain.world.tx((ctx) =>
        chain.msgs.cancelUnbondingDelegation(ctx, {
          delegatorAddress: addr(last),
          validatorAddress: operatorOf("alice"),
          amount: { denom: DENOM, amount: 10n },
          creationHeight: began,
        }),
      ),
    ).toThrow("already processed");
    chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), began - 1n, 1n, ONE / 2n));
    chain.block();
    expect(names.map((name) => chain.balance(name))).toEqual(before.map((balance) => balance + 10n));
    expect(chain.world.broken()).toEqual([]);
  });

  it("prune 20 entries of the history a block", () => {
    const chain = startStaking({ params: { historicalEntries: 50 } });
    chain.create("alice", UNIT);
    for (let i = 0; i < 60; i++) chain.block();
    const entries = (): number =>
      chain.world.query((ctx) => chain.modules.stake.genesis.export(ctx).interfirm?.history.length ?? 0);
    expect(entries()).toBe(50);
    chain.world.tx((ctx) => chain.keeper.setParams(ctx, { ...chain.keeper.params(ctx), historicalEntries: 5 }));
    chain.block();
    expect(entries()).toBe(31);
    chain.block();
    chain.block();
    expect(entries()).toBe(5);
  });
});

describe("a history of large sets", () => {
  it("keeps what 128 MiB hold", () => {
    const chain = startStaking({ params: { historicalEntries: 10_000 } });
    chain.create("alice", UNIT);
    chain.block();
    const details = "x".repeat(16 * 1024 * 1024);
    chain.world.tx((ctx) => {
      const alice = chain.keeper.validator(ctx, operatorOf("alice"))!;
      state.validators.set(ctx, operatorOf("alice"), { ...alice, description: { ...alice.description, details } });
    });
    const heights = () => chain.world.query((ctx) => [...state.history.keys(ctx)]);
    while (chain.world.height < 12n) chain.block();
    expect(heights()).toEqual([5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n]);
  });
});

describe("rotation of consensus keys", () => {
  const rotate = (chain: StakingChain, name: string, key: string): void =>
    chain.world.tx((ctx) => chain.keeper.rotateKey(ctx, operatorOf(name), keyOf(key)));

  it("tells CometBFT both keys, and the old one stays punishable for an unbonding time", () => {
    const chain = startStaking({ names: ["alice", "bob", "new"] });
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 5n * UNIT);
    chain.block();
    rotate(chain, "alice", "new");
    expect(chain.block()).toEqual({ alice: 0n, new: 10n });
    expect(chain.world.broken()).toEqual([]);
    expect(() => chain.create("new", UNIT, { pubkey: keyOf("alice") })).toThrow(/pubkey/);
    const burnt = chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), ctx.height - 1n, 10n, ONE / 10n));
    expect(burnt).toBe(UNIT);
    chain.block(THREE_WEEKS);
    chain.block();
    expect(chain.world.query((ctx) => chain.keeper.validatorByConsAddr(ctx, address("alice")))).toBeUndefined();
    expect(chain.world.query((ctx) => chain.keeper.validatorByConsAddr(ctx, address("new")))).toBeDefined();
    expect(chain.world.broken()).toEqual([]);
  });

  it("happens once in an unbonding time, not in jail, and not with a key in use or of another kind", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.block();
    expect(() => rotate(chain, "alice", "bob")).toThrow(expect.objectContaining({ codespace: "staking", code: 5 }));
    expect(() => rotate(chain, "alice", "alice")).toThrow(expect.objectContaining({ codespace: "staking", code: 5 }));
    expect(() => rotate(chain, "erin", "new")).toThrow(expect.objectContaining({ codespace: "staking", code: 3 }));
    const secp256k1 = {
      typeUrl: Secp256k1.typeUrl,
      value: Secp256k1.encode({ key: Uint8Array.of(2, ...new Uint8Array(32)) }).finish(),
    };
    const rotateTo = (newPubkey: typeof secp256k1 | undefined) => () =>
      chain.world.tx((ctx) =>
        chain.ownMsgs.rotateConsensusKey(ctx, { validatorAddress: operatorOf("alice"), newPubkey }),
      );
    expect(rotateTo(secp256k1)).toThrow(expect.objectContaining({ codespace: "staking", code: 6 }));
    expect(rotateTo(undefined)).toThrow(expect.objectContaining({ codespace: "staking", code: 39 }));
    rotate(chain, "alice", "alice 2");
    expect(() => rotate(chain, "alice", "alice 3")).toThrow(
      expect.objectContaining({ codespace: "staking", code: 102 }),
    );
    jail(chain, "bob");
    expect(() => rotate(chain, "bob", "bob 2")).toThrow(expect.objectContaining({ codespace: "staking", code: 7 }));
    chain.block(THREE_WEEKS);
    chain.block();
    rotate(chain, "alice", "alice 3");
    expect(chain.world.broken()).toEqual([]);
  });

  it("removes the key that CometBFT has when the validator leaves in the same block", () => {
    const chain = startStaking();
    chain.create("alice", 10n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.block();
    rotate(chain, "alice", "alice 2");
    chain.world.tx((ctx) => chain.keeper.jail(ctx, consensusAddressOf(keyOf("alice 2"))));
    expect(chain.block()).toEqual({ alice: 0n });
    expect(chain.world.broken()).toEqual([]);
  });

  it("reaches CometBFT also when the set stays as it is", () => {
    const chain = startStaking({ names: ["alice", "new"] });
    chain.create("alice", 10n * UNIT);
    chain.block();
    rotate(chain, "alice", "new");
    chain.world.tx((ctx) => chain.keeper.jail(ctx, address("new")));
    expect(chain.block()).toEqual({ alice: 0n, new: 10n });
  });
});

describe("power cap", () => {
  it("cuts votes, not stake, and gives them back", () => {
    const chain = startStaking({ params: { historicalEntries: 10 } });
    chain.create("alice", 80n * UNIT);
    chain.create("bob", 10n * UNIT);
    chain.create("carol", 10n * UNIT);
    chain.block();
    cap(chain, 4000);
    expect(chain.block()).toEqual({ alice: 13n });
    expect(chain.world.query((ctx) => chain.keeper.lastValidatorPower(ctx, operatorOf("alice")))).toBe(80n);
    chain.block();
    chain.block();
    const { height } = chain.world;
    expect(chain.world.query((ctx) => chain.keeper.stakePower(ctx, address("alice"), height, 13n))).toBe(80n);
    expect(chain.world.query((ctx) => chain.keeper.stakePower(ctx, address("bob"), height, 10n))).toBe(10n);
    const vote = (name: string, power: bigint) => ({ validator: address(name), power, flag: "commit" as const });
    const votes = [vote("alice", 13n), vote("bob", 10n), vote("nobody", 1n)];
    expect(chain.world.query((ctx) => chain.keeper.votesByStake(ctx, votes)).map(({ power }) => power)).toEqual([
      80n,
      10n,
      1n,
    ]);
    const burnt = chain.world.tx((ctx) => chain.keeper.slash(ctx, address("alice"), height - 1n, 13n, ONE / 10n));
    expect(burnt).toBe(8n * UNIT);
    cap(chain, 0);
    expect(chain.block()).toEqual({ alice: 72n });
    expect(chain.world.broken()).toEqual([]);
  });

  it("looks at owners", () => {
    const chain = startStaking({ ownerOf: (_, operator) => (operator === operatorOf("carol") ? "other" : "one") });
    cap(chain, 5000);
    chain.create("alice", 30n * UNIT);
    chain.create("bob", 30n * UNIT);
    chain.create("carol", 10n * UNIT);
    expect(chain.block()).toEqual({ alice: 5n, bob: 5n, carol: 10n });
  });
});

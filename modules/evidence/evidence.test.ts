import { Equivocation, type MsgSubmitEvidence } from "@interfirm/proto/gen/cosmos/evidence/v1beta1";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToAddress, consensusPrefix } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { toHex } from "../kernel/bytes.ts";
import { ONE } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import type { Misbehavior } from "../kernel/module.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { DENOM, keyOf, operatorOf, UNIT } from "../staking/testing.ts";
import { equivocationHash, packEquivocation } from "./equivocation.ts";
import { fail } from "./errors.ts";
import { createKeeper } from "./keeper.ts";
import { msgs } from "./services.ts";
import { state } from "./state.ts";
import { composePunishment, consensusOf, startPunishment } from "./testing.ts";

const POWERS = { alice: 100n, bob: 60n, carol: 40n };
const refused = (codespace: string, code: number) => expect.objectContaining({ codespace, code });

function running(blocks = 6) {
  const chain = startPunishment(POWERS);
  chain.blocks(blocks);
  return chain;
}

const kept = (chain: ReturnType<typeof running>): number =>
  chain.world.query((ctx) => [...state.evidence.keys(ctx)].length);

describe("misbehavior", () => {
  it.each(["duplicateVote", "lightClientAttack"] as const)("of kind %s costs 5 %, jail and tombstone", (kind) => {
    const chain = running();
    const supply = chain.supply();
    const piece = chain.doubleSign("bob", 5n, 60n, { kind });
    chain.block({ misbehavior: [piece] });
    expect(chain.validator("bob")).toMatchObject({ jailed: true, tokens: 57n * UNIT });
    expect(chain.supply()).toBe(supply - 3n * UNIT);
    expect(chain.info("bob")).toMatchObject({ tombstoned: true, jailedUntil: { seconds: 253_402_300_799n } });
    expect(kept(chain)).toBe(1);
    expect(chain.world.broken()).toEqual([]);
  });

  it("is punished once, however often and from whatever heights it comes", () => {
    const chain = running();
    const supply = chain.supply();
    const piece = chain.doubleSign("bob", 5n, 60n);
    const many = Array.from({ length: 200 }, (_, i) => ({ ...piece, height: BigInt(4 + (i % 3)) }));
    chain.block({ misbehavior: [piece, ...many] });
    chain.block({ misbehavior: [piece, ...many] });
    expect(chain.supply()).toBe(supply - 3n * UNIT);
    expect(kept(chain)).toBe(1);
    expect(chain.world.events.filter(({ type }) => type === "evidence_failed")).toEqual([]);
  });

  it("of both keys of a validator is punished once, and jails it under its present key", () => {
    const chain = running();
    const rotation = { validatorAddress: operatorOf("bob"), newPubkey: keyOf("bob2") };
    chain.block({ act: (ctx) => chain.ownStaking.rotateConsensusKey(ctx, rotation) });
    chain.blocks(3);
    const supply = chain.supply();
    const before = chain.doubleSign("bob", 5n, 60n);
    chain.block({ misbehavior: [before, chain.doubleSign("bob2", 10n, 60n), before] });
    expect(chain.supply()).toBe(supply - 3n * UNIT);
    expect(chain.info("bob", consensusOf("bob2"))).toMatchObject({ tombstoned: true });
    expect(chain.world.broken()).toEqual([]);
  });

  it("counts until it is too old in blocks and in time", () => {
    const ages = [
      { blocks: 21, seconds: 3n, punished: true },
      { blocks: 5, seconds: 200n, punished: true },
      { blocks: 20, seconds: 200n, punished: true },
      { blocks: 21, seconds: 200n, punished: false },
    ];
    for (const { blocks, seconds, punished } of ages) {
      const chain = running();
      const piece = chain.doubleSign("bob", chain.world.height, 60n);
      chain.blocks(blocks - 1);
      chain.block({ misbehavior: [piece], seconds });
      expect([blocks, chain.validator("bob").jailed]).toEqual([blocks, punished]);
    }
  });

  const impossible: readonly (readonly [string, Partial<Misbehavior>])[] = [
    ["of the future", { height: 1_000n }],
    ["of the next block", { height: 9n }],
    ["of height 0", { height: 0n }],
    ["of a negative height", { height: -5n }],
    ["without power", { power: 0n }],
    ["with negative power", { power: -1n }],
    ["before 1970", { time: -1n }],
    ["of an unknown validator", { validator: new Uint8Array(20).fill(9) }],
    ["of no validator", { validator: new Uint8Array(0) }],
    ["of another kind", { kind: "unknown" }],
  ];
  it.each(impossible)("%s is passed over", (_, change) => {
    const chain = running();
    const supply = chain.supply();
    chain.block({ misbehavior: [chain.doubleSign("bob", 5n, 60n, change)] });
    expect([chain.supply(), chain.validator("bob").jailed, kept(chain)]).toEqual([supply, false, 0]);
    expect(chain.world.events.filter(({ type }) => type === "evidence_failed")).toEqual([]);
  });

  it("of a validator whose stake is unbonded is passed over, of one that unbonds is not", () => {
    const chain = running();
    const all = (name: string) => ({
      delegatorAddress: addr(name),
      validatorAddress: operatorOf(name),
      amount: { denom: DENOM, amount: POWERS[name as keyof typeof POWERS] * UNIT - 1n },
    });
    const piece = chain.doubleSign("carol", 5n, 40n);
    chain.block({ act: (ctx) => void chain.staking.undelegate(ctx, all("carol")) });
    chain.blocks(2);
    const supply = chain.supply();
    chain.block({ misbehavior: [piece] });
    expect(chain.supply()).toBe(supply - 2n * UNIT);

    const other = running();
    const early = other.doubleSign("carol", 5n, 40n);
    other.block({ act: (ctx) => void other.staking.undelegate(ctx, all("carol")) });
    other.block({ seconds: 2_000_000n });
    const before = other.supply();
    other.block({ misbehavior: [{ ...early, height: other.world.height, time: other.world.time }] });
    expect(other.supply()).toBe(before);
  });

  it("in any number and shape never stops a block, and every validator loses at most once", () => {
    const int64 = fc.oneof(fc.bigInt(-2n, 40n), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n));
    const piece = fc.record({
      kind: fc.constantFrom("duplicateVote", "lightClientAttack", "unknown"),
      validator: fc.oneof(
        fc.constantFrom(consensusOf("alice"), consensusOf("bob"), consensusOf("carol")),
        fc.uint8Array({ maxLength: 21 }),
      ),
      power: fc.oneof(fc.constantFrom(100n, 60n, 40n), int64),
      height: int64,
      time: fc.oneof(fc.constant(1_700_000_000_000_000_000n), int64),
      totalPower: int64,
    });
    fc.assert(
      fc.property(fc.array(fc.array(piece, { maxLength: 10 }), { minLength: 1, maxLength: 4 }), (blocks) => {
        const chain = running();
        for (const misbehavior of blocks) {
          chain.block({ misbehavior: misbehavior as readonly Misbehavior[] });
          expect(chain.world.broken()).toEqual([]);
        }
        for (const name of ["alice", "bob", "carol"] as const) {
          const { tombstoned } = chain.info(name);
          expect(chain.validator(name).jailed).toBe(tombstoned);
        }
        expect(kept(chain)).toBeLessThanOrEqual(3);
      }),
      { numRuns: 12 },
    );
  });
});

describe("the stake behind a double signature", () => {
  const move = fc.record({
    kind: fc.constantFrom("undelegate", "redelegate", "delegate"),
    who: fc.constantFrom("bob", "dave", "erin"),
    share: fc.integer({ min: 1, max: 100 }),
  });

  it("loses its fraction wherever it moved since, to the unit for each place", () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 8 }), (moves) => {
        const chain = startPunishment(POWERS);
        const validatorAddress = operatorOf("bob");
        const coin = (amount: bigint) => ({ denom: DENOM, amount });
        chain.block({
          act(ctx) {
            for (const [name, amount] of [
              ["dave", 17_000_003n],
              ["erin", 9_999_999n],
            ] as const) {
              chain.staking.delegate(ctx, { delegatorAddress: addr(name), validatorAddress, amount: coin(amount) });
            }
          },
        });
        chain.blocks(4);
        const stake = chain.validator("bob").tokens;
        const infraction = chain.world.height;
        const held = (name: string): bigint =>
          chain.world.query((ctx) => chain.modules.stake.keeper.delegation(ctx, addr(name), validatorAddress))
            ?.shares ?? 0n;
        for (const { kind, who, share } of moves) {
          chain.block({
            act(ctx) {
              const amount = kind === "delegate" ? BigInt(share) * 10_007n : (held(who) * BigInt(share)) / 100n / ONE;
              if (amount === 0n) return;
              const ids = { delegatorAddress: addr(who), validatorAddress, amount: coin(amount) };
              try {
                ctx.atomically((branch) => {
                  if (kind === "delegate") {
                    chain.staking.delegate(branch, ids);
                  } else if (kind === "undelegate") chain.staking.undelegate(branch, ids);
                  else {
                    chain.staking.beginRedelegate(branch, {
                      ...ids,
                      validatorSrcAddress: validatorAddress,
                      validatorDstAddress: operatorOf("alice"),
                    });
                  }
                });
              } catch (error) {
                expect(error).toBeInstanceOf(ChainError);
              }
            },
          });
        }
        const supply = chain.supply();
        // The power that CometBFT knows is in whole units.
        chain.block({ misbehavior: [chain.doubleSign("bob", infraction, stake / UNIT)] });
        const burnt = supply - chain.supply();
        const due = ((stake / UNIT) * UNIT) / 20n;
        expect(burnt).toBeLessThanOrEqual(due + BigInt(moves.length));
        expect(burnt).toBeGreaterThanOrEqual(due - BigInt(moves.length) - 1n);
        expect(chain.validator("bob").jailed).toBe(true);
        expect(chain.world.broken()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("under the power cap", () => {
  it("a double signature costs its share of the stake of that height, not of the votes", () => {
    for (const [after, stake] of [
      [1n, 100n],
      [2n, 150n],
      [3n, 150n],
    ] as const) {
      const chain = startPunishment(POWERS);
      chain.world.tx((ctx) =>
        chain.ownStaking.updateParams(ctx, {
          authority: govAuthority(TEST_PREFIX),
          params: { powerCapBp: 4000, keyRotationsMax: 1 },
        }),
      );
      chain.blocks(5);
      const delegation = {
        delegatorAddress: addr("dave"),
        validatorAddress: operatorOf("alice"),
        amount: { denom: DENOM, amount: 50n * UNIT },
      };
      chain.block({ act: (ctx) => void chain.staking.delegate(ctx, delegation) });
      const changed = chain.world.height;
      chain.blocks(3);
      const height = changed + after;
      const power = chain.power("alice", height);
      expect(power).toBeLessThan(stake);
      const supply = chain.supply();
      chain.block({ misbehavior: [chain.doubleSign("alice", height, power)] });
      expect([after, supply - chain.supply()]).toEqual([after, (stake * UNIT) / 20n]);
    }
  });
});

const text = (name: string): string => bytesToAddress(consensusOf(name), consensusPrefix(TEST_PREFIX));
const EQUIVOCATION: Equivocation = {
  height: 5n,
  time: { seconds: 1_700_000_000n, nanos: 0 },
  power: 60n,
  consensusAddress: text("bob"),
};

describe("evidence in a message", () => {
  const submit = (chain: ReturnType<typeof running>, packed: MsgSubmitEvidence["evidence"]) =>
    chain.world.tx((ctx) =>
      msgs(chain.modules.proof.keeper).submitEvidence(ctx, { submitter: addr("dave"), evidence: packed }),
    );

  it("has no handler", () => {
    expect(() => submit(running(), packEquivocation(EQUIVOCATION))).toThrow(refused("evidence", 2));
  });

  it.each([
    ["missing", undefined],
    ["of another type", { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: new Uint8Array(0) }],
    ["that does not parse", { typeUrl: Equivocation.typeUrl, value: Uint8Array.of(255) }],
    ["of height 0", packEquivocation({ ...EQUIVOCATION, height: 0n })],
    ["without power", packEquivocation({ ...EQUIVOCATION, power: 0n })],
    ["before 1970", packEquivocation({ ...EQUIVOCATION, time: { seconds: 0n, nanos: 5 } })],
    ["of nobody", packEquivocation({ ...EQUIVOCATION, consensusAddress: "" })],
  ])("%s is refused", (_, packed) => {
    expect(() => submit(running(), packed)).toThrow(refused("evidence", 3));
  });

  it("goes to the handler of its kind, once", () => {
    const handled: Equivocation[] = [];
    const { stake, jail } = composePunishment();
    const keeper = createKeeper({
      staking: stake.keeper,
      slashing: jail.keeper,
      consensus: { params: () => ({ evidence: undefined }) },
      routes: new Map([
        [
          "equivocation",
          (_, equivocation: Equivocation) => {
            if (equivocation.height === 7n) throw fail.invalid("height is 7, want another");
            handled.push(equivocation);
          },
        ],
      ]),
    });
    const world = createWorld([composePunishment().proof]);
    const packed = packEquivocation(EQUIVOCATION);
    const hash = world.tx((ctx) => keeper.submit(ctx, packed));
    expect(hash).toEqual(equivocationHash(EQUIVOCATION));
    expect(handled).toEqual([EQUIVOCATION]);
    expect(world.events).toMatchObject([
      { type: "submit_evidence", attributes: [{ key: "evidence_hash", value: toHex(hash).toUpperCase() }] },
    ]);
    expect(() => world.tx((ctx) => keeper.submit(ctx, packed))).toThrow(refused("evidence", 5));
    const bad = packEquivocation({ ...EQUIVOCATION, height: 7n });
    expect(() => world.tx((ctx) => keeper.submit(ctx, bad))).toThrow(refused("evidence", 3));
  });
});

describe("queries", () => {
  const chain = running();
  chain.block({ misbehavior: [chain.doubleSign("bob", 5n, 60n), chain.doubleSign("carol", 5n, 40n)] });
  const query = <R>(name: string, request: unknown): R =>
    chain.world.query((ctx) => chain.modules.proof.queries![0]!.handlers[name]!(ctx, request as never)) as R;

  it("answer with all evidence and with one piece, by either case of its hash", () => {
    const all = query<{ evidence: { value: Uint8Array }[] }>("allEvidence", {});
    expect(all.evidence).toHaveLength(2);
    const hash = toHex(equivocationHash(Equivocation.decode(all.evidence[0]!.value)));
    expect(query("evidence", { hash })).toEqual({ evidence: all.evidence[0] });
    expect(query("evidence", { hash: hash.toUpperCase() })).toEqual({ evidence: all.evidence[0] });
  });

  it.each([
    ["", 18],
    ["xyz", 18],
    ["0".repeat(66), 18],
    ["00", 22],
  ])("refuse the hash %j", (hash, code) => {
    expect(() => query("evidence", { hash })).toThrow(refused("sdk", code));
  });
});

describe("genesis", () => {
  const { genesis } = composePunishment().proof;
  const packed = packEquivocation(EQUIVOCATION);
  it.each([
    ["evidence twice", "evidence", 100, [packed, packed]],
    ["unsound evidence", "evidence", 3, [packEquivocation({ ...EQUIVOCATION, height: 0n })]],
    ["evidence of another kind", "evidence", 3, [{ typeUrl: "/x", value: new Uint8Array(0) }]],
    ["an address that is none", "sdk", 7, [packEquivocation({ ...EQUIVOCATION, consensusAddress: "firm1x" })]],
  ])("refuses %s", (_, codespace, code, pieces) => {
    expect(() => genesis.validate({ evidence: pieces }, TEST_PREFIX)).toThrow(refused(codespace, code));
  });
});

moduleLaws("evidence", () => {
  const { list, proof } = composePunishment();
  return {
    module: proof,
    modules: list,
    fill: (world) =>
      world.tx((ctx) => {
        for (const height of [5n, 6n, 70n]) {
          const piece = { ...EQUIVOCATION, height };
          state.evidence.set(ctx, equivocationHash(piece), packEquivocation(piece));
        }
      }),
  };
});

readmeLaws({
  module: composePunishment().proof,
  readme: new URL("./README.md", import.meta.url),
  state,
  errors: fail,
  events: ["submit_evidence", "evidence_failed"],
});

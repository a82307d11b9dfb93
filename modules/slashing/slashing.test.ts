import type { Params } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { composePunishment, consensusOf, startPunishment } from "../evidence/testing.ts";
import { govAuthority } from "../kernel/authority.ts";
import { ONE } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { createMsg, DENOM, keyOf, operatorOf, UNIT } from "../staking/testing.ts";
import { clearMissed, forgetMissedFrom, isMissed, missedBlocks, moveMissed, setMissed } from "./bitmap.ts";
import { fail } from "./errors.ts";
import { DEFAULT_PARAMS, missesMax } from "./params.ts";
import { consensusAddressText } from "./signing.ts";
import { state } from "./state.ts";

const POWERS = { alice: 100n, bob: 60n, carol: 40n };
const refused = (codespace: string, code: number) => expect.objectContaining({ codespace, code });
const unjail = (name: string) => ({ validatorAddr: operatorOf(name) });
const coin = (amount: bigint) => ({ denom: DENOM, amount });

const text = (name: string): string => createWorld([]).query((ctx) => consensusAddressText(consensusOf(name), ctx));

describe("missed blocks", () => {
  const world = createWorld([composePunishment().jail]);
  const [one, other] = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)];

  it("are a set of indexes, in whatever order they are written", () => {
    const index = fc.oneof(fc.bigInt(0n, 3000n), fc.bigInt(0n, 300n * 1024n), fc.bigInt(0n, (1n << 63n) - 1n));
    fc.assert(
      fc.property(fc.array(fc.tuple(index, fc.boolean()), { maxLength: 40 }), (writes) => {
        const model = new Set<bigint>();
        world.tx((ctx) => {
          clearMissed(ctx, one);
          for (const [at, missed] of writes) {
            setMissed(ctx, one, at, missed);
            if (missed) model.add(at);
            else model.delete(at);
          }
          for (const [at] of writes) expect(isMissed(ctx, one, at)).toBe(model.has(at));
          expect(missedBlocks(ctx, one)).toEqual([...model].sort((a, b) => (a < b ? -1 : 1)));
          if (model.size === 0) expect([...state.missedBlocks.keys(ctx)]).toEqual([]);
        });
      }),
    );
  });

  it("are forgotten from an index on", () => {
    const index = fc.oneof(fc.bigInt(0n, 3000n), fc.bigInt(0n, 10_000n));
    fc.assert(
      fc.property(fc.uniqueArray(index, { maxLength: 40 }), index, (missed, first) => {
        world.tx((ctx) => {
          clearMissed(ctx, one);
          for (const at of missed) setMissed(ctx, one, at, true);
          const kept = missed.filter((at) => at < first).sort((a, b) => (a < b ? -1 : 1));
          expect(forgetMissedFrom(ctx, one, first)).toBe(missed.length - kept.length);
          expect(missedBlocks(ctx, one)).toEqual(kept);
          if (kept.length === 0) expect([...state.missedBlocks.keys(ctx)]).toEqual([]);
        });
      }),
    );
  });

  it("move to another key", () => {
    world.tx((ctx) => {
      clearMissed(ctx, one);
      for (const at of [0n, 63n, 64n, 1023n, 1024n, 5000n]) setMissed(ctx, one, at, true);
      moveMissed(ctx, one, other);
      expect(missedBlocks(ctx, one)).toEqual([]);
      expect(missedBlocks(ctx, other)).toEqual([0n, 63n, 64n, 1023n, 1024n, 5000n]);
    });
  });
});

describe("liveness", () => {
  it("jails who misses more than half of the window, once, and takes 1 % of its stake", () => {
    const chain = startPunishment(POWERS);
    chain.blocks(2);
    const supply = chain.supply();
    // Bonded at height 1: height 13 is the last that cannot be punished. The first vote is in block 4.
    while (chain.world.height < 13n) chain.block({ absent: ["carol"] });
    expect(chain.validator("carol").jailed).toBe(false);
    chain.block({ absent: ["carol"] });
    expect(chain.validator("carol")).toMatchObject({ jailed: true, tokens: 39_600_000n });
    expect(chain.supply()).toBe(supply - 400_000n);
    expect(chain.info("carol")).toMatchObject({ missedBlocksCounter: 0n, indexOffset: 0n });
    chain.blocks(5, { absent: ["carol"] });
    expect(chain.supply()).toBe(supply - 400_000n);
    expect(chain.world.broken()).toEqual([]);
  });

  it("counts a vote for no block as signed", () => {
    const chain = startPunishment(POWERS);
    chain.blocks(20, { nil: ["carol"] });
    expect(chain.validator("carol").jailed).toBe(false);
    expect(chain.info("carol").missedBlocksCounter).toBe(0n);
  });

  it("keeps the window of a model, for any votes", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 20, maxLength: 40 }), (votes) => {
        const chain = startPunishment(POWERS, { window: 10n });
        chain.blocks(2);
        let window: boolean[] = [];
        for (const missed of votes) {
          chain.block({ absent: missed ? ["bob"] : [] });
          window = [...window, missed].slice(-10);
          const misses = window.filter(Boolean).length;
          const jailed = chain.world.height > 1n + 10n && misses > 5;
          expect(chain.validator("bob").jailed).toBe(jailed);
          if (jailed) return;
          expect(chain.info("bob").missedBlocksCounter).toBe(BigInt(misses));
        }
        expect(chain.world.broken()).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  it("passes over votes of validators that it does not know", () => {
    const chain = startPunishment(POWERS);
    const before = chain.world.dump("slashing");
    chain.world.beginBlock({ lastCommit: [{ validator: new Uint8Array(20), power: 10n, flag: "absent" }] });
    expect(chain.world.dump("slashing")).toBe(before);
  });

  it("starts anew with who has no signing info, as after a genesis without", () => {
    const chain = startPunishment(POWERS);
    chain.blocks(3);
    chain.world.tx((ctx) => state.signingInfos.delete(ctx, consensusOf("bob")));
    chain.block({ absent: ["bob"] });
    expect(chain.info("bob")).toMatchObject({ startHeight: chain.world.height, missedBlocksCounter: 1n });
  });

  it("goes on with a replaced key where the old one was", () => {
    const chain = startPunishment(POWERS);
    chain.blocks(2);
    chain.blocks(3, { absent: ["carol"] });
    chain.block({
      act: (ctx) =>
        chain.ownStaking.rotateConsensusKey(ctx, { validatorAddress: operatorOf("carol"), newPubkey: keyOf("carol2") }),
    });
    chain.blocks(2, { absent: ["carol"] });
    const later = chain.info("carol", consensusOf("carol2"));
    expect(later).toMatchObject({ missedBlocksCounter: 5n, address: text("carol2") });
    expect(() => chain.info("carol")).toThrow();
    chain.blocks(5, { absent: ["carol", "carol2"] });
    expect(chain.validator("carol").jailed).toBe(true);
    expect(chain.world.broken()).toEqual([]);
  });

  it("forgets what lies outside of a smaller window", () => {
    const chain = startPunishment(POWERS, { window: 100n });
    chain.blocks(2);
    chain.blocks(30, { absent: ["carol"] });
    chain.world.tx((ctx) => chain.modules.jail.keeper.setParams(ctx, { ...DEFAULT_PARAMS, signedBlocksWindow: 20n }));
    expect(chain.info("carol").missedBlocksCounter).toBe(20n);
    expect(chain.world.broken()).toEqual([]);
  });
});

describe("unjail", () => {
  function jailed(minSelfDelegation = 2n) {
    const chain = startPunishment(POWERS);
    chain.block({ act: (ctx) => void chain.staking.editValidator(ctx, edit(minSelfDelegation)) });
    chain.blocks(13, { absent: ["carol"] });
    expect(chain.validator("carol").jailed).toBe(true);
    return chain;
  }

  it("lets a validator come back when its time is over, and not a second before", () => {
    const chain = jailed();
    chain.block({ seconds: 598n });
    expect(() => chain.world.tx((ctx) => chain.slashing.unjail(ctx, unjail("carol")))).toThrow(refused("slashing", 4));
    chain.block();
    chain.block({ act: (ctx) => void chain.slashing.unjail(ctx, unjail("carol")) });
    expect(chain.validator("carol").jailed).toBe(false);
    chain.blocks(3);
    expect(chain.info("carol")).toMatchObject({ indexOffset: 1n, startHeight: chain.world.height - 3n });
    expect(chain.world.broken()).toEqual([]);
  });

  it("refuses who is not jailed, unknown, or stakes too little of its own", () => {
    const chain = jailed();
    const run = (name: string) => chain.world.tx((ctx) => chain.slashing.unjail(ctx, unjail(name)));
    expect(() => run("alice")).toThrow(refused("slashing", 5));
    expect(() => run("erin")).toThrow(refused("staking", 3));
    expect(() => chain.world.tx((ctx) => chain.slashing.unjail(ctx, { validatorAddr: addr("carol") }))).toThrow(
      refused("sdk", 7),
    );
    chain.block({ seconds: 600n });
    expect(() => run("carol")).not.toThrow();
  });

  it("refuses an operator that stakes too little of its own, or nothing", () => {
    const chain = jailed(40n * UNIT);
    const run = () => chain.world.tx((ctx) => chain.slashing.unjail(ctx, unjail("carol")));
    chain.block({ seconds: 600n });
    expect(run).toThrow(refused("slashing", 7));
    const validatorAddress = operatorOf("carol");
    chain.world.tx((ctx) => {
      const own = { delegatorAddress: addr("carol"), validatorAddress, amount: coin(39_600_000n) };
      chain.staking.undelegate(ctx, own);
    });
    expect(run).toThrow(refused("staking", 19));
  });

  const edit = (minSelfDelegation: bigint) => ({
    description: { moniker: "c", identity: "", website: "", securityContact: "", details: "" },
    validatorAddress: operatorOf("carol"),
    commissionRate: undefined,
    minSelfDelegation,
  });
});

describe("a tombstone", () => {
  function tombstoned() {
    const chain = startPunishment(POWERS);
    chain.blocks(5);
    chain.block({ misbehavior: [chain.doubleSign("carol", 4n, 40n)] });
    expect(chain.info("carol")).toMatchObject({ tombstoned: true });
    return chain;
  }

  it("keeps a validator out for good", () => {
    const chain = tombstoned();
    chain.blocks(3, { seconds: 100_000_000n });
    expect(() => chain.world.tx((ctx) => chain.slashing.unjail(ctx, unjail("carol")))).toThrow(refused("slashing", 4));
    expect(chain.world.broken()).toEqual([]);
  });

  it("keeps its key from other validators, when it is gone and by rotation", () => {
    const chain = tombstoned();
    chain.block({ seconds: 2_000_000n });
    chain.block({
      act: (ctx) => {
        const ids = { delegatorAddress: addr("carol"), validatorAddress: operatorOf("carol") };
        chain.staking.undelegate(ctx, { ...ids, amount: coin(chain.validator("carol").tokens) });
      },
    });
    expect(() => chain.validator("carol")).toThrow("no validator carol");
    const pubkey = keyOf("carol");
    expect(() =>
      chain.world.tx((ctx) => void chain.staking.createValidator(ctx, createMsg("dave", 10n * UNIT, { pubkey }))),
    ).toThrow(refused("slashing", 9));
    const rotation = { validatorAddress: operatorOf("bob"), newPubkey: pubkey };
    expect(() => chain.world.tx((ctx) => chain.ownStaking.rotateConsensusKey(ctx, rotation))).toThrow(
      refused("slashing", 9),
    );
    expect(chain.world.broken()).toEqual([]);
  });
});

describe("parameters", () => {
  const chain = startPunishment(POWERS);
  const update = (change: Partial<Params>, authority = govAuthority(TEST_PREFIX)) =>
    chain.world.tx((ctx) => chain.slashing.updateParams(ctx, { authority, params: { ...DEFAULT_PARAMS, ...change } }));

  it("round the blocks to sign to the nearest, halves to even", () => {
    const max = (signedBlocksWindow: bigint, minSignedPerWindow: bigint) =>
      missesMax({ ...DEFAULT_PARAMS, signedBlocksWindow, minSignedPerWindow });
    expect([max(5n, ONE / 2n), max(7n, ONE / 2n), max(10n, ONE / 3n), max(10n, ONE), max(10n, 0n)]).toEqual([
      3n,
      3n,
      7n,
      0n,
      10n,
    ]);
  });

  it("are for governance alone", () => {
    expect(() => update({}, addr("mallory"))).toThrow(refused("gov", 13));
    update({ signedBlocksWindow: 1n });
    update({ signedBlocksWindow: 1_000_000n, minSignedPerWindow: 0n });
    chain.blocks(3, { absent: ["bob"] });
    expect(chain.world.broken()).toEqual([]);
  });

  const bad: readonly (readonly [string, Partial<Params>])[] = [
    ["no window", { signedBlocksWindow: 0n }],
    ["a negative window", { signedBlocksWindow: -1n }],
    ["a window without end", { signedBlocksWindow: 1_000_001n }],
    ["a share below 0", { minSignedPerWindow: -1n }],
    ["a share above 1", { minSignedPerWindow: ONE + 1n }],
    ["no time in jail", { downtimeJailDuration: { seconds: 0n, nanos: 0 } }],
    ["a negative time in jail", { downtimeJailDuration: { seconds: -5n, nanos: 0 } }],
    ["a time past 63 bits", { downtimeJailDuration: { seconds: 9_223_372_037n, nanos: 0 } }],
    ["a slash above all", { slashFractionDoubleSign: ONE + 1n }],
    ["a negative slash", { slashFractionDowntime: -1n }],
  ];
  it.each(bad)("refuse %s", (_, change) => {
    expect(() => update(change)).toThrow(refused("sdk", 18));
  });

  it("answer anything with a typed error or a chain that goes on", () => {
    const dec = fc.oneof(fc.bigInt(-ONE, 2n * ONE), fc.bigInt(-(1n << 300n), 1n << 300n));
    const int64 = fc.oneof(fc.bigInt(-2n, 30n), fc.bigInt(-(1n << 63n), (1n << 63n) - 1n));
    const arbitrary = fc.record({
      signedBlocksWindow: int64,
      minSignedPerWindow: dec,
      downtimeJailDuration: fc.record({ seconds: int64, nanos: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }) }),
      slashFractionDoubleSign: dec,
      slashFractionDowntime: dec,
    });
    fc.assert(
      fc.property(arbitrary, (params) => {
        const subject = startPunishment(POWERS);
        subject.blocks(4);
        try {
          subject.world.tx((ctx) => subject.modules.jail.keeper.setParams(ctx, params));
        } catch (error) {
          expect(error).toBeInstanceOf(ChainError);
        }
        subject.blocks(20, { absent: ["bob"] });
        subject.block({ misbehavior: [subject.doubleSign("carol", 5n, 40n)] });
        expect(subject.world.broken()).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});

describe("queries", () => {
  const chain = startPunishment(POWERS);
  chain.blocks(4, { absent: ["bob"] });
  const query = <R>(name: string, request: unknown): R =>
    chain.world.query((ctx) => chain.modules.jail.queries![0]!.handlers[name]!(ctx, request as never)) as R;

  it("answer with parameters, an info and all infos", () => {
    expect(query("params", {})).toEqual({ params: { ...DEFAULT_PARAMS, signedBlocksWindow: 12n } });
    const consAddress = text("bob");
    const info = chain.info("bob");
    expect(query("signingInfo", { consAddress })).toEqual({ valSigningInfo: info });
    const pagination = { key: new Uint8Array(0), offset: 0n, limit: 2n, countTotal: true, reverse: false };
    const page = query<{ info: unknown[]; pagination: { total: bigint } }>("signingInfos", { pagination });
    expect([page.info.length, page.pagination.total]).toEqual([2, 3n]);
  });

  it.each([
    ["", "sdk", 18],
    ["firmvalcons1nonsense", "sdk", 7],
    [addr("bob"), "sdk", 7],
    [text("erin"), "sdk", 22],
  ])("refuse the info of %j", (consAddress, codespace, code) => {
    expect(() => query("signingInfo", { consAddress })).toThrow(refused(codespace, code));
  });
});

describe("genesis", () => {
  const { genesis } = composePunishment().jail;
  const address = text("alice");
  const info = {
    address,
    startHeight: 1n,
    indexOffset: 5n,
    jailedUntil: { seconds: 0n, nanos: 0 },
    tombstoned: false,
    missedBlocksCounter: 1n,
  };
  const sound = {
    params: DEFAULT_PARAMS,
    signingInfos: [{ address, validatorSigningInfo: info }],
    missedBlocks: [{ address, missedBlocks: [{ index: 3n, missed: true }] }],
  };
  const withInfo = (change: Partial<typeof info>) => ({
    ...sound,
    signingInfos: [{ address, validatorSigningInfo: { ...info, ...change } }],
  });

  it("accepts what is sound", () => genesis.validate(sound, TEST_PREFIX));

  it("forgets misses outside of the window, which the SDK keeps", () => {
    const { jail, list } = composePunishment();
    const world = createWorld(list);
    const missed = [3n, 150n].map((index) => ({ index, missed: true }));
    world.init({
      slashing: { ...withInfo({ missedBlocksCounter: 2n }), missedBlocks: [{ address, missedBlocks: missed }] },
    });
    const exported = world.query((ctx) => jail.genesis.export(ctx));
    expect(exported).toEqual(sound);
    expect(world.broken()).toEqual([]);
  });

  it.each([
    [
      "short windows of new chains",
      { ...sound, signingInfos: [], missedBlocks: [], params: { ...DEFAULT_PARAMS, signedBlocksWindow: 9n } },
    ],
    ["another count", withInfo({ missedBlocksCounter: 2n })],
    ["an info of another", withInfo({ address: text("bob") })],
    ["a negative start", withInfo({ startHeight: -1n })],
    ["an info twice", { ...sound, signingInfos: [...sound.signingInfos, ...sound.signingInfos] }],
    ["missed blocks twice", { ...sound, missedBlocks: [...sound.missedBlocks, ...sound.missedBlocks] }],
    ["missed blocks of nobody", { ...sound, signingInfos: [], missedBlocks: sound.missedBlocks }],
    ["a negative index", { ...sound, missedBlocks: [{ address, missedBlocks: [{ index: -1n, missed: true }] }] }],
  ])("refuses %s", (_, state_) => {
    expect(() => genesis.validate(state_, TEST_PREFIX)).toThrow(refused("slashing", 100));
  });
});

moduleLaws("slashing", () => {
  const { list, jail } = composePunishment();
  return {
    module: jail,
    modules: list,
    fill(world) {
      world.tx((ctx) => {
        state.signingInfos.set(ctx, consensusOf("alice"), {
          address: consensusAddressText(consensusOf("alice"), ctx),
          startHeight: 1n,
          indexOffset: 2_000n,
          jailedUntil: { seconds: 7n, nanos: 5 },
          tombstoned: true,
          missedBlocksCounter: 2n,
        });
        jail.keeper.setParams(ctx, { ...DEFAULT_PARAMS, signedBlocksWindow: 5_000n });
        setMissed(ctx, consensusOf("alice"), 1_500n, true);
        setMissed(ctx, consensusOf("alice"), 4_999n, true);
      });
    },
  };
});

readmeLaws({
  module: composePunishment().jail,
  readme: new URL("./README.md", import.meta.url),
  state,
  errors: fail,
  events: ["liveness", "slash", "slash_failed"],
});

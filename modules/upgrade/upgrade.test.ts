import { Plan } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import type { GenesisState, Params } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { ONE } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import type { Staking } from "./keeper.ts";
import { upgrade } from "./module.ts";
import { POSTPONE_BLOCKS_MAX } from "./params.ts";
import { INFO_BYTES_MAX, NAME_MAX, ZERO_TIME } from "./plan.ts";
import { msgs, ownMsgs, queries } from "./services.ts";
import { state } from "./state.ts";

const GOV = govAuthority(TEST_PREFIX);
const operatorOf = (name: string): string =>
  bytesToAddress(addressToBytes(addr(name), TEST_PREFIX), validatorPrefix(TEST_PREFIX));
const [ann, ben, cat] = ["ann", "ben", "cat"].map(operatorOf) as [string, string, string];
const plan = (parts: Partial<Plan> = {}): Plan => Plan.fromPartial({ name: "v2", height: 100n, ...parts });

/** Bonded validators of three powers. */
function testStaking(powers: Readonly<Record<string, bigint>> = { [ann]: 50n, [ben]: 30n, [cat]: 20n }): Staking {
  return {
    votePowers: () => Object.entries(powers),
    lastValidatorPower(ctx, operator) {
      addressToBytes(operator, validatorPrefix(ctx.addressPrefix));
      return powers[operator] ?? 0n;
    },
  };
}

function setup(params: Partial<Params> = {}, staking = testStaking()) {
  const module = upgrade({ staking });
  const world = createWorld([module], { height: 10n });
  const { keeper } = module;
  world.init({
    upgrade: { ...module.genesis.empty, params: { ...module.genesis.empty.params, postponeBlocks: 50n, ...params } },
  });
  const schedule = (next = plan(), authority = GOV) =>
    world.tx((ctx) => msgs(keeper).softwareUpgrade(ctx, { authority, plan: next }));
  const cancel = (authority = GOV) => world.tx((ctx) => msgs(keeper).cancelUpgrade(ctx, { authority }));
  const signal = (validatorAddress: string, planName = "v2") =>
    world.tx((ctx) => ownMsgs(keeper).signalReady(ctx, { validatorAddress, planName }));
  const update = (next: Params, authority = GOV) =>
    world.tx((ctx) => ownMsgs(keeper).updateParams(ctx, { authority, params: next }));
  const readiness = () => world.query((ctx) => keeper.readiness(ctx));
  const current = () => world.query((ctx) => queries(keeper).currentPlan(ctx, {}).plan);
  return { module, keeper, world, schedule, cancel, signal, update, readiness, current };
}

const refusal = (codespace: string, code: number) => expect.objectContaining({ codespace, code });

describe("plans", () => {
  it("are made by governance, one at a time", () => {
    const s = setup();
    expect(s.current()).toBeUndefined();
    s.schedule();
    s.schedule(plan({ name: "v3", height: 11n, info: "x" }));
    expect(s.current()).toEqual({ ...plan({ name: "v3", height: 11n, info: "x" }), time: ZERO_TIME });
    s.cancel();
    s.cancel();
    expect(s.current()).toBeUndefined();
  });

  it("are for governance alone", () => {
    const s = setup();
    expect(() => s.schedule(plan(), addr("mallory"))).toThrow(refusal("upgrade", 6));
    s.schedule();
    expect(() => s.cancel(addr("mallory"))).toThrow(refusal("upgrade", 6));
    expect(s.current()?.name).toBe("v2");
  });

  const bad: readonly (readonly [string, Partial<Plan>])[] = [
    ["without a name", { name: "" }],
    ["whose name leaves its folder", { name: "../v2" }],
    ["whose name starts with a point", { name: ".v2" }],
    ["whose name ends its line of the log", { name: "v2\nfine" }],
    ["whose name has a quote", { name: 'v2"' }],
    ["whose name is too long", { name: "v".repeat(NAME_MAX + 1) }],
    ["for height 0", { height: 0n }],
    ["for a negative height", { height: -1n }],
    ["for an earlier block", { height: 9n }],
    ["for this block", { height: 10n }],
    ["at a time", { time: { seconds: 1_800_000_000n, nanos: 0 } }],
    ["at a nanosecond", { time: { seconds: ZERO_TIME.seconds, nanos: 1 } }],
    ["with a client state", { upgradedClientState: { typeUrl: "/x", value: new Uint8Array(0) } }],
    ["with too much info", { info: "é".repeat(INFO_BYTES_MAX / 2 + 1) }],
  ];
  it.each(bad)("are refused %s", (_, parts) => {
    const s = setup();
    expect(() => s.schedule(plan(parts))).toThrow(refusal("sdk", 18));
    expect(s.current()).toBeUndefined();
  });

  it("are refused with the name of one that was carried out", () => {
    const s = setup();
    s.schedule();
    s.world.tx((ctx) => s.keeper.apply(ctx, plan()));
    expect(s.current()).toBeUndefined();
    expect(() => s.schedule()).toThrow("has already been completed");
    s.schedule(plan({ name: "v22" }));
    const { appliedPlan } = queries(s.keeper);
    const heights = ["v2", "v22", ""].map((name) => s.world.query((ctx) => appliedPlan(ctx, { name }).height));
    expect(heights).toEqual([10n, 0n, 0n]);
  });

  it("name the last that was carried out by height, not by name", () => {
    const s = setup();
    s.world.tx((ctx) => s.keeper.apply(ctx, plan({ name: "z" })));
    s.world.height = 300n;
    s.world.tx((ctx) => s.keeper.apply(ctx, plan({ name: "a" })));
    expect(s.world.query((ctx) => s.keeper.lastApplied(ctx))).toEqual({ name: "a", height: 300n });
  });
});

describe("versions of modules", () => {
  it("are told of all or of one", () => {
    const s = setup();
    s.world.tx((ctx) => {
      s.keeper.setModuleVersion(ctx, "bank", 4);
      s.keeper.setModuleVersion(ctx, "auth", 5);
    });
    const { moduleVersions } = queries(s.keeper);
    const ask = (moduleName: string) => s.world.query((ctx) => moduleVersions(ctx, { moduleName }).moduleVersions);
    expect(ask("")).toEqual([
      { name: "auth", version: 5n },
      { name: "bank", version: 4n },
    ]);
    expect(ask("bank")).toEqual([{ name: "bank", version: 4n }]);
    expect(() => ask("ban")).toThrow(refusal("upgrade", 2));
  });
});

describe("readiness", () => {
  it("counts the power of those who have signalled", () => {
    const s = setup();
    expect(s.readiness()).toMatchObject({ plan: undefined, totalPower: 0n, enough: false, validators: [] });
    s.schedule();
    s.signal(ann);
    s.world.height = 11n;
    s.signal(cat);
    expect(s.readiness()).toMatchObject({ readyPower: 70n, totalPower: 100n, enough: true });
    expect(s.readiness().validators.map(({ readyHeight }) => readyHeight)).toEqual([10n, 0n, 11n]);
    expect(s.world.events.map(({ type }) => type)).toEqual([
      "interfirm.upgrade.v1.EventReady",
      "interfirm.upgrade.v1.EventReady",
    ]);
  });

  it("wants more than two thirds by default, as CometBFT does, and puts nothing off at 0 blocks", () => {
    const powers = testStaking({ [ann]: 2n, [ben]: 1n });
    const s = setup({}, powers);
    s.schedule();
    s.signal(ann);
    expect(s.readiness().enough).toBe(false);
    const sdk = setup({ postponeBlocks: 0n }, powers);
    sdk.schedule();
    expect(sdk.readiness().enough).toBe(true);
  });

  it("reaches the threshold exactly where readyPower/totalPower does", () => {
    const power = fc.bigInt(1n, 2n ** 60n);
    fc.assert(
      fc.property(power, power, fc.bigInt(1n, ONE), (a, b, readyThreshold) => {
        const s = setup({ readyThreshold }, testStaking({ [ann]: a, [ben]: b }));
        s.schedule();
        s.signal(ann);
        expect(s.readiness().enough).toBe(a * ONE >= readyThreshold * (a + b));
      }),
    );
  });

  it("keeps its signals when a plan is put off, and loses them with the plan", () => {
    const s = setup();
    s.schedule();
    s.signal(ann);
    s.world.height = 100n;
    s.world.tx((ctx) => s.keeper.postpone(ctx));
    expect(s.readiness()).toMatchObject({ readyPower: 50n, postponements: 1n, plan: { height: 150n } });
    expect(s.world.events.at(-1)).toMatchObject({ type: "interfirm.upgrade.v1.EventUpgradePostponed" });
    expect(s.world.events.at(-1)?.attributes.map(({ value }) => value)).toEqual([
      '"v2"',
      '"100"',
      '"150"',
      '"50"',
      '"100"',
    ]);
    s.schedule(plan({ height: 200n }));
    expect(s.readiness()).toMatchObject({ readyPower: 0n, postponements: 0n });
    expect(s.world.broken()).toEqual([]);
  });

  it("refuses signals that say nothing", () => {
    const s = setup();
    expect(() => s.signal(ann)).toThrow(refusal("upgrade", 3));
    s.schedule();
    expect(() => s.signal(ann, "v3")).toThrow(refusal("upgrade", 103));
    expect(() => s.signal(operatorOf("mallory"))).toThrow(refusal("upgrade", 102));
    expect(() => s.signal(addr("ann"))).toThrow(refusal("sdk", 7));
    expect(() => s.signal("")).toThrow(refusal("sdk", 7));
    s.signal(ann);
    expect(() => s.signal(ann)).toThrow(refusal("upgrade", 104));
    expect(s.readiness().readyPower).toBe(50n);
  });
});

describe("parameters", () => {
  it("are replaced by governance, within bounds", () => {
    const s = setup();
    const next = { readyThreshold: ONE, postponeBlocks: POSTPONE_BLOCKS_MAX };
    expect(() => s.update(next, addr("mallory"))).toThrow(refusal("gov", 13));
    s.update(next);
    for (const parts of [
      { readyThreshold: 0n },
      { readyThreshold: -1n },
      { readyThreshold: ONE + 1n },
      { postponeBlocks: POSTPONE_BLOCKS_MAX + 1n },
      { postponeBlocks: 2n ** 64n - 1n },
    ]) {
      expect(() => s.update({ ...next, ...parts })).toThrow(refusal("upgrade", 100));
    }
    expect(s.world.query((ctx) => s.keeper.params(ctx))).toEqual(next);
  });
});

describe("genesis", () => {
  const { empty, validate } = upgrade({ staking: testStaking() }).genesis;
  const bad: readonly (readonly [string, Partial<GenesisState>])[] = [
    ["bad parameters", { params: { readyThreshold: 2n * ONE, postponeBlocks: 0n } }],
    ["a bad plan", { plan: plan({ name: "" }) }],
    ["signals without a plan", { signals: [{ validatorAddress: ann, height: 1n }] }],
    ["postponements without a plan", { postponements: 1n }],
    ["a signal of nobody", { plan: plan(), signals: [{ validatorAddress: "x", height: 1n }] }],
    ["a signal of no height", { plan: plan(), signals: [{ validatorAddress: ann, height: 0n }] }],
    ["two signals of one", { plan: plan(), signals: [1n, 2n].map((height) => ({ validatorAddress: ann, height })) }],
    ["an applied plan without a name", { applied: [{ name: "", height: 1n }] }],
    ["an applied plan twice", { applied: [1n, 2n].map((height) => ({ name: "v1", height })) }],
    ["an applied plan of no height", { applied: [{ name: "v1", height: 0n }] }],
    ["a plan that was applied", { plan: plan(), applied: [{ name: "v2", height: 1n }] }],
    ["a module without a name", { moduleVersions: [{ name: "", version: 1n }] }],
    ["a module of version 0", { moduleVersions: [{ name: "bank", version: 0n }] }],
    ["a module of a huge version", { moduleVersions: [{ name: "bank", version: 2n ** 63n }] }],
    ["a module twice", { moduleVersions: [1n, 2n].map((version) => ({ name: "bank", version })) }],
  ];
  it.each(bad)("is refused for %s", (_, parts) => {
    expect(() => validate({ ...empty, ...parts }, TEST_PREFIX)).toThrow(ChainError);
    expect(() => validate({ ...empty, ...parts }, TEST_PREFIX)).toThrow(refusal("upgrade", 101));
  });

  it("takes the empty one of the SDK for the defaults", () => {
    const module = upgrade({ staking: testStaking() });
    const world = createWorld([module]);
    world.init({ upgrade: { ...empty, params: { readyThreshold: 0n, postponeBlocks: 0n } } });
    expect(world.query((ctx) => module.keeper.params(ctx))).toEqual(empty.params);
  });
});

moduleLaws("upgrade", () => {
  const module = upgrade({ staking: testStaking() });
  const { keeper } = module;
  return {
    module,
    fill: (world) =>
      world.tx((ctx) => {
        keeper.setParams(ctx, { readyThreshold: ONE / 2n, postponeBlocks: 7n });
        keeper.apply(ctx, plan({ name: "v1" }));
        keeper.setModuleVersion(ctx, "bank", 4);
        keeper.schedule(ctx, GOV, plan());
        for (const operator of [cat, ann]) keeper.signalReady(ctx, operator, "v2");
        keeper.postpone(ctx);
        keeper.signalReady(ctx, ben, "v2");
      }),
  };
});

readmeLaws({
  module: upgrade({ staking: testStaking() }),
  readme: new URL("./README.md", import.meta.url),
  state,
  errors: fail,
  events: ["interfirm.upgrade.v1.EventReady", "interfirm.upgrade.v1.EventUpgradePostponed"],
});

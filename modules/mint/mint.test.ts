import type { Params } from "@interfirm/proto/gen/cosmos/mint/v1beta1";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auth } from "../auth/module.ts";
import { bank } from "../bank/module.ts";
import { moduleAddress } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { format, ONE, parse } from "../kernel/decimal.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import { annualProvisions, blockProvision, nextInflation } from "./minter.ts";
import { mint } from "./module.ts";
import { DEFAULT_PARAMS } from "./params.ts";
import { queries as answers, msgs as handlers } from "./services.ts";
import { state } from "./state.ts";

const gov = govAuthority(TEST_PREFIX);
const collector = moduleAddress("fee_collector", TEST_PREFIX);

function compose({ supply = 10n ** 12n, bonded = ONE / 2n } = {}) {
  const accounts = auth({ moduleAccounts: { fee_collector: [], mint: ["minter"] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector", "mint"] });
  const coinage = mint({
    accounts: accounts.keeper,
    bank: money.keeper,
    staking: { stakingTokenSupply: () => supply, bondedRatio: () => bonded },
  });
  return { accounts, money, coinage, modules: [accounts, money, coinage] };
}

function setup(options: Parameters<typeof compose>[0] = {}, genesis?: Partial<Params>, inflation = parse("0.13")) {
  const composed = compose(options);
  const { coinage, money, modules } = composed;
  const world = createWorld(modules);
  world.init({
    mint: { minter: { inflation, annualProvisions: 0n }, params: { ...DEFAULT_PARAMS, ...genesis } },
  });
  return {
    ...composed,
    world,
    keeper: coinage.keeper,
    msgs: handlers(coinage.keeper),
    queries: answers(coinage.keeper),
    collected: () => world.query((ctx) => money.keeper.balance(ctx, collector, "ufirm")),
  };
}

moduleLaws("mint", () => {
  const { coinage, modules } = compose();
  return { module: coinage, modules, fill: (world) => world.beginBlock() };
});

describe("inflation", () => {
  const next = (bondedRatio: string, inflation: string, changes: Partial<Params> = {}) =>
    format(nextInflation(parse(inflation), { ...DEFAULT_PARAMS, ...changes }, parse(bondedRatio)));

  // The cases of Cosmos SDK 0.53.8 x/mint/types/minter_test.go.
  it.each([
    ["0", "0.07", (13n * ONE) / 100n, 1n],
    ["1", "0.2", ((ONE - (ONE * 100n) / 67n) * 13n) / 100n, 1n],
    ["0.5", "0.1", ((ONE - (ONE * 50n) / 67n) * 13n) / 100n, 1n],
  ])("moves from %s bonded at %s by its step", (ratio, inflation, perYear, tolerance) => {
    const moved = parse(next(ratio, inflation)) - parse(inflation);
    const want = perYear / DEFAULT_PARAMS.blocksPerYear;
    const distance = moved - want;
    expect(distance <= tolerance && distance >= -tolerance).toBe(true);
  });

  it("stays between its bounds", () => {
    expect(next("1", "0.07")).toBe("0.070000000000000000");
    expect(next("0", "0.2")).toBe("0.200000000000000000");
    expect(next("0.67", "0.15")).toBe("0.150000000000000000");
    expect(next("0", "0", { inflationMax: 0n, inflationMin: 0n })).toBe("0.000000000000000000");
  });

  it("moves towards the goal for every state", () => {
    const share = fc.bigInt(0n, ONE);
    fc.assert(
      fc.property(share, share, fc.bigInt(1n, ONE), fc.bigInt(1n, 2n ** 63n - 1n), (bonded, change, goal, blocks) => {
        const params = { ...DEFAULT_PARAMS, inflationRateChange: change, goalBonded: goal, blocksPerYear: blocks };
        const before = parse("0.13");
        const after = nextInflation(before, params, bonded);
        expect(after >= params.inflationMin && after <= params.inflationMax).toBe(true);
        if (bonded <= goal) expect(after >= before).toBe(true);
        else expect(after <= before).toBe(true);
      }),
    );
  });

  it("mints in a year what it says, less a unit a block", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, ONE), fc.bigInt(0n, 10n ** 20n), fc.bigInt(1n, 10n ** 7n), (rate, supply, blocks) => {
        const year = annualProvisions(rate, supply);
        const minted = blockProvision(
          { inflation: rate, annualProvisions: year },
          { ...DEFAULT_PARAMS, blocksPerYear: blocks },
        );
        const missing = year - minted * blocks * ONE;
        expect(missing >= 0n && missing < blocks * ONE).toBe(true);
      }),
    );
  });
});

describe("a block", () => {
  it("mints for the fee collector and tells how much", () => {
    const { world, collected, queries } = setup();
    world.events.length = 0;
    world.beginBlock();
    expect(collected()).toBe(20597n);
    const { inflation } = world.query((ctx) => queries.inflation(ctx, {}));
    expect(format(inflation)).toBe("0.130000005226169707");
    const mintEvent = world.events.find(({ type }) => type === "mint");
    expect(mintEvent?.attributes.map(({ key, value }) => [key, value])).toEqual([
      ["bonded_ratio", "0.500000000000000000"],
      ["inflation", "0.130000005226169707"],
      ["annual_provisions", "130000005226.169707000000000000"],
      ["amount", "20597"],
    ]);
    expect(format(world.query((ctx) => queries.annualProvisions(ctx, {})).annualProvisions)).toBe(
      "130000005226.169707000000000000",
    );
  });

  it("mints nothing at all at an inflation of 0", () => {
    const { world, money, collected } = setup({}, { inflationMax: 0n, inflationMin: 0n }, 0n);
    for (let i = 0; i < 20; i++) world.beginBlock();
    expect(collected()).toBe(0n);
    expect(world.query((ctx) => money.keeper.supply(ctx, "ufirm"))).toBe(0n);
    expect(world.broken()).toEqual([]);
  });

  it("goes on when the supply is full", () => {
    const { world, money, collected } = setup({ supply: (1n << 256n) - 1n });
    world.tx((ctx) => money.keeper.mint(ctx, "mint", [{ denom: "ufirm", amount: (1n << 256n) - 1n }]));
    world.beginBlock();
    expect(collected()).toBe(0n);
    expect(world.events.at(-1)?.type).toBe("mint_failed");
    expect(world.broken()).toEqual([]);
  });
});

describe("parameters", () => {
  it.each<readonly [string, Partial<Params>, string]>([
    ["no denomination", { mintDenom: "" }, "denom is"],
    ["a change below 0", { inflationRateChange: -1n }, "inflation rate change is -0.000000000000000001, want 0 to 1"],
    ["a most above 1", { inflationMax: ONE + 1n }, "max inflation is 1.000000000000000001, want 0 to 1"],
    ["a least below 0", { inflationMin: -1n }, "min inflation is"],
    ["a least above the most", { inflationMin: ONE / 2n }, "want at least the min"],
    ["no goal", { goalBonded: 0n }, "goal bonded is 0"],
    ["a goal above 1", { goalBonded: ONE + 1n }, "goal bonded is"],
    ["a year without blocks", { blocksPerYear: 0n }, "blocks per year are 0"],
    ["a year of too many", { blocksPerYear: 1n << 63n }, "blocks per year are"],
  ])("refuse %s", (_, changes, why) => {
    const { world, msgs } = setup();
    const params = { ...DEFAULT_PARAMS, ...changes };
    expect(() => world.tx((ctx) => msgs.updateParams(ctx, { authority: gov, params }))).toThrow(why);
  });

  it("are governance's", () => {
    const { world, msgs, queries } = setup();
    const params = { ...DEFAULT_PARAMS, inflationMax: 0n, inflationMin: 0n };
    expect(() => world.tx((ctx) => msgs.updateParams(ctx, { authority: addr("mallory"), params }))).toThrow(
      "expected gov account as only signer",
    );
    world.tx((ctx) => msgs.updateParams(ctx, { authority: gov, params }));
    expect(world.query((ctx) => queries.params(ctx, {}))).toEqual({ params });
  });

  it("and a minter below 0 are no genesis", () => {
    const { coinage } = compose();
    const { empty } = coinage.genesis;
    expect(() =>
      coinage.genesis.validate({ ...empty, minter: { inflation: -1n, annualProvisions: 0n } }, TEST_PREFIX),
    ).toThrow("inflation is -0.000000000000000001, want 0 or more");
  });
});

readmeLaws({
  module: compose().coinage,
  readme: new URL("./README.md", import.meta.url),
  state,
  errors: fail,
  events: ["mint", "mint_failed"],
});

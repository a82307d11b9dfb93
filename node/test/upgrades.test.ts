/** Two builds of the application and the height between them. */
import { bytesToAddress, validatorPrefix } from "@interfirm/modules/kernel/address";
import { createQueryCtx } from "@interfirm/modules/kernel/ctx";
import type { AnyModule } from "@interfirm/modules/kernel/module";
import { upgrade } from "@interfirm/modules/upgrade/module";
import { Query } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { Empty } from "@interfirm/proto/gen/google/protobuf";
import { afterEach, describe, expect, it } from "vitest";
import type { Logger } from "../abci/logger.ts";
import type { Composition } from "../app/composition.ts";
import type { Upgrade, UpgradeInfo } from "../app/upgrades.ts";
import { send } from "./accounts.ts";
import { countedIn, firstBuild, NotesQuery, PLAN, secondBuild } from "./builds.ts";
import { CHAIN_ID, type ChainOptions, realModules, TestChain } from "./chain.ts";

const HEIGHT = 4n;
const INFO = '{"binaries":{}}';
const NEEDED = `UPGRADE "v2" NEEDED at height: 4: ${INFO}`;
const EARLY =
  'BINARY UPDATED BEFORE TRIGGER! UPGRADE "v2" - in binary but not executed on chain. Downgrade your binary';

const chains: TestChain[] = [];
afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.close();
});

const first = () => firstBuild(realModules());
const second = (changes?: Partial<Upgrade>) => () => secondBuild(realModules(), changes);

/** A genesis with the plan. */
const planned = (params?: { readonly ready_threshold: string; readonly postpone_blocks: string }) => ({
  upgrade: { plan: { name: PLAN, height: `${HEIGHT}`, info: INFO }, ...(params ? { params } : {}) },
});

async function open(options: ChainOptions): Promise<TestChain> {
  const chain = await TestChain.resume({ appState: planned(), ...options });
  chains.push(chain);
  return chain;
}

/** Goes on with another build, or in the same, as after the end of a process. */
async function restart(chain: TestChain, options: ChainOptions): Promise<TestChain> {
  await chain.store.close();
  return open({ home: chain.home, ...options });
}

/** A chain of the first build right before the plan's block. */
async function beforePlan(options: ChainOptions = {}): Promise<TestChain> {
  const chain = await open({ composition: first, ...options });
  while (chain.height < HEIGHT - 1n) await chain.block();
  return chain;
}

const hashOf = (chain: TestChain): string => Buffer.from(chain.store.appHash).toString("hex");
const stateOf = ({ store }: TestChain) => {
  const { height, time } = store.latest;
  const header = { chainId: CHAIN_ID, addressPrefix: "firm", height, time };
  return createQueryCtx({ ...header, open: (key) => store.latest.store(key) });
};
const planOf = (chain: TestChain) => chain.query(Query.typeName, Query.methods.currentPlan, {});

function recordingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const log = (_: object, text: string) => void lines.push(text);
  return { logger: { debug() {}, info: log, warn: log, error: log }, lines };
}

describe("the old build", () => {
  it("stops before the block of the plan, leaves what cosmovisor needs, and does so again", async () => {
    const left: UpgradeInfo[] = [];
    const { logger, lines } = recordingLogger();
    const options = { composition: first, logger, leaveUpgradeInfo: (info: UpgradeInfo) => left.push(info) };
    let chain = await beforePlan(options);
    const hash = hashOf(chain);
    for (let tries = 1; tries <= 2; tries++) {
      await expect(chain.finalize()).rejects.toThrow(NEEDED);
      expect(left).toEqual(Array.from({ length: tries }, () => ({ name: PLAN, height: HEIGHT, info: INFO })));
      expect(lines).toContain(NEEDED);
      chain = await restart(chain, options);
      expect([chain.store.version, hashOf(chain)]).toEqual([HEIGHT - 1n, hash]);
    }
  });

  it("passes the plan over where its operators say so", async () => {
    const { logger, lines } = recordingLogger();
    const chain = await beforePlan({ logger, skippedUpgrades: new Set([HEIGHT]) });
    await chain.block();
    expect(lines).toContain(`UPGRADE "v2" SKIPPED at 4: ${INFO}`);
    expect((await planOf(chain)).plan).toBeUndefined();
    await chain.block();
  });

  it("never runs on the state of the new one", async () => {
    const chain = await restart(await beforePlan(), { composition: second() });
    await chain.block();
    await expect(restart(chain, { composition: first })).rejects.toThrow(/stores at height 4 lack \[tally, legacy\]/);
  });

  it("is told by the name of the last upgrade where stores and versions are the same", async () => {
    const onlyRules = (): Composition => ({ ...first(), upgrades: [{ name: PLAN }] });
    const chain = await restart(await beforePlan(), { composition: onlyRules });
    await chain.block();
    await expect(restart(chain, { composition: first })).rejects.toThrow("upgrade handler is missing for v2");
  });
});

describe("the new build", () => {
  it("migrates modules and stores in the block of the plan", async () => {
    const chain = await restart(await beforePlan(), { composition: second() });
    await chain.block();
    expect(countedIn(stateOf(chain))).toEqual({ score: 4_000n, since: HEIGHT });
    expect((await planOf(chain)).plan).toBeUndefined();
    const { methods, typeName } = Query;
    expect((await chain.query(typeName, methods.appliedPlan, { name: PLAN })).height).toBe(HEIGHT);
    const { moduleVersions } = await chain.query(typeName, methods.moduleVersions, {});
    const versions = Object.fromEntries(moduleVersions.map(({ name, version }) => [name, version]));
    expect(versions).toMatchObject({ tally: 2n, notes: 3n, bank: 1n, upgrade: 1n });
    expect(versions).not.toHaveProperty("legacy");
    await chain.block();
    expect(countedIn(stateOf(chain)).score).toBe(5_000n);
  });

  it("comes to the same state after a crash in the middle of the block, and after any restart", async () => {
    const steady = await restart(await beforePlan(), { composition: second() });
    let crashed = await restart(await beforePlan(), { composition: second() });
    for (let tries = 0; tries < 2; tries++) {
      await crashed.finalize();
      crashed = await restart(crashed, { composition: second() });
      expect(crashed.store.version).toBe(HEIGHT - 1n);
    }
    // FinalizeBlock again without a restart, as CometBFT may ask for.
    await crashed.finalize();
    crashed.height--;
    for (let blocks = 0; blocks < 3; blocks++) {
      await steady.block();
      await crashed.block();
      expect(hashOf(crashed)).toBe(hashOf(steady));
      crashed = await restart(crashed, { composition: second() });
    }
  });

  it("answers for heights before it, and says which stores they lack", async () => {
    const chain = await restart(await beforePlan(), { composition: second() });
    await chain.block();
    await chain.block();
    const since = (height: bigint) => chain.query(NotesQuery.typeName, NotesQuery.methods.since, {}, height);
    expect((await since(HEIGHT)).height).toBe(HEIGHT);
    await expect(since(2n)).rejects.toThrow("store notes does not exist at height 2");
    const { value } = await chain.abciQuery("/store/tally/key", Uint8Array.of(0), 2n);
    expect(value).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 2));
    expect((await chain.query(Query.typeName, Query.methods.currentPlan, {}, 2n)).plan?.name).toBe(PLAN);
  });

  it("does not start before the plan's height, whatever it holds", async () => {
    const chain = await open({ composition: first });
    await chain.block();
    await expect(restart(chain, { composition: second() })).rejects.toThrow(EARLY);
    const onlyRules = (): Composition => ({ ...first(), upgrades: [{ name: PLAN }] });
    await expect(open({ home: chain.home, composition: onlyRules })).rejects.toThrow(EARLY);
  });

  it("stops when a plan for it is made while it runs", async () => {
    const ready = (): Composition => ({ ...first(), upgrades: [{ name: PLAN }] });
    const chain = await open({ composition: ready, appState: {} });
    await chain.block();
    const later = { appState: planned(), composition: ready };
    await expect((await open(later)).finalize()).rejects.toThrow(EARLY);
  });

  it("does not start where nothing is planned", async () => {
    const chain = await open({ composition: first, appState: {} });
    await chain.block();
    await expect(restart(chain, { composition: second() })).rejects.toThrow(/stores at height 1 lack/);
  });

  it("that names another upgrade stops like the old one", async () => {
    const wrong = (): Composition => ({ ...first(), upgrades: [{ name: "v3" }] });
    const chain = await restart(await beforePlan(), { composition: wrong });
    await expect(chain.finalize()).rejects.toThrow(NEEDED);
  });

  it("whose stores are not those of the plan does not start", async () => {
    const chain = await beforePlan();
    await expect(restart(chain, { composition: second({ stores: { added: ["notes"] } }) })).rejects.toThrow(
      /stores at height 3 lack \[score\] and have \[legacy, tally\]/,
    );
  });

  it.each([
    ["fails", { run: () => fail("no way") }, "no way"],
    ["forgets the modules", { run: () => {} }, "did not migrate the modules"],
    [
      "migrates twice",
      {
        run(_: unknown, migrate: () => void) {
          migrate();
          migrate();
        },
      },
      "migrates twice",
    ],
  ])("whose upgrade %s stops with nothing done", async (_, changes, text) => {
    const chain = await restart(await beforePlan(), { composition: second(changes) });
    const hash = hashOf(chain);
    await expect(chain.finalize()).rejects.toThrow(text);
    const right = await restart(chain, { composition: second() });
    expect([right.store.version, hashOf(right)]).toEqual([HEIGHT - 1n, hash]);
    await right.block();
    expect(countedIn(stateOf(right)).score).toBe(4_000n);
  });
});

describe("migrations", () => {
  const steps = (version: number, done: string[], parts: Partial<AnyModule> = {}): AnyModule => ({
    name: "steps",
    version,
    keeper: {},
    genesis: { type: Empty, empty: {}, validate() {}, init() {}, export: () => ({}) },
    migrations: { 2: () => done.push("2"), 3: () => done.push("3"), 4: () => done.push("4") },
    ...parts,
  });
  const including =
    (modules: readonly AnyModule[], upgrades: readonly Upgrade[] = []) =>
    (): Composition => {
      const chain = realModules();
      return { ...chain, modules: [...chain.modules, ...modules], upgrades };
    };

  it("run one version after the other, from the one in state to the build's, between what the upgrade does itself", async () => {
    const done: string[] = [];
    const run: NonNullable<Upgrade["run"]> = (_, migrate) => {
      done.push("before");
      migrate();
      done.push("after");
    };
    const old = await beforePlan({ composition: including([steps(2, done)]) });
    const chain = await restart(old, { composition: including([steps(4, done)], [{ name: PLAN, run }]) });
    await chain.block();
    expect(done).toEqual(["before", "3", "4", "after"]);
    await chain.block();
    expect(done).toHaveLength(4);
  });

  it("never take a version back", async () => {
    const old = await beforePlan({ composition: including([steps(3, [])]) });
    const chain = await restart(old, { composition: including([steps(2, [])], [{ name: PLAN }]) });
    await expect(chain.finalize()).rejects.toThrow("state has version 3 of module steps, want at most 2");
  });

  it("let no new module name validators", async () => {
    const validator = { pubKeyType: "ed25519", pubKey: new Uint8Array(32), power: 1n } as const;
    const { genesis } = steps(1, []);
    const bold = steps(1, [], { genesis: { ...genesis, init: () => [validator] } });
    const chain = await restart(await beforePlan({ composition: realModules }), {
      composition: including([bold], [{ name: PLAN }]),
    });
    await expect(chain.finalize()).rejects.toThrow("new module steps names validators");
  });

  it("may change the gas that the block's transactions have", async () => {
    const run: NonNullable<Upgrade["run"]> = (ctx, migrate) => {
      migrate();
      const { consensusParams } = realModules();
      const params = consensusParams.params(ctx);
      consensusParams.init(ctx, { ...params, block: { maxBytes: 4_194_304n, maxGas: 1_000_000n } });
    };
    const composition = including([], [{ name: PLAN, run }]);
    const chain = await restart(await beforePlan({ composition: realModules }), { composition });
    const [alice, bob] = [chain.address("alice"), chain.address("bob")];
    const tx = chain.tx("alice", [send(alice, bob, 1n)], { gas: 2_000_000n });
    const { txResults, consensusParamUpdates } = await chain.block([tx]);
    expect(txResults[0]).toMatchObject({ codespace: "sdk", code: 41 });
    expect(consensusParamUpdates?.block?.maxGas).toBe(1_000_000n);
  });
});

describe("readiness", () => {
  /** The build with validators of these powers. */
  const bonded = (build: () => Composition, powers: Readonly<Record<string, bigint>>) => (): Composition => {
    const chain = build();
    const plans = upgrade({
      staking: {
        votePowers: () => Object.entries(powers),
        lastValidatorPower: (_, operator) => powers[operator] ?? 0n,
      },
    });
    const modules = chain.modules.map((module) => (module.name === "upgrade" ? plans : module));
    return { ...chain, modules, upgrade: plans.keeper };
  };
  const ANN = bytesToAddress(new Uint8Array(20).fill(1), validatorPrefix("firm"));

  it("puts the plan off while too few are ready, and neither build forks over it", async () => {
    const appState = planned({ ready_threshold: "0.666666666666666667", postpone_blocks: "3" });
    const powers = { [ANN]: 5n };
    const options = { appState, composition: bonded(first, powers) };
    const chain = await beforePlan(options);
    const height = chain.store.version;
    await chain.store.close();
    await expect(open({ ...options, home: chain.home, composition: bonded(second(), powers) })).rejects.toThrow(EARLY);
    const again = await open({ ...options, home: chain.home });
    expect(again.store.version).toBe(height);
    const { events } = await again.block();
    const [postponed] = events.filter(({ type }) => type === "interfirm.upgrade.v1.EventUpgradePostponed");
    expect(postponed?.attributes.map(({ value }) => value)).toEqual(['"v2"', '"4"', '"7"', '"0"', '"5"', "BeginBlock"]);
    expect((await planOf(again)).plan?.height).toBe(7n);
    await again.block();
    await again.block();
    const { events: more } = await again.block();
    expect(more.some(({ type }) => type === "interfirm.upgrade.v1.EventUpgradePostponed")).toBe(true);
    expect((await planOf(again)).plan?.height).toBe(10n);
  });
});

describe("genesis", () => {
  it("carries versions from export to import, and only to a build that has them", async () => {
    const chain = await restart(await beforePlan(), { composition: second() });
    await chain.block();
    const { appState } = await chain.app.export(0n);
    const again = await open({ composition: second(), appState });
    await again.block();
    const { moduleVersions } = await again.query(Query.typeName, Query.methods.moduleVersions, {});
    expect(moduleVersions).toContainEqual({ name: "tally", version: 2n });
    await expect(open({ composition: first, appState })).rejects.toThrow(/module (notes|tally) has version/);
  });
});

function fail(why: string): never {
  throw new Error(why);
}

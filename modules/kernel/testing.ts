/** A world for tests of modules: stores in memory, settable height and time, recorded events. */
import type { Address } from "@interfirm/proto/types";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToAddress } from "./address.ts";
import { Branch } from "./branch.ts";
import { toHex, toUtf8 } from "./bytes.ts";
import type { Ctx, Event, QueryCtx } from "./context.ts";
import { createQueryCtx, RunCtx } from "./ctx.ts";
import { GasMeter } from "./gas.ts";
import { brokenInvariants } from "./invariants.ts";
import type { AnyModule, BlockInfo, ValidatorUpdate } from "./module.ts";
import { MemoryStore } from "./stores.ts";

export const TEST_PREFIX = "firm";

const EMPTY_BLOCK: BlockInfo = {
  hash: new Uint8Array(0),
  proposer: new Uint8Array(0),
  lastCommit: [],
  misbehavior: [],
};

/** The address of a name: 20 bytes of its hash. */
export const addr = (name: string, prefix = TEST_PREFIX): Address =>
  bytesToAddress(sha256(toUtf8(`account ${name}`)).subarray(0, 20), prefix);

export interface WorldOptions {
  readonly height?: bigint;
  /** Nanoseconds since 1970. */
  readonly time?: bigint;
  readonly chainId?: string;
  readonly addressPrefix?: string;
}

export interface World {
  height: bigint;
  time: bigint;
  /** Everything that was kept, since the world began or `events` was emptied. */
  readonly events: Event[];
  /** Runs `act` as a transaction: kept when it returns, dropped when it throws. */
  tx<R>(act: (ctx: Ctx) => R, gasLimit?: number): R;
  /** Runs `act` on what is committed. */
  query<R>(act: (ctx: QueryCtx) => R): R;
  /** Loads genesis, of modules in order; a module that is not named gets its empty state. */
  init(genesis?: Readonly<Record<string, unknown>>): readonly ValidatorUpdate[];
  /** Begins a block of the next height. */
  beginBlock(block?: Partial<BlockInfo>): void;
  /** Ends the block. */
  endBlock(): readonly ValidatorUpdate[];
  /** State, of all stores or one, as text `store/key=value` in order: equal exactly when state is. */
  dump(storeKey?: string): string;
  /** Invariants that do not hold, as `module/name: why`. */
  broken(): readonly string[];
}

/** Opens a world whose stores are those of `modules`, which are not initialised yet: call `init` where genesis matters. */
export function createWorld(modules: readonly AnyModule[], options: WorldOptions = {}): World {
  const keys = modules.flatMap((module) => (module.storeKey === undefined ? [] : [module.storeKey]));
  const stores = new Map(keys.map((key) => [key, new MemoryStore()]));
  const open = (key: string): MemoryStore => {
    const store = stores.get(key);
    if (!store) throw new Error(`store ${key} is unknown, want one of ${[...stores.keys()].join(", ")}`);
    return store;
  };
  const { chainId = "test-1", addressPrefix = TEST_PREFIX } = options;
  const header = () => ({ chainId, height: world.height, time: world.time, addressPrefix });

  function kept<R>(act: (ctx: Ctx) => R, gas = new GasMeter(Number.POSITIVE_INFINITY)): R {
    const branch = new Branch(open);
    const ctx = new RunCtx(header(), branch, gas, () => true);
    const result = act(ctx);
    branch.flush(open);
    world.events.push(...ctx.events);
    return result;
  }

  const world: World = {
    height: options.height ?? 1n,
    time: options.time ?? 1_700_000_000_000_000_000n,
    events: [],
    tx: (act, gasLimit) => kept(act, new GasMeter(gasLimit ?? Number.POSITIVE_INFINITY)),
    query: (act) => act(createQueryCtx({ ...header(), open })),
    init: (genesis = {}) =>
      kept((ctx) =>
        modules.flatMap((module) => {
          const state = genesis[module.name] ?? module.genesis.empty;
          module.genesis.validate(state, addressPrefix);
          return module.genesis.init(ctx, state) ?? [];
        }),
      ),
    beginBlock(block = {}) {
      world.height++;
      world.time += 1_000_000_000n;
      kept((ctx) => {
        for (const module of modules) module.beginBlock?.(ctx, { ...EMPTY_BLOCK, ...block });
      });
    },
    endBlock: () => kept((ctx) => modules.flatMap((module) => module.endBlock?.(ctx) ?? [])),
    dump: (storeKey) =>
      keys
        .filter((key) => storeKey === undefined || key === storeKey)
        .flatMap((key) => [...open(key).range()].map(([k, v]) => `${key}/${toHex(k)}=${toHex(v)}`))
        .join("\n"),
    broken: () =>
      world.query((ctx) =>
        brokenInvariants(modules, ctx).map(({ module, invariant, why }) => `${module}/${invariant}: ${why}`),
      ),
  };
  return world;
}

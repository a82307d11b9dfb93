/** Accounts, bank, staking, slashing and evidence, wired as the chain wires them, for tests. */
import type { Params } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Ctx } from "../kernel/context.ts";
import type { CommitVote, Misbehavior } from "../kernel/module.ts";
import { addr, createWorld, type World } from "../kernel/testing.ts";
import { slashing } from "../slashing/module.ts";
import { DEFAULT_PARAMS } from "../slashing/params.ts";
import { msgs as slashingMsgs } from "../slashing/services.ts";
import type { StakingHooks } from "../staking/hooks.ts";
import { DEFAULT_PARAMS as STAKING_PARAMS } from "../staking/params.ts";
import { ownMsgs, msgs as stakingMsgs } from "../staking/services.ts";
import { composeStaking, createMsg, DENOM, keyOf, NAMES, operatorOf, UNIT } from "../staking/testing.ts";
import { consensusAddressOf } from "../staking/validator.ts";
import type { Consensus } from "./keeper.ts";
import { evidence } from "./module.ts";

/** Evidence counts for 20 blocks or 100 seconds, whichever is longer. */
const EVIDENCE_PARAMS = {
  maxAgeNumBlocks: 20n,
  maxAgeDuration: { seconds: 100n, nanos: 0 },
  maxBytes: 10_000n,
} as const;

const consensus: Consensus = { params: () => ({ evidence: EVIDENCE_PARAMS }) };

export function composePunishment() {
  const hooks: StakingHooks[] = [];
  const { accounts, money, stake } = composeStaking({ hooks });
  const jail = slashing({ staking: stake.keeper });
  hooks.push(jail.keeper.hooks);
  const proof = evidence({ staking: stake.keeper, slashing: jail.keeper, consensus });
  return { accounts, money, stake, jail, proof, list: [accounts, money, jail, proof, stake] as const };
}

export type Punishment = ReturnType<typeof composePunishment>;

/** The consensus address of a name's first key. */
export const consensusOf = (name: string): Uint8Array => consensusAddressOf(keyOf(name));

export interface BlockContent {
  readonly absent?: readonly string[];
  readonly nil?: readonly string[];
  readonly misbehavior?: readonly Misbehavior[];
  /** Seconds since the block before, 1 unless said otherwise. */
  readonly seconds?: bigint;
  /** Runs between the begin and the end. */
  readonly act?: (ctx: Ctx) => void;
}

export interface PunishedChain {
  readonly world: World;
  readonly modules: Punishment;
  readonly staking: ReturnType<typeof stakingMsgs>;
  readonly ownStaking: ReturnType<typeof ownMsgs>;
  readonly slashing: ReturnType<typeof slashingMsgs>;
  /** A block in which those vote that were in the set: CometBFT's changes come into force two blocks later. */
  block(content?: BlockContent): void;
  blocks(count: number, content?: BlockContent): void;
  /** That a validator signed twice at a height of this chain, in which it had this power. */
  doubleSign(name: string, height: bigint, power: bigint, change?: Partial<Misbehavior>): Misbehavior;
  validator(name: string): Validator;
  info(name: string, address?: Uint8Array): { readonly tombstoned: boolean; readonly missedBlocksCounter: bigint };
  supply(): bigint;
  /** Its power in the set that votes on a height, as CometBFT has it. */
  power(name: string, height: bigint): bigint;
}

/** Starts with validators of these powers, in force from block 3 on. */
export function startPunishment(
  powers: Readonly<Record<string, bigint>>,
  { window = 12n, ...params }: Partial<Params> & { readonly window?: bigint } = {},
): PunishedChain {
  const modules = composePunishment();
  const world = createWorld(modules.list, { height: 0n });
  const balances = NAMES.map((name) => ({ address: addr(name), coins: [{ denom: DENOM, amount: 10n ** 15n }] }));
  world.init({
    bank: { ...modules.money.genesis.empty, balances },
    staking: { ...modules.stake.genesis.empty, params: { ...STAKING_PARAMS, historicalEntries: 100 } },
    slashing: { ...modules.jail.genesis.empty, params: { ...DEFAULT_PARAMS, signedBlocksWindow: window, ...params } },
  });
  const staking = stakingMsgs(modules.stake.keeper);
  world.tx((ctx) => {
    for (const name of NAMES) modules.accounts.keeper.create(ctx, addr(name));
  });

  const times = new Map<bigint, bigint>();
  /** By hex of the key: power of the set that votes on a height. */
  const sets = new Map<bigint, ReadonlyMap<string, CommitVote>>();
  const none: ReadonlyMap<string, CommitVote> = new Map();

  function block({ absent = [], nil = [], misbehavior = [], seconds = 1n, act }: BlockContent = {}): void {
    const is = (names: readonly string[], vote: CommitVote): boolean =>
      names.some((name) => consensusOf(name).join() === vote.validator.join());
    const lastCommit = [...(sets.get(world.height) ?? none).values()].map((vote) => ({
      ...vote,
      flag: is(absent, vote) ? ("absent" as const) : is(nil, vote) ? ("nil" as const) : vote.flag,
    }));
    world.time += (seconds - 1n) * 1_000_000_000n;
    world.beginBlock({ lastCommit, misbehavior });
    times.set(world.height, world.time);
    if (act) world.tx(act);
    const next = new Map(sets.get(world.height + 1n) ?? none);
    for (const { pubKey, power } of world.endBlock()) {
      const validator = consensusAddressOf(ed25519Any(pubKey));
      if (power === 0n) next.delete(validator.join());
      else next.set(validator.join(), { validator, power, flag: "commit" });
    }
    sets.set(world.height + 2n, next);
  }

  const chain: PunishedChain = {
    world,
    modules,
    staking,
    ownStaking: ownMsgs(modules.stake.keeper),
    slashing: slashingMsgs(modules.jail.keeper),
    block,
    blocks(count, content) {
      for (let i = 0; i < count; i++) block(content);
    },
    doubleSign: (name, height, power, change = {}) => ({
      kind: "duplicateVote",
      validator: consensusOf(name),
      power,
      height,
      time: times.get(height) ?? world.time,
      totalPower: 100n,
      ...change,
    }),
    validator(name) {
      const validator = world.query((ctx) => modules.stake.keeper.validator(ctx, operatorOf(name)));
      if (!validator) throw new Error(`no validator ${name}`);
      return validator;
    },
    info(name, address = consensusOf(name)) {
      const info = world.query((ctx) => modules.jail.keeper.signingInfo(ctx, address));
      if (!info) throw new Error(`no signing info of ${name}`);
      return info;
    },
    power: (name, height) => sets.get(height)?.get(consensusOf(name).join())?.power ?? 0n,
    supply: () => world.query((ctx) => modules.money.keeper.supply(ctx, DENOM)),
  };
  block({
    act(ctx) {
      for (const [name, power] of Object.entries(powers)) staking.createValidator(ctx, createMsg(name, power * UNIT));
    },
  });
  return chain;
}

/** An ed25519 key in an Any: what `keyOf` has, of the bytes alone. */
const ed25519Any = (key: Uint8Array) => ({
  typeUrl: keyOf("").typeUrl,
  value: Uint8Array.of(0x0a, key.length, ...key),
});

/** A chain of accounts, bank and staking in memory, for tests. */

import type { GenesisState as BankGenesis } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import {
  type GenesisState,
  MsgCreateValidator,
  type Params,
  type Validator,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import { auth } from "../auth/module.ts";
import { bank } from "../bank/module.ts";
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { toUtf8 } from "../kernel/bytes.ts";
import { ONE } from "../kernel/decimal.ts";
import { addr, createWorld, TEST_PREFIX, type World, type WorldOptions } from "../kernel/testing.ts";
import type { StakingHooks } from "./hooks.ts";
import type { Keeper, StakingDeps } from "./keeper.ts";
import { staking } from "./module.ts";
import { DEFAULT_PARAMS } from "./params.ts";
import { msgs, ownMsgs } from "./services.ts";

export const DENOM = "ufirm";
/** One unit of power in tokens. */
export const UNIT = 1_000_000n;
const WEALTH = 1_000_000_000n * UNIT;

/** The operator address of a name's account. */
export const operatorOf = (name: string): string =>
  bytesToAddress(addressToBytes(addr(name), TEST_PREFIX), validatorPrefix(TEST_PREFIX));

/** The consensus key of a name. */
export const keyOf = (name: string): Any => ({
  typeUrl: PubKey.typeUrl,
  value: PubKey.encode({ key: sha256(toUtf8(`consensus ${name}`)) }).finish(),
});

export interface ChainOptions extends WorldOptions {
  readonly hooks?: readonly StakingHooks[];
  readonly params?: Partial<Params>;
  readonly ownerOf?: StakingDeps["ownerOf"];
  /** Who has 10¹⁵ tokens. */
  readonly names?: readonly string[];
}

export interface StakingChain {
  readonly world: World;
  readonly keeper: Keeper;
  readonly modules: ReturnType<typeof composeStaking>;
  readonly msgs: ReturnType<typeof msgs>;
  readonly ownMsgs: ReturnType<typeof ownMsgs>;
  create(name: string, tokens: bigint, change?: Partial<MsgCreateValidator>): void;
  delegate(delegator: string, validator: string, amount: bigint): void;
  undelegate(delegator: string, validator: string, amount: bigint): void;
  redelegate(delegator: string, source: string, destination: string, amount: bigint): void;
  validator(name: string): Validator;
  balance(name: string): bigint;
  /** Ends this block and begins the next one, `seconds` later. Returns `power` of each key that changed, by name. */
  block(seconds?: bigint): Readonly<Record<string, bigint>>;
}

export function composeStaking(deps: Pick<StakingDeps, "ownerOf"> & { readonly hooks?: readonly StakingHooks[] } = {}) {
  const accounts = auth({
    moduleAccounts: {
      fee_collector: [],
      bonded_tokens_pool: ["burner", "staking"],
      not_bonded_tokens_pool: ["burner", "staking"],
      faucet: ["minter"],
    },
  });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["bonded_tokens_pool", "not_bonded_tokens_pool"] });
  const stake = staking({
    accounts: accounts.keeper,
    bank: money.keeper,
    consensus: { params: () => ({ validator: { pubKeyTypes: ["ed25519"] } }) },
    hooks: deps.hooks ?? [],
    ownerOf: deps.ownerOf,
  });
  return { accounts, money, stake, list: [accounts, money, stake] as const };
}

export const createMsg = (name: string, tokens: bigint, change: Partial<MsgCreateValidator> = {}): MsgCreateValidator =>
  MsgCreateValidator.fromPartial({
    description: { moniker: name },
    commission: { rate: ONE / 10n, maxRate: ONE / 2n, maxChangeRate: ONE / 100n },
    minSelfDelegation: 1n,
    validatorAddress: operatorOf(name),
    pubkey: keyOf(name),
    value: { denom: DENOM, amount: tokens },
    ...change,
  });

export function startStaking({ hooks, params, ownerOf, names = NAMES, ...options }: ChainOptions = {}): StakingChain {
  const modules = composeStaking({ ...(hooks && { hooks }), ownerOf });
  const world = createWorld(modules.list, options);
  const { keeper } = modules.stake;
  const balances: BankGenesis["balances"] = names.map((name) => ({
    address: addr(name),
    coins: [{ denom: DENOM, amount: WEALTH }],
  }));
  const stakingGenesis: GenesisState = {
    ...modules.stake.genesis.empty,
    params: { ...DEFAULT_PARAMS, historicalEntries: 0, ...params },
  };
  world.init({ bank: { ...modules.money.genesis.empty, balances }, staking: stakingGenesis });
  for (const name of names) {
    world.tx((ctx) => {
      if (!modules.accounts.keeper.has(ctx, addr(name))) modules.accounts.keeper.create(ctx, addr(name));
    });
  }
  const handlers = msgs(keeper);
  const coin = (amount: bigint) => ({ denom: DENOM, amount });
  const nameOfKey = (key: Uint8Array): string =>
    names.find((name) => toText(PubKey.decode(keyOf(name).value).key) === toText(key)) ?? toText(key);
  const find = (name: string): Validator => {
    const validator = world.query((ctx) => keeper.validator(ctx, operatorOf(name)));
    if (!validator) throw new Error(`no validator ${name}`);
    return validator;
  };
  return {
    world,
    keeper,
    modules,
    msgs: handlers,
    ownMsgs: ownMsgs(keeper),
    create: (name, tokens, change) =>
      world.tx((ctx) => void handlers.createValidator(ctx, createMsg(name, tokens, change))),
    delegate: (delegator, validator, amount) =>
      world.tx(
        (ctx) =>
          void handlers.delegate(ctx, {
            delegatorAddress: addr(delegator),
            validatorAddress: operatorOf(validator),
            amount: coin(amount),
          }),
      ),
    undelegate: (delegator, validator, amount) =>
      world.tx(
        (ctx) =>
          void handlers.undelegate(ctx, {
            delegatorAddress: addr(delegator),
            validatorAddress: operatorOf(validator),
            amount: coin(amount),
          }),
      ),
    redelegate: (delegator, source, destination, amount) =>
      world.tx(
        (ctx) =>
          void handlers.beginRedelegate(ctx, {
            delegatorAddress: addr(delegator),
            validatorSrcAddress: operatorOf(source),
            validatorDstAddress: operatorOf(destination),
            amount: coin(amount),
          }),
      ),
    validator: find,
    balance: (name) => world.query((ctx) => modules.money.keeper.balance(ctx, addr(name), DENOM)),
    block(seconds = 1n) {
      const updates = world.endBlock();
      world.time += (seconds - 1n) * 1_000_000_000n;
      world.beginBlock();
      return Object.fromEntries(updates.map(({ pubKey, power }) => [nameOfKey(pubKey), power]));
    },
  };
}

export const NAMES: readonly string[] = ["alice", "bob", "carol", "dave", "erin"];

const toText = (bytes: Uint8Array): string => bytes.join(",");

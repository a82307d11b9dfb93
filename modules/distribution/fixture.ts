/** A world of accounts with coins, validators and rewards, for tests of this module. */
import { moduleAddress } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import type { Coin } from "../kernel/coins.ts";
import type { BlockInfo, CommitVote } from "../kernel/module.ts";
import { addr, createWorld, TEST_PREFIX, type World } from "../kernel/testing.ts";
import { formatDecCoins } from "./dec-coins.ts";
import { queries as answers, msgs as handlers } from "./services.ts";
import { compose, consensusAddressOf, operatorOf } from "./testing.ts";

export const alice = addr("alice");
export const bob = addr("bob");
export const carol = addr("carol");
export const dora = addr("dora");
export const gov = govAuthority(TEST_PREFIX);
export const distributor = moduleAddress("distribution", TEST_PREFIX);
export const collector = moduleAddress("fee_collector", TEST_PREFIX);
export const jailhouse = moduleAddress("jailhouse", TEST_PREFIX);
export const aliceOper = operatorOf(alice, TEST_PREFIX);
export const bobOper = operatorOf(bob, TEST_PREFIX);
export const coin = (amount: bigint, denom = "ufirm"): Coin => ({ denom, amount });
export const vote = (operator: string, power: bigint): CommitVote => ({
  validator: consensusAddressOf(operator),
  power,
  flag: "commit",
});

export function setup({
  blocked,
  coins = [coin(10n ** 12n), coin(10n ** 12n, "uusd")],
}: {
  readonly blocked?: readonly string[];
  readonly coins?: readonly Coin[];
} = {}) {
  const composed = compose(blocked);
  const { money, stakes, shares, modules } = composed;
  const world = createWorld(modules);
  const balances = [alice, bob, carol, dora].map((address) => ({ address, coins }));
  world.init({ bank: { ...money.genesis.empty, balances } });
  const msgs = handlers(shares.keeper);
  const queries = answers(shares.keeper);
  return {
    ...composed,
    world,
    msgs,
    queries,
    keeper: shares.keeper,
    balance: (who: string, denom = "ufirm") =>
      world.query((ctx) => money.keeper.balance(ctx, who as typeof alice, denom)),
    validator: (account: typeof alice, rate: bigint, tokens: bigint): string =>
      world.tx((ctx) => {
        const operator = stakes.createValidator(ctx, account, rate);
        stakes.delegate(ctx, account, operator, tokens);
        return operator;
      }),
    /** Begins a block that shares out `fees`. */
    block(fees: readonly Coin[], votes: readonly CommitVote[], info: Partial<BlockInfo> = {}): void {
      world.tx((ctx) => money.keeper.sendToModule(ctx, dora, "fee_collector", fees));
      world.beginBlock({ lastCommit: votes, ...info });
    },
    outstanding: (operator: string) =>
      formatDecCoins(world.query((ctx) => shares.keeper.outstandingRewards(ctx, operator))),
    rewards: (who: typeof alice, operator: string) =>
      formatDecCoins(world.query((ctx) => shares.keeper.delegationRewards(ctx, who, operator))),
    pool: () => formatDecCoins(world.query((ctx) => shares.keeper.communityPool(ctx))),
  };
}

export const eventsOf = (world: World, ...types: readonly string[]) =>
  world.events
    .filter(({ type }) => types.includes(type))
    .map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)]);

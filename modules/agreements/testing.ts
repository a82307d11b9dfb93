/** A bank small enough to see through: balances by account and denom, and an account that may be blocked. For tests. */
import { Empty } from "@interfirm/proto/gen/google/protobuf";
import type { Address } from "@interfirm/proto/types";
import { moduleAddress } from "../kernel/address.ts";
import { addAmounts, type Coin } from "../kernel/coins.ts";
import { defineState } from "../kernel/collections.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { address, pair, textLast } from "../kernel/keys.ts";
import { defineModule } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { intText } from "../kernel/values.ts";
import type { Bank } from "./bank-escrow.ts";

const state = defineState("bank", (store) => ({
  balances: store.map(0x00, pair(address, textLast), intText),
}));

export interface TestBank extends Bank {
  readonly balance: (ctx: QueryCtx, who: Address, denom: string) => bigint;
  /** Makes coins out of nothing, or takes them away. */
  readonly give: (ctx: Ctx, who: Address, coin: Coin) => void;
  readonly blocked: Set<Address>;
}

export function createTestBank(): TestBank {
  const blocked = new Set<Address>();
  const balance = (ctx: QueryCtx, who: Address, denom: string): bigint => state.balances.get(ctx, [who, denom]) ?? 0n;

  function give(ctx: Ctx, who: Address, { denom, amount }: Coin): void {
    const after = balance(ctx, who, denom) + amount;
    if (after < 0n) throw sdkError.insufficientFunds(`balance is ${balance(ctx, who, denom)}${denom}, want ${-amount}`);
    addAmounts(after, 0n, denom);
    if (after === 0n) state.balances.delete(ctx, [who, denom]);
    else state.balances.set(ctx, [who, denom], after);
  }

  function move(ctx: Ctx, from: Address, to: Address, coins: readonly Coin[]): void {
    for (const { denom, amount } of coins) {
      give(ctx, from, { denom, amount: -amount });
      give(ctx, to, { denom, amount });
    }
  }

  return {
    blocked,
    balance,
    give,
    checkSendEnabled: () => {},
    sendToModule: (ctx, from, module, coins) => move(ctx, from, moduleAddress(module, ctx.addressPrefix), coins),
    sendFromModule(ctx, module, to, coins) {
      if (blocked.has(to)) throw sdkError.unauthorized(`${to} is not allowed to receive funds`);
      move(ctx, moduleAddress(module, ctx.addressPrefix), to, coins);
    },
    balances: (ctx, who) =>
      [...state.balances.entries(ctx, { prefix: [who] })].map(([[, denom], amount]) => ({ denom, amount })),
    isBlocked: (_, who) => blocked.has(who),
  };
}

/** Gives the test bank a store; its balances are not part of any genesis. */
export const testBankModule = defineModule({
  name: "bank",
  storeKey: "bank",
  version: 1,
  keeper: undefined,
  genesis: { type: Empty, empty: {}, validate() {}, init() {}, export: () => ({}) },
});

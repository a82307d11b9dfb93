import { type Address, moduleAddress } from "../kernel/address.ts";
import type { Coin, Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Escrow } from "./keeper.ts";

/** The module's name, also of its account. */
export const AGREEMENTS = "agreements";

/** The part of a bank that escrow needs. The keeper of `modules/bank` satisfies it. */
export interface Bank {
  checkSendEnabled(ctx: QueryCtx, coins: readonly Coin[]): void;
  sendToModule(ctx: Ctx, from: Address, module: string, coins: readonly Coin[]): void;
  sendFromModule(ctx: Ctx, module: string, to: Address, coins: readonly Coin[]): void;
  balances(ctx: QueryCtx, address: Address): Coins;
  isBlocked(ctx: QueryCtx, address: Address): boolean;
}

/** Escrow in the account of the module, which the bank lets nobody else pay into. */
export function bankEscrow(bank: Bank): Escrow {
  const address = (ctx: QueryCtx): Address => moduleAddress(AGREEMENTS, ctx.addressPrefix);
  return {
    hold(ctx, from, price) {
      bank.checkSendEnabled(ctx, [price]);
      bank.sendToModule(ctx, from, AGREEMENTS, [price]);
    },
    release: (ctx, to, price) => bank.sendFromModule(ctx, AGREEMENTS, to, [price]),
    held: (ctx) => bank.balances(ctx, address(ctx)),
    address,
    canReceive: (ctx, who) => !bank.isBlocked(ctx, who),
  };
}

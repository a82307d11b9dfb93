import { type Address, bytesToAddress } from "../kernel/address.ts";
import type { Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { addDecCoins, type DecCoins, toDecCoins, truncate } from "./dec-coins.ts";
import type { Bank } from "./deps.ts";
import { paramsOf } from "./params.ts";
import { addToCommunityPool, DISTRIBUTION } from "./pool.ts";
import { state } from "./state.ts";

/** What the SDK writes for an address when the community pool gets a reward. */
const COMMUNITY_POOL = "community_pool";

/** To whom rewards or commission go. */
export interface Route {
  /** Whom the owner has chosen. */
  readonly chosen: Address;
  /** The owner's message asks for the payment: what goes wrong fails the message. */
  readonly strict: boolean;
  readonly owner: Address;
}

export type Payout = ReturnType<typeof createPayout>;

/** Where an account's rewards and commission go: to itself unless it says otherwise. */
export function withdrawAddressOf(ctx: QueryCtx, owner: Address): Address {
  const bytes = state.withdrawAddresses.get(ctx, owner);
  return bytes ? bytesToAddress(bytes, ctx.addressPrefix) : owner;
}

/** Gas that is used up is the transaction's end, whatever it was used for. */
const isOutOfGas = ({ codespace, code }: ChainError): boolean => codespace === "sdk" && code === 11;

/** How what accrued leaves the module. */
export function createPayout(bank: Bank) {
  /** Whole units out of the module's account; fractions go to the community pool. */
  function payTo(ctx: Ctx, to: Address, owed: DecCoins): Coins {
    const { whole, rest } = truncate(owed);
    if (whole.length > 0) bank.sendFromModule(ctx, DISTRIBUTION, to, whole);
    if (rest.length > 0) addToCommunityPool(ctx, rest);
    return whole;
  }

  /** Undefined when the bank refuses. */
  function tryToPay(ctx: Ctx, to: Address, owed: DecCoins): Coins | undefined {
    if (bank.isBlocked(ctx, to)) return undefined;
    try {
      return ctx.atomically((branch) => payTo(branch, to, owed));
    } catch (error) {
      if (!(error instanceof ChainError) || isOutOfGas(error)) throw error;
      return undefined;
    }
  }

  return {
    /**
     * Throws `sdk/4` for a strict route when the chosen address may not be paid and its owner may choose another. While
     * governance forbids to choose, the route is not strict: no stake may be locked up for want of an address.
     */
    route(ctx: QueryCtx, owner: Address, strict: boolean): Route {
      const chosen = withdrawAddressOf(ctx, owner);
      if (!strict || !bank.isBlocked(ctx, chosen)) return { chosen, strict, owner };
      if (paramsOf(ctx).withdrawAddrEnabled) throw sdkError.unauthorized(`${chosen} is not allowed to receive funds`);
      return { chosen, strict: false, owner };
    },

    /**
     * Pays the chosen address. Where the route is not strict and that may not be paid, it pays the owner, and where
     * neither may, the community pool: slashes and ends of blocks pay too, and no address may stop them (SDK 0.53.8,
     * cosmos-sdk#26406). Returns the whole units, and who got them.
     */
    pay(ctx: Ctx, { chosen, strict, owner }: Route, owed: DecCoins): { readonly whole: Coins; readonly to: string } {
      if (strict) return { whole: payTo(ctx, chosen, owed), to: chosen };
      for (const to of chosen === owner ? [owner] : [chosen, owner]) {
        const whole = tryToPay(ctx, to, owed);
        if (whole) return { whole, to };
      }
      const { whole, rest } = truncate(owed);
      if (owed.length > 0) addToCommunityPool(ctx, addDecCoins(rest, toDecCoins(whole)));
      return { whole, to: COMMUNITY_POOL };
    },

    /** Tells of a payment that somebody else got than its owner had chosen. */
    emitRedirected(ctx: Ctx, { chosen }: Route, to: string, operator: string, delegator?: Address): void {
      if (to === chosen) return;
      ctx.emitRaw("withdraw_addr_redirected", [
        ["original_withdraw_address", chosen],
        ["withdraw_address", to],
        ["validator", operator],
        ...(delegator === undefined ? [] : [["delegator", delegator] as const]),
      ]);
    },
  };
}

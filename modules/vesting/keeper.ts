import type { BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import type {
  BaseVestingAccount,
  MsgCreatePeriodicVestingAccount,
  MsgCreatePermanentLockedAccount,
  MsgCreateVestingAccount,
} from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import type { AccountType } from "../auth/accounts.ts";
import { type Address, parseAddress } from "../kernel/address.ts";
import { addCoins, type Coin, type Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { checkSome, continuous, delayed, periodic, permanent, SECONDS_END } from "./accounts.ts";
import { toSeconds } from "./schedule.ts";

/** What this module asks of accounts. The keeper of `auth` satisfies it. */
export interface Accounts {
  get(ctx: QueryCtx, address: Address): unknown;
  /** Makes an account of a kind, with the next number. `make` is given its base. */
  createAs<T>(ctx: Ctx, kind: AccountType<T>, address: Address, make: (base: BaseAccount) => T): void;
}

/** What this module asks of a bank. */
export interface Bank {
  /** Throws `bank/5` when one of the denominations may not be sent now. */
  checkSendEnabled(ctx: QueryCtx, coins: readonly Coin[]): void;
  /** Throws `sdk/4` for the account of a module that may not be paid from outside. */
  checkNotBlocked(ctx: QueryCtx, to: Address): void;
  /** Throws `sdk/5` when `from` cannot spend them. */
  send(ctx: Ctx, from: Address, to: Address, coins: readonly Coin[]): void;
}

export interface VestingDeps {
  readonly accounts: Accounts;
  readonly bank: Bank;
}

export type Keeper = ReturnType<typeof createKeeper>;

/**
 * An account pays gas for its bytes in each of its transactions, and anybody may make a vesting account for an address that has
 * none yet. So it stays small: room for the months of five years.
 */
export const ACCOUNT_BYTES_MAX = 2048;

export function createKeeper({ accounts, bank }: VestingDeps) {
  const addresses = (ctx: Ctx, message: { readonly fromAddress: string; readonly toAddress: string }) => ({
    from: parseAddress(message.fromAddress, ctx.addressPrefix),
    to: parseAddress(message.toAddress, ctx.addressPrefix),
  });

  function checkAbsent(ctx: Ctx, to: Address): void {
    if (accounts.get(ctx, to))
      throw sdkError.invalidRequest(`account ${to} already exists, want an address without one`);
  }

  function create<T>(ctx: Ctx, kind: AccountType<T>, to: Address, make: (base: BaseAccount) => T): void {
    accounts.createAs(ctx, kind, to, (base) => {
      const account = make(base);
      kind.validate?.(account, ctx.addressPrefix);
      const { length } = kind.type.encode(account).finish();
      if (length > ACCOUNT_BYTES_MAX) {
        throw sdkError.invalidRequest(`vesting account takes ${length} bytes, want at most ${ACCOUNT_BYTES_MAX}`);
      }
      return account;
    });
  }

  return {
    /** Throws `sdk/7`, `sdk/10`, `sdk/18`, `bank/5`, `sdk/4`, `sdk/5`. */
    createVesting(ctx: Ctx, message: MsgCreateVestingAccount): void {
      const { from, to } = addresses(ctx, message);
      const { amount, endTime } = message;
      checkSome(amount);
      if (endTime <= 0n) throw sdkError.invalidRequest(`end time is ${endTime}, want more than 0`);
      bank.checkSendEnabled(ctx, amount);
      bank.checkNotBlocked(ctx, to);
      checkAbsent(ctx, to);
      const startTime = toSeconds(ctx.time);
      if (message.delayed) {
        create(ctx, delayed, to, (base) => ({ baseVestingAccount: vestingBase(base, amount, endTime) }));
      } else {
        create(ctx, continuous, to, (base) => ({ baseVestingAccount: vestingBase(base, amount, endTime), startTime }));
      }
      bank.send(ctx, from, to, amount);
    },

    /** Throws `sdk/7`, `sdk/10`, `bank/5`, `sdk/4`, `sdk/18`, `sdk/5`. */
    createPermanentLocked(ctx: Ctx, message: MsgCreatePermanentLockedAccount): void {
      const { from, to } = addresses(ctx, message);
      const { amount } = message;
      checkSome(amount);
      bank.checkSendEnabled(ctx, amount);
      bank.checkNotBlocked(ctx, to);
      checkAbsent(ctx, to);
      create(ctx, permanent, to, (base) => ({ baseVestingAccount: vestingBase(base, amount, 0n) }));
      bank.send(ctx, from, to, amount);
    },

    /** Throws `sdk/7`, `sdk/18`, `sdk/10`, `sdk/4`, `bank/5`, `sdk/5`. */
    createPeriodic(ctx: Ctx, message: MsgCreatePeriodicVestingAccount): void {
      const { from, to } = addresses(ctx, message);
      const { startTime, vestingPeriods } = message;
      if (startTime < 1n) throw sdkError.invalidRequest(`start time is ${startTime}, want more than 0`);
      let endTime = startTime;
      let total: Coins = [];
      for (const [index, { length, amount }] of vestingPeriods.entries()) {
        if (length < 1n) throw sdkError.invalidRequest(`length of period ${index} is ${length}, want more than 0`);
        checkSome(amount);
        endTime += length;
        total = addCoins(total, amount);
      }
      if (endTime >= SECONDS_END)
        throw sdkError.invalidRequest(`end time is ${endTime}, want less than ${SECONDS_END}`);
      bank.checkNotBlocked(ctx, to);
      checkAbsent(ctx, to);
      bank.checkSendEnabled(ctx, total);
      create(ctx, periodic, to, (base) => ({
        baseVestingAccount: vestingBase(base, total, endTime),
        startTime,
        vestingPeriods,
      }));
      bank.send(ctx, from, to, total);
    },
  };
}

const vestingBase = (baseAccount: BaseAccount, originalVesting: Coins, endTime: bigint): BaseVestingAccount => ({
  baseAccount,
  originalVesting,
  delegatedFree: [],
  delegatedVesting: [],
  endTime,
});

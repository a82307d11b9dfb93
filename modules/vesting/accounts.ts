/** The kinds of accounts whose coins are not all free yet: for `auth`'s `accountTypes`. */
import { BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import {
  BaseVestingAccount,
  ContinuousVestingAccount,
  DelayedVestingAccount,
  PeriodicVestingAccount,
  PermanentLockedAccount,
} from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import type { MessageType } from "@interfirm/proto/types";
import type { AccountType } from "../auth/accounts.ts";
import { addCoins, type Coin, type Coins, checkCoins, coversCoins, formatCoins } from "../kernel/coins.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import {
  lockedOf,
  rest,
  toSeconds,
  trackDelegation,
  trackUndelegation,
  vestedByPeriods,
  vestedEvenly,
} from "./schedule.ts";

/** Seconds since 1970 are signed 64-bit integers. */
export const SECONDS_END = 1n << 63n;

interface HasBase {
  readonly baseVestingAccount: BaseVestingAccount | undefined;
}

const EMPTY = BaseVestingAccount.fromPartial({});

const vestingBase = ({ baseVestingAccount }: HasBase): BaseVestingAccount => baseVestingAccount ?? EMPTY;
const baseOf = ({ baseAccount }: BaseVestingAccount): BaseAccount => baseAccount ?? BaseAccount.fromPartial({});

const refuse = (why: string) => sdkError.invalidRequest(why);

/** Throws `sdk/18`, and `sdk/10` for coins that are not sound. */
function checkBase({ originalVesting, delegatedFree, delegatedVesting, endTime }: BaseVestingAccount): void {
  if (endTime < 0n) throw refuse(`end time is ${endTime}, want 0 or more`);
  checkSome(originalVesting);
  checkCoins(delegatedFree);
  checkCoins(delegatedVesting);
  if (!coversCoins(originalVesting, delegatedVesting)) {
    throw refuse(
      `${formatCoins(delegatedVesting)} of vesting coins are delegated, want at most ${formatCoins(originalVesting)}`,
    );
  }
}

/** Throws `sdk/10` unless there are coins, and sound ones. */
export function checkSome(coins: readonly Coin[]): asserts coins is Coins {
  if (coins.length === 0) throw sdkError.invalidCoins("no coins, want at least one");
  checkCoins(coins);
}

/** Throws `sdk/18` unless it begins before it ends. */
function checkSpan(startTime: bigint, endTime: bigint): void {
  if (startTime >= endTime) throw refuse(`start time is ${startTime}, want less than the end time ${endTime}`);
}

interface Schedule<T extends HasBase> {
  readonly type: MessageType<T>;
  /** Coins that are not free at `now`, delegated or not. */
  vesting(value: T, base: BaseVestingAccount, now: bigint): Coins;
  check(value: T, base: BaseVestingAccount): void;
}

function vestingType<T extends HasBase>({ type, vesting, check }: Schedule<T>): AccountType<T> {
  const vestingAt = (value: T, time: bigint): Coins => vesting(value, vestingBase(value), toSeconds(time));
  return {
    type,
    base: (value) => baseOf(vestingBase(value)),
    withBase: (value, baseAccount) => ({ ...value, baseVestingAccount: { ...vestingBase(value), baseAccount } }),
    validate(value) {
      const base = vestingBase(value);
      check(value, base);
      checkBase(base);
    },
    locked: (value, time) => lockedOf(vestingAt(value, time), vestingBase(value).delegatedVesting),
    delegated: (value, time, _balance, coins) => ({
      ...value,
      baseVestingAccount: trackDelegation(vestingBase(value), vestingAt(value, time), coins),
    }),
    undelegated: (value, coins) => ({ ...value, baseVestingAccount: trackUndelegation(vestingBase(value), coins) }),
  };
}

/** Coins become free evenly, second by second. */
export const continuous = vestingType({
  type: ContinuousVestingAccount,
  vesting: ({ startTime: start }, { originalVesting, endTime: end }, now) =>
    rest(originalVesting, vestedEvenly(originalVesting, { start, end }, now)),
  check: ({ startTime }, { endTime }) => checkSpan(startTime, endTime),
});

/** Coins become free all at once. */
export const delayed = vestingType({
  type: DelayedVestingAccount,
  vesting: (_, { originalVesting, endTime }, now) => (now >= endTime ? [] : originalVesting),
  check: () => undefined,
});

/** Coins become free part by part. */
export const periodic = vestingType({
  type: PeriodicVestingAccount,
  vesting: ({ startTime: start, vestingPeriods }, { originalVesting, endTime: end }, now) =>
    rest(originalVesting, vestedByPeriods(originalVesting, { start, end }, vestingPeriods, now)),
  check({ startTime, vestingPeriods }, { originalVesting, endTime }) {
    checkSpan(startTime, endTime);
    let end = startTime;
    let sum: Coins = [];
    for (const [index, { length, amount }] of vestingPeriods.entries()) {
      if (length < 0n) throw refuse(`length of period ${index} is ${length}, want 0 or more`);
      checkSome(amount);
      end += length;
      sum = addCoins(sum, amount);
    }
    if (end !== endTime) throw refuse(`periods end at ${end}, want the end time ${endTime}`);
    if (formatCoins(sum) !== formatCoins(originalVesting)) {
      throw refuse(`periods have ${formatCoins(sum)}, want the original vesting ${formatCoins(originalVesting)}`);
    }
  },
});

/** Coins never become free; they can be delegated. */
export const permanent = vestingType({
  type: PermanentLockedAccount,
  vesting: (_, { originalVesting }) => originalVesting,
  check(_, { endTime }) {
    if (endTime > 0n) throw refuse(`end time is ${endTime}, want none`);
  },
});

/** Without a schedule of its own, nothing in it is locked. Only genesis files may have one, as in the SDK. */
const bare: AccountType<BaseVestingAccount> = {
  type: BaseVestingAccount,
  base: baseOf,
  withBase: (value, baseAccount) => ({ ...value, baseAccount }),
  validate: checkBase,
};

export const vestingAccountTypes = [bare, continuous, delayed, periodic, permanent] as readonly AccountType<unknown>[];

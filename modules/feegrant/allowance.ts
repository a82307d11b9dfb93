/** Allowances and what they pay for. Source: Cosmos SDK, cosmossdk.io/x/feegrant v0.2.0. */
import { AllowedMsgAllowance, BasicAllowance, PeriodicAllowance } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { decodeAny } from "../kernel/any.ts";
import { amountOf, type Coins, checkCoins, coversCoins, formatCoins, subtractCoins } from "../kernel/coins.ts";
import type { Ctx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { NS_PER_SECOND, nsToTimestamp, timestampToNs } from "../kernel/time.ts";
import { fail } from "./errors.ts";

/** An allowance, read. Those that only pay for some messages hold another one. */
export type Allowance =
  | { readonly kind: "basic"; readonly value: BasicAllowance }
  | { readonly kind: "periodic"; readonly value: PeriodicAllowance }
  | { readonly kind: "allowedMsg"; readonly inner: Allowance; readonly allowedMessages: readonly string[] };

/** As deep as an `Any` may stand in a transaction. */
const DEPTH_MAX = 10;

/** Throws `feegrant/5` for nothing and for what is no allowance, `sdk/34` for bytes that are none. */
export function readAllowance(any: Any | undefined, depth = 0): Allowance {
  if (!any) throw fail.noAllowance("allowance is missing, want one");
  if (depth >= DEPTH_MAX) throw fail.noAllowance(`allowances are nested ${depth} deep, want less`);
  switch (any.typeUrl) {
    case BasicAllowance.typeUrl:
      return { kind: "basic", value: decodeAny(BasicAllowance, any) };
    case PeriodicAllowance.typeUrl:
      return { kind: "periodic", value: decodeAny(PeriodicAllowance, any) };
    case AllowedMsgAllowance.typeUrl: {
      const { allowance, allowedMessages } = decodeAny(AllowedMsgAllowance, any);
      return { kind: "allowedMsg", inner: readAllowance(allowance, depth + 1), allowedMessages };
    }
    default:
      throw fail.noAllowance(`allowance has type ${any.typeUrl.slice(0, 100)}, want an allowance of fees`);
  }
}

export function allowanceToAny(allowance: Allowance): Any {
  switch (allowance.kind) {
    case "basic":
      return { typeUrl: BasicAllowance.typeUrl, value: BasicAllowance.encode(allowance.value).finish() };
    case "periodic":
      return { typeUrl: PeriodicAllowance.typeUrl, value: PeriodicAllowance.encode(allowance.value).finish() };
    case "allowedMsg": {
      const { inner, allowedMessages } = allowance;
      const value = { allowance: allowanceToAny(inner), allowedMessages };
      return { typeUrl: AllowedMsgAllowance.typeUrl, value: AllowedMsgAllowance.encode(value).finish() };
    }
  }
}

function basicOf(allowance: Allowance): BasicAllowance {
  if (allowance.kind === "allowedMsg") return basicOf(allowance.inner);
  return allowance.kind === "basic" ? allowance.value : allowance.value.basic;
}

/** The last moment at which it pays, in nanoseconds since 1970; undefined for ever. */
export function expiresAt(allowance: Allowance): bigint | undefined {
  const { expiration } = basicOf(allowance);
  return expiration && timestampToNs(expiration);
}

/** Throws `sdk/10` for coins, `feegrant/4` for times, `feegrant/6` for no messages. */
export function checkAllowance(allowance: Allowance): void {
  if (allowance.kind === "allowedMsg") {
    if (allowance.allowedMessages.length === 0) throw fail.noMessages();
    checkAllowance(allowance.inner);
    return;
  }
  const { spendLimit, expiration } = basicOf(allowance);
  checkCoins(spendLimit);
  if (expiration && expiration.seconds < 0n) {
    throw fail.badDuration(`expiration is ${expiration.seconds} s since 1970, want 0 or more`);
  }
  if (allowance.kind === "periodic") checkPeriodic(allowance.value);
}

/** Durations are counted in nanoseconds in 64 bits, as the SDK's. */
const NS_MAX = (1n << 63n) - 1n;

function checkPeriodic({ basic, period, periodSpendLimit, periodCanSpend, periodReset }: PeriodicAllowance): void {
  if (periodSpendLimit.length === 0) throw sdkError.invalidCoins("period spend limit has no coins, want at least one");
  checkCoins(periodSpendLimit);
  checkCoins(periodCanSpend);
  if (basic.spendLimit.length > 0) {
    const other = periodSpendLimit.find(({ denom }) => amountOf(basic.spendLimit, denom) === 0n);
    if (other) throw sdkError.invalidCoins(`period spend limit has ${other.denom}, which the spend limit has not`);
  }
  const { seconds, nanos } = period;
  const length = seconds * NS_PER_SECOND + BigInt(nanos);
  if (length < 0n || length > NS_MAX) throw fail.badDuration(`period is ${seconds} s, want 0 to ${NS_MAX} ns`);
  timestampToNs(periodReset);
}

/** What is left of an allowance after a fee. */
export interface Acceptance {
  readonly allowance: Allowance;
  /** Nothing is left, ever: it goes. */
  readonly isSpent: boolean;
}

/** SDK `gasCostPerIteration`. */
const GAS_PER_MESSAGE = 10;

/**
 * Takes the fee of a transaction with these messages, by type URL. Throws `feegrant/3` when it is over, `feegrant/2` when it
 * does not cover the fee, `feegrant/7` when a message is not allowed.
 */
export function accept(ctx: Ctx, allowance: Allowance, fee: Coins, messages: readonly string[]): Acceptance {
  switch (allowance.kind) {
    case "basic": {
      const { value } = allowance;
      checkTime(ctx, value, "basic allowance");
      if (value.spendLimit.length === 0) return { allowance, isSpent: false };
      const spendLimit = take(value.spendLimit, fee, "basic allowance");
      return { allowance: { kind: "basic", value: { ...value, spendLimit } }, isSpent: spendLimit.length === 0 };
    }
    case "periodic": {
      checkTime(ctx, allowance.value.basic, "absolute limit");
      const value = turnPeriod(allowance.value, ctx.time);
      const periodCanSpend = take(value.periodCanSpend, fee, "period limit");
      const { basic } = value;
      const isLimited = basic.spendLimit.length > 0;
      const spendLimit = isLimited ? take(basic.spendLimit, fee, "absolute limit") : [];
      return {
        allowance: { kind: "periodic", value: { ...value, basic: { ...basic, spendLimit }, periodCanSpend } },
        isSpent: isLimited && spendLimit.length === 0,
      };
    }
    case "allowedMsg": {
      checkMessages(ctx, allowance.allowedMessages, messages);
      const inner = accept(ctx, allowance.inner, fee, messages);
      return { allowance: { ...allowance, inner: inner.allowance }, isSpent: inner.isSpent };
    }
  }
}

function checkTime({ time }: Ctx, { expiration }: BasicAllowance, limit: string): void {
  if (expiration && timestampToNs(expiration) < time) throw fail.expired(limit);
}

function take(limit: Coins, fee: Coins, name: string): Coins {
  const left = subtractCoins(limit, fee);
  if (!left) throw fail.limitExceeded(name, formatCoins(limit), formatCoins(fee));
  return left;
}

/**
 * At the end of a period, what may be spent in the next one: the limit of the period, or what is left at all. Whoever pays
 * often keeps the rhythm of the periods; after a longer pause they start again from now.
 */
function turnPeriod(value: PeriodicAllowance, time: bigint): PeriodicAllowance {
  const reset = timestampToNs(value.periodReset);
  if (time < reset) return value;
  const { spendLimit } = value.basic;
  const isLess = spendLimit.length > 0 && !coversCoins(spendLimit, value.periodSpendLimit);
  const period = value.period.seconds * NS_PER_SECOND + BigInt(value.period.nanos);
  const next = reset + period;
  const periodReset = nsToTimestamp(time > next ? time + period : next);
  timestampToNs(periodReset);
  return { ...value, periodCanSpend: isLess ? spendLimit : value.periodSpendLimit, periodReset };
}

function checkMessages(ctx: Ctx, allowed: readonly string[], messages: readonly string[]): void {
  for (const _ of allowed) ctx.gas.use(GAS_PER_MESSAGE, "check msg");
  const known = new Set(allowed);
  for (const typeUrl of messages) {
    ctx.gas.use(GAS_PER_MESSAGE, "check msg");
    if (!known.has(typeUrl)) throw fail.messageNotAllowed(typeUrl);
  }
}

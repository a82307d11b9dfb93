/** What follows from a validator's record alone. Roundings are those of the SDK's x/staking/types/validator.go (0.53.8). */

import {
  BondStatus,
  type Commission,
  type CommissionRates,
  type Description,
  type Validator,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { type Any, Timestamp } from "@interfirm/proto/gen/google/protobuf";
import { addressBytes, type PubKey, pubKeyFromAny } from "../auth/pubkey.ts";
import { toHex, toUtf8 } from "../kernel/bytes.ts";
import { BoundedCache } from "../kernel/cache.ts";
import { type Dec, divide, format, fromInt, multiply, ONE } from "../kernel/decimal.ts";
import type { ValidatorUpdate } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { timestampToNs } from "../kernel/time.ts";
import { fail } from "./errors.ts";

/** Smallest units of the stake token in one unit of voting power, as the SDK's `DefaultPowerReduction`. */
export const POWER_REDUCTION = 1_000_000n;

const { BOND_STATUS_BONDED: BONDED, BOND_STATUS_UNBONDED: UNBONDED, BOND_STATUS_UNBONDING: UNBONDING } = BondStatus;

export { BONDED, UNBONDED, UNBONDING };

export const isBonded = ({ status }: Validator): boolean => status === BONDED;
export const isUnbonding = ({ status }: Validator): boolean => status === UNBONDING;
export const isUnbonded = ({ status }: Validator): boolean => status === UNBONDED;

/** Units of voting power that so many tokens make. */
export const powerOf = (tokens: bigint): bigint => tokens / POWER_REDUCTION;

/** Shares without tokens behind them: slashed to nothing. Nobody can delegate to it any more. */
export const hasNoRate = ({ tokens, delegatorShares }: Validator): boolean => tokens === 0n && delegatorShares > 0n;

/** `a × n` of an integer, exact. Throws `sdk/18` above 315 bits. */
const times = (a: Dec, n: bigint): Dec => multiply(a, fromInt(n));

/** Nearest. Throws `sdk/18` for a validator without shares. */
export const tokensFromShares = ({ tokens, delegatorShares }: Validator, shares: Dec): Dec =>
  divide(times(shares, tokens), delegatorShares);

/** Towards zero, which both of the SDK's ways come to. Throws `staking/22` when the validator has no tokens. */
export function sharesFromTokens({ tokens, delegatorShares }: Validator, amount: bigint): Dec {
  if (tokens === 0n) throw fail.insufficientShares();
  return times(delegatorShares, amount) / tokens;
}

/**
 * Shares of a validator stay below 2²⁴⁰ units of 10⁻¹⁸. With the bound on tokens, shares × tokens then fits a decimal of
 * 315 bits, whatever slashing does to their rate: what runs in the begin and end of blocks cannot overflow.
 */
const SHARES_END = 1n << 240n;

/** The validator with more tokens, and the shares that they make. Throws `staking/104` and `staking/105`. */
export function addTokens(validator: Validator, amount: bigint): readonly [validator: Validator, shares: Dec] {
  const shares = validator.delegatorShares === 0n ? fromInt(amount) : sharesFromTokens(validator, amount);
  const tokens = validator.tokens + amount;
  if (powerOf(tokens) > VALIDATOR_POWER_MAX) throw fail.tooMuchPower(powerOf(tokens), VALIDATOR_POWER_MAX);
  const delegatorShares = validator.delegatorShares + shares;
  if (delegatorShares >= SHARES_END) throw fail.tooManyShares();
  return [{ ...validator, tokens, delegatorShares }, shares];
}

/** Most validators that the set may have: what blocks are sized for. */
export const MAX_VALIDATORS_LIMIT = 1000;

/** Source: CometBFT v0.38 types/validator_set.go `MaxTotalVotingPower`. */
const TOTAL_POWER_MAX = ((1n << 63n) - 1n) / 8n;
/** So that as many as there may ever be cannot pass together what CometBFT can handle. 1.15 × 10¹⁵. */
export const VALIDATOR_POWER_MAX = TOTAL_POWER_MAX / BigInt(MAX_VALIDATORS_LIMIT);

/** The validator without these shares, and the tokens they were. The last shares get what roundings left behind. */
export function removeShares(validator: Validator, shares: Dec): readonly [validator: Validator, tokens: bigint] {
  const rest = validator.delegatorShares - shares;
  const removed = rest === 0n ? validator.tokens : tokensFromShares(validator, shares) / ONE;
  const tokens = validator.tokens - removed;
  if (rest < 0n || tokens < 0n) throw sdkError.logic(`${validator.operatorAddress} lacks the shares to remove`);
  return [{ ...validator, tokens, delegatorShares: rest }, removed];
}

interface ConsensusKey {
  readonly pubKey: PubKey;
  readonly address: Uint8Array;
}

/** Keys come by with every vote. */
const keys = new BoundedCache<string, ConsensusKey>(4096);

function consensusKey(any: Any): ConsensusKey {
  const id = `${any.typeUrl} ${toHex(any.value)}`;
  let key = keys.get(id);
  if (!key) {
    const pubKey = pubKeyFromAny(any);
    key = { pubKey, address: addressBytes(pubKey) };
    keys.set(id, key);
  }
  return key;
}

/** Throws `staking/39` when there is none and `sdk/8` when it is unsound. */
export function consensusPubKey(key: Any | undefined): PubKey {
  if (!key) throw fail.emptyPubKey();
  return consensusKey(key).pubKey;
}

/** The 20 bytes by which CometBFT knows a key. Throws as `consensusPubKey` does. */
export function consensusAddressOf(key: Any | undefined): Uint8Array {
  if (!key) throw fail.emptyPubKey();
  return consensusKey(key).address;
}

/** Throws as `consensusPubKey` does, and `staking/6` for a key that CometBFT cannot use. */
export function validatorUpdate(key: Any | undefined, power: bigint): ValidatorUpdate {
  const pubKey = consensusPubKey(key);
  if (pubKey.type === "multisig") throw fail.pubKeyTypeNotSupported(pubKey.type, "ed25519, secp256k1");
  return { pubKeyType: pubKey.type, pubKey: pubKey.key, power };
}

/** Throws `staking/9` to `staking/14`. */
export function checkCommission({ rate, maxRate, maxChangeRate }: CommissionRates): void {
  if (maxRate < 0n) throw fail.commissionNegative(format(maxRate));
  if (maxRate > ONE) throw fail.commissionHuge(format(maxRate));
  if (rate < 0n) throw fail.commissionNegative(format(rate));
  if (rate > maxRate) throw fail.commissionAboveMax(format(rate), format(maxRate));
  if (maxChangeRate < 0n) throw fail.changeRateNegative(format(maxChangeRate));
  if (maxChangeRate > maxRate) throw fail.changeRateAboveMax(format(maxChangeRate), format(maxRate));
}

const DAY_NS = 86_400_000_000_000n;

/** The commission at a new rate. Throws `staking/9`, `staking/11`, `staking/12`, `staking/15`. */
export function changeCommission(commission: Commission, rate: Dec, now: Timestamp): Commission {
  const { commissionRates: rates, updateTime } = commission;
  if (timestampToNs(now) - timestampToNs(updateTime) < DAY_NS) throw fail.commissionUpdateTime();
  if (rate < 0n) throw fail.commissionNegative(format(rate));
  if (rate > rates.maxRate) throw fail.commissionAboveMax(format(rate), format(rates.maxRate));
  if (rate - rates.rate > rates.maxChangeRate) {
    throw fail.commissionAboveChangeRate(format(rate - rates.rate), format(rates.maxChangeRate));
  }
  return { commissionRates: { ...rates, rate }, updateTime: now };
}

/** Longest texts of a description in bytes. */
const DESCRIPTION_MAX = { moniker: 70, identity: 3000, website: 140, securityContact: 140, details: 280 } as const;
const DESCRIPTION_FIELDS = ["moniker", "identity", "website", "securityContact", "details"] as const;
const FIELD_NAMES = { securityContact: "security contact" } as Readonly<Record<string, string>>;

/** Throws `sdk/18` for a text that is too long. */
export function checkDescription(description: Description): void {
  for (const field of DESCRIPTION_FIELDS) {
    const length = toUtf8(description[field]).length;
    const most = DESCRIPTION_MAX[field];
    if (length > most) {
      throw sdkError.invalidRequest(`invalid ${FIELD_NAMES[field] ?? field} length; got: ${length}, max: ${most}`);
    }
  }
}

export const isEmptyDescription = (description: Description): boolean =>
  DESCRIPTION_FIELDS.every((field) => description[field] === "");

const DO_NOT_MODIFY = "[do-not-modify]";

/** The description with the texts of `change` that are not `[do-not-modify]`. Throws `sdk/18` for one that is too long. */
export function changeDescription(description: Description, change: Description): Description {
  const keep = (field: (typeof DESCRIPTION_FIELDS)[number]): string =>
    change[field] === DO_NOT_MODIFY ? description[field] : change[field];
  const changed = {
    moniker: keep("moniker"),
    identity: keep("identity"),
    website: keep("website"),
    securityContact: keep("securityContact"),
    details: keep("details"),
  };
  checkDescription(changed);
  return changed;
}

/** One without tokens, as `MsgCreateValidator` makes it. */
export function newValidator(fields: {
  readonly operatorAddress: string;
  readonly consensusPubkey: Any;
  readonly description: Description;
  readonly commission: Commission;
  readonly minSelfDelegation: bigint;
}): Validator {
  return {
    ...fields,
    jailed: false,
    status: UNBONDED,
    tokens: 0n,
    delegatorShares: 0n,
    unbondingHeight: 0n,
    unbondingTime: Timestamp.fromPartial({}),
    unbondingOnHoldRefCount: 0n,
    unbondingIds: [],
  };
}

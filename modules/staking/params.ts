import type { Params } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Params as OwnParams } from "@interfirm/proto/gen/interfirm/staking/v1";
import { quote } from "../kernel/bytes.ts";
import { isDenom } from "../kernel/coins.ts";
import { format, ONE } from "../kernel/decimal.ts";
import { NS_PER_SECOND } from "../kernel/time.ts";
import { fail } from "./errors.ts";
import { MAX_VALIDATORS_LIMIT } from "./validator.ts";

/** The SDK's defaults, with our stake token. */
export const DEFAULT_PARAMS: Params = {
  unbondingTime: { seconds: 1_814_400n, nanos: 0 },
  maxValidators: 100,
  maxEntries: 7,
  historicalEntries: 10_000,
  bondDenom: "ufirm",
  minCommissionRate: 0n,
};

export const DEFAULT_OWN_PARAMS: OwnParams = { powerCapBp: 0, keyRotationsMax: 1 };

/** Times of completion stay within what times and keys can hold. Ten years. */
const UNBONDING_SECONDS_MAX = 315_360_000n;
/** A slash looks at each entry of an unbonding delegation. */
const ENTRIES_MAX = 1000;
const BASIS_POINTS = 10_000;
const ROTATIONS_MAX = 100;

/** Throws `staking/101`. */
export function checkParams(params: Params): void {
  const { unbondingTime, maxValidators, maxEntries, bondDenom, minCommissionRate } = params;
  const nanos = unbondingTimeNs(params);
  const range = (seen: number, most: number, name: string): void => {
    if (seen < 1 || seen > most) throw fail.badParams(name, `${seen}`, `1 to ${most}`);
  };
  if (nanos <= 0n || nanos > UNBONDING_SECONDS_MAX * NS_PER_SECOND) {
    const seen = `${unbondingTime.seconds}s ${unbondingTime.nanos}ns`;
    throw fail.badParams("unbonding_time", seen, `more than 0s and at most ${UNBONDING_SECONDS_MAX}s`);
  }
  range(maxValidators, MAX_VALIDATORS_LIMIT, "max_validators");
  range(maxEntries, ENTRIES_MAX, "max_entries");
  if (!isDenom(bondDenom)) throw fail.badParams("bond_denom", quote(bondDenom), "a denomination");
  if (minCommissionRate < 0n || minCommissionRate > ONE) {
    throw fail.badParams("min_commission_rate", format(minCommissionRate), "0 to 1");
  }
}

/** Throws `staking/101`. */
export function checkOwnParams({ powerCapBp, keyRotationsMax }: OwnParams): void {
  if (powerCapBp > BASIS_POINTS) throw fail.badParams("power_cap_bp", `${powerCapBp}`, `0 to ${BASIS_POINTS}`);
  if (keyRotationsMax > ROTATIONS_MAX) {
    throw fail.badParams("key_rotations_max", `${keyRotationsMax}`, `0 to ${ROTATIONS_MAX}`);
  }
}

export const unbondingTimeNs = ({ unbondingTime: { seconds, nanos } }: Params): bigint =>
  seconds * NS_PER_SECOND + BigInt(nanos);

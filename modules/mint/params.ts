import type { Params } from "@interfirm/proto/gen/cosmos/mint/v1beta1";
import { checkDenom } from "../kernel/coins.ts";
import { type Dec, format, ONE } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";

/** Inflation of the first block, and parameters. Source: Cosmos SDK 0.53 x/mint/types/{minter,params}.go; the denomination is ours. */
export const DEFAULT_INFLATION: Dec = (ONE * 13n) / 100n;
export const DEFAULT_PARAMS: Params = {
  mintDenom: "ufirm",
  inflationRateChange: (ONE * 13n) / 100n,
  inflationMax: ONE / 5n,
  inflationMin: (ONE * 7n) / 100n,
  goalBonded: (ONE * 67n) / 100n,
  // Of 5 seconds each.
  blocksPerYear: 6_311_520n,
};

const I64_MAX = 2n ** 63n - 1n;

function checkShare(value: Dec, name: string): void {
  if (value < 0n || value > ONE) throw sdkError.invalidRequest(`${name} is ${format(value)}, want 0 to 1`);
}

/** Throws `sdk/10` for the denomination, `sdk/18` for a share below 0 or above 1, a goal of 0, a year without blocks, or a least above the most. */
export function checkParams(params: Params): void {
  checkDenom(params.mintDenom);
  checkShare(params.inflationRateChange, "inflation rate change");
  checkShare(params.inflationMax, "max inflation");
  checkShare(params.inflationMin, "min inflation");
  checkShare(params.goalBonded, "goal bonded");
  if (params.goalBonded === 0n) throw sdkError.invalidRequest("goal bonded is 0, want more than 0");
  if (params.blocksPerYear < 1n || params.blocksPerYear > I64_MAX) {
    throw sdkError.invalidRequest(`blocks per year are ${params.blocksPerYear}, want 1 to 2^63 - 1`);
  }
  if (params.inflationMax < params.inflationMin) {
    throw sdkError.invalidRequest(
      `max inflation is ${format(params.inflationMax)}, want at least the min of ${format(params.inflationMin)}`,
    );
  }
}

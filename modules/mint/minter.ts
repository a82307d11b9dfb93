/** The curve of inflation, as Cosmos SDK 0.53 x/mint/types/minter.go has it. */
import type { Minter, Params } from "@interfirm/proto/gen/cosmos/mint/v1beta1";
import { add, type Dec, divide, fromInt, multiply, ONE, subtract, truncateInt } from "../kernel/decimal.ts";

/** Inflation rises while less is bonded than the goal, and falls while more is: at most by `inflationRateChange` a year. */
export function nextInflation(inflation: Dec, params: Params, bondedRatio: Dec): Dec {
  const perYear = multiply(subtract(ONE, divide(bondedRatio, params.goalBonded)), params.inflationRateChange);
  const next = add(inflation, divide(perYear, fromInt(params.blocksPerYear)));
  if (next > params.inflationMax) return params.inflationMax;
  if (next < params.inflationMin) return params.inflationMin;
  return next;
}

/** What is minted in a year at this inflation. */
export const annualProvisions = (inflation: Dec, supply: bigint): Dec => multiply(inflation, fromInt(supply));

/** What is minted in a block, in whole units: an equal part of a year's. */
export const blockProvision = ({ annualProvisions: year }: Minter, { blocksPerYear }: Params): bigint =>
  truncateInt(year / blocksPerYear);

import type { DenomUnit, Metadata } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { quote } from "../kernel/bytes.ts";
import { isDenom } from "../kernel/coins.ts";
import { fail } from "./errors.ts";

/**
 * Throws `bank/11` unless wallets can show amounts by it: its units ascending from the base denomination (exponent 0) and
 * unique, the one to display among them. Name and symbol may be blank, as in the genesis files of many chains.
 * Source: Cosmos SDK 0.53 x/bank/types/metadata.go.
 */
export function checkMetadata({ base, display, denomUnits }: Metadata): void {
  checkUnitDenom("base", base);
  checkUnitDenom("display", display);
  const seen = new Set<string>();
  let previous: DenomUnit | undefined;
  for (const unit of denomUnits) {
    if (!previous && (unit.denom !== base || unit.exponent !== 0)) {
      throw fail.badMetadata(`first unit is ${quote(unit.denom)} with exponent ${unit.exponent}, want ${base} with 0`);
    }
    if (previous && previous.exponent >= unit.exponent) {
      throw fail.badMetadata(`exponent ${unit.exponent} comes after ${previous.exponent}, want ascending exponents`);
    }
    if (seen.has(unit.denom)) throw fail.badMetadata(`unit ${quote(unit.denom)} is there twice, want it once`);
    checkUnit(unit);
    seen.add(unit.denom);
    previous = unit;
  }
  if (!seen.has(display)) throw fail.badMetadata(`no unit is ${quote(display)}, want one to display`);
}

function checkUnit({ denom, aliases }: DenomUnit): void {
  checkUnitDenom("unit", denom);
  if (new Set(aliases).size !== aliases.length)
    throw fail.badMetadata(`an alias of ${denom} is there twice, want it once`);
  if (aliases.some((alias) => alias.trim() === "")) throw fail.badMetadata(`an alias of ${denom} is blank, want text`);
}

function checkUnitDenom(what: string, denom: string): void {
  if (!isDenom(denom)) throw fail.badMetadata(`${what} is ${quote(denom)}, want [a-zA-Z][a-zA-Z0-9/:._-]{2,127}`);
}

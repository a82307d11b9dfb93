import type { Ctx } from "../kernel/context.ts";
import { KV_GAS_COSTS } from "../kernel/gas.ts";
import { state } from "./state.ts";

/** Numbers unbonding delegations, redelegations and unbondings of validators, from 1 on. */
export function nextUnbondingId(ctx: Ctx): bigint {
  const id = (state.lastUnbondingId.get(ctx) ?? 0n) + 1n;
  state.lastUnbondingId.set(ctx, id);
  return id;
}

/** Prefix and number, each entry's key. */
const KEY_BYTES = 1 + 8;
const TYPE_BYTES = 8;

/** Gas of two entries that the SDK writes for each number, under 0x38 and 0x39. Nothing here reads them, so we do not write them. */
export function chargeUnbondingIndex({ gas }: Ctx, subjectKeyBytes: number): void {
  for (const valueBytes of [subjectKeyBytes, TYPE_BYTES]) {
    gas.use(KV_GAS_COSTS.writeCostFlat, "WriteFlat");
    gas.use(KV_GAS_COSTS.writeCostPerByte * KEY_BYTES, "WritePerByte");
    gas.use(KV_GAS_COSTS.writeCostPerByte * valueBytes, "WritePerByte");
  }
}

import { type Address, addressToBytes } from "../kernel/address.ts";
import type { Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { KV_GAS_COSTS } from "../kernel/gas.ts";
import { state } from "./state.ts";

/** 0 when the account holds none. */
export const balanceOf = (ctx: QueryCtx, address: Address, denom: string): bigint =>
  state.balances.get(ctx, [address, denom]) ?? 0n;

/** By denom, ascending. Cost: one step a denomination that the account holds. */
export function balancesOf(ctx: QueryCtx, address: Address): Coins {
  const entries = state.balances.entries(ctx, { prefix: [address] });
  return Array.from(entries, ([[, denom], amount]) => ({ denom, amount }));
}

/** The only way a balance changes. `before` is what it was. Keeps the index by denomination. */
export function setBalance(ctx: Ctx, address: Address, denom: string, amount: bigint, before: bigint): void {
  if (amount === 0n) {
    state.owners.delete(ctx, [denom, address]);
    state.balances.delete(ctx, [address, denom]);
    return;
  }
  // The SDK writes the index entry again with every balance: we take its gas, and leave the entry that is there.
  if (before > 0n) chargeIndexRewrite(ctx, address, denom);
  else state.owners.add(ctx, [denom, address]);
  state.balances.set(ctx, [address, denom], amount);
}

function chargeIndexRewrite({ gas, addressPrefix }: Ctx, address: Address, denom: string): void {
  const length = 1 + denom.length + 1 + 1 + addressToBytes(address, addressPrefix).length;
  gas.use(KV_GAS_COSTS.writeCostFlat, "WriteFlat");
  gas.use(KV_GAS_COSTS.writeCostPerByte * length, "WritePerByte");
}

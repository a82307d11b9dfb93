import { type Address, addressToBytes } from "../kernel/address.ts";
import type { Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { KV_GAS_COSTS } from "../kernel/gas.ts";
import { intText } from "../kernel/values.ts";
import { BALANCES, STORE_KEY, state } from "./state.ts";

/** A balance as it was read, with the key to write it by. */
export interface Balance {
  readonly address: Address;
  readonly denom: string;
  /** 0 when the account holds none. */
  readonly amount: bigint;
  readonly key: Uint8Array;
}

/**
 * The entry `[address, denom]` of `state.balances`. Its key is made in one go and serves for writing too: a payment reads and
 * writes four of them.
 */
export function openBalance(ctx: QueryCtx, address: Address, denom: string): Balance {
  const key = balanceKey(addressToBytes(address, ctx.addressPrefix), denom);
  const bytes = ctx.store(STORE_KEY).get(key);
  return { address, denom, amount: bytes ? intText.decode(bytes) : 0n, key };
}

/** 0 when the account holds none. */
export const balanceOf = (ctx: QueryCtx, address: Address, denom: string): bigint =>
  openBalance(ctx, address, denom).amount;

/** By denom, ascending. Cost: one step a denomination that the account holds. */
export function balancesOf(ctx: QueryCtx, address: Address): Coins {
  const entries = state.balances.entries(ctx, { prefix: [address] });
  return Array.from(entries, ([[, denom], amount]) => ({ denom, amount }));
}

/** The only way a balance changes. Keeps the index by denomination. */
export function setBalance(ctx: Ctx, { address, denom, amount: before, key }: Balance, amount: bigint): void {
  const store = ctx.store(STORE_KEY);
  if (amount === 0n) {
    state.owners.delete(ctx, [denom, address]);
    store.delete(key);
    return;
  }
  // The SDK writes the index entry again with every balance: we take its gas, and leave the entry that is there.
  if (before > 0n) chargeIndexRewrite(ctx, key.length + 1);
  else state.owners.add(ctx, [denom, address]);
  store.set(key, intText.encode(amount));
}

/** `0x02 | length | address | denom`: denominations are ASCII. */
function balanceKey(address: Uint8Array, denom: string): Uint8Array {
  const start = 2 + address.length;
  const key = new Uint8Array(start + denom.length);
  key[0] = BALANCES;
  key[1] = address.length;
  key.set(address, 2);
  for (let i = 0; i < denom.length; i++) key[start + i] = denom.charCodeAt(i);
  return key;
}

/** Its key has the same parts as that of the balance, and a 0 byte behind the denomination. */
function chargeIndexRewrite({ gas }: Ctx, keyBytes: number): void {
  gas.use(KV_GAS_COSTS.writeCostFlat, "WriteFlat");
  gas.use(KV_GAS_COSTS.writeCostPerByte * keyBytes, "WritePerByte");
}

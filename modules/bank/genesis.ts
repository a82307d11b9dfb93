import { type Balance, GenesisState } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { parseAddress } from "../kernel/address.ts";
import { type Coin, type Coins, checkCoins, checkDenom, formatCoins, sortCoins, sumCoins } from "../kernel/coins.ts";
import type { QueryCtx } from "../kernel/context.ts";
import type { Genesis } from "../kernel/module.ts";
import { openBalance, setBalance } from "./balances.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { checkMetadata } from "./metadata.ts";
import { DEFAULT_PARAMS } from "./params.ts";
import { state } from "./state.ts";

export const genesis = (keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { params: DEFAULT_PARAMS, balances: [], supply: [], denomMetadata: [], sendEnabled: [] },

  validate(genesisState, addressPrefix) {
    const { params, sendEnabled, balances, denomMetadata, supply } = genesisState;
    if (params.sendEnabled.length > 0 && sendEnabled.length > 0) {
      throw fail.badGenesis("send_enabled stands both in the genesis and in its params, want one place");
    }
    const denoms = new Set<string>();
    for (const { denom } of [...params.sendEnabled, ...sendEnabled]) {
      checkDenom(denom);
      checkOnce(denoms, denom, "send_enabled entry");
    }
    const owners = new Set<string>();
    for (const { address, coins } of balances) {
      parseAddress(address, addressPrefix);
      checkOnce(owners, address, "balance");
      // Whoever edits a genesis file adds coins at the end of a list; the SDK sorts them when it reads it.
      sortCoins(coins);
    }
    const bases = new Set<string>();
    for (const metadata of denomMetadata) {
      checkMetadata(metadata);
      checkOnce(bases, metadata.base, "metadata");
    }
    checkSupply(supply, balances);
  },

  init(ctx, { params, sendEnabled, balances, denomMetadata, supply }) {
    keeper.setParams(ctx, params);
    for (const { denom, enabled } of sendEnabled) state.sendEnabled.set(ctx, denom, enabled);
    for (const { address, coins } of balances) {
      for (const { denom, amount } of sortCoins(coins)) setBalance(ctx, openBalance(ctx, address, denom), amount);
    }
    for (const { denom, amount } of checkSupply(supply, balances)) keeper.setSupply(ctx, denom, amount);
    for (const metadata of denomMetadata) state.metadata.set(ctx, metadata.base, metadata);
  },

  export: (ctx) => ({
    params: keeper.params(ctx),
    balances: allBalances(ctx),
    supply: Array.from(state.supply.entries(ctx), ([denom, amount]) => ({ denom, amount })),
    denomMetadata: [...state.metadata.values(ctx)],
    sendEnabled: Array.from(state.sendEnabled.entries(ctx), ([denom, enabled]) => ({ denom, enabled })),
  }),
});

function checkOnce(seen: Set<string>, name: string, what: string): void {
  if (seen.has(name)) throw fail.badGenesis(`${what} of ${name} is there twice, want it once`);
  seen.add(name);
}

/** The sum of all balances. Throws `bank/10` when a supply is given and is another. */
function checkSupply(supply: readonly Coin[], balances: readonly Balance[]): Coins {
  const total = sumCoins(balances.flatMap(({ coins }) => coins));
  if (supply.length > 0) {
    checkCoins(supply);
    if (formatCoins(supply) !== formatCoins(total)) {
      throw fail.badGenesis(`supply is ${formatCoins(supply)}, want the sum of balances ${formatCoins(total)}`);
    }
  }
  return total;
}

/** By address, ascending. */
function allBalances(ctx: QueryCtx): readonly Balance[] {
  const balances: { address: Balance["address"]; coins: Coin[] }[] = [];
  for (const [[address, denom], amount] of state.balances.entries(ctx)) {
    const last = balances.at(-1);
    if (last?.address === address) last.coins.push({ denom, amount });
    else balances.push({ address, coins: [{ denom, amount }] });
  }
  return balances;
}

import { GenesisState } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import type { Genesis } from "../kernel/module.ts";
import { type Account, accountToAny, FEE_COLLECTOR, updateBase, validateAccount } from "./accounts.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { checkParams, DEFAULT_PARAMS } from "./params.ts";

export const genesis = (keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { params: DEFAULT_PARAMS, accounts: [] },

  validate({ params, accounts }, addressPrefix) {
    checkParams(params);
    const seen = new Set<string>();
    for (const any of accounts) {
      const account = keeper.codec.fromAny(any);
      validateAccount(account, addressPrefix);
      const { address } = account.base;
      if (seen.has(address)) throw fail.badGenesis(`account ${address} is there twice, want it once`);
      seen.add(address);
    }
  },

  init(ctx, { params, accounts }) {
    keeper.setParams(ctx, params);
    let next = 0n;
    for (const account of withUniqueNumbers(accounts.map(keeper.codec.fromAny))) {
      keeper.set(ctx, account);
      next = account.base.accountNumber + 1n;
    }
    keeper.state.nextNumber.set(ctx, next);
    // Fees need it from the first block; other modules open theirs when they need them.
    keeper.openModuleAccount(ctx, FEE_COLLECTOR);
  },

  export: (ctx) => ({
    params: keeper.params(ctx),
    accounts: [...keeper.state.accounts.values(ctx)].map(accountToAny),
  }),
});

/**
 * Gives each account whose number an earlier one has the lowest free number, as Cosmos tools write 0 for all of them; then
 * sorts by number. Source: Cosmos SDK 0.53 x/auth/types `SanitizeGenesisAccounts`.
 */
function withUniqueNumbers(accounts: readonly Account[]): readonly Account[] {
  const taken = new Set<bigint>();
  const kept: Account[] = [];
  const duplicates: Account[] = [];
  for (const account of accounts) {
    const number = account.base.accountNumber;
    if (taken.has(number)) duplicates.push(account);
    else {
      taken.add(number);
      kept.push(account);
    }
  }
  duplicates.sort(byNumber);
  let free = 0n;
  for (const account of duplicates) {
    while (taken.has(free)) free++;
    taken.add(free);
    kept.push(updateBase(account, { accountNumber: free }));
  }
  return kept.sort(byNumber);
}

function byNumber(a: Account, b: Account): number {
  const difference = a.base.accountNumber - b.base.accountNumber;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

import { GenesisState } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { parseAddress } from "../kernel/address.ts";
import type { Genesis } from "../kernel/module.ts";
import { checkAllowance, expiresAt, readAllowance } from "./allowance.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { state } from "./state.ts";

export const genesis = (keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { allowances: [] },

  validate({ allowances }, addressPrefix) {
    const seen = new Set<string>();
    for (const { granter, grantee, allowance: any } of allowances) {
      const pair = `${parseAddress(granter, addressPrefix)} for ${parseAddress(grantee, addressPrefix)}`;
      if (granter === grantee) throw fail.badGenesis(`allowance of ${pair} is for itself, want two accounts`);
      if (seen.has(pair)) throw fail.badGenesis(`allowance of ${pair} is there twice, want it once`);
      seen.add(pair);
      const allowance = readAllowance(any);
      checkAllowance(allowance);
      expiresAt(allowance);
    }
  },

  init(ctx, { allowances }) {
    for (const grant of allowances) keeper.restore(ctx, grant);
  },

  export: (ctx) => ({ allowances: [...state.grants.values(ctx)] }),
});

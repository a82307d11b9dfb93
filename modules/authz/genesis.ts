import { GenesisState } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { parseAddress } from "../kernel/address.ts";
import type { Genesis } from "../kernel/module.ts";
import { readAuthorization } from "./authorization.ts";
import { fail } from "./errors.ts";
import { expirationOf, type Keeper } from "./keeper.ts";
import { state } from "./state.ts";

export const genesis = (keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { authorization: [] },

  validate({ authorization: grants }, addressPrefix) {
    const seen = new Set<string>();
    for (const { granter, grantee, authorization, expiration } of grants) {
      const pair = `${parseAddress(granter, addressPrefix)} for ${parseAddress(grantee, addressPrefix)}`;
      if (granter === grantee) throw fail.badGenesis(`grant of ${pair} is for itself, want two accounts`);
      const grant = `${pair} of ${readAuthorization(authorization).messageType}`;
      if (seen.has(grant)) throw fail.badGenesis(`grant of ${grant} is there twice, want it once`);
      seen.add(grant);
      expirationOf({ expiration });
    }
  },

  init(ctx, { authorization: grants }) {
    for (const { granter, grantee, authorization, expiration } of grants) {
      keeper.restore(ctx, granter, grantee, { authorization, expiration });
    }
  },

  export: (ctx) => ({
    authorization: Array.from(state.grants.entries(ctx), ([[granter, grantee], { authorization, expiration }]) => ({
      granter,
      grantee,
      authorization,
      expiration,
    })),
  }),
});

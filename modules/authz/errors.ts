import type { Address } from "@interfirm/proto/types";
import { defineErrors } from "../kernel/errors.ts";

/** Codes up to 12 are the SDK's x/authz. They are consensus, for they enter `last_results_hash`: append only. */
export const fail = defineErrors("authz", {
  notFound: [
    2,
    (granter: Address, grantee: Address, typeUrl: string) =>
      `${granter} has no grant for ${grantee} of ${typeUrl}: authorization not found`,
  ],
  badExpiration: [
    3,
    (expiration: bigint, time: bigint) =>
      `expiration is ${expiration} ns, want more than the block's time ${time} ns: expiration time of authorization should be more than current time`,
  ],
  unknownType: [4, (type: number) => `authorization type is ${type}, want 1 to 4: unknown authorization type`],
  granteeIsGranter: [7, (who: Address) => `both are ${who}: grantee and granter should be different`],
  wrongSigners: [
    9,
    (typeUrl: string, signers: number) =>
      `${typeUrl} has ${signers} signers: authorization can be given to msg with only one signer`,
  ],
  negativeMaxTokens: [12, (amount: bigint) => `max tokens are ${amount}: max tokens should be positive`],
  badGenesis: [100, (why: string) => `genesis: ${why}`],
  tooDeep: [101, (most: number) => `executions in executions are more than ${most} deep, want at most that`],
  tooManyGrants: [102, (most: number) => `more than ${most} grants, want them taken back by grantee`],
});

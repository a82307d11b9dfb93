import type { Address } from "@interfirm/proto/types";
import { defineErrors } from "../kernel/errors.ts";

/** Codes are consensus, for they enter `last_results_hash`: append only. Messages are free to improve. */
export const fail = defineErrors("agreements", {
  notFound: [2, (id: bigint) => `agreement ${id} does not exist`],
  notParty: [
    3,
    (id: bigint, who: Address, role: string, want: Address) =>
      `${who} is not the ${role} of agreement ${id}, want ${want}`,
  ],
  badStatus: [4, (id: bigint, have: string, want: string) => `agreement ${id} is ${have}, want ${want}`],
  deadlinePassed: [
    5,
    (deadline: bigint, height: bigint) => `height is ${height}, want at most the deadline ${deadline}`,
  ],
  badPrice: [6, (why: string) => `price: ${why}`],
  badGenesis: [7, (why: string) => `genesis: ${why}`],
  badTermsHash: [8, (length: number) => `terms hash has ${length} bytes, want the 32 of a SHA-256`],
  termsMismatch: [9, (id: bigint, seen: string, want: string) => `terms hash is ${seen}, agreement ${id} has ${want}`],
  samePayee: [10, (who: Address) => `payer and payee are both ${who}, want two accounts`],
  payeeBlocked: [11, (who: Address) => `payee ${who} may not receive coins, want another account`],
  deadlineTooFar: [12, (deadline: bigint, most: bigint) => `deadline is height ${deadline}, want at most ${most}`],
});

import { defineErrors } from "../kernel/errors.ts";

/** Codes up to 7 are the SDK's x/feegrant. They are consensus, for they enter `last_results_hash`: append only. */
export const fail = defineErrors("feegrant", {
  limitExceeded: [
    2,
    (limit: string, left: string, fee: string) => `fee is ${fee}, ${limit} has ${left}: fee limit exceeded`,
  ],
  expired: [3, (limit: string) => `${limit}: fee allowance expired`],
  badDuration: [4, (why: string) => `${why}: invalid duration`],
  noAllowance: [5, (why: string) => `${why}: no allowance`],
  noMessages: [6, () => "no messages are allowed, want at least one: allowed messages are empty"],
  messageNotAllowed: [7, (typeUrl: string) => `${typeUrl} is not among the allowed messages: message not allowed`],
  badGenesis: [100, (why: string) => `genesis: ${why}`],
});

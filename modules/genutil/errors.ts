import { defineErrors } from "../kernel/errors.ts";

/** Codes are consensus: append only, never renumbered. */
export const fail = defineErrors("genutil", {
  badGenTx: [2, (index: number, why: string) => `genesis transaction ${index}: ${why}`],
  duplicate: [
    3,
    (index: number, what: string) => `genesis transaction ${index}: ${what} is that of an earlier one, want its own`,
  ],
  tooMuchPower: [4, (total: bigint, most: bigint) => `validators have ${total} power together, want at most ${most}`],
});

import { defineErrors } from "../kernel/errors.ts";

/** The SDK's x/mint has no codes of its own: these are ours. Append only. */
export const fail = defineErrors("mint", {
  badGenesis: [2, (why: string) => `genesis: ${why}`],
});

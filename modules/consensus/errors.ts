import { defineErrors } from "../kernel/errors.ts";

/** Codes are consensus: append only, never renumbered. */
export const fail = defineErrors("consensus", {
  badParam: [2, (name: string, seen: string | bigint, want: string) => `${name} is ${seen}, want ${want}`],
  missingParams: [3, (name: string) => `${name} params are missing, want all of block, evidence and validator`],
  notSet: [4, () => "consensus params are not set, want those of genesis"],
});

import { defineErrors } from "../kernel/errors.ts";

/**
 * Codes are consensus: append only, never renumbered. Those below 100 are the SDK's (x/upgrade v0.2.0 types/errors.go);
 * its 4 and 5 are about IBC's clients, which this module does not keep.
 */
export const fail = defineErrors("upgrade", {
  moduleVersionNotFound: [
    2,
    (name: string) => `x/upgrade: QueryModuleVersions module ${name} not found: module version not found`,
  ],
  noPlan: [3, () => "no upgrade is planned: upgrade plan not found"],
  invalidSigner: [
    6,
    (want: string, seen: string) =>
      `expected ${want} got ${seen}: expected authority account as only signer for proposal message`,
  ],
  badParam: [100, (name: string, seen: string | bigint, want: string) => `${name} is ${seen}, want ${want}`],
  badGenesis: [101, (why: string) => `genesis: ${why}`],
  notBonded: [102, (who: string) => `${who} is not a bonded validator, want one whose readiness counts`],
  otherPlan: [103, (seen: string, want: string) => `plan is ${seen}, want ${want}, which is due`],
  alreadyReady: [104, (who: string, height: bigint) => `${who} has been ready since height ${height}, want one signal`],
});

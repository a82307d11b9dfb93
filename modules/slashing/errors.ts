import { defineErrors } from "../kernel/errors.ts";

/** What happened, then the SDK's own words, which wallets and explorers search for. */
const because = (why: string, root: string): string => `${why}: ${root}`;

/** Codes are consensus. Up to 9 they are those of the SDK's x/slashing, from 100 on ours: append only. Messages are free to improve. */
export const fail = defineErrors("slashing", {
  stillJailed: [4, (why: string) => because(why, "validator still jailed; cannot be unjailed")],
  notJailed: [5, (operator: string) => because(operator, "validator not jailed; cannot be unjailed")],
  selfDelegationTooLow: [
    7,
    (got: bigint, least: bigint) =>
      because(
        `self-delegation is ${got}, want at least ${least}`,
        "validator's self delegation less than minimum; cannot be unjailed",
      ),
  ],
  tombstoned: [
    9,
    (address: string) => because(`${address} has signed two blocks at one height`, "validator already tombstoned"),
  ],
  badGenesis: [100, (why: string) => `genesis: ${why}`],
});

/** Errors of the SDK's staking that this module gives for what it does not find there. Source: SDK 0.53 x/staking/types/errors.go. */
export const stakingError = defineErrors("staking", {
  noValidator: [3, () => "validator does not exist"],
  noDelegation: [19, () => "no delegation for (address, validator) tuple"],
});

import { defineErrors } from "../kernel/errors.ts";

/** Codes are consensus and equal those of the SDK's x/distribution up to 13: append only. Messages are free to improve. */
export const fail = defineErrors("distribution", {
  noStartingInfo: [
    5,
    (delegator: string, operator: string) =>
      `delegation of ${delegator} to ${operator} earns nothing yet: no delegation distribution info`,
  ],
  noHistory: [
    6,
    (operator: string, period: bigint) =>
      `no historical rewards for validator ${operator} period ${period}: no validator distribution info`,
  ],
  noCommission: [7, (operator: string) => `validator ${operator}: no validator commission to withdraw`],
  withdrawAddressDisabled: [8, () => "set withdraw address disabled"],
  poolTooSmall: [
    9,
    (asked: string, held: string) =>
      `${asked} asked of ${held || "nothing"}: community pool does not have sufficient coins to distribute`,
  ],
  badGenesis: [20, (why: string) => `genesis: ${why}`],
  tooMuch: [
    21,
    (denom: string, bits: bigint) => `distribution would hold ${denom} of more than ${bits} bits, want at most ${bits}`,
  ],
  tooManyDenoms: [
    22,
    (operator: string, denoms: number, max: number) =>
      `rewards of ${operator} would have ${denoms} denominations, want at most ${max}`,
  ],
});

/** Errors of the SDK's staking that this module gives for what it does not find there. Source: SDK 0.53 x/staking/types/errors.go. */
export const stakingError = defineErrors("staking", {
  noValidator: [3, (operator: string) => `validator ${operator} does not exist`],
  noDelegation: [
    19,
    (delegator: string, operator: string) => `no delegation for (address, validator) tuple: ${delegator}, ${operator}`,
  ],
});

import { defineErrors } from "../kernel/errors.ts";

/**
 * Codes are consensus, for they enter `last_results_hash`: append only. Messages are free to improve.
 * What the SDK's x/auth refuses, it refuses with errors of the codespace `sdk`, and so do we.
 */
export const fail = defineErrors("auth", {
  badGenesis: [2, (why: string) => `genesis: ${why}`],
  badAccount: [3, (typeUrl: string) => `account has type ${typeUrl}, want one that this chain knows`],
  notModule: [4, (name: string) => `account of module ${name} is not a module account`],
  unknownModule: [5, (name: string) => `module ${name} has no account on this chain`],
  badParams: [6, (name: string, value: bigint, max: bigint) => `parameter ${name} is ${value}, want 1 to ${max}`],
  numberTaken: [7, (number: bigint) => `account number ${number} is taken, want one that is free`],
});

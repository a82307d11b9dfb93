import { defineErrors } from "../kernel/errors.ts";

/** Codes are consensus and equal those of the SDK's x/bank up to 9: append only. Messages are free to improve. */
export const fail = defineErrors("bank", {
  noInputs: [2, () => "no inputs to send transaction"],
  noOutputs: [3, () => "no outputs to send transaction"],
  inputOutputMismatch: [
    4,
    (input: string, outputs: string) => `inputs are ${input}, outputs ${outputs}: sum inputs != sum outputs`,
  ],
  sendDisabled: [5, (denom: string) => `${denom} transfers are currently disabled: send transactions are disabled`],
  duplicateEntry: [8, (why: string) => `${why}: duplicate entry`],
  multipleSenders: [9, (inputs: number) => `${inputs} inputs, want 1: multiple senders not allowed`],
  badGenesis: [10, (why: string) => `genesis: ${why}`],
  badMetadata: [11, (why: string) => `metadata: ${why}`],
});

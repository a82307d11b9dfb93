import type { InterfirmError } from "./errors.ts";

/** What CheckTx said. */
export interface CheckResult {
  readonly code: number;
  readonly codespace: string;
  readonly rawLog: string;
}

/** The node has no room at present. */
export const isFull = (error: CheckResult) =>
  (error.codespace === "sdk" && error.code === 20) || /mempool is full/.test(error.rawLog);
/** The node has had these very bytes. */
export const isKnown = (error: CheckResult) =>
  (error.codespace === "sdk" && error.code === 19) || /tx already exists in cache/.test(error.rawLog);

/** CometBFT refuses in prose what the SDK has codes for. */
export function refusalOf(error: InterfirmError): CheckResult {
  const { rawLog } = error;
  if (isFull(error)) return { codespace: "sdk", code: 20, rawLog };
  if (/tx too large/i.test(rawLog)) return { codespace: "sdk", code: 21, rawLog };
  return error;
}

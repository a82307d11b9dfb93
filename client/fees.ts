import { clientError } from "./errors.ts";

/** What one unit of gas costs. */
export interface GasPrice {
  /** In units of 10⁻¹⁸ of the denom. */
  readonly amount: bigint;
  readonly denom: string;
}

const UNIT = 10n ** 18n;

/**
 * Reads `0.025ufirm`. Of a list, as nodes give it, the price in `denom` or the first one. Undefined for an empty text:
 * no fee is asked. Throws `client/gasPrice`.
 */
export function parseGasPrice(text: string, denom?: string): GasPrice | undefined {
  if (text.trim() === "" || text.length > 1_000) return undefined;
  const prices = text.split(",").map((part) => {
    const match = /^(\d{1,18})(?:\.(\d{1,18}))?([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/.exec(part.trim());
    if (!match) throw clientError("gasPrice", `gas price is ${part.slice(0, 80)}, want one like 0.025ufirm`);
    const amount = BigInt(match[1]!) * UNIT + BigInt((match[2] ?? "").padEnd(18, "0"));
    return { amount, denom: match[3]! };
  });
  const price = denom === undefined ? prices[0] : prices.find((one) => one.denom === denom);
  if (!price) throw clientError("gasPrice", `gas prices are ${text}, want one in ${denom}`);
  return price;
}

/** Fee for so much gas, rounded up to whole units. */
export const feeOf = (gas: bigint, { amount }: GasPrice): bigint => (gas * amount + UNIT - 1n) / UNIT;

/** Gas used times an adjustment, rounded up; the adjustment is taken to four decimals. */
export function adjustGas(used: bigint, adjustment: number): bigint {
  const factor = BigInt(Math.round(adjustment * 10_000));
  if (factor <= 0n) throw clientError("gasPrice", `gas adjustment is ${adjustment}, want more than 0`);
  return (used * factor + 9_999n) / 10_000n;
}

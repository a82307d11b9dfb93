import { type Coin, formatCoins } from "../kernel/coins.ts";
import { sdkError } from "../kernel/sdk-errors.ts";

/** What a node asks for one unit of gas in one denomination. `amount` is in units of 10⁻¹⁸. */
export interface GasPrice {
  readonly denom: string;
  readonly amount: bigint;
}

const PRECISION = 10n ** 18n;

/**
 * Throws `sdk/13` unless the fee covers, in at least one denomination, what the node asks for this much gas.
 * Prices of 0 ask for nothing and are satisfied by nothing; with no other price, any fee will do.
 */
export function checkMinGasPrices(fee: readonly Coin[], gasLimit: bigint, prices: readonly GasPrice[]): void {
  const required: Coin[] = [];
  for (const { denom, amount } of prices) {
    if (amount > 0n) required.push({ denom, amount: (amount * gasLimit + PRECISION - 1n) / PRECISION });
  }
  if (required.length === 0) return;
  for (const { denom, amount } of fee) {
    const needed = required.find((coin) => coin.denom === denom);
    if (needed && needed.amount > 0n && amount >= needed.amount) return;
  }
  throw sdkError.insufficientFee(`insufficient fees; got: ${formatCoins(fee)} required: ${formatCoins(required)}`);
}

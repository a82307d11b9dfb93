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
  const asked = prices.filter(({ amount }) => amount > 0n);
  if (asked.length === 0) return;
  for (const { denom, amount } of fee) {
    const price = asked.find((candidate) => candidate.denom === denom);
    // What is needed is rounded up, so that whole coins cover it exactly when they cover the product.
    if (price && gasLimit > 0n && amount * PRECISION >= price.amount * gasLimit) return;
  }
  const required = asked.map(({ denom, amount }) => ({
    denom,
    amount: (amount * gasLimit + PRECISION - 1n) / PRECISION,
  }));
  throw sdkError.insufficientFee(`insufficient fees; got: ${formatCoins(fee)} required: ${formatCoins(required)}`);
}

import type { Coin } from "@interfirm/proto/gen/cosmos/base/v1beta1";

/**
 * Reads `5ufirm`: a whole number of minimal units and a denom. Throws a plain Error.
 * Source of the denom's form: SDK `types/coin.go`, v0.53.
 */
export function parseCoin(text: string): Coin {
  const match = /^(0|[1-9][0-9]{0,77})([a-zA-Z][a-zA-Z0-9/:._-]{2,127})$/.exec(text.slice(0, 300));
  if (!match) throw new Error(`coin is ${JSON.stringify(text.slice(0, 80))}, want one like 5ufirm`);
  return { denom: match[2]!, amount: BigInt(match[1]!) };
}

/** Reads `5ufirm,7uusd`. The chain wants denoms in ascending order: that is how they come out. Throws a plain Error. */
export const parseCoins = (text: string): readonly Coin[] =>
  text
    .split(",")
    .map((part) => parseCoin(part.trim()))
    .sort((a, b) => (a.denom < b.denom ? -1 : 1));

/** `5ufirm` */
export const formatCoin = ({ denom, amount }: Coin): string => `${amount}${denom}`;

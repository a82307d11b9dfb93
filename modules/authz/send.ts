import { MsgSend, SendAuthorization } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { fail as bankError } from "../bank/errors.ts";
import { decodeAny } from "../kernel/any.ts";
import { checkCoins, formatCoins, subtractCoins } from "../kernel/coins.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { AuthorizationType } from "./authorization.ts";

/** SDK `gasCostPerIteration`. */
const GAS_PER_ADDRESS = 10;

/** Payments up to an amount in all, to anybody or to some accounts. */
export const sendAuthorization: AuthorizationType<SendAuthorization> = {
  type: SendAuthorization,
  messageType: () => MsgSend.typeUrl,

  check({ spendLimit, allowList }) {
    if (spendLimit.length === 0) throw sdkError.invalidCoins("spend limit has no coins, want at least one");
    checkCoins(spendLimit);
    const seen = new Set<string>();
    for (const address of allowList) {
      if (seen.has(address)) throw bankError.duplicateEntry(`${address} is allowed twice`);
      seen.add(address);
    }
  },

  use(ctx, { spendLimit, allowList }, message) {
    const { toAddress, amount } = decodeAny(MsgSend, message);
    checkCoins(amount);
    const left = subtractCoins(spendLimit, amount);
    if (!left) {
      throw sdkError.insufficientFunds(
        `amount is ${formatCoins(amount)}, want at most ${formatCoins(spendLimit)}: requested amount is more than spend limit`,
      );
    }
    let isAllowed = allowList.length === 0;
    for (const address of allowList) {
      ctx.gas.use(GAS_PER_ADDRESS, "send authorization");
      isAllowed = address === toAddress;
      if (isAllowed) break;
    }
    if (!isAllowed) throw sdkError.unauthorized(`cannot send to ${toAddress} address`);
    return left.length === 0 ? "spent" : { left: { spendLimit: left, allowList } };
  },
};

import {
  AuthorizationType as Deed,
  MsgBeginRedelegate,
  MsgCancelUnbondingDelegation,
  MsgDelegate,
  MsgUndelegate,
  StakeAuthorization,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { decodeAny } from "../kernel/any.ts";
import { type Coin, checkPositiveCoin, formatCoin } from "../kernel/coins.ts";
import type { QueryCtx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { AuthorizationType } from "./authorization.ts";
import { fail } from "./errors.ts";

/** SDK `gasCostPerIteration`. */
const GAS_PER_VALIDATOR = 10;

/** What a message of staking moves, and to or from which validator. */
interface Stake {
  readonly validator: string;
  readonly amount: Coin;
}

interface DeedType {
  readonly typeUrl: string;
  read(message: Any): Stake;
}

/** Messages by what an authorisation says that it is for. */
const deeds = new Map<number, DeedType>([
  [
    Deed.AUTHORIZATION_TYPE_DELEGATE,
    { typeUrl: MsgDelegate.typeUrl, read: (any) => ofValidator(decodeAny(MsgDelegate, any)) },
  ],
  [
    Deed.AUTHORIZATION_TYPE_UNDELEGATE,
    { typeUrl: MsgUndelegate.typeUrl, read: (any) => ofValidator(decodeAny(MsgUndelegate, any)) },
  ],
  [
    Deed.AUTHORIZATION_TYPE_REDELEGATE,
    {
      typeUrl: MsgBeginRedelegate.typeUrl,
      read(any) {
        const { validatorDstAddress: validator, amount } = decodeAny(MsgBeginRedelegate, any);
        return { validator, amount };
      },
    },
  ],
  [
    Deed.AUTHORIZATION_TYPE_CANCEL_UNBONDING_DELEGATION,
    {
      typeUrl: MsgCancelUnbondingDelegation.typeUrl,
      read: (any) => ofValidator(decodeAny(MsgCancelUnbondingDelegation, any)),
    },
  ],
]);

const ofValidator = ({
  validatorAddress,
  amount,
}: {
  readonly validatorAddress: string;
  readonly amount: Coin;
}): Stake => ({
  validator: validatorAddress,
  amount,
});

/** Throws `authz/4`. */
function deedOf({ authorizationType }: StakeAuthorization): DeedType {
  const deed = deeds.get(authorizationType);
  if (!deed) throw fail.unknownType(authorizationType);
  return deed;
}

/** Delegations, undelegations, redelegations or cancelled unbondings up to an amount in all, with some validators or all but some. */
export const stakeAuthorization: AuthorizationType<StakeAuthorization> = {
  type: StakeAuthorization,
  messageType: (value) => deedOf(value).typeUrl,

  check(value) {
    const amount = value.maxTokens?.amount ?? 0n;
    if (amount < 0n) throw fail.negativeMaxTokens(amount);
    deedOf(value);
  },

  use(ctx, value, message) {
    const { validator, amount } = deedOf(value).read(message);
    checkPositiveCoin(amount);
    checkValidator(ctx, value, validator);
    const { maxTokens } = value;
    if (!maxTokens) return { left: value };
    if (maxTokens.denom !== amount.denom) {
      throw sdkError.invalidCoins(`denom is ${amount.denom}, want ${maxTokens.denom}`);
    }
    const left = maxTokens.amount - amount.amount;
    if (left < 0n) {
      throw sdkError.insufficientFunds(`amount is ${formatCoin(amount)}, want at most ${formatCoin(maxTokens)}`);
    }
    return left === 0n ? "spent" : { left: { ...value, maxTokens: { denom: maxTokens.denom, amount: left } } };
  },
};

/** Throws `sdk/4` for a validator that is not allowed, or denied. */
function checkValidator(ctx: QueryCtx, { allowList, denyList }: StakeAuthorization, validator: string): void {
  const allowed = allowList?.address ?? [];
  let isAllowed = allowed.length === 0;
  for (const address of allowed) {
    ctx.gas.use(GAS_PER_VALIDATOR, "stake authorization");
    isAllowed = address === validator;
    if (isAllowed) break;
  }
  for (const address of denyList?.address ?? []) {
    ctx.gas.use(GAS_PER_VALIDATOR, "stake authorization");
    if (address === validator) isAllowed = false;
    if (!isAllowed) break;
  }
  if (!isAllowed) throw sdkError.unauthorized(`cannot delegate/undelegate to ${validator} validator`);
}

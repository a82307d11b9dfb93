import type { Msg, Query } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { type Address, operatorAccount, parseAddress, validatorPrefix } from "../kernel/address.ts";
import { checkGovAuthority } from "../kernel/authority.ts";
import { type Coin, type Coins, checkCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginateStore } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { addDecCoins, type DecCoins } from "./dec-coins.ts";
import type { Keeper } from "./keeper.ts";
import { state } from "./state.ts";

/** Throws `sdk/7` unless it is an operator's address. */
const parseOperator = (text: string, { addressPrefix }: QueryCtx): string =>
  parseAddress(text, validatorPrefix(addressPrefix));

const parseAccount = (text: string, { addressPrefix }: QueryCtx): Address => parseAddress(text, addressPrefix);

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  setWithdrawAddress(ctx, { delegatorAddress, withdrawAddress }) {
    keeper.setWithdrawAddress(ctx, parseAccount(delegatorAddress, ctx), parseAccount(withdrawAddress, ctx));
  },

  withdrawDelegatorReward(ctx, { delegatorAddress, validatorAddress }) {
    const operator = parseOperator(validatorAddress, ctx);
    return { amount: keeper.withdrawRewards(ctx, parseAccount(delegatorAddress, ctx), operator) };
  },

  withdrawValidatorCommission: (ctx, { validatorAddress }) => ({
    amount: keeper.withdrawCommission(ctx, parseOperator(validatorAddress, ctx)),
  }),

  fundCommunityPool(ctx, { depositor, amount }) {
    const from = parseAccount(depositor, ctx);
    checkAmount(amount);
    keeper.fundCommunityPool(ctx, from, amount);
  },

  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    keeper.setParams(ctx, params);
  },

  communityPoolSpend(ctx, { authority, recipient, amount }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    checkAmount(amount);
    keeper.spendCommunityPool(ctx, parseAccount(recipient, ctx), amount);
  },

  depositValidatorRewardsPool(ctx, { depositor, validatorAddress, amount }) {
    const from = parseAccount(depositor, ctx);
    checkCoins(amount);
    keeper.depositRewards(ctx, from, parseOperator(validatorAddress, ctx), amount);
  },
});

/** Throws `sdk/10` unless there are coins, and sound ones. */
function checkAmount(amount: readonly Coin[]): asserts amount is Coins {
  if (amount.length === 0) throw sdkError.invalidCoins("amount cannot be nil");
  checkCoins(amount);
}

export const queries = (keeper: Keeper): Handlers<typeof Query, QueryCtx> => ({
  params: (ctx) => ({ params: keeper.params(ctx) }),

  validatorDistributionInfo(ctx, { validatorAddress }) {
    const operator = parseOperator(validatorAddress, ctx);
    const operatorAddress = operatorAccount(operator, ctx.addressPrefix);
    return {
      operatorAddress,
      selfBondRewards: keeper.delegationRewards(ctx, operatorAddress, operator),
      commission: keeper.commission(ctx, operator),
    };
  },

  validatorOutstandingRewards(ctx, { validatorAddress }) {
    const { operatorAddress } = keeper.validatorOf(ctx, parseOperator(validatorAddress, ctx));
    return { rewards: { rewards: keeper.outstandingRewards(ctx, operatorAddress) } };
  },

  validatorCommission(ctx, { validatorAddress }) {
    const { operatorAddress } = keeper.validatorOf(ctx, parseOperator(validatorAddress, ctx));
    return { commission: { commission: keeper.commission(ctx, operatorAddress) } };
  },

  validatorSlashes(ctx, { validatorAddress, startingHeight, endingHeight, pagination: request }) {
    if (endingHeight < startingHeight) {
      throw sdkError.invalidRequest(`starting height is ${startingHeight}, want at most the ending ${endingHeight}`);
    }
    // The SDK holds the period against the heights, and clients ask for them as that answers.
    const { items, pagination } = paginateStore(
      state.slashes.slice(ctx, [parseOperator(validatorAddress, ctx)]),
      request,
      ([, { validatorPeriod }]) => validatorPeriod >= startingHeight && validatorPeriod <= endingHeight,
    );
    return { slashes: items.map(([, slash]) => slash), pagination };
  },

  delegationRewards: (ctx, { delegatorAddress, validatorAddress }) => ({
    rewards: keeper.delegationRewards(ctx, parseAccount(delegatorAddress, ctx), parseOperator(validatorAddress, ctx)),
  }),

  delegationTotalRewards(ctx, { delegatorAddress }) {
    let total: DecCoins = [];
    const rewards = Array.from(keeper.delegationsOf(ctx, parseAccount(delegatorAddress, ctx)), (delegation) => {
      const { validatorAddress } = delegation;
      const reward = keeper.preview(ctx, keeper.validatorOf(ctx, validatorAddress), delegation);
      total = addDecCoins(total, reward);
      return { validatorAddress, reward };
    });
    return { rewards, total };
  },

  delegatorValidators: (ctx, { delegatorAddress }) => ({
    validators: Array.from(
      keeper.delegationsOf(ctx, parseAccount(delegatorAddress, ctx)),
      ({ validatorAddress }) => validatorAddress,
    ),
  }),

  delegatorWithdrawAddress: (ctx, { delegatorAddress }) => ({
    withdrawAddress: keeper.withdrawAddress(ctx, parseAccount(delegatorAddress, ctx)),
  }),

  communityPool: (ctx) => ({ pool: keeper.communityPool(ctx) }),
});

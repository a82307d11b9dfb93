import type { Params } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { type Address, addressToBytes, operatorAccount } from "../kernel/address.ts";
import { type Coins, checkCoins, formatCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { allocateTo, createAllocation } from "./allocation.ts";
import { addDecCoins, toDecCoins, truncate } from "./dec-coins.ts";
import type { DistributionDeps, ValidatorStake } from "./deps.ts";
import { fail, stakingError } from "./errors.ts";
import { createHooks } from "./hooks.ts";
import { checkParams, paramsOf } from "./params.ts";
import { createPayout, withdrawAddressOf } from "./payout.ts";
import {
  commissionOf,
  currentOf,
  historyOf,
  outstandingOf,
  owedLess,
  setCommission,
  setOutstanding,
} from "./periods.ts";
import { checkPool, communityPool, createPool, DISTRIBUTION } from "./pool.ts";
import { createRewards } from "./rewards.ts";
import { state } from "./state.ts";

/** Denominations that a validator's rewards can have through deposits: fees find room in what is left of 100. */
const DEPOSIT_DENOMS_MAX = 50;

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper(deps: DistributionDeps) {
  const { bank, staking } = deps;
  const payout = createPayout(bank);
  const rewards = createRewards(deps, payout);
  const pool = createPool(bank);
  const { beginBlock } = createAllocation(deps);

  /** Throws `staking/3`. */
  function validatorOf(ctx: QueryCtx, operator: string): ValidatorStake {
    const validator = staking.validator(ctx, operator);
    if (!validator) throw stakingError.noValidator(operator);
    return validator;
  }

  /** Throws `staking/19`. */
  function delegationOf(ctx: QueryCtx, delegator: Address, operator: string) {
    const delegation = staking.delegation(ctx, delegator, operator);
    if (!delegation) throw stakingError.noDelegation(delegator, operator);
    return delegation;
  }

  return {
    hooks: createHooks(deps, payout, rewards),
    beginBlock,
    params: paramsOf,
    communityPool,
    outstandingRewards: outstandingOf,
    commission: commissionOf,
    withdrawAddress: withdrawAddressOf,
    preview: rewards.preview,
    validatorOf,
    delegationOf,
    delegationsOf: staking.delegationsOf,
    validator: staking.validator,
    allDelegations: staking.allDelegations,

    /** What the delegation would get now. Throws `staking/3`, `staking/19`, and `distribution/5` for one that earns nothing. */
    delegationRewards: (ctx: QueryCtx, delegator: Address, operator: string) =>
      rewards.preview(ctx, validatorOf(ctx, operator), delegationOf(ctx, delegator, operator)),

    /** Throws `sdk/4` for an address that may not be paid, `distribution/8` while governance forbids to choose one. */
    setWithdrawAddress(ctx: Ctx, delegator: Address, to: Address): void {
      if (bank.isBlocked(ctx, to)) throw sdkError.unauthorized(`${to} is not allowed to receive external funds`);
      if (!paramsOf(ctx).withdrawAddrEnabled) throw fail.withdrawAddressDisabled();
      ctx.emitRaw("set_withdraw_address", [["withdraw_address", to]]);
      state.withdrawAddresses.set(ctx, delegator, addressToBytes(to, ctx.addressPrefix));
    },

    /** Throws `staking/3`, `staking/19`, `sdk/4` for a withdraw address that may not be paid, `distribution/5`. */
    withdrawRewards(ctx: Ctx, delegator: Address, operator: string): Coins {
      const validator = validatorOf(ctx, operator);
      const delegation = delegationOf(ctx, delegator, operator);
      const paid = rewards.withdraw(ctx, validator, delegation, payout.route(ctx, delegator, true));
      rewards.initializeDelegation(ctx, delegator, operator);
      return paid;
    },

    /** Pays the whole units of an operator's commission; fractions wait. Throws `distribution/7` for none at all, `sdk/4` as above. */
    withdrawCommission(ctx: Ctx, operator: string): Coins {
      const commission = commissionOf(ctx, operator);
      if (commission.length === 0) throw fail.noCommission(operator);
      const { whole, rest } = truncate(commission);
      setCommission(ctx, operator, rest);
      setOutstanding(ctx, operator, owedLess(operator, outstandingOf(ctx, operator), toDecCoins(whole)));
      if (whole.length > 0) {
        payout.pay(ctx, payout.route(ctx, operatorAccount(operator, ctx.addressPrefix), true), toDecCoins(whole));
      }
      ctx.emitRaw("withdraw_commission", [["amount", formatCoins(whole)]]);
      return whole;
    },

    fundCommunityPool: pool.fund,

    /** Throws `sdk/4` for an account that may not be paid, `distribution/9` for more than there is. */
    spendCommunityPool(ctx: Ctx, to: Address, coins: Coins): void {
      if (bank.isBlocked(ctx, to)) throw sdkError.unauthorized(`${to} is not allowed to receive external funds`);
      pool.spend(ctx, to, coins);
    },

    /**
     * Shares coins out among a validator and its delegators, as its share of fees would be. Throws `sdk/5`, `sdk/10`,
     * `staking/3`, `distribution/21` for more than its rewards take, `distribution/22` for too many denominations.
     */
    depositRewards(ctx: Ctx, depositor: Address, operator: string, coins: Coins): void {
      checkCoins(coins);
      bank.sendToModule(ctx, depositor, DISTRIBUTION, coins);
      const validator = validatorOf(ctx, operator);
      const outstanding = allocateTo(ctx, validator, toDecCoins(coins));
      checkPool(outstanding);
      if (outstanding.length > DEPOSIT_DENOMS_MAX) {
        throw fail.tooManyDenoms(operator, outstanding.length, DEPOSIT_DENOMS_MAX);
      }
      if (validator.tokens === 0n) return;
      const current = currentOf(ctx, operator);
      // Throws where rewards for one unit of stake would pass the bound of decimals: later withdrawals could not.
      addDecCoins(historyOf(ctx, operator, current.period - 1n).cumulativeRewardRatio, current.rewards);
    },

    /** Throws `sdk/18` for a tax that is none, or for the parameters that have no effect any more. */
    setParams(ctx: Ctx, params: Params): void {
      checkParams(params);
      if (params.baseProposerReward !== 0n || params.bonusProposerReward !== 0n) {
        throw sdkError.invalidRequest(
          "cannot update base or bonus proposer reward because these are deprecated fields, want 0",
        );
      }
      state.params.set(ctx, params);
    },
  };
}

import { type Address, operatorAccount } from "../kernel/address.ts";
import type { Ctx } from "../kernel/context.ts";
import type { Dec } from "../kernel/decimal.ts";
import type { DistributionDeps, ValidatorStake } from "./deps.ts";
import { stakingError } from "./errors.ts";
import type { Payout } from "./payout.ts";
import { commissionOf, endPeriod, initializeValidator, outstandingOf, owedLess, recordSlash } from "./periods.ts";
import { addToCommunityPool } from "./pool.ts";
import type { Rewards } from "./rewards.ts";
import { state } from "./state.ts";

/** What staking tells this module. The consumer declares it; `StakingHooks` of `staking` has all of it. */
export type Hooks = ReturnType<typeof createHooks>;

export function createHooks({ staking }: DistributionDeps, payout: Payout, rewards: Rewards) {
  function validatorOf(ctx: Ctx, operator: string): ValidatorStake {
    const validator = staking.validator(ctx, operator);
    if (!validator) throw stakingError.noValidator(operator);
    return validator;
  }

  return {
    afterValidatorCreated(ctx: Ctx, operator: string): void {
      // The SDK reads it, and so takes the gas.
      validatorOf(ctx, operator);
      initializeValidator(ctx, operator);
    },

    /**
     * Pays the last commission, hands what is left to the community pool and forgets the validator. No address can stop it:
     * the last delegator to leave is not who chose it.
     * Cost: the slashes of the validator.
     */
    afterValidatorRemoved(ctx: Ctx, _consensusAddress: Uint8Array, operator: string): void {
      let outstanding = outstandingOf(ctx, operator);
      const commission = commissionOf(ctx, operator);
      if (commission.length > 0) {
        outstanding = owedLess(operator, outstanding, commission);
        const route = payout.route(ctx, operatorAccount(operator, ctx.addressPrefix), false);
        const { to } = payout.pay(ctx, route, commission);
        payout.emitRedirected(ctx, route, to, operator);
      }
      addToCommunityPool(ctx, outstanding);
      state.outstanding.delete(ctx, operator);
      state.commissions.delete(ctx, operator);
      for (const key of [...state.slashes.keys(ctx, { prefix: [operator] })]) state.slashes.delete(ctx, key);
      for (const key of [...state.historical.keys(ctx, { prefix: [operator] })]) state.historical.delete(ctx, key);
      state.current.delete(ctx, operator);
    },

    beforeDelegationCreated(ctx: Ctx, _delegator: Address, operator: string): void {
      endPeriod(ctx, validatorOf(ctx, operator));
    },

    beforeDelegationSharesModified(ctx: Ctx, delegator: Address, operator: string, strict: boolean): void {
      const validator = validatorOf(ctx, operator);
      const delegation = staking.delegation(ctx, delegator, operator);
      if (!delegation) throw stakingError.noDelegation(delegator, operator);
      rewards.withdraw(ctx, validator, delegation, payout.route(ctx, delegator, strict));
    },

    afterDelegationModified(ctx: Ctx, delegator: Address, operator: string): void {
      rewards.initializeDelegation(ctx, delegator, operator);
    },

    beforeValidatorSlashed(ctx: Ctx, operator: string, fraction: Dec): void {
      recordSlash(ctx, validatorOf(ctx, operator), fraction);
    },
  };
}

/** How what was collected is shared among validators, at the begin of the next block. */
import type { Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { divideTruncate, fromInt, ONE } from "../kernel/decimal.ts";
import { ChainError } from "../kernel/errors.ts";
import type { BlockInfo, CommitVote } from "../kernel/module.ts";
import {
  addDecCoins,
  amountOfDec,
  type DecCoins,
  formatDecCoins,
  multiplyCoins,
  multiplyCoinsTruncate,
  subtractDecCoins,
  toDecCoins,
} from "./dec-coins.ts";
import type { DistributionDeps, ValidatorStake } from "./deps.ts";
import { paramsOf } from "./params.ts";
import { commissionOf, currentOf, outstandingOf, owedLess, setCommission, setOutstanding } from "./periods.ts";
import { addToCommunityPool, communityPool, DISTRIBUTION, fitsPool } from "./pool.ts";
import { state } from "./state.ts";

/** Module whose account has the fees of the last block, and what was minted for it. */
const FEE_COLLECTOR = "fee_collector";

/**
 * Denominations that the rewards of a validator can have through fees. Every block reads and writes the rewards of every
 * validator, so whoever pays fees in many denominations would slow down all blocks after it. The SDK has no bound.
 */
const REWARD_DENOMS_MAX = 100;

/** The block that rewards nobody: there are no votes for a block before it. */
const FIRST_HEIGHT = 1n;

/**
 * Books `tokens`, which the module's account holds, for a validator: its commission for itself, the rest for who delegated
 * to it. Returns all that is outstanding of the validator.
 */
export function allocateTo(ctx: Ctx, validator: ValidatorStake, tokens: DecCoins): DecCoins {
  const operator = validator.operatorAddress;
  const commission = multiplyCoins(tokens, validator.commission.commissionRates.rate);
  const shared = owedLess(operator, tokens, commission);
  ctx.emitRaw("commission", [
    ["amount", formatDecCoins(commission)],
    ["validator", operator],
  ]);
  setCommission(ctx, operator, addDecCoins(commissionOf(ctx, operator), commission));
  const { rewards, period } = currentOf(ctx, operator);
  state.current.set(ctx, operator, { rewards: addDecCoins(rewards, shared), period });
  ctx.emitRaw("rewards", [
    ["amount", formatDecCoins(tokens)],
    ["validator", operator],
  ]);
  const outstanding = addDecCoins(outstandingOf(ctx, operator), tokens);
  setOutstanding(ctx, operator, outstanding);
  return outstanding;
}

/** The part of `tokens` that the validator's rewards have room for. */
function roomFor(ctx: QueryCtx, operator: string, tokens: DecCoins): DecCoins {
  const outstanding = outstandingOf(ctx, operator);
  let denoms = outstanding.length;
  return tokens.filter(({ denom, amount }) => {
    const before = amountOfDec(outstanding, denom);
    return fitsPool({ amount: before + amount }) && (before > 0n || ++denoms <= REWARD_DENOMS_MAX);
  });
}

export function createAllocation({ accounts, bank, staking }: DistributionDeps) {
  /** What the community pool could take all of. The rest stays with the fee collector until the pool has room. */
  function collected(ctx: QueryCtx): Coins {
    const pool = communityPool(ctx);
    return bank
      .balances(ctx, accounts.moduleAddress(ctx, FEE_COLLECTOR))
      .filter(({ denom, amount }) => fitsPool({ amount: amountOfDec(pool, denom) + amount * ONE }));
  }

  /** Books a validator's share of `fees`. Returns what it got: nothing when the validator is gone, or its books refuse. */
  function reward(ctx: Ctx, vote: CommitVote, totalPower: bigint, fees: DecCoins): DecCoins {
    const validator = staking.validatorByConsAddr(ctx, vote.validator);
    if (!validator) return [];
    const fraction = divideTruncate(fromInt(vote.power), fromInt(totalPower));
    const share = roomFor(ctx, validator.operatorAddress, multiplyCoinsTruncate(fees, fraction));
    try {
      ctx.atomically((branch) => allocateTo(branch, validator, share));
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      return [];
    }
    return share;
  }

  /** Shares out what the fee collector has. What no validator gets, the community tax for one, goes to the community pool. */
  function allocate(ctx: Ctx, votes: readonly CommitVote[]): void {
    const coins = collected(ctx);
    bank.sendBetweenModules(ctx, FEE_COLLECTOR, DISTRIBUTION, coins);
    const fees = toDecCoins(coins);
    let rest = fees;
    const totalPower = votes.reduce((sum, { power }) => sum + power, 0n);
    if (totalPower > 0n) {
      const forValidators = multiplyCoinsTruncate(fees, ONE - paramsOf(ctx).communityTax);
      for (const vote of votes) {
        // Fractions are truncated, so all of them are less than everything.
        rest = subtractDecCoins(rest, reward(ctx, vote, totalPower, forValidators)) ?? [];
      }
    }
    addToCommunityPool(ctx, rest);
  }

  return {
    /**
     * Pays out what the block before this one brought in, and keeps who proposed this one. A failure leaves everything with
     * the fee collector until the next block.
     *
     * Cost: one validator a vote, each with at most 100 denominations besides those of the fees of one block.
     */
    beginBlock(ctx: Ctx, { lastCommit, proposer }: BlockInfo): void {
      if (ctx.height > FIRST_HEIGHT) {
        try {
          ctx.atomically((branch) => allocate(branch, staking.votesByStake?.(branch, lastCommit) ?? lastCommit));
        } catch (error) {
          if (!(error instanceof ChainError)) throw error;
          ctx.emitRaw("allocation_failed", [["reason", error.message]]);
        }
      }
      state.proposer.set(ctx, proposer);
    },
  };
}

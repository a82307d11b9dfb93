import { type Params, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import { type Address, parseAddress } from "../kernel/address.ts";
import { govAuthority } from "../kernel/authority.ts";
import { addCoins, amountOf, type Coin, type Coins, checkCoins, coversCoins, formatCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ONE, parse, roundInt } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import { type GovernanceHooks, tolerate } from "./hooks.ts";
import { params } from "./params.ts";
import { activateVoting, getProposal, isClosed, minDepositOf, saveProposal } from "./records.ts";
import { GOV, state } from "./state.ts";

/** What governance asks of the bank. */
export interface Bank {
  balances(ctx: QueryCtx, address: Address): Coins;
  /** Of all accounts together. */
  supply(ctx: QueryCtx, denom: string): bigint;
  sendToModule(ctx: Ctx, from: Address, module: string, coins: readonly Coin[]): void;
  sendFromModule(ctx: Ctx, module: string, to: Address, coins: readonly Coin[]): void;
  burn(ctx: Ctx, module: string, coins: readonly Coin[]): void;
}

/** Where the price of cancelling may go. */
export interface CommunityPool {
  /** Account of the pool, by which parameters name it. */
  address(ctx: QueryCtx): Address;
  fund(ctx: Ctx, from: Address, coins: Coins): void;
}

/** How much of the work of one block is left. */
export interface Budget {
  deposits: number;
  /** Votes and what is read to weigh them. */
  reads: number;
}

const ID_MAX = 2n ** 64n - 1n;
/** Blocks until a refund that was refused is tried again. */
const REFUSED_WAIT = 1000n;

export interface DepositsDeps {
  readonly bank: Bank;
  readonly communityPool: CommunityPool | undefined;
  readonly hooks: readonly GovernanceHooks[];
}

export type Deposits = ReturnType<typeof createDeposits>;

/** What accounts put down for proposals. All of it lies in the account of governance. */
export function createDeposits({ bank, communityPool, hooks }: DepositsDeps) {
  /** Keeps count of what is held, without gas: the SDK does not. */
  function count(ctx: Ctx, coins: Coins, sign: 1n | -1n): void {
    ctx.gas.free(() => {
      for (const { denom, amount } of coins) {
        const held = (state.held.get(ctx, denom) ?? 0n) + sign * amount;
        if (held === 0n) state.held.delete(ctx, denom);
        else state.held.set(ctx, denom, held);
      }
    });
  }

  function remove(ctx: Ctx, id: bigint, depositor: Address, amount: Coins): void {
    state.deposits.delete(ctx, [id, depositor]);
    count(ctx, amount, -1n);
  }

  /** Throws `gov/16` unless one of the coins is at least the share of the whole that a deposit must be. */
  function checkSize(amount: Coins, least: Coins, value: Params): void {
    const ratio = parse(value.minDepositRatio);
    if (ratio === 0n) return;
    const thresholds = least.map(({ denom, amount: whole }) => ({ denom, amount: (whole * ratio) / ONE }));
    if (
      thresholds.some(({ denom, amount: want }) => amount.some((coin) => coin.denom === denom && coin.amount >= want))
    ) {
      return;
    }
    throw fail.depositTooSmall(
      `received ${formatCoins(amount)} but need at least one of the following: ${formatCoins(thresholds)}`,
    );
  }

  /** Throws `gov/23` for coins that deposits are not made of. */
  function checkDenoms(amount: Coins, { minDeposit }: Params): void {
    if (amount.every(({ denom }) => minDeposit.some((coin) => coin.denom === denom))) return;
    throw fail.invalidDepositDenom(formatCoins(amount), minDeposit.map(({ denom }) => denom).join(" "));
  }

  /**
   * Gives back or burns the deposits of a proposal that is decided, as many as the block has room for; the next blocks
   * go on with the rest. A refund that is refused is tried again later and stops nothing.
   */
  function settle(ctx: Ctx, id: bigint, burn: boolean, budget: Budget): void {
    const some = [...state.deposits.values(ctx, { prefix: [id], limit: budget.deposits + 1 })];
    const now = some.slice(0, budget.deposits);
    budget.deposits -= now.length;
    let refused = 0;
    if (burn) {
      let sum: Coins = [];
      for (const { depositor, amount } of now) {
        sum = addCoins(sum, amount);
        remove(ctx, id, depositor, amount);
      }
      if (now.length > 0) bank.burn(ctx, GOV, sum);
    } else {
      for (const { depositor, amount } of now) {
        const refusal = tolerate(ctx, (branch) => {
          bank.sendFromModule(branch, GOV, depositor, amount);
          remove(branch, id, depositor, amount);
        });
        if (refusal) refused++;
      }
    }
    // Refused ones stand first, so a block that only met them must not be tried again at once.
    const isStuck = refused > 0 && refused === now.length;
    if (some.length > now.length || refused > 0) {
      const height = ctx.height + (isStuck || some.length === now.length ? REFUSED_WAIT : 1n);
      state.settlements.set(ctx, [height, id], { proposalId: id, burn, height });
    }
  }

  return {
    checkDenoms,

    /**
     * Throws `sdk/18` for a deposit that all coins there are could not make: no proposal would ever be voted on again, nor
     * one that takes this back.
     */
    checkPossible(ctx: QueryCtx, { minDeposit }: Params): void {
      ctx.gas.free(() => {
        for (const { denom, amount } of minDeposit) {
          const supply = bank.supply(ctx, denom);
          if (amount > supply) {
            throw sdkError.invalidRequest(
              `minimum deposit is ${amount}${denom}, want at most the supply ${supply}${denom}`,
            );
          }
        }
      });
    },

    /** Throws `sdk/10` for unsound coins, `gov/16` for less than a proposer must put down at once. */
    checkInitial(amount: readonly Coin[], value: Params, expedited: boolean): void {
      checkCoins(amount);
      const ratio = parse(value.minInitialDepositRatio);
      if (ratio === 0n) return;
      const least = minDepositOf({ expedited }, value).map(({ denom, amount: whole }) => ({
        denom,
        amount: roundInt(whole * ratio),
      }));
      if (amount.length > 0 && coversCoins(amount, least)) return;
      throw fail.depositTooSmall(`was (${formatCoins(amount)}), need (${formatCoins(least)})`);
    },

    /**
     * Takes coins for a proposal; voting begins when there are enough. Returns whether it did. Throws `gov/3` when the
     * proposal's time is over, `sdk/4` for governance's own account: what it holds belongs to other depositors.
     */
    add(ctx: Ctx, id: bigint, depositor: Address, amount: Coins): boolean {
      const proposal = getProposal(ctx, id);
      const isVoting = proposal.status === ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD;
      const isOpen = isVoting || proposal.status === ProposalStatus.PROPOSAL_STATUS_DEPOSIT_PERIOD;
      if (!isOpen || isClosed(ctx, isVoting ? proposal.votingEndTime : proposal.depositEndTime)) {
        throw fail.inactiveProposal(id);
      }
      if (depositor === govAuthority(ctx.addressPrefix)) {
        throw sdkError.unauthorized("depositor is governance itself, want an account whose coins are its own");
      }
      const value = params(ctx);
      const least = minDepositOf(proposal, value);
      checkDenoms(amount, value);
      checkSize(amount, least, value);
      bank.sendToModule(ctx, depositor, GOV, amount);
      count(ctx, amount, 1n);
      const changed = { ...proposal, totalDeposit: addCoins(proposal.totalDeposit, amount) };
      saveProposal(ctx, changed);
      const begins = !isVoting && coversCoins(changed.totalDeposit, least);
      if (begins) activateVoting(ctx, changed);
      const before = state.deposits.get(ctx, [id, depositor]);
      for (const hook of hooks) hook.afterProposalDeposit?.(ctx, id, depositor);
      ctx.emitRaw("proposal_deposit", [
        ["depositor", depositor],
        ["amount", formatCoins(amount)],
        ["proposal_id", `${id}`],
      ]);
      state.deposits.set(ctx, [id, depositor], {
        proposalId: id,
        depositor,
        amount: before ? addCoins(before.amount, amount) : amount,
      });
      return begins;
    },

    /**
     * Gives the deposits of a cancelled proposal back but for the share that cancelling costs. What bounds it is the gas
     * of the message.
     */
    charge(ctx: Ctx, id: bigint, { proposalCancelRatio, proposalCancelDest: dest }: Params): void {
      const ratio = parse(proposalCancelRatio);
      let charged: Coins = [];
      for (const { depositor, amount } of [...state.deposits.values(ctx, { prefix: [id] })]) {
        const fee = amount.map((coin) => ({ ...coin, amount: (coin.amount * ratio) / ONE }));
        const rest = amount.map((coin, i) => ({ ...coin, amount: coin.amount - (fee[i]?.amount ?? 0n) }));
        charged = addCoins(charged, positive(fee));
        if (rest.some((coin) => coin.amount > 0n)) bank.sendFromModule(ctx, GOV, depositor, positive(rest));
        remove(ctx, id, depositor, amount);
      }
      if (charged.length === 0) return;
      if (dest === "") bank.burn(ctx, GOV, charged);
      else if (communityPool && dest === communityPool.address(ctx)) {
        communityPool.fund(ctx, govAuthority(ctx.addressPrefix), charged);
      } else bank.sendFromModule(ctx, GOV, parseAddress(dest, ctx.addressPrefix), charged);
    },

    settle,

    /** Goes on with what earlier blocks left. */
    goOn(ctx: Ctx, budget: Budget): void {
      const due = [...state.settlements.entries(ctx, { to: [ctx.height, ID_MAX], limit: budget.deposits })];
      for (const [key, { proposalId, burn }] of due) {
        if (budget.deposits <= 0) return;
        state.settlements.delete(ctx, key);
        settle(ctx, proposalId, burn, budget);
      }
    },

    /** Throws `sdk/4` when governance's account has less than the deposits in it: they belong to the depositors. */
    checkHeld(ctx: QueryCtx): void {
      const balances = bank.balances(ctx, govAuthority(ctx.addressPrefix));
      for (const [denom, amount] of state.held.entries(ctx)) {
        const have = amountOf(balances, denom);
        if (have < amount) {
          throw sdkError.unauthorized(
            `governance would hold ${have}${denom}, want the ${amount}${denom} of depositors`,
          );
        }
      }
    },
  };
}

const positive = (coins: Coins): Coins => coins.filter(({ amount }) => amount > 0n);

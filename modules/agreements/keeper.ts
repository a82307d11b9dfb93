import {
  type Agreement,
  AgreementStatus,
  EventProposed,
  EventStatusChanged,
  type MsgAccept,
  type MsgPropose,
  type MsgSettle,
} from "@interfirm/proto/gen/interfirm/agreements/v1";
import { type Address, parseAddress } from "../kernel/address.ts";
import { equal, toHex } from "../kernel/bytes.ts";
import { addAmounts, type Coin, type Coins, checkPositiveCoin } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import { fail } from "./errors.ts";
import { isOwed, state } from "./state.ts";

/** What this module asks of a bank. The consumer declares it; `bankEscrow` makes one of a bank. */
export interface Escrow {
  /** Takes the price from the payer. Throws when the payer cannot pay it, or the denom may not be sent. */
  hold(ctx: Ctx, from: Address, price: Coin): void;
  /** Gives a price that is held to whoever gets it. Throws when it may not or cannot be given. */
  release(ctx: Ctx, to: Address, price: Coin): void;
  /** All coins that escrow holds. At least what it owes: coins that came by another way are nobody's concern. */
  held(ctx: QueryCtx): Coins;
  /** The account that holds them. */
  address(ctx: QueryCtx): Address;
  /** Whether coins can be released to the account. */
  canReceive(ctx: QueryCtx, who: Address): boolean;
}

/** Length of a SHA-256. */
const TERMS_HASH_BYTES = 32;

/** Blocks from the proposal to the deadline at most: a year at one block a second. Bounds how long coins can be bound. */
export const DEADLINE_BLOCKS_MAX = 31_536_000n;

/** Refunds that a block tries at most. The rest wait for the next block, so that a block's work is bounded. */
export const REFUNDS_PER_BLOCK_MAX = 200;

/** Blocks until a refund that failed is tried again. */
export const REFUND_RETRY_BLOCKS = 1000n;

const { AGREEMENT_STATUS_UNSPECIFIED: UNSPECIFIED, AGREEMENT_STATUS_PROPOSED: PROPOSED } = AgreementStatus;
const { AGREEMENT_STATUS_ACTIVE: ACTIVE, AGREEMENT_STATUS_SETTLED: SETTLED } = AgreementStatus;
const { AGREEMENT_STATUS_EXPIRED: EXPIRED, AGREEMENT_STATUS_REFUND_DUE: REFUND_DUE } = AgreementStatus;

const STATUS_NAMES: readonly string[] = ["unspecified", "proposed", "active", "settled", "expired", "due for refund"];

export const statusName = (status: number): string => STATUS_NAMES[status] ?? status.toString();

/** Rules of one agreement's terms, whenever it was made: genesis keeps them too. Throws by error name. */
export function checkTerms(terms: Omit<MsgPropose, "deadlineHeight">, addressPrefix: string): void {
  parseAddress(terms.payer, addressPrefix);
  parseAddress(terms.payee, addressPrefix);
  if (terms.payer === terms.payee) throw fail.samePayee(terms.payer);
  if (terms.termsHash.length !== TERMS_HASH_BYTES) throw fail.badTermsHash(terms.termsHash.length);
  try {
    checkPositiveCoin(terms.price);
  } catch (cause) {
    throw cause instanceof ChainError ? fail.badPrice(cause.message) : cause;
  }
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper(escrow: Escrow) {
  /** Throws `notFound`. */
  function get(ctx: QueryCtx, id: bigint): Agreement {
    const agreement = state.agreements.get(ctx, id);
    if (!agreement) throw fail.notFound(id);
    return agreement;
  }

  /**
   * An agreement that `who`, in its role, can still act on. Past its deadline it is dead, even while its refund is queued.
   * Throws `notFound`, `notParty`, `badStatus`, `deadlinePassed`.
   */
  function live(ctx: QueryCtx, id: bigint, role: "payer" | "payee", who: Address, want: AgreementStatus): Agreement {
    const agreement = get(ctx, id);
    if (who !== agreement[role]) throw fail.notParty(id, who, role, agreement[role]);
    if (agreement.status !== want) throw fail.badStatus(id, statusName(agreement.status), statusName(want));
    if (ctx.height > agreement.deadlineHeight) throw fail.deadlinePassed(agreement.deadlineHeight, ctx.height);
    return agreement;
  }

  /** What escrow owes in one denom. */
  const owed = (ctx: QueryCtx, denom: string): bigint => state.owed.get(ctx, denom) ?? 0n;

  function setOwed(ctx: Ctx, denom: string, amount: bigint): void {
    if (amount === 0n) state.owed.delete(ctx, denom);
    else state.owed.set(ctx, denom, amount);
  }

  function hold(ctx: Ctx, from: Address, price: Coin): void {
    setOwed(ctx, price.denom, addAmounts(owed(ctx, price.denom), price.amount, price.denom));
    escrow.hold(ctx, from, price);
  }

  function release(ctx: Ctx, to: Address, price: Coin): void {
    setOwed(ctx, price.denom, owed(ctx, price.denom) - price.amount);
    escrow.release(ctx, to, price);
  }

  /** The only way a status changes. Callers move the money in the same breath. */
  function move(ctx: Ctx, agreement: Agreement, to: AgreementStatus, refundHeight = 0n): void {
    state.agreements.set(ctx, agreement.id, { ...agreement, status: to, refundHeight });
    // A refund that fails again stays where it is: only its turn moves.
    if (agreement.status !== to) ctx.emit(EventStatusChanged, { id: agreement.id, from: agreement.status, to });
  }

  /**
   * Gives the price back, all or nothing. The bank may refuse: the payer's account was blocked, or a restriction forbids
   * the transfer. The agreement then leaves the front of the queue and is tried again later.
   */
  function refund(ctx: Ctx, agreement: Agreement): void {
    try {
      ctx.atomically((branch) => {
        move(branch, agreement, EXPIRED);
        release(branch, agreement.payer, agreement.price);
      });
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      move(ctx, agreement, REFUND_DUE, ctx.height + REFUND_RETRY_BLOCKS);
    }
  }

  return {
    get,
    owed,

    /** Coins that open agreements and refunds that are due bind, by denom. Cost: the denoms in escrow. */
    owedCoins: (ctx: QueryCtx): Coins => [...state.owed.entries(ctx)].map(([denom, amount]) => ({ denom, amount })),

    /**
     * Takes the price from the payer and returns the id of the new agreement. Throws `samePayee`, `badTermsHash`,
     * `badPrice`, `payeeBlocked`, `deadlinePassed`, `deadlineTooFar`, and what escrow throws.
     */
    propose(ctx: Ctx, terms: MsgPropose): bigint {
      checkTerms(terms, ctx.addressPrefix);
      const { payer, payee, price, termsHash, deadlineHeight } = terms;
      if (!escrow.canReceive(ctx, payee)) throw fail.payeeBlocked(payee);
      if (deadlineHeight < ctx.height) throw fail.deadlinePassed(deadlineHeight, ctx.height);
      const last = ctx.height + DEADLINE_BLOCKS_MAX;
      if (deadlineHeight > last) throw fail.deadlineTooFar(deadlineHeight, last);
      const id = state.nextId.next(ctx);
      hold(ctx, payer, price);
      const parties = { id, payer, payee, price, termsHash, deadlineHeight };
      state.agreements.set(ctx, id, { ...parties, status: PROPOSED, refundHeight: 0n });
      ctx.emit(EventProposed, parties);
      ctx.emit(EventStatusChanged, { id, from: UNSPECIFIED, to: PROPOSED });
      return id;
    },

    /** The payee accepts, naming the terms it has read. Throws as `live` does, and `termsMismatch`. */
    accept(ctx: Ctx, { id, payee, termsHash }: MsgAccept): void {
      const agreement = live(ctx, id, "payee", payee, PROPOSED);
      if (!equal(termsHash, agreement.termsHash)) {
        throw fail.termsMismatch(id, toHex(termsHash.subarray(0, TERMS_HASH_BYTES)), toHex(agreement.termsHash));
      }
      move(ctx, agreement, ACTIVE);
    },

    /** The payer has the payee paid. Throws as `live` does, and what escrow throws. */
    settle(ctx: Ctx, { id, payer }: MsgSettle): void {
      const agreement = live(ctx, id, "payer", payer, ACTIVE);
      move(ctx, agreement, SETTLED);
      release(ctx, agreement.payee, agreement.price);
    },

    /** Refunds what is still open at its deadline. Runs after every transaction of the block. Cost: at most 200 refunds, some 50 µs each. */
    expire(ctx: Ctx): void {
      // Collected first: a range must not be read while its index is written.
      const due = [...state.agreements.by.refund.keys(ctx, { to: ctx.height, limit: REFUNDS_PER_BLOCK_MAX })];
      for (const id of due) refund(ctx, get(ctx, id));
    },

    /** Puts an agreement of genesis in place. Its price is in escrow already, as a balance of genesis. */
    restore(ctx: Ctx, agreement: Agreement): void {
      state.agreements.set(ctx, agreement.id, agreement);
      const { denom, amount } = agreement.price;
      if (isOwed(agreement)) setOwed(ctx, denom, addAmounts(owed(ctx, denom), amount, denom));
    },
  };
}

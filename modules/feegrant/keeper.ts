import type { Grant } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import type { Address } from "../kernel/address.ts";
import type { Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { type Allowance, accept, allowanceToAny, expiresAt, readAllowance } from "./allowance.ts";
import { state } from "./state.ts";

/** What this module asks of accounts. The keeper of `auth` satisfies it. */
export interface Accounts {
  get(ctx: QueryCtx, address: Address): unknown;
  /** Makes a base account with the next number. */
  create(ctx: Ctx, address: Address): void;
}

/** What this module asks of a bank. */
export interface Bank {
  /** Throws `sdk/4` for the account of a module that may not be paid from outside. */
  checkNotBlocked(ctx: QueryCtx, to: Address): void;
}

export interface FeegrantDeps {
  readonly accounts: Accounts;
  readonly bank: Bank;
}

/** Messages of a transaction whose fee is to be paid. */
export interface TxMessages {
  readonly messages: readonly { readonly type: { readonly typeUrl: string } }[];
}

/** Expired allowances removed at the end of a block; the rest wait, and pay nothing meanwhile. As in the SDK. */
export const PRUNED_PER_BLOCK_MAX = 200;
/** And by one `MsgPruneAllowances`. */
export const PRUNED_PER_MESSAGE_MAX = 75;

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ accounts, bank }: FeegrantDeps) {
  const get = (ctx: QueryCtx, granter: Address, grantee: Address): Grant | undefined =>
    state.grants.get(ctx, [grantee, granter]);

  /** Writes it and its place in the queue. */
  function set(ctx: Ctx, granter: Address, grantee: Address, allowance: Allowance): void {
    const expiration = expiresAt(allowance);
    if (expiration !== undefined) state.queue.set(ctx, [expiration, grantee, granter], undefined);
    state.grants.set(ctx, [grantee, granter], { granter, grantee, allowance: allowanceToAny(allowance) });
    ctx.gas.free(() => state.byGranter.set(ctx, [granter, grantee], undefined));
  }

  function erase(ctx: Ctx, granter: Address, grantee: Address): void {
    state.grants.delete(ctx, [grantee, granter]);
    ctx.gas.free(() => state.byGranter.delete(ctx, [granter, grantee]));
  }

  function remove(ctx: Ctx, { granter, grantee, allowance }: Grant): void {
    erase(ctx, granter, grantee);
    const expiration = expiresAt(readAllowance(allowance));
    // The SDK deletes the entry with the two addresses the wrong way round, and so leaves this one: it would end a later allowance.
    if (expiration !== undefined) state.queue.delete(ctx, [expiration, grantee, granter]);
  }

  function existing(ctx: QueryCtx, granter: Address, grantee: Address): Grant {
    const grant = get(ctx, granter, grantee);
    if (!grant) throw sdkError.notFound(`${granter} has no allowance for ${grantee}: fee-grant not found`);
    return grant;
  }

  function tell(ctx: Ctx, type: string, { granter, grantee }: Pick<Grant, "granter" | "grantee">): void {
    ctx.emitRaw(type, [
      ["granter", granter],
      ["grantee", grantee],
    ]);
  }

  /** Throws `sdk/18` when there is one, be it over: as in the SDK it stands there until it is removed. */
  function checkAbsent(ctx: Ctx, granter: Address, grantee: Address): void {
    if (get(ctx, granter, grantee)) {
      throw sdkError.invalidRequest(`${granter} has an allowance for ${grantee}: fee allowance already exists`);
    }
  }

  /** Throws `sdk/4` for a blocked module that has no account yet. */
  function createIfAbsent(ctx: Ctx, grantee: Address): void {
    if (accounts.get(ctx, grantee)) return;
    bank.checkNotBlocked(ctx, grantee);
    accounts.create(ctx, grantee);
  }

  function revoke(ctx: Ctx, granter: Address, grantee: Address): void {
    const grant = existing(ctx, granter, grantee);
    remove(ctx, grant);
    tell(ctx, "revoke_feegrant", grant);
  }

  return {
    /** One that has expired but waits to be removed is not there. */
    get(ctx: QueryCtx, granter: Address, grantee: Address): Grant | undefined {
      const grant = get(ctx, granter, grantee);
      return grant && isLive(ctx, grant) ? grant : undefined;
    },

    checkAbsent,

    /**
     * A grantee without account gets one. Throws `sdk/18` when there is one and when it would be over before it begins,
     * `sdk/4` for a blocked module that has no account yet.
     */
    grant(ctx: Ctx, granter: Address, grantee: Address, allowance: Allowance): void {
      checkAbsent(ctx, granter, grantee);
      createIfAbsent(ctx, grantee);
      const expiration = expiresAt(allowance);
      if (expiration !== undefined && expiration < ctx.time) {
        throw sdkError.invalidRequest(`expiration is ${expiration} ns, want the block's time ${ctx.time} ns or later`);
      }
      set(ctx, granter, grantee, allowance);
      tell(ctx, "set_feegrant", { granter, grantee });
    },

    /** As genesis has it: one that is over already is removed at the end of the first block. */
    restore(ctx: Ctx, { granter, grantee, allowance }: Grant): void {
      createIfAbsent(ctx, grantee);
      set(ctx, granter, grantee, readAllowance(allowance));
    },

    /** Throws `sdk/38` when there is none. */
    revoke,

    /**
     * Takes a fee off the allowance: for the ante. Throws `sdk/38` when there is none, and what `accept` throws.
     * Source: SDK x/feegrant `UseGrantedFees`.
     */
    use(ctx: Ctx, granter: Address, grantee: Address, fee: Coins, { messages }: TxMessages): void {
      const grant = existing(ctx, granter, grantee);
      const { allowance, isSpent } = accept(
        ctx,
        readAllowance(grant.allowance),
        fee,
        messages.map(({ type }) => type.typeUrl),
      );
      if (isSpent) {
        revoke(ctx, granter, grantee);
        tell(ctx, "use_feegrant", grant);
        return;
      }
      tell(ctx, "use_feegrant", grant);
      // The SDK reads it again before it writes it; gas counts both.
      existing(ctx, granter, grantee);
      state.grants.set(ctx, [grantee, granter], { ...grant, allowance: allowanceToAny(allowance) });
      tell(ctx, "update_feegrant", grant);
    },

    /** Removes at most `limit` of those that have expired. */
    prune(ctx: Ctx, limit: number): void {
      const due = [...state.queue.keys(ctx, { toPrefix: [ctx.time - 1n], limit })];
      for (const key of due) {
        const [, grantee, granter] = key;
        state.queue.delete(ctx, key);
        erase(ctx, granter, grantee);
      }
    },
  };
}

/** Whether it can still pay: it does in the very moment in which it expires. */
export function isLive({ time }: QueryCtx, { allowance }: Grant): boolean {
  const expiration = expiresAt(readAllowance(allowance));
  return expiration === undefined || expiration >= time;
}

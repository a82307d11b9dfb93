import type { Input, Metadata, Output, Params } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import type { Address } from "../kernel/address.ts";
import {
  addAmounts,
  amountOf,
  type Coin,
  type Coins,
  checkCoins,
  formatCoins,
  subtractCoins,
} from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { balanceOf, balancesOf, openBalance, setBalance } from "./balances.ts";
import { fail } from "./errors.ts";
import { DEFAULT_PARAMS } from "./params.ts";
import { state } from "./state.ts";

/** What the bank asks of accounts. The consumer declares it; the keeper of `auth` satisfies it. */
export interface Accounts {
  has(ctx: QueryCtx, address: Address): boolean;
  /** Makes a base account with the next account number. */
  create(ctx: Ctx, address: Address): void;
  /** Coins that the account holds but cannot spend now. None for an account that does not exist. */
  lockedCoins(ctx: QueryCtx, address: Address): Coins;
  /** The account delegates `coins`, of `balance` before: those it could not spend are delegated first. Throws `sdk/9` for no account. */
  trackDelegation(ctx: Ctx, address: Address, balance: Coins, coins: Coins): void;
  /** The account gets delegated coins back. Throws `sdk/9` for no account. */
  trackUndelegation(ctx: Ctx, address: Address, coins: Coins): void;
  /** Throws for a module that has no account. */
  moduleAddress(ctx: QueryCtx, module: string): Address;
  /** The module's account, made when it does not exist yet. Throws for a module that has none. */
  openModuleAccount(ctx: Ctx, module: string): { readonly address: Address; readonly permissions: readonly string[] };
}

/**
 * A rule of another module about who may send what to whom. Returns who receives, normally `to`; throws to refuse.
 * Asked on every send, by whichever way.
 */
export type SendRestriction = (ctx: Ctx, from: Address, to: Address, coins: Coins) => Address;

export interface BankDeps {
  readonly accounts: Accounts;
  /** Modules whose accounts nobody may pay from outside: coins there would be lost, or break what the module reckons with. */
  readonly blockedModules: readonly string[];
  readonly restrictions?: readonly SendRestriction[] | undefined;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ accounts, blockedModules, restrictions = [] }: BankDeps) {
  const isBlocked = (ctx: QueryCtx, address: Address): boolean =>
    blockedModules.some((module) => accounts.moduleAddress(ctx, module) === address);

  /** Throws `sdk/4` for the account of a module that may not be paid from outside. */
  function checkNotBlocked(ctx: QueryCtx, to: Address): void {
    if (isBlocked(ctx, to)) throw sdkError.unauthorized(`${to} is not allowed to receive funds`);
  }

  function restrict(ctx: Ctx, from: Address, to: Address, coins: Coins): Address {
    let recipient = to;
    for (const restriction of restrictions) recipient = restriction(ctx, from, recipient, coins);
    return recipient;
  }

  function createIfAbsent(ctx: Ctx, address: Address): void {
    if (!accounts.has(ctx, address)) accounts.create(ctx, address);
  }

  /** Takes spendable coins away; `text` is the coins as text. Throws `sdk/5` when there are not enough. */
  function subtract(ctx: Ctx, address: Address, coins: Coins, text: string): void {
    const locked = accounts.lockedCoins(ctx, address);
    for (const { denom, amount } of coins) {
      const balance = openBalance(ctx, address, denom);
      const lockedAmount = amountOf(locked, denom);
      if (lockedAmount > balance.amount) {
        throw sdkError.insufficientFunds(
          `locked amount exceeds account balance funds: ${lockedAmount}${denom} > ${balance.amount}${denom}`,
        );
      }
      const spendable = balance.amount - lockedAmount;
      if (spendable < amount) {
        throw sdkError.insufficientFunds(`spendable balance ${spendable}${denom} is smaller than ${amount}${denom}`);
      }
      setBalance(ctx, balance, balance.amount - amount);
    }
    ctx.emitRaw("coin_spent", [
      ["spender", address],
      ["amount", text],
    ]);
  }

  /** Throws `sdk/10` when a balance would pass 256 bits. */
  function add(ctx: Ctx, address: Address, coins: Coins, text: string): void {
    for (const { denom, amount } of coins) {
      const balance = openBalance(ctx, address, denom);
      setBalance(ctx, balance, addAmounts(balance.amount, amount, denom));
    }
    ctx.emitRaw("coin_received", [
      ["receiver", address],
      ["amount", text],
    ]);
  }

  function emitTransfer(ctx: Ctx, from: Address, to: Address, amount: string): void {
    ctx.emitRaw("transfer", [
      ["recipient", to],
      ["sender", from],
      ["amount", amount],
    ]);
  }

  function send(ctx: Ctx, from: Address, to: Address, coins: readonly Coin[]): void {
    checkCoins(coins);
    const recipient = restrict(ctx, from, to, coins);
    const text = formatCoins(coins);
    subtract(ctx, from, coins, text);
    add(ctx, recipient, coins, text);
    createIfAbsent(ctx, recipient);
    emitTransfer(ctx, from, recipient, text);
    ctx.emitRaw("message", [["sender", from]]);
  }

  const supply = (ctx: QueryCtx, denom: string): bigint => state.supply.get(ctx, denom) ?? 0n;

  function setSupply(ctx: Ctx, denom: string, amount: bigint): void {
    if (amount === 0n) state.supply.delete(ctx, denom);
    else state.supply.set(ctx, denom, amount);
  }

  const params = (ctx: QueryCtx): Params => state.params.get(ctx) ?? DEFAULT_PARAMS;

  return {
    isBlocked,
    checkNotBlocked,
    supply,
    setSupply,
    params,

    balance: balanceOf,
    balances: balancesOf,

    /** What the account may spend of one denomination now. */
    spendable(ctx: QueryCtx, address: Address, denom: string): bigint {
      const rest = balanceOf(ctx, address, denom) - amountOf(accounts.lockedCoins(ctx, address), denom);
      return rest > 0n ? rest : 0n;
    },

    /** What the account may spend now; nothing when more is locked than it holds. Cost: as `balances`. */
    spendableCoins: (ctx: QueryCtx, address: Address): Coins =>
      subtractCoins(balancesOf(ctx, address), accounts.lockedCoins(ctx, address)) ?? [],

    /**
     * Moves coins between any two accounts; a recipient without an account gets one. Whether the sender agrees and the
     * recipient may be paid is for the caller to know. Throws `sdk/5` when `from` cannot spend them, `sdk/10` for unsound coins.
     */
    send,

    /** Moves coins from one account to many, as `send` does. That what goes in comes out is for the caller to know. */
    multiSend(ctx: Ctx, input: Input, outputs: readonly Output[]): void {
      checkCoins(input.coins);
      ctx.emitRaw("message", [["sender", input.address]]);
      const receipts = outputs.map(({ address, coins }) => {
        checkCoins(coins);
        const recipient = restrict(ctx, input.address, address, coins);
        createIfAbsent(ctx, recipient);
        return { recipient, address, coins };
      });
      subtract(ctx, input.address, input.coins, formatCoins(input.coins));
      for (const { recipient, address, coins } of receipts) {
        const text = formatCoins(coins);
        add(ctx, recipient, coins, text);
        emitTransfer(ctx, input.address, address, text);
      }
    },

    /**
     * From an account to that of a module, which books what it receives. Throws `sdk/4` for the module's own account,
     * whose coins would be booked a second time and stay where they are, and as `send` does.
     */
    sendToModule(ctx: Ctx, from: Address, module: string, coins: readonly Coin[]): void {
      const { address } = accounts.openModuleAccount(ctx, module);
      if (address === from) throw sdkError.unauthorized(`${from} is the ${module} module, which cannot pay itself`);
      send(ctx, from, address, coins);
    },

    /** From a module's account to any that may be paid. Throws `sdk/4` for one that may not, and as `send` does. */
    sendFromModule(ctx: Ctx, module: string, to: Address, coins: readonly Coin[]): void {
      const from = accounts.moduleAddress(ctx, module);
      checkNotBlocked(ctx, to);
      send(ctx, from, to, coins);
    },

    sendBetweenModules(ctx: Ctx, fromModule: string, toModule: string, coins: readonly Coin[]): void {
      const from = accounts.moduleAddress(ctx, fromModule);
      send(ctx, from, accounts.openModuleAccount(ctx, toModule).address, coins);
    },

    /**
     * Moves coins, locked ones too, from an account to that of a module which holds stake. No `transfer` is told: whether
     * the coins are still the delegator's is for that module to say. Throws `sdk/4` for a module that holds none, `sdk/5`.
     */
    delegate(ctx: Ctx, from: Address, module: string, coins: readonly Coin[]): void {
      const { address, permissions } = accounts.openModuleAccount(ctx, module);
      checkPermission(module, permissions, "staking", "receive delegated coins");
      // The SDK reads the account once for its permissions and once for itself; gas counts both.
      accounts.openModuleAccount(ctx, module);
      checkCoins(coins);
      const text = formatCoins(coins);
      const before: Coin[] = [];
      for (const { denom, amount } of coins) {
        const balance = openBalance(ctx, from, denom);
        if (balance.amount < amount) {
          throw sdkError.insufficientFunds(`failed to delegate; ${balance.amount}${denom} is smaller than ${text}`);
        }
        if (balance.amount > 0n) before.push({ denom, amount: balance.amount });
        setBalance(ctx, balance, balance.amount - amount);
      }
      accounts.trackDelegation(ctx, from, before, coins);
      ctx.emitRaw("coin_spent", [
        ["spender", from],
        ["amount", text],
      ]);
      add(ctx, address, coins, text);
    },

    /** Gives delegated coins back to their account. Throws `sdk/4` for a module that holds no stake, `sdk/5`, `sdk/9`. */
    undelegate(ctx: Ctx, module: string, to: Address, coins: readonly Coin[]): void {
      const { address, permissions } = accounts.openModuleAccount(ctx, module);
      checkPermission(module, permissions, "staking", "undelegate coins");
      checkCoins(coins);
      const text = formatCoins(coins);
      subtract(ctx, address, coins, text);
      accounts.trackUndelegation(ctx, to, coins);
      add(ctx, to, coins, text);
    },

    /** Makes coins, in the account of a module that may. Throws `sdk/4` for one that may not, `sdk/10` above 256 bits. */
    mint(ctx: Ctx, module: string, coins: readonly Coin[]): void {
      const { address, permissions } = accounts.openModuleAccount(ctx, module);
      checkPermission(module, permissions, "minter", "mint tokens");
      checkCoins(coins);
      const text = formatCoins(coins);
      add(ctx, address, coins, text);
      for (const { denom, amount } of coins) setSupply(ctx, denom, addAmounts(supply(ctx, denom), amount, denom));
      ctx.emitRaw("coinbase", [
        ["minter", address],
        ["amount", text],
      ]);
    },

    /** Destroys coins of a module that may. Throws `sdk/4` for one that may not, `sdk/5` when it has not enough. */
    burn(ctx: Ctx, module: string, coins: readonly Coin[]): void {
      const { address, permissions } = accounts.openModuleAccount(ctx, module);
      checkPermission(module, permissions, "burner", "burn tokens");
      checkCoins(coins);
      const text = formatCoins(coins);
      subtract(ctx, address, coins, text);
      for (const { denom, amount } of coins) {
        const before = supply(ctx, denom);
        if (before < amount) throw sdkError.logic(`supply is ${before}${denom}, want at least the ${amount} burnt`);
        setSupply(ctx, denom, before - amount);
      }
      ctx.emitRaw("burn", [
        ["burner", address],
        ["amount", text],
      ]);
    },

    /** Throws `bank/5` when one of the denominations may not be sent now. */
    checkSendEnabled(ctx: QueryCtx, coins: readonly Coin[]): void {
      const byDefault = params(ctx).defaultSendEnabled;
      for (const { denom } of coins) {
        if (!(sendEnabled(ctx, denom) ?? byDefault)) throw fail.sendDisabled(denom);
      }
    },

    metadata: (ctx: QueryCtx, denom: string): Metadata | undefined => state.metadata.get(ctx, denom),

    /** The parameters; entries for single denominations, which the SDK once kept there, go to their own place. */
    setParams(ctx: Ctx, { defaultSendEnabled, sendEnabled: entries }: Params): void {
      for (const { denom, enabled } of entries) state.sendEnabled.set(ctx, denom, enabled);
      state.params.set(ctx, { sendEnabled: [], defaultSendEnabled });
    },
  };
}

/** Whether a denomination may be sent, where that is not the default. */
export function sendEnabled(ctx: QueryCtx, denom: string): boolean | undefined {
  return state.sendEnabled.has(ctx, denom) ? state.sendEnabled.get(ctx, denom) : undefined;
}

function checkPermission(module: string, permissions: readonly string[], permission: string, deed: string): void {
  if (!permissions.includes(permission)) {
    throw sdkError.unauthorized(`module account ${module} does not have permissions to ${deed}`);
  }
}

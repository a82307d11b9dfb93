import { type BaseAccount, Params } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { type Address, addressToBytes, bytesToAddress, moduleAddress } from "../kernel/address.ts";
import type { Coins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type GasMeter, KV_GAS_COSTS } from "../kernel/gas.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import {
  type Account,
  type AccountType,
  asModuleAccount,
  baseAccount,
  createAccountCodec,
  isUnused,
  moduleAccount,
  type Permission,
  updateBase,
} from "./accounts.ts";
import { fail } from "./errors.ts";
import { checkParams, DEFAULT_PARAMS } from "./params.ts";
import { createState } from "./state.ts";

export interface AuthDeps {
  /** Module accounts of the chain, by name, and what each may do. */
  readonly moduleAccounts: Readonly<Record<string, readonly Permission[]>>;
  /** Kinds of accounts that other modules bring, such as vesting accounts. */
  readonly accountTypes?: readonly AccountType<unknown>[] | undefined;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper({ moduleAccounts, accountTypes = [] }: AuthDeps) {
  const codec = createAccountCodec(accountTypes);
  const state = createState(codec);
  // biome-ignore lint/plugin: sorted at once, so the order of properties does not show
  const permissionsOf = new Map(Object.entries(moduleAccounts).sort(([a], [b]) => (a < b ? -1 : 1)));
  const moduleNames: readonly string[] = [...permissionsOf.keys()];

  /** Addresses of the modules under the last prefix asked for: there is one on a chain. */
  let addresses: { readonly prefix: string; readonly byModule: ReadonlyMap<string, Address> } | undefined;

  function addressOf({ addressPrefix: prefix }: QueryCtx, module: string): Address {
    if (addresses?.prefix !== prefix) {
      addresses = { prefix, byModule: new Map(moduleNames.map((name) => [name, moduleAddress(name, prefix)])) };
    }
    const address = addresses.byModule.get(module);
    if (!address) throw fail.unknownModule(module);
    return address;
  }

  /** The last parameters that gas was taken for, and their length. */
  let sized: { readonly params: Params | undefined; readonly bytes: number } = { params: undefined, bytes: 0 };

  const get = (ctx: QueryCtx, address: Address): Account | undefined => state.accounts.get(ctx, address);

  /** Takes the gas of reading the account again. It is for whoever knows that nothing has written it since. */
  function chargeRead({ gas, addressPrefix }: QueryCtx, { base, storedBytes }: Account): void {
    chargeReadOf(gas, 1 + addressToBytes(base.address, addressPrefix).length, storedBytes);
  }

  /** Saves an account, and keeps the index by number. `stored` is what is stored now, where the caller has just read it. */
  function set(ctx: Ctx, account: Account, stored?: Account): void {
    const { address, accountNumber } = account.base;
    if (stored) chargeRead(ctx, stored);
    const before = (stored ?? get(ctx, address))?.base.accountNumber;
    if (before === accountNumber) {
      chargeIndexRewrite(ctx.gas, addressToBytes(address, ctx.addressPrefix).length);
    } else {
      if (before !== undefined) state.byNumber.delete(ctx, before);
      if (state.byNumber.has(ctx, accountNumber)) throw fail.numberTaken(accountNumber);
      state.byNumber.set(ctx, accountNumber, addressToBytes(address, ctx.addressPrefix));
    }
    state.accounts.set(ctx, address, account);
  }

  function existing(ctx: QueryCtx, address: Address): Account {
    const account = get(ctx, address);
    if (!account) throw sdkError.unknownAddress(`account ${address} does not exist`);
    return account;
  }

  function newBase(ctx: Ctx, address: Address): BaseAccount {
    return { address, pubKey: undefined, accountNumber: state.nextNumber.next(ctx), sequence: 0n };
  }

  return {
    codec,
    state,
    moduleNames,
    get,
    chargeRead,
    set,
    has: (ctx: QueryCtx, address: Address): boolean => state.accounts.has(ctx, address),

    /** The account with some fields of its base changed; not yet saved. */
    update: updateBase,

    /** Makes a base account with the next number. */
    create(ctx: Ctx, address: Address): void {
      set(ctx, baseAccount(newBase(ctx, address)));
    },

    /** Makes an account of another kind, with the next number. `make` is given its base, and throws to refuse. */
    createAs<T>(ctx: Ctx, kind: AccountType<T>, address: Address, make: (base: BaseAccount) => T): void {
      const value = make(newBase(ctx, address));
      set(ctx, { kind: kind as AccountType<unknown>, value, base: kind.base(value), storedBytes: 0 });
    },

    addressByNumber(ctx: QueryCtx, number: bigint): Address | undefined {
      const bytes = state.byNumber.get(ctx, number);
      return bytes && bytesToAddress(bytes, ctx.addressPrefix);
    },

    /** Coins that the account holds but cannot spend now. None for an account that does not exist. */
    lockedCoins(ctx: QueryCtx, address: Address): Coins {
      const account = get(ctx, address);
      return account?.kind.locked?.(account.value, ctx.time) ?? [];
    },

    /** Tells the account that it delegates coins, for kinds that keep count of it. Throws `sdk/9` when it does not exist. */
    trackDelegation(ctx: Ctx, address: Address, balance: Coins, coins: Coins): void {
      const account = existing(ctx, address);
      const { kind, value } = account;
      if (kind.delegated) set(ctx, withValue(account, kind.delegated(value, ctx.time, balance, coins)), account);
    },

    /** Tells the account that it gets delegated coins back. Throws `sdk/9` when it does not exist. */
    trackUndelegation(ctx: Ctx, address: Address, coins: Coins): void {
      const account = existing(ctx, address);
      const { kind, value } = account;
      if (kind.undelegated) set(ctx, withValue(account, kind.undelegated(value, coins)), account);
    },

    /** Throws `auth/5` for a module without an account. */
    moduleAddress: addressOf,

    /** The module's account, made when it does not exist yet. Throws `auth/5` for a module without one. */
    openModuleAccount(
      ctx: Ctx,
      module: string,
    ): { readonly address: Address; readonly permissions: readonly Permission[] } {
      const address = addressOf(ctx, module);
      const permissions = permissionsOf.get(module);
      if (!permissions) throw fail.unknownModule(module);
      const found = get(ctx, address);
      if (found && asModuleAccount(found)) return { address, permissions };
      // Somebody may have paid the address before the module needed it: nobody has its key, so the account is the module's.
      if (found && !isUnused(found)) throw fail.notModule(module);
      const base = found?.base ?? newBase(ctx, address);
      set(ctx, moduleAccount({ baseAccount: base, name: module, permissions }));
      return { address, permissions };
    },

    params: (ctx: QueryCtx): Params => state.params.get(ctx) ?? DEFAULT_PARAMS,

    /** Takes the gas of reading the parameters again. */
    chargeParams({ gas }: QueryCtx, params: Params): void {
      if (params !== sized.params) sized = { params, bytes: Params.encode(params).finish().length };
      chargeReadOf(gas, 1, sized.bytes);
    },

    /** Throws `auth/6` for a parameter that is 0. */
    setParams(ctx: Ctx, params: Params): void {
      checkParams(params);
      state.params.set(ctx, params);
    },
  };
}

const withValue = ({ kind }: Account, value: unknown): Account => ({
  kind,
  value,
  base: kind.base(value),
  storedBytes: 0,
});

function chargeReadOf(gas: GasMeter, keyBytes: number, valueBytes: number): void {
  gas.use(KV_GAS_COSTS.readCostFlat, "ReadFlat");
  gas.use(KV_GAS_COSTS.readCostPerByte * keyBytes, "ReadPerByte");
  gas.use(KV_GAS_COSTS.readCostPerByte * valueBytes, "ReadPerByte");
}

/**
 * Gas of what the SDK does when it saves an account: it deletes, looks for and writes again the entry of its number.
 * The entry stays as it is, so we do not.
 */
function chargeIndexRewrite(gas: GasMeter, addressBytes: number): void {
  gas.use(KV_GAS_COSTS.deleteCost, "Delete");
  gas.use(KV_GAS_COSTS.hasCost, "Has");
  gas.use(KV_GAS_COSTS.writeCostFlat, "WriteFlat");
  gas.use(KV_GAS_COSTS.writeCostPerByte * ("accountNumber".length + 8), "WritePerByte");
  gas.use(KV_GAS_COSTS.writeCostPerByte * addressBytes, "WritePerByte");
}

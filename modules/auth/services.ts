import type { Msg, Query } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { addressToBytes, bytesToAddress, parseAddress } from "../kernel/address.ts";
import { checkGovAuthority } from "../kernel/authority.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginate } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { type Account, accountToAny, asModuleAccount } from "./accounts.ts";
import type { Keeper } from "./keeper.ts";

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    keeper.setParams(ctx, params);
  },
});

export function queries(keeper: Keeper): Handlers<typeof Query, QueryCtx> {
  function find(ctx: QueryCtx, text: string): Account {
    if (text === "") throw sdkError.invalidRequest("address is empty, want one");
    const account = keeper.get(ctx, parseAddress(text, ctx.addressPrefix));
    if (!account) throw sdkError.keyNotFound(`account ${text} not found`);
    return account;
  }

  /** Undefined when the module has not needed its account yet. */
  function moduleAccount(ctx: QueryCtx, name: string): Any | undefined {
    const account = keeper.get(ctx, keeper.moduleAddress(ctx, name));
    return account && asModuleAccount(account) && accountToAny(account);
  }

  return {
    accounts(ctx, { pagination: request }) {
      const { items, pagination } = paginate(keeper.state.accounts.slice(ctx), request);
      return { accounts: items.map(([, account]) => accountToAny(account)), pagination };
    },

    account: (ctx, { address }) => ({ account: accountToAny(find(ctx, address)) }),

    accountAddressByID(ctx, { id, accountId }) {
      if (id !== 0n)
        throw sdkError.invalidRequest("requesting with id isn't supported, try to request using account-id");
      const accountAddress = keeper.addressByNumber(ctx, accountId);
      if (!accountAddress) {
        throw sdkError.keyNotFound(`account address not found with account number ${accountId}`);
      }
      return { accountAddress };
    },

    params: (ctx) => ({ params: keeper.params(ctx) }),

    moduleAccounts: (ctx) => ({
      accounts: keeper.moduleNames.map((name) => moduleAccount(ctx, name)).filter((any) => any !== undefined),
    }),

    moduleAccountByName(ctx, { name }) {
      if (name === "") throw sdkError.invalidRequest("module name is empty, want one");
      const account = keeper.moduleNames.includes(name) ? moduleAccount(ctx, name) : undefined;
      if (!account) throw sdkError.keyNotFound(`account ${name} not found`);
      return { account };
    },

    bech32Prefix: (ctx) => ({ bech32Prefix: ctx.addressPrefix }),

    addressBytesToString(ctx, { addressBytes }) {
      if (addressBytes.length === 0) throw sdkError.invalidRequest("address has 0 bytes, want 1 to 255");
      return { addressString: bytesToAddress(addressBytes, ctx.addressPrefix) };
    },

    addressStringToBytes: (ctx, { addressString }) => ({
      addressBytes: addressToBytes(addressString, ctx.addressPrefix),
    }),

    accountInfo: (ctx, { address }) => ({ info: find(ctx, address).base }),
  };
}

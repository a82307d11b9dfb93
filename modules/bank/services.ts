import type { Input, Msg, Output, Query } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { parseAddress } from "../kernel/address.ts";
import { checkGovAuthority } from "../kernel/authority.ts";
import { quote } from "../kernel/bytes.ts";
import { type Coin, checkCoins, checkDenom, formatCoins, isDenom, sumCoins } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { Handlers } from "../kernel/module.ts";
import { paginate, paginateStore } from "../kernel/pagination.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { fail } from "./errors.ts";
import { type Keeper, sendEnabled } from "./keeper.ts";
import { state } from "./state.ts";

/** Signers are already verified: the proto names the field, the ante checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  send(ctx, { fromAddress, toAddress, amount }) {
    const from = parseAddress(fromAddress, ctx.addressPrefix);
    const to = parseAddress(toAddress, ctx.addressPrefix);
    checkSome(amount);
    keeper.checkSendEnabled(ctx, amount);
    keeper.checkNotBlocked(ctx, to);
    keeper.send(ctx, from, to, amount);
  },

  multiSend(ctx, { inputs, outputs }) {
    const input = inputs[0];
    if (!input) throw fail.noInputs();
    if (inputs.length > 1) throw fail.multipleSenders(inputs.length);
    if (outputs.length === 0) throw fail.noOutputs();
    checkParty(input, ctx);
    for (const output of outputs) checkParty(output, ctx);
    const total = formatCoins(sumCoins(outputs.flatMap((output) => output.coins)));
    if (total !== formatCoins(input.coins)) throw fail.inputOutputMismatch(formatCoins(input.coins), total);
    keeper.checkSendEnabled(ctx, input.coins);
    for (const output of outputs) keeper.checkNotBlocked(ctx, output.address);
    keeper.multiSend(ctx, input, outputs);
  },

  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    if (params.sendEnabled.length > 0) {
      throw sdkError.invalidRequest("use of send_enabled in params is no longer supported");
    }
    keeper.setParams(ctx, params);
  },

  setSendEnabled(ctx, { authority, sendEnabled: entries, useDefaultFor }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    const seen = new Set<string>();
    for (const { denom } of entries) {
      if (seen.has(denom)) throw sdkError.invalidRequest(`duplicate denom entries found for ${quote(denom)}`);
      if (!isDenom(denom)) throw sdkError.invalidRequest(`invalid SendEnabled denom ${quote(denom)}`);
      seen.add(denom);
    }
    for (const denom of useDefaultFor) {
      if (!isDenom(denom)) throw sdkError.invalidRequest(`invalid UseDefaultFor denom ${quote(denom)}`);
    }
    for (const { denom, enabled } of entries) state.sendEnabled.set(ctx, denom, enabled);
    for (const denom of useDefaultFor) state.sendEnabled.delete(ctx, denom);
  },
});

/** Throws `sdk/10` unless there are coins, and sound ones. */
function checkSome(coins: readonly Coin[]): void {
  if (coins.length === 0) throw sdkError.invalidCoins("no coins, want at least one");
  checkCoins(coins);
}

function checkParty({ address, coins }: Input | Output, ctx: Ctx): void {
  parseAddress(address, ctx.addressPrefix);
  checkSome(coins);
}

export function queries(keeper: Keeper): Handlers<typeof Query, QueryCtx> {
  function metadataOf(ctx: QueryCtx, denom: string) {
    checkDenom(denom);
    const metadata = keeper.metadata(ctx, denom);
    if (!metadata) {
      throw sdkError.keyNotFound(`client metadata for denom ${denom}`);
    }
    return { metadata };
  }

  function ownersOf(ctx: QueryCtx, denom: string, request: Parameters<typeof paginate>[1]) {
    checkDenom(denom);
    const { items, pagination } = paginate(state.owners.slice(ctx, [denom]), request);
    const denomOwners = items.map(([, address]) => ({
      address,
      balance: { denom, amount: keeper.balance(ctx, address, denom) },
    }));
    return { denomOwners, pagination };
  }

  return {
    balance(ctx, { address, denom }) {
      checkDenom(denom);
      return { balance: { denom, amount: keeper.balance(ctx, parseAddress(address, ctx.addressPrefix), denom) } };
    },

    allBalances(ctx, { address, pagination: request, resolveDenom }) {
      const { items, pagination } = paginate(
        state.balances.slice(ctx, [parseAddress(address, ctx.addressPrefix)]),
        request,
      );
      const balances = items.map(([[, denom], amount]) => ({
        denom: (resolveDenom ? keeper.metadata(ctx, denom)?.display : undefined) ?? denom,
        amount,
      }));
      return { balances, pagination };
    },

    spendableBalances(ctx, { address, pagination: request }) {
      const owner = parseAddress(address, ctx.addressPrefix);
      const { items, pagination } = paginate(state.balances.slice(ctx, [owner]), request);
      const spendable = new Map(keeper.spendableCoins(ctx, owner).map(({ denom, amount }) => [denom, amount]));
      return { balances: items.map(([[, denom]]) => ({ denom, amount: spendable.get(denom) ?? 0n })), pagination };
    },

    spendableBalanceByDenom(ctx, { address, denom }) {
      const owner = parseAddress(address, ctx.addressPrefix);
      checkDenom(denom);
      return { balance: { denom, amount: keeper.spendable(ctx, owner, denom) } };
    },

    totalSupply(ctx, { pagination: request }) {
      const { items, pagination } = paginate(state.supply.slice(ctx), request);
      return { supply: items.map(([denom, amount]) => ({ denom, amount })), pagination };
    },

    supplyOf(ctx, { denom }) {
      checkDenom(denom);
      return { amount: { denom, amount: keeper.supply(ctx, denom) } };
    },

    params: (ctx) => ({ params: keeper.params(ctx) }),

    denomMetadata: (ctx, { denom }) => metadataOf(ctx, denom),

    denomMetadataByQueryString: (ctx, { denom }) => metadataOf(ctx, denom),

    denomsMetadata(ctx, { pagination: request }) {
      const { items, pagination } = paginateStore(state.metadata.slice(ctx), request);
      return { metadatas: items.map(([, metadata]) => metadata), pagination };
    },

    denomOwners: (ctx, { denom, pagination }) => ownersOf(ctx, denom, pagination),

    denomOwnersByQuery: (ctx, { denom, pagination }) => ownersOf(ctx, denom, pagination),

    sendEnabled(ctx, { denoms, pagination: request }) {
      if (denoms.length > 0) {
        const entries = denoms.flatMap((denom) => {
          const enabled = sendEnabled(ctx, denom);
          return enabled === undefined ? [] : [{ denom, enabled }];
        });
        return { sendEnabled: entries, pagination: undefined };
      }
      const { items, pagination } = paginate(state.sendEnabled.slice(ctx), request);
      return { sendEnabled: items.map(([denom, enabled]) => ({ denom, enabled })), pagination };
    },
  };
}

/** A small staking for tests: shares and tokens as the SDK reckons them, and the hooks, without queues and powers. */
import { Delegation, GenesisState, Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { sha256 } from "@noble/hashes/sha2.js";
import { auth } from "../auth/module.ts";
import { bank } from "../bank/module.ts";
import { type Address, addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { defineState } from "../kernel/collections.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { type Dec, divideRoundUp, fromInt, multiply, ONE, truncateInt } from "../kernel/decimal.ts";
import { address, bytesLength, pair } from "../kernel/keys.ts";
import { defineModule } from "../kernel/module.ts";
import { textValue } from "../kernel/values.ts";
import type { Hooks } from "./hooks.ts";
import { distribution } from "./module.ts";
import { operator } from "./state.ts";

const state = defineState("staking", (store) => ({
  validators: store.map(0x00, operator, Validator),
  delegations: store.map(0x01, pair(address, operator), Delegation),
  keys: store.map(0x02, bytesLength, textValue),
}));

export const operatorOf = (account: Address, prefix: string): string =>
  bytesToAddress(addressToBytes(account, prefix), validatorPrefix(prefix));

/** The consensus address of a test validator. */
export const consensusAddressOf = (operatorAddress: string): Uint8Array =>
  sha256(new TextEncoder().encode(operatorAddress)).subarray(0, 20);

const mustBe = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error("test staking: no such validator or delegation");
  return value;
};

function fakeStaking() {
  let hooks: Hooks | undefined;
  const keeper = {
    bondDenom: () => "ufirm",
    validator: (ctx: QueryCtx, operatorAddress: string) => state.validators.get(ctx, operatorAddress),
    validatorByConsAddr(ctx: QueryCtx, consensusAddress: Uint8Array) {
      const operatorAddress = state.keys.get(ctx, consensusAddress);
      return operatorAddress === undefined ? undefined : state.validators.get(ctx, operatorAddress);
    },
    delegation: (ctx: QueryCtx, delegator: Address, operatorAddress: string) =>
      state.delegations.get(ctx, [delegator, operatorAddress]),
    delegationsOf: (ctx: QueryCtx, delegator: Address) => state.delegations.values(ctx, { prefix: [delegator] }),
    allDelegations: (ctx: QueryCtx) => state.delegations.values(ctx),
  };

  return {
    keeper,
    hookUp(into: Hooks): void {
      hooks = into;
    },

    createValidator(ctx: Ctx, account: Address, rate: Dec): string {
      const operatorAddress = operatorOf(account, ctx.addressPrefix);
      const commissionRates = { rate, maxRate: ONE, maxChangeRate: ONE };
      state.validators.set(
        ctx,
        operatorAddress,
        Validator.fromPartial({ operatorAddress, commission: { commissionRates } }),
      );
      state.keys.set(ctx, consensusAddressOf(operatorAddress), operatorAddress);
      hooks?.afterValidatorCreated(ctx, operatorAddress);
      return operatorAddress;
    },

    delegate(ctx: Ctx, delegator: Address, operatorAddress: string, tokens: bigint): void {
      const before = keeper.delegation(ctx, delegator, operatorAddress);
      if (before) hooks?.beforeDelegationSharesModified(ctx, delegator, operatorAddress, true);
      else hooks?.beforeDelegationCreated(ctx, delegator, operatorAddress);
      const validator = mustBe(keeper.validator(ctx, operatorAddress));
      const issued =
        validator.delegatorShares === 0n ? fromInt(tokens) : (validator.delegatorShares * tokens) / validator.tokens;
      state.validators.set(ctx, operatorAddress, {
        ...validator,
        tokens: validator.tokens + tokens,
        delegatorShares: validator.delegatorShares + issued,
      });
      state.delegations.set(ctx, [delegator, operatorAddress], {
        delegatorAddress: delegator,
        validatorAddress: operatorAddress,
        shares: (before?.shares ?? 0n) + issued,
      });
      hooks?.afterDelegationModified(ctx, delegator, operatorAddress);
    },

    /** Takes back shares; the validator goes with the last. */
    undelegate(ctx: Ctx, delegator: Address, operatorAddress: string, shares: Dec, strict = true): void {
      const before = mustBe(keeper.delegation(ctx, delegator, operatorAddress));
      hooks?.beforeDelegationSharesModified(ctx, delegator, operatorAddress, strict);
      const validator = mustBe(keeper.validator(ctx, operatorAddress));
      const left = before.shares - shares;
      if (left === 0n) state.delegations.delete(ctx, [delegator, operatorAddress]);
      else {
        state.delegations.set(ctx, [delegator, operatorAddress], { ...before, shares: left });
        hooks?.afterDelegationModified(ctx, delegator, operatorAddress);
      }
      const delegatorShares = validator.delegatorShares - shares;
      const tokens =
        delegatorShares === 0n ? 0n : validator.tokens - (shares * validator.tokens) / validator.delegatorShares;
      if (delegatorShares === 0n) {
        state.validators.delete(ctx, operatorAddress);
        state.keys.delete(ctx, consensusAddressOf(operatorAddress));
        hooks?.afterValidatorRemoved(ctx, consensusAddressOf(operatorAddress), operatorAddress);
      } else state.validators.set(ctx, operatorAddress, { ...validator, tokens, delegatorShares });
    },

    slash(ctx: Ctx, operatorAddress: string, fraction: Dec): void {
      const validator = mustBe(keeper.validator(ctx, operatorAddress));
      if (validator.tokens === 0n) return;
      const burnt = truncateInt(multiply(fraction, fromInt(validator.tokens)));
      if (burnt === 0n) return;
      const fractionBurnt = divideRoundUp(fromInt(burnt), fromInt(validator.tokens));
      hooks?.beforeValidatorSlashed(ctx, operatorAddress, fractionBurnt);
      const now = mustBe(keeper.validator(ctx, operatorAddress));
      state.validators.set(ctx, operatorAddress, { ...now, tokens: now.tokens - burnt });
    },

    module: defineModule({
      name: "staking",
      storeKey: "staking",
      version: 1,
      keeper,
      genesis: {
        type: GenesisState,
        empty: GenesisState.fromPartial({}),
        validate() {},
        init(ctx, { validators, delegations }) {
          for (const validator of validators) {
            state.validators.set(ctx, validator.operatorAddress, validator);
            state.keys.set(ctx, consensusAddressOf(validator.operatorAddress), validator.operatorAddress);
          }
          for (const delegation of delegations) {
            state.delegations.set(ctx, [delegation.delegatorAddress, delegation.validatorAddress], delegation);
          }
        },
        export: (ctx) =>
          GenesisState.fromPartial({
            validators: [...state.validators.values(ctx)],
            delegations: [...state.delegations.values(ctx)],
          }),
      },
    }),
    state,
  };
}

/** Accounts, coins, a small staking and distribution, wired as the chain wires them. `mint` is a module that makes coins. */
export function compose(blocked: readonly string[] = []) {
  const accounts = auth({ moduleAccounts: { fee_collector: [], distribution: [], mint: ["minter"], jailhouse: [] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector", "distribution", ...blocked] });
  const stakes = fakeStaking();
  const shares = distribution({ accounts: accounts.keeper, bank: money.keeper, staking: stakes.keeper });
  stakes.hookUp(shares.keeper.hooks);
  return { accounts, money, stakes, shares, modules: [accounts, money, shares, stakes.module] };
}

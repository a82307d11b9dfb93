import type { Msg } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Msg as OwnMsg } from "@interfirm/proto/gen/interfirm/staking/v1";
import { bytesToAddress, parseAddress } from "../kernel/address.ts";
import { checkGovAuthority } from "../kernel/authority.ts";
import { AMOUNT_BITS_MAX, type Coin, formatCoin, isDenom } from "../kernel/coins.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { format, ONE } from "../kernel/decimal.ts";
import type { Handlers } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { NS_PER_SECOND, nsToRfc3339, nsToTimestamp } from "../kernel/time.ts";
import { commissionText } from "./commission-text.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { operatorToBytes } from "./keys.ts";
import {
  changeCommission,
  changeDescription,
  checkCommission,
  checkDescription,
  consensusAddressOf,
  isEmptyDescription,
  newValidator,
} from "./validator.ts";
import { indexKey, indexPower, requireValidator, setValidator, validatorByConsAddr } from "./validators.ts";

/** Throws `sdk/18` with `what` unless the coin is sound and above zero. */
function checkAmount({ denom, amount }: Coin, what: string): void {
  if (!isDenom(denom) || amount <= 0n || amount >= 1n << AMOUNT_BITS_MAX) throw sdkError.invalidRequest(what);
}

/** Throws `sdk/18` unless the coin is of the denomination that is staked. */
function checkBondDenom(ctx: QueryCtx, { denom }: Coin, keeper: Keeper): void {
  const want = keeper.bondDenom(ctx);
  if (denom !== want) throw sdkError.invalidRequest(`invalid coin denomination: got ${denom}, expected ${want}`);
}

/** In whole seconds, as Go's `time.RFC3339`. */
const eventTime = (ns: bigint): string => nsToRfc3339(ns - (((ns % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND));

/** Signers are verified already: the proto names the field, `auth` checked its signature. */
export const msgs = (keeper: Keeper): Handlers<typeof Msg, Ctx> => ({
  createValidator(ctx, msg) {
    const { validatorAddress: operator, value, commission, description, minSelfDelegation, pubkey } = msg;
    const operatorBytes = operatorToBytes(operator, ctx);
    if (!pubkey) throw fail.emptyPubKey();
    checkAmount(value, "invalid delegation amount");
    if (isEmptyDescription(description)) throw sdkError.invalidRequest("empty description");
    checkCommission(commission);
    if (minSelfDelegation <= 0n) throw sdkError.invalidRequest("minimum self delegation must be a positive integer");
    if (value.amount < minSelfDelegation) throw fail.selfDelegationBelowMinimum(value.amount, minSelfDelegation);
    const { minCommissionRate } = keeper.params(ctx);
    if (commission.rate < minCommissionRate) throw fail.commissionBelowMin(format(minCommissionRate));
    if (keeper.validator(ctx, operator)) throw fail.operatorTaken();
    if (validatorByConsAddr(ctx, consensusAddressOf(pubkey))) throw fail.pubKeyTaken();
    checkBondDenom(ctx, value, keeper);
    checkDescription(description);
    keeper.checkKeyType(ctx, pubkey);

    const validator = newValidator({
      operatorAddress: operator,
      consensusPubkey: pubkey,
      description,
      commission: { commissionRates: commission, updateTime: nsToTimestamp(ctx.time) },
      minSelfDelegation,
    });
    setValidator(ctx, validator);
    indexKey(ctx, operator, pubkey);
    indexPower(ctx, validator);
    for (const hook of keeper.hooks) hook.afterValidatorCreated?.(ctx, operator);
    const delegator = bytesToAddress(operatorBytes, ctx.addressPrefix);
    const { amount } = value;
    keeper.delegations.delegate(ctx, validator, { delegator, amount, source: "account", strict: false });
    ctx.emitRaw("create_validator", [
      ["validator", operator],
      ["amount", formatCoin(value)],
    ]);
  },

  editValidator(ctx, { validatorAddress: operator, description, commissionRate: rate, minSelfDelegation }) {
    operatorToBytes(operator, ctx);
    if (isEmptyDescription(description)) throw sdkError.invalidRequest("empty description");
    if (minSelfDelegation !== undefined && minSelfDelegation <= 0n) {
      throw sdkError.invalidRequest("minimum self delegation must be a positive integer");
    }
    if (rate !== undefined) {
      if (rate > ONE || rate < 0n) {
        throw sdkError.invalidRequest("commission rate must be between 0 and 1 (inclusive)");
      }
      const { minCommissionRate: least } = keeper.params(ctx);
      if (rate < least) {
        throw sdkError.invalidRequest(`commission rate cannot be less than the min commission rate ${format(least)}`);
      }
    }
    let validator = requireValidator(ctx, operator);
    validator = { ...validator, description: changeDescription(validator.description, description) };
    if (rate !== undefined) {
      const commission = changeCommission(validator.commission, rate, nsToTimestamp(ctx.time));
      // The SDK reads the least rate once more here.
      if (rate < keeper.params(ctx).minCommissionRate) throw fail.commissionBelowMin(format(rate));
      for (const hook of keeper.hooks) hook.beforeValidatorModified?.(ctx, operator);
      validator = { ...validator, commission };
    }
    if (minSelfDelegation !== undefined) {
      if (minSelfDelegation <= validator.minSelfDelegation) {
        throw fail.minSelfDelegationDecreased(minSelfDelegation, validator.minSelfDelegation);
      }
      if (minSelfDelegation > validator.tokens) {
        throw fail.selfDelegationBelowMinimum(validator.tokens, minSelfDelegation);
      }
      validator = { ...validator, minSelfDelegation };
    }
    setValidator(ctx, validator);
    ctx.emitRaw("edit_validator", [
      ["commission_rate", commissionText(validator.commission)],
      ["min_self_delegation", validator.minSelfDelegation.toString()],
    ]);
  },

  delegate(ctx, { validatorAddress: operator, delegatorAddress, amount: coin }) {
    operatorToBytes(operator, ctx);
    const delegator = parseAddress(delegatorAddress, ctx.addressPrefix);
    checkAmount(coin, "invalid delegation amount");
    const validator = requireValidator(ctx, operator);
    checkBondDenom(ctx, coin, keeper);
    const { amount } = coin;
    const shares = keeper.delegations.delegate(ctx, validator, { delegator, amount, source: "account", strict: true });
    ctx.emitRaw("delegate", [
      ["validator", operator],
      ["delegator", delegator],
      ["amount", formatCoin(coin)],
      ["new_shares", format(shares)],
    ]);
  },

  beginRedelegate(ctx, msg) {
    const { validatorSrcAddress: source, validatorDstAddress: destination, amount: coin } = msg;
    operatorToBytes(source, ctx);
    operatorToBytes(destination, ctx);
    const delegator = parseAddress(msg.delegatorAddress, ctx.addressPrefix);
    checkAmount(coin, "invalid shares amount");
    const shares = keeper.delegations.sharesToUnbond(ctx, delegator, source, coin.amount);
    checkBondDenom(ctx, coin, keeper);
    const completion = keeper.redelegations.begin(ctx, { delegator, source, destination }, shares);
    ctx.emitRaw("redelegate", [
      ["source_validator", source],
      ["destination_validator", destination],
      ["amount", formatCoin(coin)],
      ["completion_time", eventTime(completion)],
    ]);
    return { completionTime: nsToTimestamp(completion) };
  },

  undelegate(ctx, { validatorAddress: operator, delegatorAddress, amount: coin }) {
    operatorToBytes(operator, ctx);
    const delegator = parseAddress(delegatorAddress, ctx.addressPrefix);
    checkAmount(coin, "invalid shares amount");
    const shares = keeper.delegations.sharesToUnbond(ctx, delegator, operator, coin.amount);
    checkBondDenom(ctx, coin, keeper);
    const { completion, amount } = keeper.unbondings.undelegate(ctx, delegator, operator, shares);
    const undelegated = { denom: coin.denom, amount };
    ctx.emitRaw("unbond", [
      ["validator", operator],
      ["delegator", delegator],
      ["amount", formatCoin(undelegated)],
      ["completion_time", eventTime(completion)],
    ]);
    return { completionTime: nsToTimestamp(completion), amount: undelegated };
  },

  cancelUnbondingDelegation(ctx, msg) {
    const { validatorAddress: operator, amount: coin, creationHeight } = msg;
    operatorToBytes(operator, ctx);
    const delegator = parseAddress(msg.delegatorAddress, ctx.addressPrefix);
    checkAmount(coin, "invalid amount");
    if (creationHeight <= 0n) throw sdkError.invalidRequest("invalid height");
    checkBondDenom(ctx, coin, keeper);
    const validator = requireValidator(ctx, operator);
    keeper.unbondings.cancel(ctx, validator, { delegator, amount: coin.amount, creationHeight });
    ctx.emitRaw("cancel_unbonding_delegation", [
      ["amount", formatCoin(coin)],
      ["validator", operator],
      ["delegator", delegator],
      ["creation_height", creationHeight.toString()],
    ]);
  },

  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    keeper.updateParams(ctx, params);
  },
});

/** The messages that the SDK does not have. */
export const ownMsgs = (keeper: Keeper): Handlers<typeof OwnMsg, Ctx> => ({
  rotateConsensusKey(ctx, { validatorAddress: operator, newPubkey }) {
    operatorToBytes(operator, ctx);
    keeper.rotateKey(ctx, operator, newPubkey);
  },
  updateParams(ctx, { authority, params }) {
    checkGovAuthority(authority, ctx.addressPrefix);
    keeper.setOwnParams(ctx, params);
  },
});

import { type Delegation, GenesisState, type Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { GenesisState as OwnState } from "@interfirm/proto/gen/interfirm/staking/v1";
import { moduleAddress, parseAddress } from "../kernel/address.ts";
import { toHex } from "../kernel/bytes.ts";
import type { Ctx } from "../kernel/context.ts";
import { format, ONE } from "../kernel/decimal.ts";
import type { Genesis, ValidatorUpdate } from "../kernel/module.ts";
import { nsToTimestamp, timestampToNs } from "../kernel/time.ts";
import { setDelegation } from "./delegations.ts";
import { fail } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import { operatorToBytes } from "./keys.ts";
import { checkOwnParams, checkParams, DEFAULT_OWN_PARAMS, DEFAULT_PARAMS } from "./params.ts";
import { BONDED_POOL, NOT_BONDED_POOL } from "./pools.ts";
import { countOpen, redelegationQueue, setRedelegation } from "./redelegations.ts";
import { state } from "./state.ts";
import { setUnbonding, unbondingQueue } from "./unbondings.ts";
import {
  consensusAddressOf,
  isBonded,
  isUnbonded,
  isUnbonding,
  powerOf,
  VALIDATOR_POWER_MAX,
  validatorUpdate,
} from "./validator.ts";
import { enqueueValidator, indexKey, indexPower, requireValidator, setValidator } from "./validators.ts";

const EMPTY_OWN: OwnState = {
  params: DEFAULT_OWN_PARAMS,
  keyRotations: [],
  lastUnbondingId: 0n,
  history: [],
  unbondingQueue: [],
  redelegationQueue: [],
  cappedPowers: [],
};

export const genesis = (keeper: Keeper): Genesis<GenesisState> => ({
  type: GenesisState,

  empty: {
    params: DEFAULT_PARAMS,
    lastTotalPower: 0n,
    lastValidatorPowers: [],
    validators: [],
    delegations: [],
    unbondingDelegations: [],
    redelegations: [],
    exported: false,
  },

  validate(genesisState, addressPrefix) {
    const { params, interfirm, validators, delegations, lastValidatorPowers, exported } = genesisState;
    checkParams(params);
    checkOwnParams(interfirm?.params ?? DEFAULT_OWN_PARAMS);
    checkValidators(validators, exported, addressPrefix);
    checkDelegations(delegations, validators, addressPrefix);
    const known = new Set(validators.map(({ operatorAddress }) => operatorAddress));
    for (const { address } of lastValidatorPowers) {
      if (!known.has(address)) throw fail.badGenesis(`last power of ${address}, want that of a validator`);
    }
    for (const { delegatorAddress, validatorAddress, entries } of genesisState.unbondingDelegations) {
      parseAddress(delegatorAddress, addressPrefix);
      operatorToBytes(validatorAddress, { addressPrefix });
      for (const { balance, initialBalance } of entries) {
        if (balance < 0n || balance > initialBalance) {
          throw fail.badGenesis(`unbonding balance is ${balance}, want 0 to its first balance ${initialBalance}`);
        }
      }
    }
    for (const { delegatorAddress, validatorSrcAddress, validatorDstAddress } of genesisState.redelegations) {
      parseAddress(delegatorAddress, addressPrefix);
      operatorToBytes(validatorSrcAddress, { addressPrefix });
      operatorToBytes(validatorDstAddress, { addressPrefix });
    }
  },

  init(ctx, genesisState) {
    const { params, lastTotalPower, validators, delegations, exported, interfirm } = genesisState;
    const own = interfirm ?? EMPTY_OWN;
    keeper.setParams(ctx, params);
    keeper.setOwnParams(ctx, own.params);
    state.lastTotalPower.set(ctx, { int: lastTotalPower });
    for (const validator of validators) initValidator(ctx, keeper, validator, exported);
    for (const delegation of delegations) initDelegation(ctx, keeper, delegation, exported);
    initUnbondings(ctx, genesisState, own);
    initRedelegations(ctx, genesisState, own);
    initOwn(ctx, own);
    checkPools(ctx, keeper, genesisState);
    return exported ? exportedSet(ctx, genesisState, own) : keeper.applySet(ctx);
  },

  export: (ctx) => ({
    params: keeper.params(ctx),
    lastTotalPower: keeper.lastTotalPower(ctx),
    lastValidatorPowers: Array.from(keeper.lastPowers(ctx), ([address, power]) => ({ address, power })),
    validators: [...keeper.validators(ctx)],
    delegations: [...keeper.allDelegations(ctx)],
    unbondingDelegations: [...state.unbondings.values(ctx)],
    redelegations: [...state.redelegations.values(ctx)],
    exported: true,
    interfirm: {
      params: keeper.ownParams(ctx),
      keyRotations: [...state.rotations.values(ctx)],
      lastUnbondingId: state.lastUnbondingId.get(ctx) ?? 0n,
      history: [...state.history.values(ctx)],
      unbondingQueue: Array.from(state.unbondingQueue.entries(ctx), ([time, { pairs }]) => ({
        time: nsToTimestamp(time),
        pairs,
      })),
      redelegationQueue: Array.from(state.redelegationQueue.entries(ctx), ([time, { triplets }]) => ({
        time: nsToTimestamp(time),
        triplets,
      })),
      cappedPowers: Array.from(state.cappedPowers.entries(ctx), ([operatorAddress, power]) => ({
        operatorAddress,
        power,
      })),
    },
  }),
});

function checkValidators(validators: readonly Validator[], exported: boolean, addressPrefix: string): void {
  const operators = new Set<string>();
  const keys = new Set<string>();
  for (const validator of validators) {
    const { operatorAddress: operator, delegatorShares, tokens, jailed, commission } = validator;
    operatorToBytes(operator, { addressPrefix });
    const { rate } = commission.commissionRates;
    if (rate < 0n || rate > ONE) throw fail.badGenesis(`commission of ${operator} is ${format(rate)}, want 0 to 1`);
    const key = toHex(consensusAddressOf(validator.consensusPubkey));
    if (operators.has(operator) || keys.has(key)) {
      throw fail.badGenesis(`validator ${operator} or its key is there twice, want each once`);
    }
    operators.add(operator);
    keys.add(key);
    if (!isBonded(validator) && !isUnbonding(validator) && !isUnbonded(validator)) {
      throw fail.badGenesis(`status of ${operator} is ${validator.status}, want bonded, unbonding or unbonded`);
    }
    // An exported one may be both: the set keeps jailed members when there are no others.
    if (jailed && isBonded(validator) && !exported) {
      throw fail.badGenesis(`${operator} is bonded and jailed, want one of them`);
    }
    if (delegatorShares <= 0n && isUnbonded(validator)) {
      throw fail.badGenesis(`${operator} has no shares, want some or an unbonding validator`);
    }
    if (tokens < 0n || powerOf(tokens) > VALIDATOR_POWER_MAX) {
      throw fail.badGenesis(`${operator} has ${tokens} tokens, want 0 to those of ${VALIDATOR_POWER_MAX} power`);
    }
  }
}

/** Shares of a validator are those of its delegations. */
function checkDelegations(
  delegations: readonly Delegation[],
  validators: readonly Validator[],
  addressPrefix: string,
): void {
  const sums = new Map<string, bigint>(validators.map(({ operatorAddress }) => [operatorAddress, 0n]));
  const pairs = new Set<string>();
  for (const { delegatorAddress, validatorAddress, shares } of delegations) {
    parseAddress(delegatorAddress, addressPrefix);
    const sum = sums.get(validatorAddress);
    if (sum === undefined) throw fail.badGenesis(`delegation to ${validatorAddress}, want to a validator`);
    if (shares <= 0n) throw fail.badGenesis(`delegation of ${delegatorAddress} has no shares, want some`);
    const pair = `${delegatorAddress}/${validatorAddress}`;
    if (pairs.has(pair)) throw fail.badGenesis(`delegation ${pair} is there twice, want it once`);
    pairs.add(pair);
    sums.set(validatorAddress, sum + shares);
  }
  for (const { operatorAddress, delegatorShares } of validators) {
    if (sums.get(operatorAddress) !== delegatorShares) {
      throw fail.badGenesis(`shares of ${operatorAddress} are not the sum of its delegations`);
    }
  }
}

function initValidator(ctx: Ctx, keeper: Keeper, validator: Validator, exported: boolean): void {
  const { operatorAddress, consensusPubkey } = validator;
  setValidator(ctx, validator);
  indexKey(ctx, operatorAddress, consensusPubkey);
  indexPower(ctx, validator);
  for (const hook of keeper.hooks) {
    if (exported) hook.afterValidatorImported?.(ctx, operatorAddress);
    else hook.afterValidatorCreated?.(ctx, operatorAddress);
  }
  if (isUnbonding(validator)) enqueueValidator(ctx, validator);
}

function initDelegation(ctx: Ctx, keeper: Keeper, delegation: Delegation, exported: boolean): void {
  const { delegatorAddress, validatorAddress } = delegation;
  if (!exported) {
    for (const hook of keeper.hooks) hook.beforeDelegationCreated?.(ctx, delegatorAddress, validatorAddress);
  }
  setDelegation(ctx, delegation);
  if (!exported) {
    for (const hook of keeper.hooks) hook.afterDelegationModified?.(ctx, delegatorAddress, validatorAddress);
  }
}

/** The queue as it stood, or made from the entries where the genesis is not one of ours. */
function initUnbondings(ctx: Ctx, { unbondingDelegations }: GenesisState, own: OwnState): void {
  for (const unbonding of unbondingDelegations) {
    setUnbonding(ctx, unbonding);
    if (own.unbondingQueue.length > 0) continue;
    const { delegatorAddress, validatorAddress, entries } = unbonding;
    for (const { completionTime } of entries) {
      unbondingQueue.put(ctx, timestampToNs(completionTime), { delegatorAddress, validatorAddress });
    }
  }
  for (const { time, pairs } of own.unbondingQueue) state.unbondingQueue.set(ctx, timestampToNs(time), { pairs });
}

function initRedelegations(ctx: Ctx, { redelegations }: GenesisState, own: OwnState): void {
  for (const redelegation of redelegations) {
    setRedelegation(ctx, redelegation);
    countOpen(ctx, redelegation.validatorSrcAddress, redelegation.entries.length);
    if (own.redelegationQueue.length > 0) continue;
    const { delegatorAddress, validatorSrcAddress, validatorDstAddress, entries } = redelegation;
    for (const { completionTime } of entries) {
      const triplet = { delegatorAddress, validatorSrcAddress, validatorDstAddress };
      redelegationQueue.put(ctx, timestampToNs(completionTime), triplet);
    }
  }
  for (const { time, triplets } of own.redelegationQueue) {
    state.redelegationQueue.set(ctx, timestampToNs(time), { triplets });
  }
}

function initOwn(ctx: Ctx, { keyRotations, lastUnbondingId, history, cappedPowers }: OwnState): void {
  for (const rotation of keyRotations) {
    const { operatorAddress, oldPubkey, releaseTime } = rotation;
    state.rotations.set(ctx, [timestampToNs(releaseTime), consensusAddressOf(oldPubkey)], rotation);
    indexKey(ctx, operatorAddress, oldPubkey);
  }
  if (lastUnbondingId > 0n) state.lastUnbondingId.set(ctx, lastUnbondingId);
  for (const info of history) state.history.set(ctx, info.header.height, info);
  for (const { operatorAddress, power } of cappedPowers) state.cappedPowers.set(ctx, operatorAddress, power);
}

/** Throws `staking/100` unless the pools hold exactly what is staked and what unbonds. Makes their accounts. */
function checkPools(ctx: Ctx, keeper: Keeper, { validators, unbondingDelegations }: GenesisState): void {
  let bonded = 0n;
  let notBonded = 0n;
  for (const validator of validators) {
    if (isBonded(validator)) bonded += validator.tokens;
    else notBonded += validator.tokens;
  }
  for (const { entries } of unbondingDelegations) for (const { balance } of entries) notBonded += balance;
  for (const pool of [BONDED_POOL, NOT_BONDED_POOL]) keeper.accounts.openModuleAccount(ctx, pool);
  const want = (pool: string, held: bigint, staked: bigint): void => {
    if (held === staked) return;
    const address = moduleAddress(pool, ctx.addressPrefix);
    throw fail.badGenesis(`${pool} (${address}) holds ${held}, want the ${staked} that are staked`);
  };
  want(BONDED_POOL, keeper.pools.bonded(ctx), bonded);
  want(NOT_BONDED_POOL, keeper.pools.notBonded(ctx), notBonded);
}

/** The set with the powers that the chain had when it was exported. */
function exportedSet(ctx: Ctx, { lastValidatorPowers }: GenesisState, own: OwnState): readonly ValidatorUpdate[] {
  const capped = new Map(own.cappedPowers.map(({ operatorAddress, power }) => [operatorAddress, power]));
  return lastValidatorPowers.map(({ address, power }) => {
    state.lastPowers.set(ctx, address, power);
    return validatorUpdate(requireValidator(ctx, address).consensusPubkey, capped.get(address) ?? power);
  });
}

import type { Delegation, Params, Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Params as OwnParams } from "@interfirm/proto/gen/interfirm/staking/v1";
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import type { Address } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { BlockInfo, ValidatorUpdate } from "../kernel/module.ts";
import { createDelegations, delegationsOf, delegationsTo, getDelegation } from "./delegations.ts";
import { fail } from "./errors.ts";
import { trackHistory } from "./history.ts";
import type { StakingHooks } from "./hooks.ts";
import { forgetOldKeys, rotateKey } from "./key-rotation.ts";
import { ownParams } from "./own-params.ts";
import { checkOwnParams, checkParams } from "./params.ts";
import { type Bank, bondDenom, createPools, params } from "./pools.ts";
import { createRedelegations } from "./redelegations.ts";
import { createSlash } from "./slash.ts";
import { stakePowers, votesByStake } from "./stake-power.ts";
import { state } from "./state.ts";
import { unmetered } from "./tolerate.ts";
import { createUnbondings } from "./unbondings.ts";
import { consensusAddressOf, consensusPubKey } from "./validator.ts";
import { createValidatorSet } from "./validator-set.ts";
import { bondedByPower, getValidator, jail, unjail, validatorByConsAddr } from "./validators.ts";

/** What staking asks of accounts. The consumer declares it; the keeper of `auth` satisfies it. */
export interface Accounts {
  /** The module's account, made when it does not exist yet. */
  openModuleAccount(ctx: Ctx, module: string): { readonly address: Address };
}

/** What staking asks of consensus parameters. The keeper of `consensus` satisfies it. */
export interface Consensus {
  params(ctx: QueryCtx): Pick<ConsensusParams, "validator">;
}

export interface StakingDeps {
  readonly accounts: Accounts;
  readonly bank: Bank;
  readonly consensus: Consensus;
  /** Told in this order. The application may add to it until the first block. */
  readonly hooks: readonly StakingHooks[];
  /** Who owns a validator: the power cap looks at owners. The operator itself when left out. */
  readonly ownerOf?: ((ctx: QueryCtx, operator: string) => string) | undefined;
}

export type Keeper = ReturnType<typeof createKeeper>;

/** Operators are `firmvaloper1…`, consensus addresses the 20 bytes of a key. */
export function createKeeper({ accounts, bank, consensus, hooks, ownerOf = (_, operator) => operator }: StakingDeps) {
  const pools = createPools(bank);
  const delegations = createDelegations({ pools, hooks });
  const unbondings = createUnbondings({ pools, hooks, delegations });
  const redelegations = createRedelegations({ hooks, delegations });
  const set = createValidatorSet({ pools, hooks, ownerOf });

  /** Throws `staking/3`. */
  function requireByConsAddr(ctx: QueryCtx, consensusAddress: Uint8Array): Validator {
    const validator = validatorByConsAddr(ctx, consensusAddress);
    if (!validator) throw fail.noValidator();
    return validator;
  }

  /** Throws `staking/6` for a kind of key that the chain does not take, `staking/39` for none, `sdk/8` for an unsound one. */
  function checkKeyType(ctx: QueryCtx, key: Any | undefined): void {
    const { type } = consensusPubKey(key);
    const allowed = unmetered(ctx, () => consensus.params(ctx).validator?.pubKeyTypes) ?? ["ed25519"];
    if (!allowed.includes(type)) throw fail.pubKeyTypeNotSupported(type, allowed.join(" "));
  }

  return {
    accounts,
    pools,
    delegations,
    unbondings,
    redelegations,
    hooks,
    checkKeyType,

    params,
    bondDenom,
    ownParams,
    maxValidators: (ctx: QueryCtx): number => params(ctx).maxValidators,

    /** Throws `staking/101`. */
    setParams(ctx: Ctx, next: Params): void {
      checkParams(next);
      state.params.set(ctx, next);
    },

    /** As `setParams`, and the denomination stays: what is staked is staked in it. Throws `staking/101`. */
    updateParams(ctx: Ctx, next: Params): void {
      checkParams(next);
      const current = unmetered(ctx, () => bondDenom(ctx));
      if (next.bondDenom !== current) throw fail.badParams("bond_denom", next.bondDenom, `to stay ${current}`);
      state.params.set(ctx, next);
    },

    /** Throws `staking/101`. */
    setOwnParams(ctx: Ctx, next: OwnParams): void {
      checkOwnParams(next);
      state.ownParams.set(ctx, next);
    },

    validator: getValidator,
    /** Also by a key that it has replaced, as long as that can be punished. */
    validatorByConsAddr,
    /** Of its present key. */
    consensusAddress: ({ consensusPubkey }: Validator): Uint8Array => consensusAddressOf(consensusPubkey),
    /** All, by operator bytes. For genesis, invariants and queries: nothing bounds them. */
    validators: (ctx: QueryCtx): Generator<Validator> => state.validators.values(ctx),
    /** Bonded ones that are not jailed, most tokens first; at most `max_validators`. */
    bondedByPower: (ctx: QueryCtx): Generator<Validator> => bondedByPower(ctx, params(ctx).maxValidators),
    /** Operators of the set after the last block and the power of their stake, by operator bytes. */
    lastPowers: (ctx: QueryCtx): Generator<readonly [operator: string, power: bigint]> => state.lastPowers.entries(ctx),
    /** As `lastPowers`, of the votes that CometBFT counts: less where the power cap cut them. */
    *votePowers(ctx: QueryCtx): Generator<readonly [operator: string, power: bigint]> {
      for (const [operator, power] of state.lastPowers.entries(ctx)) {
        yield [operator, state.cappedPowers.get(ctx, operator) ?? power];
      }
    },
    /** 0 when it was not in the set. */
    lastValidatorPower: (ctx: QueryCtx, operator: string): bigint => state.lastPowers.get(ctx, operator) ?? 0n,
    lastTotalPower: (ctx: QueryCtx): bigint => state.lastTotalPower.get(ctx)?.int ?? 0n,
    /** What the stake behind a vote weighed that CometBFT reports with `power` for a height: more where the power cap cut it. */
    stakePower(ctx: QueryCtx, consensusAddress: Uint8Array, height: bigint, power: bigint): bigint {
      const validator = validatorByConsAddr(ctx, consensusAddress);
      return validator ? stakePowers(ctx, height)(validator, power) : power;
    },
    /** Votes on the block before this one, each with the power of the stake behind it. */
    votesByStake,

    /** Tokens of all bonded validators. */
    totalBonded: pools.bonded,
    /** Share of the supply that is bonded; 0 without a supply. */
    bondedRatio: pools.bondedRatio,
    stakingTokenSupply: pools.supply,

    delegation: getDelegation,
    /** By operator bytes. Bound them by a limit where they enter consensus. */
    delegationsOf,
    /** By delegator bytes. Nothing bounds them. */
    delegationsTo,
    allDelegations: (ctx: QueryCtx): Generator<Delegation> => state.delegations.values(ctx),

    slash: createSlash({ pools, hooks, delegations }),

    /** Throws `staking/3` for an unknown one, `staking/7` when it is jailed already. It leaves the set at the end of the block. */
    jail: (ctx: Ctx, consensusAddress: Uint8Array): void => jail(ctx, requireByConsAddr(ctx, consensusAddress)),
    /** Throws `staking/3` for an unknown one, `sdk/35` when it is not jailed. */
    unjail: (ctx: Ctx, consensusAddress: Uint8Array): void => unjail(ctx, requireByConsAddr(ctx, consensusAddress)),

    /** Throws as `checkKeyType`, and `staking/3`, `staking/5`, `staking/7`, `staking/102`. */
    rotateKey(ctx: Ctx, operator: string, newPubkey: Any | undefined): void {
      checkKeyType(ctx, newPubkey);
      if (newPubkey) rotateKey(ctx, hooks, { operator, newPubkey });
    },

    /** Makes the set what stakes say; returns what CometBFT does not know yet. */
    applySet: set.apply,

    beginBlock(ctx: Ctx, block: BlockInfo): void {
      trackHistory(ctx, block);
    },

    /** The set first: a validator whose unbonding takes no time is then unbonded in the block in which it leaves. */
    endBlock(ctx: Ctx): readonly ValidatorUpdate[] {
      const updates = set.apply(ctx);
      set.unbondMature(ctx);
      unbondings.payOut(ctx);
      redelegations.end(ctx);
      forgetOldKeys(ctx);
      return updates;
    },
  };
}

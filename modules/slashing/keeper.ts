import type { Params } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import type { Ctx, QueryCtx } from "../kernel/context.ts";
import { divide, truncateInt } from "../kernel/decimal.ts";
import { nsToRfc3339, timestampToNs } from "../kernel/time.ts";
import type { Staking } from "./deps.ts";
import { fail, stakingError } from "./errors.ts";
import { createHooks } from "./hooks.ts";
import { createLiveness, VALIDATOR_UPDATE_DELAY } from "./liveness.ts";
import { checkParams, paramsOf } from "./params.ts";
import { infoOrFresh, signingInfo } from "./signing.ts";
import { state } from "./state.ts";
import { trimWindows } from "./window.ts";

/** 9999-12-31T23:59:59Z, for ever as far as a timestamp can say. Source: SDK x/evidence `DoubleSignJailEndTime`. */
const FOREVER = { seconds: 253_402_300_799n, nanos: 0 } as const;

/** A validator's part in a double signature, as CometBFT reports it. */
export interface DoubleSign {
  readonly height: bigint;
  /** Power at that height. */
  readonly power: bigint;
}

export type Keeper = ReturnType<typeof createKeeper>;

export function createKeeper(staking: Staking) {
  /** Tokens of the operator's own delegation to its validator. */
  function selfDelegation(ctx: QueryCtx, { operatorAddress, tokens, delegatorShares }: Validator): bigint | undefined {
    const account = bytesToAddress(
      addressToBytes(operatorAddress, validatorPrefix(ctx.addressPrefix)),
      ctx.addressPrefix,
    );
    const delegation = staking.delegation(ctx, account, operatorAddress);
    return delegation && truncateInt(divide(delegation.shares * tokens, delegatorShares));
  }

  return {
    hooks: createHooks(staking),
    beginBlock: createLiveness(staking),
    params: paramsOf,

    /** Of a validator by its present key. Undefined: it was never in the set. */
    signingInfo,

    /** Whether the validator may never come back. By its present key. */
    isTombstoned: (ctx: QueryCtx, consensusAddress: Uint8Array): boolean =>
      signingInfo(ctx, consensusAddress)?.tombstoned ?? false,

    /**
     * Slashes the stake that stood behind a double signature, wherever it is now, jails the validator and tombstones it.
     * The caller has seen to it that the validator exists, is not unbonded and not tombstoned, and that the height is not
     * in the future. `consensusAddress` may be a key that it has replaced.
     */
    punishDoubleSign(
      ctx: Ctx,
      validator: Validator,
      consensusAddress: Uint8Array,
      { height, power }: DoubleSign,
    ): void {
      const { slashFractionDoubleSign } = paramsOf(ctx);
      const address = staking.consensusAddress(validator);
      const info = infoOrFresh(ctx, address);
      const distributionHeight = height - VALIDATOR_UPDATE_DELAY;
      const burnt = staking.slash(ctx, consensusAddress, distributionHeight, power, slashFractionDoubleSign);
      ctx.emitRaw("slash", [
        ["address", info.address],
        ["power", power.toString()],
        ["reason", "double_sign"],
        ["burned_coins", burnt.toString()],
      ]);
      if (!validator.jailed) {
        staking.jail(ctx, consensusAddress);
        ctx.emitRaw("slash", [["jailed", info.address]]);
      }
      state.signingInfos.set(ctx, address, { ...info, jailedUntil: FOREVER, tombstoned: true });
    },

    /**
     * Lets a validator come back. Throws `staking/3` for an unknown one, `staking/19` and `slashing/7` when its operator
     * stakes nothing or too little of its own, `slashing/5` when it is not jailed, `slashing/4` while it must stay in jail.
     */
    unjail(ctx: Ctx, operator: string): void {
      const validator = staking.validator(ctx, operator);
      if (!validator) throw stakingError.noValidator();
      const own = selfDelegation(ctx, validator);
      if (own === undefined) throw stakingError.noDelegation();
      if (own < validator.minSelfDelegation) throw fail.selfDelegationTooLow(own, validator.minSelfDelegation);
      if (!validator.jailed) throw fail.notJailed(operator);
      const address = staking.consensusAddress(validator);
      const info = signingInfo(ctx, address);
      if (info?.tombstoned) throw fail.stillJailed(`${operator} is tombstoned, want one that may come back`);
      if (info && ctx.time < timestampToNs(info.jailedUntil)) {
        const until = nsToRfc3339(timestampToNs(info.jailedUntil));
        throw fail.stillJailed(`time is ${nsToRfc3339(ctx.time)}, want ${until} or later`);
      }
      staking.unjail(ctx, address);
    },

    /** Throws as `checkParams` does. A smaller window forgets what lies outside of it. */
    setParams(ctx: Ctx, params: Params): void {
      checkParams(params);
      if (params.signedBlocksWindow < paramsOf(ctx).signedBlocksWindow) trimWindows(ctx, params.signedBlocksWindow);
      state.params.set(ctx, params);
    },
  };
}

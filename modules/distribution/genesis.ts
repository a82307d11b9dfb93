import { GenesisState } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { addressToBytes, bytesToAddress, consensusPrefix, parseAddress, validatorPrefix } from "../kernel/address.ts";
import { checkDenom, formatCoins } from "../kernel/coins.ts";
import { format, ONE } from "../kernel/decimal.ts";
import type { Genesis } from "../kernel/module.ts";
import { addDecCoins, type DecCoins, subtractDecCoins, truncate } from "./dec-coins.ts";
import type { DistributionDeps } from "./deps.ts";
import { fail } from "./errors.ts";
import { checkParams, DEFAULT_PARAMS, paramsOf } from "./params.ts";
import { withdrawAddressOf } from "./payout.ts";
import { checkPool, communityPool, DISTRIBUTION, setCommunityPool } from "./pool.ts";
import { state } from "./state.ts";

/** Bits of rewards for a unit of stake in 10⁻¹⁸: far below the 315 that decimals have, so that they can go on to grow. */
const RATIO_BITS_MAX = 300n;

export const genesis = ({ accounts, bank }: DistributionDeps): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: {
    params: DEFAULT_PARAMS,
    feePool: { communityPool: [] },
    delegatorWithdrawInfos: [],
    previousProposer: "",
    outstandingRewards: [],
    validatorAccumulatedCommissions: [],
    validatorHistoricalRewards: [],
    validatorCurrentRewards: [],
    delegatorStartingInfos: [],
    validatorSlashEvents: [],
  },

  validate(genesisState, addressPrefix) {
    const operators = validatorPrefix(addressPrefix);
    checkParams(genesisState.params);
    checkAccrued(genesisState.feePool.communityPool, "the community pool");
    checkPool(genesisState.feePool.communityPool);
    if (genesisState.previousProposer !== "") {
      addressToBytes(genesisState.previousProposer, consensusPrefix(addressPrefix));
    }
    const once = createOnce();
    for (const { delegatorAddress, withdrawAddress } of genesisState.delegatorWithdrawInfos) {
      parseAddress(delegatorAddress, addressPrefix);
      parseAddress(withdrawAddress, addressPrefix);
      once("withdraw address", delegatorAddress);
    }
    const outstanding = new Map<string, DecCoins>();
    for (const { validatorAddress, outstandingRewards } of genesisState.outstandingRewards) {
      parseAddress(validatorAddress, operators);
      once("outstanding rewards", validatorAddress);
      checkAccrued(outstandingRewards, `what is outstanding of ${validatorAddress}`);
      checkPool(outstandingRewards);
      outstanding.set(validatorAddress, outstandingRewards);
    }
    const covers = (validatorAddress: string, part: DecCoins, what: string): void => {
      checkAccrued(part, `${what} of ${validatorAddress}`);
      if (!subtractDecCoins(outstanding.get(validatorAddress) ?? [], part)) {
        throw fail.badGenesis(`${what} of ${validatorAddress} is more than what is outstanding`);
      }
    };
    for (const { validatorAddress, accumulated } of genesisState.validatorAccumulatedCommissions) {
      parseAddress(validatorAddress, operators);
      once("commission", validatorAddress);
      covers(validatorAddress, accumulated.commission, "commission");
    }
    for (const { validatorAddress, period, rewards } of genesisState.validatorHistoricalRewards) {
      parseAddress(validatorAddress, operators);
      once("historical rewards", `${validatorAddress}/${period}`);
      checkAccrued(rewards.cumulativeRewardRatio, `historical rewards of ${validatorAddress}`);
      for (const { denom, amount } of rewards.cumulativeRewardRatio) {
        if (amount >= 1n << RATIO_BITS_MAX) {
          throw fail.badGenesis(`historical rewards of ${denom} have more than ${RATIO_BITS_MAX} bits, want at most`);
        }
      }
      if (rewards.referenceCount < 1 || rewards.referenceCount > 2) {
        throw fail.badGenesis(`period ${period} has ${rewards.referenceCount} references, want 1 or 2`);
      }
    }
    for (const { validatorAddress, rewards } of genesisState.validatorCurrentRewards) {
      parseAddress(validatorAddress, operators);
      once("current rewards", validatorAddress);
      covers(validatorAddress, rewards.rewards, "rewards");
      if (rewards.period < 1n) throw fail.badGenesis(`period of ${validatorAddress} is 0, want at least 1`);
    }
    for (const { delegatorAddress, validatorAddress, startingInfo } of genesisState.delegatorStartingInfos) {
      parseAddress(delegatorAddress, addressPrefix);
      parseAddress(validatorAddress, operators);
      once("starting info", `${validatorAddress}/${delegatorAddress}`);
      if (startingInfo.stake < 0n) throw fail.badGenesis(`stake is ${format(startingInfo.stake)}, want 0 or more`);
    }
    for (const { validatorAddress, height, period, validatorSlashEvent } of genesisState.validatorSlashEvents) {
      parseAddress(validatorAddress, operators);
      once("slash", `${validatorAddress}/${height}/${period}`);
      const { fraction } = validatorSlashEvent;
      if (fraction < 0n || fraction > ONE) throw fail.badGenesis(`fraction is ${format(fraction)}, want 0 to 1`);
    }
  },

  init(ctx, genesisState) {
    state.params.set(ctx, genesisState.params);
    setCommunityPool(ctx, genesisState.feePool.communityPool);
    for (const { delegatorAddress, withdrawAddress } of genesisState.delegatorWithdrawInfos) {
      state.withdrawAddresses.set(ctx, delegatorAddress, addressToBytes(withdrawAddress, ctx.addressPrefix));
    }
    const { previousProposer } = genesisState;
    state.proposer.set(
      ctx,
      previousProposer === ""
        ? new Uint8Array(0)
        : addressToBytes(previousProposer, consensusPrefix(ctx.addressPrefix)),
    );
    let holdings: DecCoins = genesisState.feePool.communityPool;
    for (const { validatorAddress, outstandingRewards } of genesisState.outstandingRewards) {
      state.outstanding.set(ctx, validatorAddress, { rewards: outstandingRewards });
      holdings = addDecCoins(holdings, outstandingRewards);
    }
    for (const { validatorAddress, accumulated } of genesisState.validatorAccumulatedCommissions) {
      state.commissions.set(ctx, validatorAddress, accumulated);
    }
    for (const { validatorAddress, period, rewards } of genesisState.validatorHistoricalRewards) {
      state.historical.set(ctx, [validatorAddress, period], rewards);
    }
    for (const { validatorAddress, rewards } of genesisState.validatorCurrentRewards) {
      state.current.set(ctx, validatorAddress, rewards);
    }
    for (const { delegatorAddress, validatorAddress, startingInfo } of genesisState.delegatorStartingInfos) {
      state.startingInfos.set(ctx, [validatorAddress, delegatorAddress], startingInfo);
    }
    for (const { validatorAddress, height, period, validatorSlashEvent } of genesisState.validatorSlashEvents) {
      state.slashes.set(ctx, [validatorAddress, height, period], validatorSlashEvent);
    }
    const { address } = accounts.openModuleAccount(ctx, DISTRIBUTION);
    const held = formatCoins(bank.balances(ctx, address));
    const booked = formatCoins(truncate(holdings).whole);
    if (held !== booked) {
      throw fail.badGenesis(`${address} holds ${held || "nothing"}, want what is booked: ${booked || "nothing"}`);
    }
  },

  export: (ctx) => ({
    params: paramsOf(ctx),
    feePool: { communityPool: communityPool(ctx) },
    delegatorWithdrawInfos: Array.from(state.withdrawAddresses.keys(ctx), (delegatorAddress) => ({
      delegatorAddress,
      withdrawAddress: withdrawAddressOf(ctx, delegatorAddress),
    })),
    previousProposer: consensusAddress(state.proposer.get(ctx), ctx.addressPrefix),
    outstandingRewards: Array.from(state.outstanding.entries(ctx), ([validatorAddress, { rewards }]) => ({
      validatorAddress,
      outstandingRewards: rewards,
    })),
    validatorAccumulatedCommissions: Array.from(state.commissions.entries(ctx), ([validatorAddress, accumulated]) => ({
      validatorAddress,
      accumulated,
    })),
    validatorHistoricalRewards: Array.from(state.historical.entries(ctx), ([[validatorAddress, period], rewards]) => ({
      validatorAddress,
      period,
      rewards,
    })),
    validatorCurrentRewards: Array.from(state.current.entries(ctx), ([validatorAddress, rewards]) => ({
      validatorAddress,
      rewards,
    })),
    delegatorStartingInfos: Array.from(
      state.startingInfos.entries(ctx),
      ([[validatorAddress, delegatorAddress], startingInfo]) => ({ delegatorAddress, validatorAddress, startingInfo }),
    ),
    validatorSlashEvents: Array.from(
      state.slashes.entries(ctx),
      ([[validatorAddress, height, period], validatorSlashEvent]) => ({
        validatorAddress,
        height,
        period,
        validatorSlashEvent,
      }),
    ),
  }),
});

const consensusAddress = (bytes: Uint8Array | undefined, addressPrefix: string): string =>
  bytes === undefined || bytes.length === 0 ? "" : bytesToAddress(bytes, consensusPrefix(addressPrefix));

/** Throws `distribution/20` unless denominations are sound, ascending and unique and amounts above 0. */
function checkAccrued(coins: DecCoins, what: string): void {
  let previous = "";
  for (const { denom, amount } of coins) {
    checkDenom(denom);
    if (denom <= previous)
      throw fail.badGenesis(`${what} has ${denom} after ${previous}, want ascending denominations`);
    if (amount <= 0n) throw fail.badGenesis(`${what} has ${format(amount)}${denom}, want more than 0`);
    previous = denom;
  }
}

function createOnce(): (what: string, key: string) => void {
  const seen = new Set<string>();
  return (what, key) => {
    const name = `${what} of ${key}`;
    if (seen.has(name)) throw fail.badGenesis(`${name} is there twice, want it once`);
    seen.add(name);
  };
}

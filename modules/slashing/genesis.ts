import { GenesisState } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { addressToBytes, consensusPrefix } from "../kernel/address.ts";
import type { Genesis } from "../kernel/module.ts";
import { timestampToNs } from "../kernel/time.ts";
import { missedBlocks, setMissed } from "./bitmap.ts";
import { fail } from "./errors.ts";
import { checkGenesisParams, checkParams, DEFAULT_PARAMS, paramsOf } from "./params.ts";
import { consensusAddressText } from "./signing.ts";
import { state } from "./state.ts";
import { trimWindows } from "./window.ts";

/** Longest window whose blocks a genesis can list. */
const INDEX_END = 1n << 63n;

export const genesis: Genesis<GenesisState> = {
  type: GenesisState,
  empty: { params: DEFAULT_PARAMS, signingInfos: [], missedBlocks: [] },

  validate({ params, signingInfos, missedBlocks }, addressPrefix) {
    checkParams(params);
    // A chain that goes on has the parameters that governance gave it.
    if (signingInfos.length === 0) checkGenesisParams(params);
    const missed = new Map<string, bigint>();
    for (const { address, missedBlocks: blocks } of missedBlocks) {
      addressToBytes(address, consensusPrefix(addressPrefix));
      if (missed.has(address)) throw fail.badGenesis(`missed blocks of ${address} are there twice, want them once`);
      const indexes = new Set<bigint>();
      for (const { index, missed: isMissed } of blocks) {
        if (index < 0n || index >= INDEX_END) throw fail.badGenesis(`missed block of ${address} has index ${index}`);
        if (isMissed) indexes.add(index);
      }
      missed.set(address, BigInt(indexes.size));
    }
    const seen = new Set<string>();
    for (const { address, validatorSigningInfo: info } of signingInfos) {
      addressToBytes(address, consensusPrefix(addressPrefix));
      if (seen.has(address)) throw fail.badGenesis(`signing info of ${address} is there twice, want it once`);
      seen.add(address);
      if (info.address !== address) throw fail.badGenesis(`signing info of ${address} is for "${info.address}"`);
      if (info.startHeight < 0n || info.indexOffset < 0n) {
        throw fail.badGenesis(`signing info of ${address} starts below 0, want 0 or more`);
      }
      timestampToNs(info.jailedUntil);
      const counted = missed.get(address) ?? 0n;
      if (info.missedBlocksCounter !== counted) {
        throw fail.badGenesis(`${address} counts ${info.missedBlocksCounter} missed blocks and lists ${counted}`);
      }
    }
    for (const address of missed.keys()) {
      if (!seen.has(address)) throw fail.badGenesis(`missed blocks of ${address} come without a signing info`);
    }
  },

  init(ctx, { params, signingInfos, missedBlocks }) {
    const prefix = consensusPrefix(ctx.addressPrefix);
    state.params.set(ctx, params);
    for (const { address, validatorSigningInfo } of signingInfos) {
      state.signingInfos.set(ctx, addressToBytes(address, prefix), validatorSigningInfo);
    }
    for (const { address, missedBlocks: blocks } of missedBlocks) {
      for (const { index, missed } of blocks) {
        if (missed) setMissed(ctx, addressToBytes(address, prefix), index, true);
      }
    }
    // A chain of the SDK keeps what lies outside after its window became smaller.
    trimWindows(ctx, params.signedBlocksWindow);
  },

  export(ctx) {
    const infos = [...state.signingInfos.entries(ctx)].map(
      ([bytes, info]) => [bytes, consensusAddressText(bytes, ctx), info] as const,
    );
    return {
      params: paramsOf(ctx),
      signingInfos: infos.map(([, address, validatorSigningInfo]) => ({ address, validatorSigningInfo })),
      missedBlocks: infos.map(([bytes, address]) => ({
        address,
        missedBlocks: missedBlocks(ctx, bytes).map((index) => ({ index, missed: true })),
      })),
    };
  },
};

import type { Params } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import type { QueryCtx } from "../kernel/context.ts";
import { type Dec, format, multiply, ONE, roundInt } from "../kernel/decimal.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { NS_PER_SECOND } from "../kernel/time.ts";
import { fail } from "./errors.ts";
import { state } from "./state.ts";

/** Source: Cosmos SDK 0.53 x/slashing/types/params.go. */
export const DEFAULT_PARAMS: Params = {
  signedBlocksWindow: 100n,
  minSignedPerWindow: ONE / 2n,
  downtimeJailDuration: { seconds: 600n, nanos: 0 },
  slashFractionDoubleSign: ONE / 20n,
  slashFractionDowntime: ONE / 100n,
};

const INT64_MAX = (1n << 63n) - 1n;
/**
 * Two months of blocks of 5 s, ten times what chains of the SDK use. A jail or a smaller window takes a validator's bits away in
 * one block, in chunks of 1,024; the SDK has no bound.
 */
const WINDOW_MAX = 1_000_000n;
const GENESIS_WINDOW_MIN = 10n;
const GENESIS_JAIL_SECONDS_MIN = 60n;

export const paramsOf = (ctx: QueryCtx): Params => state.params.get(ctx) ?? DEFAULT_PARAMS;

/** Nanoseconds. */
export const jailDurationNs = ({ downtimeJailDuration: { seconds, nanos } }: Params): bigint =>
  seconds * NS_PER_SECOND + BigInt(nanos);

/** Blocks of the window that a validator may miss: the rest, rounded half to even, must be signed. */
export const missesMax = ({ signedBlocksWindow, minSignedPerWindow }: Params): bigint =>
  signedBlocksWindow - roundInt(multiply(minSignedPerWindow, signedBlocksWindow * ONE));

function checkShare(value: Dec, name: string): void {
  if (value < 0n || value > ONE) throw sdkError.invalidRequest(`${name} is ${format(value)}, want 0 to 1`);
}

/** Throws `sdk/18` for a window without blocks or of more than 1,000,000, a jail of no time or above 2⁶³ − 1 ns, a share below 0 or above 1. */
export function checkParams(params: Params): void {
  const { signedBlocksWindow: window, minSignedPerWindow, slashFractionDoubleSign, slashFractionDowntime } = params;
  if (window < 1n || window > WINDOW_MAX) {
    throw sdkError.invalidRequest(`signed blocks window is ${window}, want 1 to ${WINDOW_MAX}`);
  }
  checkShare(minSignedPerWindow, "min signed per window");
  const jail = jailDurationNs(params);
  if (jail < 1n || jail > INT64_MAX) {
    throw sdkError.invalidRequest(`downtime jail duration is ${jail} ns, want 1 to 2^63 - 1`);
  }
  checkShare(slashFractionDoubleSign, "double sign slash fraction");
  checkShare(slashFractionDowntime, "downtime slash fraction");
}

/** A new chain needs more than a running one. Throws `sdk/18` and `slashing/100`. */
export function checkGenesisParams(params: Params): void {
  checkParams(params);
  if (params.signedBlocksWindow < GENESIS_WINDOW_MIN) {
    throw fail.badGenesis(`signed blocks window is ${params.signedBlocksWindow}, want at least ${GENESIS_WINDOW_MIN}`);
  }
  if (params.downtimeJailDuration.seconds < GENESIS_JAIL_SECONDS_MIN) {
    throw fail.badGenesis(`downtime jail duration is ${jailDurationNs(params)} ns, want at least a minute`);
  }
}

import { Equivocation } from "@interfirm/proto/gen/cosmos/evidence/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { WireError } from "@interfirm/proto/runtime";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToAddress, consensusPrefix } from "../kernel/address.ts";
import { quote } from "../kernel/bytes.ts";
import type { QueryCtx } from "../kernel/context.ts";
import type { Misbehavior } from "../kernel/module.ts";
import { nsToTimestamp } from "../kernel/time.ts";
import { fail } from "./errors.ts";

/** Name under which the SDK routes evidence of this kind to its handler. */
export const EQUIVOCATION_ROUTE = "equivocation";

/** Throws `evidence/3` unless it says when, where and with how much power who signed twice. */
export function checkEquivocation({ time, height, power, consensusAddress }: Equivocation): void {
  if (time.seconds <= 0n) throw fail.invalid(`equivocation time is ${time.seconds} s since 1970, want more than 0`);
  if (height < 1n) throw fail.invalid(`equivocation height is ${height}, want at least 1`);
  if (power < 1n) throw fail.invalid(`equivocation power is ${power}, want at least 1`);
  if (consensusAddress === "") throw fail.invalid("equivocation has no consensus address, want one");
}

/** SHA-256 of its wire form. */
export const equivocationHash = (equivocation: Equivocation): Uint8Array =>
  sha256(Equivocation.encode(equivocation).finish());

export const packEquivocation = (equivocation: Equivocation): Any => ({
  typeUrl: Equivocation.typeUrl,
  value: Equivocation.encode(equivocation).finish(),
});

/** Throws `evidence/3` for evidence of another kind, and for bytes that are none. */
export function unpackEvidence({ typeUrl, value }: Any): Equivocation {
  if (typeUrl !== Equivocation.typeUrl) {
    throw fail.invalid(`evidence is of type ${quote(typeUrl)}, want ${Equivocation.typeUrl}`);
  }
  try {
    return Equivocation.decode(value);
  } catch (cause) {
    if (cause instanceof WireError) throw fail.invalid(`evidence does not parse: ${cause.message}`);
    throw cause;
  }
}

/** What CometBFT reports, as the SDK keeps it. */
export const fromMisbehavior = ({ validator, power, height, time }: Misbehavior, ctx: QueryCtx): Equivocation => ({
  height,
  time: nsToTimestamp(time),
  power,
  consensusAddress: bytesToAddress(validator, consensusPrefix(ctx.addressPrefix)),
});

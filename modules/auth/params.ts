import type { Params } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { fail } from "./errors.ts";

/** Source: Cosmos SDK 0.53 x/auth/types/params.go. */
export const DEFAULT_PARAMS: Params = {
  /** Bytes, in spite of the name. */
  maxMemoCharacters: 256n,
  txSigLimit: 7n,
  txSizeCostPerByte: 10n,
  sigVerifyCostEd25519: 590n,
  sigVerifyCostSecp256k1: 1000n,
};

/** Throws `auth/6` for a parameter that is 0. */
export function checkParams(params: Params): void {
  const all: readonly (readonly [name: string, value: bigint])[] = [
    ["max_memo_characters", params.maxMemoCharacters],
    ["tx_sig_limit", params.txSigLimit],
    ["tx_size_cost_per_byte", params.txSizeCostPerByte],
    ["sig_verify_cost_ed25519", params.sigVerifyCostEd25519],
    ["sig_verify_cost_secp256k1", params.sigVerifyCostSecp256k1],
  ];
  for (const [name, value] of all) if (value === 0n) throw fail.badParams(name);
}

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

/**
 * Most gas that a byte and a signature may cost. A proposal of 1,000 bytes that takes the change back must fit the smallest
 * block that there may be, of 1,000,000 gas (consensus, `BLOCK_GAS_MIN`); otherwise no transaction could ever be paid again.
 */
const BYTE_COST_MAX = 500n;
const SIGNATURE_COST_MAX = 100_000n;
const UINT64_MAX = (1n << 64n) - 1n;

/** Throws `auth/6` for a parameter that is 0, or with which nobody could pay for a transaction. */
export function checkParams(params: Params): void {
  const all: readonly (readonly [name: string, value: bigint, max: bigint])[] = [
    ["max_memo_characters", params.maxMemoCharacters, UINT64_MAX],
    ["tx_sig_limit", params.txSigLimit, UINT64_MAX],
    ["tx_size_cost_per_byte", params.txSizeCostPerByte, BYTE_COST_MAX],
    ["sig_verify_cost_ed25519", params.sigVerifyCostEd25519, SIGNATURE_COST_MAX],
    ["sig_verify_cost_secp256k1", params.sigVerifyCostSecp256k1, SIGNATURE_COST_MAX],
  ];
  for (const [name, value, max] of all) if (value === 0n || value > max) throw fail.badParams(name, value, max);
}

import { setUpGas } from "@interfirm/modules/auth/ante";
import type { Tx } from "@interfirm/modules/auth/tx";
import { ChainError } from "@interfirm/modules/kernel/errors";
import type { Logger } from "../abci/logger.ts";

/** What CometBFT may hand over and take: limits of one block. */
export interface BlockLimits {
  /** Bytes of all transactions as they stand in the block; −1 for none. */
  readonly maxBytes: bigint;
  /** Gas that all transactions may ask for; below 1 for none. */
  readonly maxGas: bigint;
}

export interface ProposalDeps {
  readonly decode: (bytes: Uint8Array) => Tx;
  readonly logger: Logger;
}

/** CometBFT's limit for the bytes of a block, where parameters say −1. Source: CometBFT v0.38 types/params.go. */
const BLOCK_BYTES_MAX = 104_857_600n;

/**
 * Bytes that a transaction takes in a block: itself, its length and the tag of `Data.txs`.
 * Source: CometBFT v0.38 types/tx.go `ComputeProtoSizeForTxs`.
 */
export function sizeInBlock(tx: Uint8Array): number {
  let lengthBytes = 1;
  for (let rest = tx.length; rest >= 128; rest = Math.floor(rest / 128)) lengthBytes++;
  return 1 + lengthBytes + tx.length;
}

/** Gas that a transaction asks for, or undefined when it is none that a block may hold. */
function gasOf(bytes: Uint8Array, maxGas: bigint, { decode, logger }: ProposalDeps): bigint | undefined {
  try {
    const tx = decode(bytes);
    setUpGas(tx, "deliver", 1n, maxGas);
    return tx.authInfo.fee?.gasLimit ?? 0n;
  } catch (error) {
    // A bug is no reason to stop: one crafted proposal would stop every node, again and again.
    if (!(error instanceof ChainError)) logger.error({ error: String(error) }, "a proposal met a bug");
    return undefined;
  }
}

/**
 * Chooses from what the mempool offers, in its order: transactions that parse, fit what is left of bytes and gas, and
 * that `passes`, if given, takes. The first that does not fit ends the block, so that no sender's transactions change
 * their order; one that no block can hold is passed over. Runs on the proposer only: `passes` may depend on whatever it
 * likes.
 */
export function chooseTxs(
  txs: readonly Uint8Array[],
  { maxBytes, maxGas }: BlockLimits,
  deps: ProposalDeps,
  passes?: (tx: Uint8Array) => boolean,
): Uint8Array[] {
  const bytesMax = maxBytes < 0n ? BLOCK_BYTES_MAX : maxBytes;
  const chosen: Uint8Array[] = [];
  let bytes = 0n;
  let gas = 0n;
  for (const tx of txs) {
    const asked = gasOf(tx, maxGas, deps);
    if (asked === undefined) continue;
    const size = BigInt(sizeInBlock(tx));
    if (size > bytesMax) continue;
    if (bytes + size > bytesMax || (maxGas > 0n && gas + asked > maxGas)) break;
    if (passes && !passes(tx)) continue;
    chosen.push(tx);
    bytes += size;
    gas += asked;
  }
  return chosen;
}

/**
 * Whether a proposed block may be voted for: every transaction parses, none asks for more gas than a block has, and
 * together they do not either. Nothing else is asked, above all nothing that depends on state or on what this node has
 * seen: a proposal that some honest nodes take and others refuse can halt the chain (ASA-2024-002). A transaction that
 * fails in the block pays for itself or gets a code.
 */
export function isAcceptable(txs: readonly Uint8Array[], maxGas: bigint, deps: ProposalDeps): boolean {
  let gas = 0n;
  for (const tx of txs) {
    const asked = gasOf(tx, maxGas, deps);
    if (asked === undefined) return false;
    gas += asked;
    if (maxGas > 0n && gas > maxGas) return false;
  }
  return true;
}

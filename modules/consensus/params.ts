/**
 * What CometBFT accepts as consensus parameters. It looks at an update only after it has stored the answer of
 * FinalizeBlock, and an unsound one stops every node for good: so it never leaves this module.
 * Source: CometBFT v0.38 types/params.go `ValidateBasic`, `ValidateUpdate`, `Update`; types/block.go `MaxDataBytes`.
 */
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import { fail } from "./errors.ts";

/** Largest block that CometBFT can handle. */
export const BLOCK_BYTES_MAX = 104_857_600n;
/**
 * Room that an update leaves in a block beside evidence: for the header and the votes of 1,000 validators at 109 bytes.
 * With less, CometBFT's `MaxDataBytes` panics when a block is proposed.
 */
export const BLOCK_BYTES_ROOM = 131_072n;
/** Least gas a block that an update sets: transactions that undo the update must fit. */
const BLOCK_GAS_MIN = 1_000_000n;
const INT64_MAX = (1n << 63n) - 1n;
const NS_PER_SECOND = 1_000_000_000n;

/** Key types that CometBFT 0.38 knows for validators. */
const KEY_TYPES: readonly string[] = ["ed25519", "secp256k1"];

/** All groups that rules speak of are there. */
export type CompleteParams = ConsensusParams & {
  readonly block: NonNullable<ConsensusParams["block"]>;
  readonly evidence: NonNullable<ConsensusParams["evidence"]>;
  readonly validator: NonNullable<ConsensusParams["validator"]>;
};

/** Throws `consensus/2` for a value that CometBFT refuses, `consensus/3` for a missing group. */
export function checkParams(params: ConsensusParams): asserts params is CompleteParams {
  const { block, evidence, validator, abci } = params;
  if (!block) throw fail.missingParams("block");
  if (!evidence) throw fail.missingParams("evidence");
  if (!validator) throw fail.missingParams("validator");
  if (block.maxBytes !== -1n && (block.maxBytes <= 0n || block.maxBytes > BLOCK_BYTES_MAX)) {
    throw fail.badParam("block.max_bytes", block.maxBytes, `-1 or 1 to ${BLOCK_BYTES_MAX}`);
  }
  if (block.maxGas < -1n) throw fail.badParam("block.max_gas", block.maxGas, "-1 or more");
  if (evidence.maxAgeNumBlocks <= 0n) {
    throw fail.badParam("evidence.max_age_num_blocks", evidence.maxAgeNumBlocks, "more than 0");
  }
  const age = evidence.maxAgeDuration.seconds * NS_PER_SECOND + BigInt(evidence.maxAgeDuration.nanos);
  if (age <= 0n || age > INT64_MAX) {
    throw fail.badParam("evidence.max_age_duration", `${age} ns`, `1 to ${INT64_MAX} ns`);
  }
  const room = block.maxBytes === -1n ? BLOCK_BYTES_MAX : block.maxBytes;
  if (evidence.maxBytes < 0n || evidence.maxBytes > room) {
    throw fail.badParam("evidence.max_bytes", evidence.maxBytes, `0 to ${room}, the size of a block`);
  }
  if (validator.pubKeyTypes.length === 0) {
    throw fail.badParam("validator.pub_key_types", "empty", `one or more of ${KEY_TYPES.join(", ")}`);
  }
  for (const [i, type] of validator.pubKeyTypes.entries()) {
    if (!KEY_TYPES.includes(type) || validator.pubKeyTypes.indexOf(type) !== i) {
      throw fail.badParam("validator.pub_key_types", type.slice(0, 40), `each of ${KEY_TYPES.join(", ")} at most once`);
    }
  }
  const height = abci?.voteExtensionsEnableHeight ?? 0n;
  if (height < 0n) throw fail.badParam("abci.vote_extensions_enable_height", height, "0 or more");
}

/** Stricter than CometBFT where a sound update would still stop the chain. Throws `consensus/2`. */
export function checkUpdate(current: ConsensusParams, next: CompleteParams, height: bigint): void {
  const { block, evidence } = next;
  const least = evidence.maxBytes + BLOCK_BYTES_ROOM;
  if (block.maxBytes !== -1n && block.maxBytes < least) {
    throw fail.badParam("block.max_bytes", block.maxBytes, `${least} or more: evidence and ${BLOCK_BYTES_ROOM}`);
  }
  if (block.maxBytes === -1n && least > BLOCK_BYTES_MAX) {
    throw fail.badParam("evidence.max_bytes", evidence.maxBytes, `at most ${BLOCK_BYTES_MAX - BLOCK_BYTES_ROOM}`);
  }
  if (block.maxGas !== -1n && block.maxGas < BLOCK_GAS_MIN) {
    throw fail.badParam("block.max_gas", block.maxGas, `-1 or at least ${BLOCK_GAS_MIN}`);
  }
  const missing = current.validator?.pubKeyTypes.find((type) => !next.validator.pubKeyTypes.includes(type));
  if (missing !== undefined) {
    // CometBFT refuses every later update of a validator with such a key, and stops.
    throw fail.badParam(
      "validator.pub_key_types",
      next.validator.pubKeyTypes.join(),
      `${missing} among them, as before`,
    );
  }
  const enabled = current.abci?.voteExtensionsEnableHeight ?? 0n;
  const asked = next.abci?.voteExtensionsEnableHeight ?? 0n;
  if (asked === enabled) return;
  const name = "abci.vote_extensions_enable_height";
  if (asked === 0n) throw fail.badParam(name, asked, `${enabled}: it is not taken back`);
  if (asked <= height) throw fail.badParam(name, asked, `more than the height ${height}`);
  if (enabled !== 0n && enabled <= height) throw fail.badParam(name, asked, `${enabled}: that height has passed`);
}

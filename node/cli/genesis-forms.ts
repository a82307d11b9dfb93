/** The chain's own records in the forms of CometBFT's genesis file, and back. */
import { addressBytes } from "@interfirm/modules/auth/pubkey";
import type { ValidatorUpdate } from "@interfirm/modules/kernel/module";
import type { ConsensusParams as ChainParams } from "@interfirm/proto/gen/tendermint/types";
import { type ConsensusParams, DEFAULT_CONSENSUS_PARAMS, type GenesisValidator } from "../config/genesis.ts";

const NS_PER_SECOND = 1_000_000_000n;

/** The chain's parameters as a genesis file has them, where lengths of time are nanoseconds. */
export function toGenesisParams({ block, evidence, validator, version, abci }: ChainParams): ConsensusParams {
  const fallback = DEFAULT_CONSENSUS_PARAMS;
  const age = evidence?.maxAgeDuration;
  return {
    block: block ? { max_bytes: String(block.maxBytes), max_gas: String(block.maxGas) } : fallback.block,
    evidence: evidence
      ? {
          max_age_num_blocks: String(evidence.maxAgeNumBlocks),
          max_age_duration: String((age?.seconds ?? 0n) * NS_PER_SECOND + BigInt(age?.nanos ?? 0)),
          max_bytes: String(evidence.maxBytes),
        }
      : fallback.evidence,
    validator: validator ? { pub_key_types: validator.pubKeyTypes } : fallback.validator,
    version: { app: String(version?.app ?? 0n) },
    abci: { vote_extensions_enable_height: String(abci?.voteExtensionsEnableHeight ?? 0n) },
  };
}

/** What CometBFT makes of a genesis file's parameters and hands to InitChain. */
export function fromGenesisParams({ block, evidence, validator, version, abci }: ConsensusParams): ChainParams {
  const age = BigInt(evidence.max_age_duration);
  return {
    block: { maxBytes: BigInt(block.max_bytes), maxGas: BigInt(block.max_gas) },
    evidence: {
      maxAgeNumBlocks: BigInt(evidence.max_age_num_blocks),
      maxAgeDuration: { seconds: age / NS_PER_SECOND, nanos: Number(age % NS_PER_SECOND) },
      maxBytes: BigInt(evidence.max_bytes),
    },
    validator: { pubKeyTypes: validator.pub_key_types },
    version: { app: BigInt(version?.app ?? "0") },
    abci: { voteExtensionsEnableHeight: BigInt(abci?.vote_extensions_enable_height ?? "0") },
  };
}

/** CometBFT's names of keys. Source: CometBFT v0.38 crypto/ed25519, crypto/secp256k1 `PubKeyName`. */
const KEY_NAMES = { ed25519: "tendermint/PubKeyEd25519", secp256k1: "tendermint/PubKeySecp256k1" } as const;

/** A validator as a genesis file has it, under the address that CometBFT derives from its key. */
export const toGenesisValidator = ({ pubKeyType, pubKey, power }: ValidatorUpdate): GenesisValidator => ({
  address: Buffer.from(addressBytes({ type: pubKeyType, key: pubKey }))
    .toString("hex")
    .toUpperCase(),
  pub_key: { type: KEY_NAMES[pubKeyType], value: Buffer.from(pubKey).toString("base64") },
  power: String(power),
  name: "",
});

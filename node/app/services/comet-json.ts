/** CometBFT's JSON (RPC of v0.38) to the protos of `tendermint.types`: hex hashes, base64 bytes, decimal text for 64 bits. */
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { nsToTimestamp, rfc3339ToNs } from "@interfirm/modules/kernel/time";
import { Block, BlockIDFlag, SignedMsgType } from "@interfirm/proto/gen/tendermint/types";

export type Json = Readonly<Record<string, unknown>>;

export const field = (json: unknown, name: string): unknown =>
  typeof json === "object" && json !== null ? (json as Json)[name] : undefined;

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Decimal text, or a small number. Anything else is 0, as an absent field of a proto is. */
export function bigintOf(value: unknown): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return typeof value === "string" && /^-?\d{1,20}$/.test(value) ? BigInt(value) : 0n;
}

export const numberOf = (value: unknown): number => Number(bigintOf(value));

/** A number of an enum; one that it does not have becomes its first. */
function enumOf<T extends number>(values: Readonly<Record<string, T>>, value: unknown): T {
  const known = Object.values(values);
  return known.find((candidate) => candidate === numberOf(value)) ?? (known[0] as T);
}

export const hexOf = (value: unknown): Uint8Array => Uint8Array.from(Buffer.from(textOf(value), "hex"));

const base64Of = (value: unknown): Uint8Array => Uint8Array.from(Buffer.from(textOf(value), "base64"));

export function timeOf(value: unknown) {
  const text = textOf(value);
  return text === "" ? undefined : nsToTimestamp(rfc3339ToNs(text));
}

export const blockIdOf = (json: unknown) => ({
  hash: hexOf(field(json, "hash")),
  partSetHeader: {
    total: numberOf(field(field(json, "parts"), "total")),
    hash: hexOf(field(field(json, "parts"), "hash")),
  },
});

/** The fields that CometBFT's header and the SDK's have in common; the two differ in the form of the proposer. */
export const headerOf = (json: unknown) => ({
  version: {
    block: bigintOf(field(field(json, "version"), "block")),
    app: bigintOf(field(field(json, "version"), "app")),
  },
  chainId: textOf(field(json, "chain_id")),
  height: bigintOf(field(json, "height")),
  time: timeOf(field(json, "time")),
  lastBlockId: blockIdOf(field(json, "last_block_id")),
  lastCommitHash: hexOf(field(json, "last_commit_hash")),
  dataHash: hexOf(field(json, "data_hash")),
  validatorsHash: hexOf(field(json, "validators_hash")),
  nextValidatorsHash: hexOf(field(json, "next_validators_hash")),
  consensusHash: hexOf(field(json, "consensus_hash")),
  appHash: hexOf(field(json, "app_hash")),
  lastResultsHash: hexOf(field(json, "last_results_hash")),
  evidenceHash: hexOf(field(json, "evidence_hash")),
});

const commitOf = (json: unknown) => ({
  height: bigintOf(field(json, "height")),
  round: numberOf(field(json, "round")),
  blockId: blockIdOf(field(json, "block_id")),
  signatures: listOf(field(json, "signatures")).map((signature) => ({
    blockIdFlag: enumOf(BlockIDFlag, field(signature, "block_id_flag")),
    validatorAddress: hexOf(field(signature, "validator_address")),
    timestamp: timeOf(field(signature, "timestamp")),
    signature: base64Of(field(signature, "signature")),
  })),
});

const voteOf = (json: unknown) => ({
  type: enumOf(SignedMsgType, field(json, "type")),
  height: bigintOf(field(json, "height")),
  round: numberOf(field(json, "round")),
  blockId: blockIdOf(field(json, "block_id")),
  timestamp: timeOf(field(json, "timestamp")),
  validatorAddress: hexOf(field(json, "validator_address")),
  validatorIndex: numberOf(field(json, "validator_index")),
  signature: base64Of(field(json, "signature")),
});

/** Double votes; other evidence is left out, for its JSON holds whole light blocks that no reader of a block asks for. */
function evidenceOf(json: unknown) {
  return listOf(field(json, "evidence")).flatMap((item) => {
    if (textOf(field(item, "type")) !== "tendermint/DuplicateVoteEvidence") return [];
    const value = field(item, "value");
    return [
      {
        duplicateVoteEvidence: {
          voteA: voteOf(field(value, "vote_a")),
          voteB: voteOf(field(value, "vote_b")),
          totalVotingPower: bigintOf(field(value, "TotalVotingPower")),
          validatorPower: bigintOf(field(value, "ValidatorPower")),
          timestamp: timeOf(field(value, "Timestamp")),
        },
      },
    ];
  });
}

/** The parts of a block below its header. */
export const bodyOf = (json: unknown) => ({
  data: { txs: listOf(field(field(json, "data"), "txs")).map(base64Of) },
  evidence: { evidence: evidenceOf(field(json, "evidence")) },
  lastCommit: field(json, "last_commit") ? commitOf(field(json, "last_commit")) : undefined,
});

export const blockOf = (json: unknown): Block =>
  Block.fromPartial({
    header: {
      ...headerOf(field(json, "header")),
      proposerAddress: hexOf(field(field(json, "header"), "proposer_address")),
    },
    ...bodyOf(json),
  });

/** `{"type":"tendermint/PubKeyEd25519","value":…}` as an Any of the SDK. Throws `sdk/8` for a key that no validator has. */
export function validatorKeyOf(json: unknown): { readonly typeUrl: string; readonly value: Uint8Array } {
  const key = base64Of(field(json, "value"));
  // Both messages are one field 1 of bytes, shorter than 128.
  const value = Uint8Array.of(0x0a, key.length, ...key);
  switch (field(json, "type")) {
    case "tendermint/PubKeyEd25519":
      return { typeUrl: "/cosmos.crypto.ed25519.PubKey", value };
    case "tendermint/PubKeySecp256k1":
      return { typeUrl: "/cosmos.crypto.secp256k1.PubKey", value };
    default:
      throw sdkError.invalidPubKey(`validator key has type ${textOf(field(json, "type"))}, want ed25519 or secp256k1`);
  }
}

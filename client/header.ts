/**
 * Headers, commits and validator sets of CometBFT v0.38 as the RPC gives them, and the bytes that are hashed and signed.
 * Source: CometBFT v0.38 `types/{block,validator_set,canonical}.go`, spec/core/{data_structures,encoding}.md.
 */
import { Writer } from "@interfirm/proto/runtime";
import { concat, fromBase64, fromHex, ripemd160, sha256, toHex } from "./bytes.ts";
import { clientError } from "./errors.ts";
import { type Json, member } from "./rpc.ts";

/** Since 1970, as consensus sees it: to the nanosecond. */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

export interface BlockId {
  readonly hash: Uint8Array;
  readonly total: number;
  readonly partsHash: Uint8Array;
}

export interface Header {
  readonly versionBlock: bigint;
  readonly versionApp: bigint;
  readonly chainId: string;
  readonly height: bigint;
  readonly time: Timestamp;
  readonly lastBlockId: BlockId;
  readonly lastCommitHash: Uint8Array;
  readonly dataHash: Uint8Array;
  readonly validatorsHash: Uint8Array;
  readonly nextValidatorsHash: Uint8Array;
  readonly consensusHash: Uint8Array;
  /** Of the state after the block before this one. */
  readonly appHash: Uint8Array;
  readonly lastResultsHash: Uint8Array;
  readonly evidenceHash: Uint8Array;
  readonly proposerAddress: Uint8Array;
}

export interface CommitSignature {
  /** 1 absent, 2 for the block, 3 for nil. */
  readonly flag: number;
  readonly address: Uint8Array;
  readonly time: Timestamp;
  readonly signature: Uint8Array;
}

export interface Commit {
  readonly height: bigint;
  readonly round: number;
  readonly blockId: BlockId;
  readonly signatures: readonly CommitSignature[];
}

export interface Validator {
  readonly address: Uint8Array;
  readonly keyType: "ed25519" | "secp256k1";
  readonly key: Uint8Array;
  readonly power: bigint;
  /** Who proposes next has the greatest. No hash covers it: it is what the node says. */
  readonly priority: bigint;
}

const bad = (what: string, got: unknown, want: string): never => {
  throw clientError("badResponse", `${what} is ${JSON.stringify(got)?.slice(0, 80)}, want ${want}`);
};

function text(json: Json | undefined, key: string): string {
  const value = member(json, key);
  return typeof value === "string" ? value : bad(key, value, "text");
}

/** Absent numbers are 0: amino JSON leaves them out. */
function integer(json: Json | undefined, key: string): bigint {
  const value = member(json, key) ?? "0";
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^(0|[1-9][0-9]{0,18})$/.test(value)) return BigInt(value);
  return bad(key, value, "a number");
}

function signedInteger(json: Json | undefined, key: string): bigint {
  const value = member(json, key) ?? "0";
  if (typeof value === "string" && /^(0|-?[1-9][0-9]{0,18})$/.test(value)) return BigInt(value);
  return bad(key, value, "a number");
}

const hex = (json: Json | undefined, key: string): Uint8Array => {
  const value = text(json, key);
  return /^([0-9a-fA-F]{2}){0,64}$/.test(value) ? fromHex(value) : bad(key, value, "hex");
};

const base64 = (json: Json | undefined, key: string): Uint8Array => {
  const value = member(json, key) ?? "";
  try {
    if (typeof value === "string" && value.length <= 256) return fromBase64(value);
  } catch {
    // Said below.
  }
  return bad(key, value, "base64");
};

const list = (json: Json | undefined, key: string): readonly Json[] => {
  const value = member(json, key) ?? [];
  return Array.isArray(value) ? value : bad(key, value, "a list");
};

function time(json: Json | undefined, key: string): Timestamp {
  const value = text(json, key);
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z$/.exec(value);
  const milliseconds = match ? Date.parse(`${match[1]}Z`) : Number.NaN;
  if (!match || Number.isNaN(milliseconds)) return bad(key, value, "an RFC 3339 time in UTC");
  return { seconds: BigInt(milliseconds / 1000), nanos: Number((match[2] ?? "").padEnd(9, "0")) };
}

function readBlockId(json: Json | undefined): BlockId {
  const parts = member(json, "parts");
  return { hash: hex(json, "hash"), total: Number(integer(parts, "total")), partsHash: hex(parts, "hash") };
}

function readHeader(json: Json | undefined): Header {
  const version = member(json, "version");
  return {
    versionBlock: integer(version, "block"),
    versionApp: integer(version, "app"),
    chainId: text(json, "chain_id"),
    height: integer(json, "height"),
    time: time(json, "time"),
    lastBlockId: readBlockId(member(json, "last_block_id")),
    lastCommitHash: hex(json, "last_commit_hash"),
    dataHash: hex(json, "data_hash"),
    validatorsHash: hex(json, "validators_hash"),
    nextValidatorsHash: hex(json, "next_validators_hash"),
    consensusHash: hex(json, "consensus_hash"),
    appHash: hex(json, "app_hash"),
    lastResultsHash: hex(json, "last_results_hash"),
    evidenceHash: hex(json, "evidence_hash"),
    proposerAddress: hex(json, "proposer_address"),
  };
}

/** Answer of the RPC method `commit`. Throws `client/badResponse`. */
export function readSignedHeader(json: Json): { readonly header: Header; readonly commit: Commit } {
  const signed = member(json, "signed_header");
  const commit = member(signed, "commit");
  return {
    header: readHeader(member(signed, "header")),
    commit: {
      height: integer(commit, "height"),
      round: Number(integer(commit, "round")),
      blockId: readBlockId(member(commit, "block_id")),
      signatures: list(commit, "signatures").map((signature) => ({
        flag: Number(integer(signature, "block_id_flag")),
        address: hex(signature, "validator_address"),
        time: time(signature, "timestamp"),
        signature: base64(signature, "signature"),
      })),
    },
  };
}

/** One page of the RPC method `validators`. Throws `client/badResponse`. */
export function readValidators(json: Json): { readonly validators: readonly Validator[]; readonly total: number } {
  const validators = list(json, "validators").map((validator): Validator => {
    const pubKey = member(validator, "pub_key");
    const type = text(pubKey, "type");
    const keyType =
      type === "tendermint/PubKeyEd25519"
        ? "ed25519"
        : type === "tendermint/PubKeySecp256k1"
          ? "secp256k1"
          : bad("validator key", type, "ed25519 or secp256k1");
    const key = base64(pubKey, "value");
    return {
      address: addressOf(keyType, key),
      keyType,
      key,
      power: integer(validator, "voting_power"),
      priority: signedInteger(validator, "proposer_priority"),
    };
  });
  return { validators, total: Number(integer(json, "total")) };
}

/** Never taken from the node: the address follows from the key. */
const addressOf = (keyType: Validator["keyType"], key: Uint8Array): Uint8Array =>
  keyType === "ed25519" ? sha256(key).slice(0, 20) : ripemd160(sha256(key));

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/** RFC 6962 Merkle root: a tree is split at the largest power of two below its size. */
export function merkleRoot(leaves: readonly Uint8Array[]): Uint8Array {
  // Subtrees of full size, smallest last: folding equal sizes gives the very same splits, without recursion.
  const stack: { size: number; hash: Uint8Array }[] = [];
  const join = () => {
    const right = stack.pop()!;
    const left = stack.pop()!;
    stack.push({ size: left.size + right.size, hash: sha256(concat(INNER, left.hash, right.hash)) });
  };
  for (const leaf of leaves) {
    stack.push({ size: 1, hash: sha256(concat(LEAF, leaf)) });
    while (stack.length > 1 && stack.at(-1)!.size === stack.at(-2)!.size) join();
  }
  while (stack.length > 1) join();
  return stack[0]?.hash ?? sha256(new Uint8Array());
}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const tag = (field: number, wireType: number): number => field * 8 + wireType;

/** A field of bytes, left out when empty. */
const bytesField = (writer: Writer, field: number, value: Uint8Array): Writer =>
  value.length > 0 ? writer.uint32(tag(field, BYTES)).bytes(value) : writer;
const varintField = (writer: Writer, field: number, value: bigint): Writer =>
  value !== 0n ? writer.uint32(tag(field, VARINT)).int64(value) : writer;
/** A message that is written even when it is empty. */
const messageField = (writer: Writer, field: number, value: Uint8Array): Writer =>
  writer.uint32(tag(field, BYTES)).bytes(value);

const encodeTime = ({ seconds, nanos }: Timestamp): Uint8Array =>
  varintField(varintField(new Writer(), 1, seconds), 2, BigInt(nanos)).finish();

function encodeBlockId({ hash, total, partsHash }: BlockId): Uint8Array {
  const parts = bytesField(varintField(new Writer(), 1, BigInt(total)), 2, partsHash).finish();
  return messageField(bytesField(new Writer(), 1, hash), 2, parts).finish();
}

/** What validators vote on: the block's hash. */
export function headerHash(header: Header): Uint8Array {
  const wrapped = (value: Uint8Array) => bytesField(new Writer(), 1, value).finish();
  return merkleRoot([
    varintField(varintField(new Writer(), 1, header.versionBlock), 2, header.versionApp).finish(),
    wrapped(new TextEncoder().encode(header.chainId)),
    varintField(new Writer(), 1, header.height).finish(),
    encodeTime(header.time),
    encodeBlockId(header.lastBlockId),
    wrapped(header.lastCommitHash),
    wrapped(header.dataHash),
    wrapped(header.validatorsHash),
    wrapped(header.nextValidatorsHash),
    wrapped(header.consensusHash),
    wrapped(header.appHash),
    wrapped(header.lastResultsHash),
    wrapped(header.evidenceHash),
    wrapped(header.proposerAddress),
  ]);
}

/** Hash of a validator set in its canonical order, which is the order of the RPC. */
export const validatorsHash = (validators: readonly Validator[]): Uint8Array =>
  merkleRoot(
    validators.map(({ keyType, key, power }) => {
      const pubKey = bytesField(new Writer(), keyType === "ed25519" ? 1 : 2, key).finish();
      return varintField(messageField(new Writer(), 1, pubKey), 2, power).finish();
    }),
  );

/** Bytes that a validator signs to commit a block: a length-prefixed `CanonicalVote`. */
export function precommitBytes(chainId: string, commit: Commit, signed: Timestamp): Uint8Array {
  const PRECOMMIT = 2n;
  const vote = varintField(new Writer(), 1, PRECOMMIT);
  if (commit.height !== 0n) vote.uint32(tag(2, FIXED64)).sfixed64(commit.height);
  if (commit.round !== 0) vote.uint32(tag(3, FIXED64)).sfixed64(BigInt(commit.round));
  messageField(vote, 4, encodeBlockId(commit.blockId));
  messageField(vote, 5, encodeTime(signed));
  bytesField(vote, 6, new TextEncoder().encode(chainId));
  return new Writer().bytes(vote.finish()).finish();
}

/** `2026-11-24T11:00:00.5Z` as milliseconds since 1970. */
export const toMilliseconds = ({ seconds, nanos }: Timestamp): number =>
  Number(seconds) * 1000 + Math.floor(nanos / 1e6);

export const hashText = (hash: Uint8Array): string => toHex(hash).toUpperCase();

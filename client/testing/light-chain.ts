/** A chain of headers with changing validators, signed with made-up keys and told as CometBFT's RPC does. For tests. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256, toBase64 } from "../bytes.ts";
import {
  type BlockId,
  type Commit,
  type Header,
  hashText,
  headerHash,
  precommitBytes,
  type Validator,
  validatorsHash,
} from "../header.ts";
import type { Json } from "../rpc.ts";

export interface Signer {
  readonly secret: Uint8Array;
  readonly validator: Validator;
}

const PRIORITY = -9223372036854775807n;

export function createSigner(seed: number, power = 10n): Signer {
  const secret = sha256(Uint8Array.of(seed >> 8, seed & 0xff));
  const key = ed25519.getPublicKey(secret);
  return {
    secret,
    validator: { address: sha256(key).slice(0, 20), keyType: "ed25519", key, power, priority: PRIORITY },
  };
}

export interface ChainSpec {
  readonly chainId: string;
  readonly length: number;
  /** Milliseconds since 1970 of the first block; one second a block. */
  readonly start: number;
  validatorsAt(height: number): readonly Signer[];
  /** Who signs the block. Everybody unless told. */
  signersOf?(height: number, validators: readonly Signer[]): readonly Signer[];
  appHashAt?(height: number): Uint8Array;
}

const none: BlockId = { hash: new Uint8Array(), total: 0, partsHash: new Uint8Array() };

export function createLightChain({ chainId, length, start, validatorsAt, signersOf, appHashAt }: ChainSpec) {
  const blocks = new Map<number, { header: Header; commit: Commit; signers: readonly Signer[] }>();
  let lastBlockId = none;
  for (let height = 1; height <= length; height++) {
    const signers = validatorsAt(height);
    const set = signers.map(({ validator }) => validator);
    const milliseconds = start + height * 1000;
    const header: Header = {
      versionBlock: 11n,
      versionApp: 0n,
      chainId,
      height: BigInt(height),
      time: { seconds: BigInt(Math.floor(milliseconds / 1000)), nanos: 5 },
      lastBlockId,
      lastCommitHash: sha256(Uint8Array.of(1)),
      dataHash: sha256(new Uint8Array()),
      validatorsHash: validatorsHash(set),
      nextValidatorsHash: validatorsHash(validatorsAt(height + 1).map(({ validator }) => validator)),
      consensusHash: sha256(Uint8Array.of(2)),
      appHash: appHashAt?.(height) ?? sha256(Uint8Array.of(3, height & 0xff)),
      lastResultsHash: sha256(new Uint8Array()),
      evidenceHash: sha256(new Uint8Array()),
      proposerAddress: set[0]!.address,
    };
    const blockId: BlockId = { hash: headerHash(header), total: 1, partsHash: sha256(Uint8Array.of(4)) };
    const unsigned: Commit = { height: BigInt(height), round: height % 2, blockId, signatures: [] };
    const signing = signersOf?.(height, signers) ?? signers;
    const signatures = signers.map((signer) => {
      const { validator, secret } = signer;
      if (!signing.includes(signer)) {
        return {
          flag: 1,
          address: new Uint8Array(),
          time: { seconds: -62135596800n, nanos: 0 },
          signature: new Uint8Array(),
        };
      }
      const signature = ed25519.sign(precommitBytes(chainId, unsigned, header.time), secret);
      return { flag: 2, address: validator.address, time: header.time, signature };
    });
    blocks.set(height, { header, commit: { ...unsigned, signatures }, signers });
    lastBlockId = blockId;
  }

  const calls: string[] = [];
  return {
    blocks,
    /** `method height`, in the order of asking. */
    calls,
    hashOf: (height: number): string => hashText(headerHash(blocks.get(height)!.header)),
    /** Answers `commit` and `validators`. */
    answer(method: string, params: Readonly<Record<string, Json>>): Json {
      const height = Number(params["height"]);
      calls.push(`${method} ${height}`);
      const block = blocks.get(height);
      if (!block) throw new Error(`height ${height} is not there`);
      return method === "commit" ? signedHeaderJson(block.header, block.commit) : validatorsJson(block.signers);
    },
  };
}

const timeJson = ({ seconds, nanos }: Header["time"]): string =>
  `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}${nanos ? `.${String(nanos).padStart(9, "0").replace(/0+$/, "")}` : ""}Z`;

const blockIdJson = ({ hash, total, partsHash }: BlockId): Json => ({
  hash: hashText(hash),
  parts: { total, hash: hashText(partsHash) },
});

const signedHeaderJson = (header: Header, commit: Commit): Json => ({
  signed_header: {
    header: {
      version: { block: String(header.versionBlock) },
      chain_id: header.chainId,
      height: String(header.height),
      time: timeJson(header.time),
      last_block_id: blockIdJson(header.lastBlockId),
      last_commit_hash: hashText(header.lastCommitHash),
      data_hash: hashText(header.dataHash),
      validators_hash: hashText(header.validatorsHash),
      next_validators_hash: hashText(header.nextValidatorsHash),
      consensus_hash: hashText(header.consensusHash),
      app_hash: hashText(header.appHash),
      last_results_hash: hashText(header.lastResultsHash),
      evidence_hash: hashText(header.evidenceHash),
      proposer_address: hashText(header.proposerAddress),
    },
    commit: {
      height: String(commit.height),
      round: commit.round,
      block_id: blockIdJson(commit.blockId),
      signatures: commit.signatures.map(({ flag, address, time, signature }) => ({
        block_id_flag: flag,
        validator_address: hashText(address),
        timestamp: timeJson(time),
        signature: signature.length > 0 ? toBase64(signature) : null,
      })),
    },
  },
  canonical: true,
});

const validatorsJson = (signers: readonly Signer[]): Json => ({
  validators: signers.map(({ validator }) => ({
    address: hashText(validator.address),
    pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(validator.key) },
    voting_power: String(validator.power),
    proposer_priority: String(validator.priority),
  })),
  count: String(signers.length),
  total: String(signers.length),
});

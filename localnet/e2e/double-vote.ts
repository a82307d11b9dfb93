/** Evidence that a key signed two precommits of one height, made by somebody who has the key, as CometBFT's RPC takes it. */
import { createHash } from "node:crypto";
import { type BlockId, precommitBytes } from "@interfirm/client/header";
import { cometAddress, type Ed25519Key, signEd25519 } from "@interfirm/node/config/comet-keys";
import type { NetworkNode } from "../network.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();
const hashOf = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());

/** A block that nobody proposed. */
const inventedBlock = (name: string): BlockId => ({ hash: hashOf(name), total: 1, partsHash: hashOf(`${name} parts`) });

function precommit(key: Ed25519Key, chainId: string, height: bigint, blockId: BlockId) {
  const time = { seconds: 1_700_000_000n, nanos: 0 };
  const signed = precommitBytes(chainId, { height, round: 0, blockId, signatures: [] }, time);
  return {
    type: 2,
    height: height.toString(),
    round: 0,
    block_id: {
      hash: hex(blockId.hash),
      parts: { total: blockId.total, hash: hex(blockId.partsHash) },
    },
    timestamp: new Date(Number(time.seconds) * 1_000).toISOString(),
    validator_address: hex(cometAddress(key.pubKey)),
    validator_index: 0,
    signature: Buffer.from(signEd25519(key, signed)).toString("base64"),
    extension: null,
    extension_signature: null,
  };
}

/**
 * Signs two blocks of `height` and hands both votes to a node, which passes them on when they prove what they should.
 * Rejects with CometBFT's words otherwise. Source: CometBFT v0.38 `types/evidence.go`, `evidence/verify.go`.
 */
export async function reportDoubleVote(
  { rpc }: NetworkNode,
  key: Ed25519Key,
  { chainId, height }: { readonly chainId: string; readonly height: bigint },
): Promise<void> {
  const [{ block }, { validators }] = await Promise.all([rpc.block(height), rpc.validators(height)]);
  const address = hex(cometAddress(key.pubKey));
  const power = validators.find((validator) => validator.address === address)?.voting_power;
  if (power === undefined) throw new Error(`${address} is not in the set of height ${height}`);
  const votes = ["one block", "another block"]
    .map((name) => precommit(key, chainId, height, inventedBlock(name)))
    .sort((a, b) => (a.block_id.hash < b.block_id.hash ? -1 : 1));
  const total = validators.reduce((sum, { voting_power }) => sum + BigInt(voting_power), 0n);
  await rpc.call("broadcast_evidence", {
    evidence: {
      type: "tendermint/DuplicateVoteEvidence",
      value: {
        vote_a: votes[0],
        vote_b: votes[1],
        TotalVotingPower: total.toString(),
        ValidatorPower: power,
        Timestamp: block.header.time,
      },
    },
  });
}

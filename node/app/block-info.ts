import type { BlockInfo, CommitVote, Misbehavior } from "@interfirm/modules/kernel/module";
import { timestampToNs } from "@interfirm/modules/kernel/time";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { BlockIDFlag } from "@interfirm/proto/gen/tendermint/types";

/** What modules are told of a block. CometBFT sends votes and evidence in an order that all nodes share. */
export function blockInfo(request: abci.RequestFinalizeBlock, lastAppHash: Uint8Array): BlockInfo {
  const { hash, proposerAddress, decidedLastCommit, misbehavior, nextValidatorsHash } = request;
  return {
    nextValidatorsHash,
    lastAppHash,
    hash,
    proposer: proposerAddress,
    lastCommit: (decidedLastCommit?.votes ?? []).map(toVote),
    misbehavior: misbehavior.map(toMisbehavior),
  };
}

function toVote({ validator, blockIdFlag }: abci.VoteInfo): CommitVote {
  return { validator: validator.address, power: validator.power, flag: toFlag(blockIdFlag) };
}

function toFlag(flag: number): CommitVote["flag"] {
  if (flag === BlockIDFlag.BLOCK_ID_FLAG_COMMIT) return "commit";
  if (flag === BlockIDFlag.BLOCK_ID_FLAG_NIL) return "nil";
  return "absent";
}

function toMisbehavior({ type, validator, height, time, totalVotingPower }: abci.Misbehavior): Misbehavior {
  return {
    kind: toKind(type),
    validator: validator.address,
    power: validator.power,
    height,
    time: timestampToNs(time),
    totalPower: totalVotingPower,
  };
}

function toKind(type: number): Misbehavior["kind"] {
  if (type === abci.MisbehaviorType.DUPLICATE_VOTE) return "duplicateVote";
  if (type === abci.MisbehaviorType.LIGHT_CLIENT_ATTACK) return "lightClientAttack";
  return "unknown";
}

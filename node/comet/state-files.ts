/**
 * CometBFT's own databases as a state sync leaves them: the state after a height, and not one block.
 * Source: CometBFT v0.38.26 `state/store.go`, `store/store.go`, `node/node.go` (BootstrapState).
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Commit, merkleRoot, type Validator } from "@interfirm/client/header";
import type { LightBlock } from "@interfirm/client/light";
import { ConsensusParamsInfo, State, ValidatorsInfo } from "@interfirm/proto/gen/tendermint/state";
import * as types from "@interfirm/proto/gen/tendermint/types";
import { Writer } from "@interfirm/proto/runtime";
import type { DeepPartial } from "@interfirm/proto/types";
import { type Database, openDatabase, type Write } from "../store/db.ts";
import { silent } from "../store/log.ts";
import { COMETBFT_VERSION } from "./locate.ts";

/** What three verified blocks say of the state after the first of them. */
export interface StateFacts {
  readonly chainId: string;
  /** Height of the chain's first block. */
  readonly initialHeight: bigint;
  /** The last block. */
  readonly last: LightBlock;
  readonly next: LightBlock;
  /** The one after the next: it tells the validators that the last block has chosen. */
  readonly afterNext: LightBlock;
  /** Of the next block. */
  readonly params: DeepPartial<types.ConsensusParams>;
}

export interface StateFiles {
  /** Of `state.db`. */
  readonly state: readonly Write[];
  /** Of `blockstore.db`. */
  readonly blocks: readonly Write[];
}

const STATE_KEY = "stateKey";
const BLOCKS_KEY = "blockStore";

const utf8 = new TextEncoder();
const put = (key: string, value: Uint8Array): Write => ({ type: "put", key: utf8.encode(key), value });

const compare = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b);

const validatorOf = ({ address, keyType, key, power, priority }: Validator): DeepPartial<types.Validator> => ({
  address,
  pubKey: keyType === "ed25519" ? { ed25519: key } : { secp256k1: key },
  votingPower: power,
  proposerPriority: priority,
});

/** Who proposed has come out with the least priority; among equals it is the one with the greatest address. */
function lastProposer(validators: readonly Validator[]): Validator {
  return validators.reduce((least, one) =>
    one.priority < least.priority || (one.priority === least.priority && compare(one.address, least.address) > 0)
      ? one
      : least,
  );
}

const setOf = ({ validators }: LightBlock): DeepPartial<types.ValidatorSet> => ({
  validators: validators.map(validatorOf),
  proposer: validatorOf(lastProposer(validators)),
});

const signaturesOf = ({ signatures }: Commit): readonly types.CommitSig[] =>
  signatures.map(({ flag, address, time, signature }) =>
    types.CommitSig.fromPartial({
      blockIdFlag: flag as types.BlockIDFlag,
      validatorAddress: address,
      timestamp: time,
      signature,
    }),
  );

const commitOf = (commit: Commit): DeepPartial<types.Commit> => ({
  height: commit.height,
  round: commit.round,
  blockId: blockIdOf(commit.blockId),
  signatures: signaturesOf(commit),
});

/** What the header of the next block calls `last_commit_hash`. */
export const commitHash = (commit: Commit): Uint8Array =>
  merkleRoot(signaturesOf(commit).map((signature) => types.CommitSig.encode(signature).finish()));

const blockIdOf = ({ hash, total, partsHash }: Commit["blockId"]): DeepPartial<types.BlockID> => ({
  hash,
  partSetHeader: { total, hash: partsHash },
});

/** What CometBFT 0.38.26 itself would write, key by key and byte by byte. */
export function stateFiles(facts: StateFacts): StateFiles {
  const { chainId, initialHeight, last, next, afterNext, params } = facts;
  const height = last.header.height;
  const validatorsAt = (block: LightBlock): Write => {
    const info = { validatorSet: setOf(block), lastHeightChanged: block.header.height };
    return put(
      `validatorsKey:${block.header.height}`,
      ValidatorsInfo.encode(ValidatorsInfo.fromPartial(info)).finish(),
    );
  };
  const paramsInfo = { consensusParams: params, lastHeightChanged: height + 1n };
  const state = State.fromPartial({
    version: {
      consensus: { block: next.header.versionBlock, app: next.header.versionApp },
      software: COMETBFT_VERSION,
    },
    chainId,
    initialHeight,
    lastBlockHeight: height,
    lastBlockId: blockIdOf(last.commit.blockId),
    lastBlockTime: last.header.time,
    nextValidators: setOf(afterNext),
    validators: setOf(next),
    lastValidators: setOf(last),
    lastHeightValidatorsChanged: height + 2n,
    consensusParams: params,
    lastHeightConsensusParamsChanged: height + 1n,
    lastResultsHash: next.header.lastResultsHash,
    appHash: next.header.appHash,
  });
  return {
    state: [
      validatorsAt(last),
      validatorsAt(next),
      validatorsAt(afterNext),
      put(
        `consensusParamsKey:${height + 1n}`,
        ConsensusParamsInfo.encode(ConsensusParamsInfo.fromPartial(paramsInfo)).finish(),
      ),
      put(STATE_KEY, State.encode(state).finish()),
      // A zigzag varint. Block sync begins after this height, though there is no block.
      put("offlineStateSyncHeightKey", new Writer().sint64(height).finish()),
    ],
    blocks: [put(`SC:${height}`, types.Commit.encode(types.Commit.fromPartial(commitOf(last.commit))).finish())],
  };
}

async function within<R>(path: string, act: (db: Database) => Promise<R>): Promise<R> {
  const db = await openDatabase(path, { log: silent, lockWaitMs: 0 });
  try {
    return await act(db);
  } finally {
    await db.close();
  }
}

async function read(path: string, key: string): Promise<Uint8Array | undefined> {
  return existsSync(path) ? within(path, (db) => db.get(utf8.encode(key))) : undefined;
}

const pathsIn = (folder: string) => ({ state: join(folder, "state.db"), blocks: join(folder, "blockstore.db") });

/**
 * Throws an Error unless CometBFT has nothing under `folder`, or the very state of `height` and no block since: a start
 * that was killed before its first block leaves that, and only these files written anew let it go on.
 */
export async function requireEmptyState(folder: string, height: bigint): Promise<void> {
  const paths = pathsIn(folder);
  const state = await read(paths.state, STATE_KEY);
  const blocks = await read(paths.blocks, BLOCKS_KEY);
  const has = state && State.decode(state).lastBlockHeight;
  if (blocks === undefined && (has === undefined || has === height)) return;
  throw new Error(
    `CometBFT has ${blocks ? "blocks" : `the state of height ${has}`} in ${folder}, want nothing: only a restored snapshot needs bootstrap-state; to begin anew, run interfirmd comet reset-state, then load and restore the snapshot again`,
  );
}

/** Throws a StoreError when the disk refuses. What is cut off in between can be written again. */
export async function writeStateFiles(folder: string, { state, blocks }: StateFiles): Promise<void> {
  const paths = pathsIn(folder);
  // The state comes last: without it there is nothing yet.
  await within(paths.blocks, (db) => db.write(blocks, true));
  await within(paths.state, (db) => db.write(state, true));
}

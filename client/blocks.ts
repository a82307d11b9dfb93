import type { Comet38Client, comet38 } from "@cosmjs/tendermint-rpc";
import { sha256, toHex } from "./bytes.ts";
import { isError } from "./errors.ts";
import { createHeads, type HeadOptions } from "./heads.ts";
import { type Rpc, sleep } from "./rpc.ts";

export interface RawEvent {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string }[];
}

/** A transaction as a block holds it, with its result. */
export interface BlockTx {
  /** Place in the block, from 0. */
  readonly index: number;
  /** Upper-case hex. */
  readonly hash: string;
  readonly bytes: Uint8Array;
  /** 0 when it succeeded. */
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  /** An encoded `TxMsgData`. */
  readonly data: Uint8Array;
  readonly gasUsed: bigint;
  readonly gasWanted: bigint;
  readonly events: readonly RawEvent[];
}

/** A committed block: final, since CometBFT never takes one back. */
export interface Block {
  readonly height: bigint;
  /** Upper-case hex. */
  readonly hash: string;
  /** Of the header, to the millisecond. */
  readonly time: Date;
  readonly txs: readonly BlockTx[];
  /** Of the block itself: begin and end of block. */
  readonly events: readonly RawEvent[];
}

export interface FollowOptions extends HeadOptions {
  /** First height to give. */
  readonly fromHeight: bigint;
  /** Last height to give; without it there is no end. */
  readonly toHeight?: bigint | undefined;
}

/** Blocks read ahead of the consumer while catching up. */
const READ_AHEAD = 8;
/** A node stores a block a moment before its results, and an endpoint may be behind another. */
const TRIES_PER_BLOCK = 20;
const TRY_REST_MS = 250;

export const txHash = (bytes: Uint8Array): string => toHex(sha256(bytes)).toUpperCase();

/** One committed block with its results. Throws `client/rpc` when the node does not have it (yet, or any more). */
export async function readBlock(comet: Comet38Client, height: bigint): Promise<Block> {
  const [{ block, blockId }, results] = await Promise.all([
    comet.block(Number(height)),
    comet.blockResults(Number(height)),
  ]);
  return {
    height,
    hash: toHex(blockId.hash).toUpperCase(),
    time: new Date(block.header.time.getTime()),
    txs: block.txs.map((bytes, index) => toBlockTx(index, bytes, results.results[index])),
    events: results.finalizeBlockEvents,
  };
}

function toBlockTx(index: number, bytes: Uint8Array, result: comet38.TxData | undefined): BlockTx {
  return {
    index,
    hash: txHash(bytes),
    bytes,
    code: result?.code ?? 0,
    codespace: result?.codespace ?? "",
    log: result?.log ?? "",
    data: result?.data ?? new Uint8Array(),
    gasUsed: result?.gasUsed ?? 0n,
    gasWanted: result?.gasWanted ?? 0n,
    events: result?.events ?? [],
  };
}

/**
 * Every block from `fromHeight` on, in order, none left out and none twice, until aborted. The height is all the
 * state there is: an interrupted consumer goes on with the height after the last one that it has dealt with.
 * Failing connections are waited out. Throws `client/rpc` when the node no longer has a height.
 */
export async function* followBlocks(
  rpc: Rpc,
  comet: Comet38Client,
  { fromHeight, toHeight, ...options }: FollowOptions,
): AsyncGenerator<Block, void, void> {
  const heads = createHeads(rpc, comet, options);
  const ahead: Promise<Block>[] = [];
  let next = fromHeight > 0n ? fromHeight : 1n;
  try {
    for (let height = next; toHeight === undefined || height <= toHeight; height++) {
      const newest = BigInt(await heads.reached(Number(height)));
      while (next <= newest && next < height + BigInt(READ_AHEAD) && (toHeight === undefined || next <= toHeight)) {
        const block = readPatiently(comet, next++, options);
        block.catch(() => {});
        ahead.push(block);
      }
      yield await ahead.shift()!;
    }
  } catch (error) {
    // The consumer asked for the end: that is no failure.
    if (!options.signal?.aborted) throw error;
  } finally {
    heads.close();
  }
}

async function readPatiently(comet: Comet38Client, height: bigint, { signal, onFailure }: HeadOptions): Promise<Block> {
  for (let refused = 0; ; ) {
    signal?.throwIfAborted();
    try {
      return await readBlock(comet, height);
    } catch (error) {
      // Only a node's refusal counts: while no endpoint answers, the block is still to come.
      if (isError(error, "client", "rpc")) refused++;
      else if (!isError(error, "client", "connection")) throw error;
      if (refused >= TRIES_PER_BLOCK || /lowest height is/.test(error.rawLog)) throw error;
      onFailure?.(error);
      await sleep(TRY_REST_MS, signal);
    }
  }
}

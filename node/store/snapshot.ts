/**
 * State-sync snapshots: all trees of one height as chunks, the same bytes on every node.
 *
 * Chunk 0 begins with `uvarint height | time:8 | len metadata`; then comes the stream of node-stream.ts, cut between nodes.
 * Chunks are not compressed: Node's zlib takes other paths on other processors, and the bytes must be equal everywhere.
 * Only the app hash is trusted on the other side; time and metadata of the height are the sender's word.
 */
import { ByteReader, ByteWriter } from "./bytes.ts";
import { StoreError } from "./errors.ts";
import { hashBytes } from "./node.ts";
import { encodeRoots } from "./node-stream.ts";
import type { Pace } from "./pace.ts";
import type { ReadView } from "./version.ts";

/** Ours. The SDK's IAVL snapshots have 3 and earlier numbers; nodes that know only those reject this one. */
export const SNAPSHOT_FORMAT = 1001;

/** Chunks close at the first node at or behind this size. CometBFT takes chunks of up to 16 MB. */
export const CHUNK_BYTES = 10_000_000;
export const CHUNK_BYTES_MAX = 16_000_000;
/** CometBFT refuses snapshots of more. */
const CHUNKS_MAX = 100_000;

const HASH_BYTES = 32;

/** What one node tells another of a snapshot. */
export interface SnapshotInfo {
  readonly height: bigint;
  readonly format: number;
  readonly chunks: number;
  /** SHA-256 of {@link metadata}. */
  readonly hash: Uint8Array;
  /** SHA-256 of every chunk, one after the other. */
  readonly metadata: Uint8Array;
}

export function infoOf(height: bigint, chunkHashes: readonly Uint8Array[]): SnapshotInfo {
  const metadata = new Uint8Array(Buffer.concat(chunkHashes));
  return { height, format: SNAPSHOT_FORMAT, chunks: chunkHashes.length, hash: hashBytes(metadata), metadata };
}

/** The hash that chunk `index` must have. */
export const chunkHash = ({ metadata }: SnapshotInfo, index: number): Uint8Array =>
  metadata.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);

/** Throws `snapshot` for an offer that cannot be one of ours. */
export function checkInfo(info: SnapshotInfo): void {
  if (info.format !== SNAPSHOT_FORMAT) {
    throw new StoreError("snapshot", `snapshot format is ${info.format}, want ${SNAPSHOT_FORMAT}`);
  }
  if (info.chunks < 1 || info.chunks > CHUNKS_MAX || info.metadata.length !== info.chunks * HASH_BYTES) {
    const seen = `${info.chunks} chunks and ${info.metadata.length} bytes of hashes`;
    throw new StoreError(
      "snapshot",
      `snapshot has ${seen}, want 1 to ${CHUNKS_MAX} chunks and ${HASH_BYTES} bytes each`,
    );
  }
  if (Buffer.compare(hashBytes(info.metadata), info.hash) !== 0) {
    throw new StoreError("snapshot", "snapshot's hash is not that of its chunk hashes");
  }
}

/** The chunks of a committed height. Yields `undefined` as chances to rest. */
function* encodeSnapshot(view: ReadView, chunkBytes: number): Generator<Uint8Array | undefined> {
  let head: Uint8Array | undefined = new ByteWriter(64)
    .uvarint(Number(view.height))
    .int64(view.time)
    .bytes(view.metadata)
    .take();
  for (const piece of encodeRoots(view.roots, chunkBytes)) {
    if (piece === undefined || head === undefined) {
      yield piece;
    } else {
      yield new Uint8Array(Buffer.concat([head, piece]));
      head = undefined;
    }
  }
}

/** Hands every chunk to `write`, resting when the pace says so. */
export async function createSnapshot(
  view: ReadView,
  options: { readonly chunkBytes: number; readonly pace: Pace; write(index: number, chunk: Uint8Array): Promise<void> },
): Promise<SnapshotInfo> {
  const hashes: Uint8Array[] = [];
  for (const chunk of encodeSnapshot(view, options.chunkBytes)) {
    if (chunk !== undefined) {
      await options.write(hashes.length, chunk);
      hashes.push(hashBytes(chunk));
    }
    if (options.pace.due) await options.pace.rest();
  }
  return infoOf(view.height, hashes);
}

export interface SnapshotHead {
  readonly height: bigint;
  readonly time: bigint;
  readonly metadata: Uint8Array;
}

/** Head and the rest of chunk 0. Throws RangeError for bytes that are no head. */
export function splitHead(chunk: Uint8Array): { readonly head: SnapshotHead; readonly rest: Uint8Array } {
  const input = new ByteReader(chunk);
  const head = { height: BigInt(input.uvarint()), time: input.int64(), metadata: input.bytes() };
  return { head, rest: chunk.subarray(input.offset) };
}

/**
 * Keys of the database. Heights are big-endian, so key order is block order and LevelDB compacts by moving files.
 *
 *     0x00                          → format:1, the number of this layout
 *     0x10 | height:8 | 0:2         → commit record, see records.ts
 *     0x10 | height:8 | part:2      → changes of the height, in parts of at most CHANGE_PART_BYTES; part counts from 1
 *     0x20 | height:8 | piece:4     → a piece of a base: whole trees as node-stream.ts writes them
 *     0x21 | height:8               → manifest of a base; a base without it is unfinished and deleted at start
 */
export const FORMAT = 1;

export const CHANGE_PART_BYTES = 1 << 20;

export const FORMAT_KEY = Uint8Array.of(0x00);

const HEIGHT_PREFIX = 0x10;
const PIECE_PREFIX = 0x20;
const MANIFEST_PREFIX = 0x21;

function heightKey(prefix: number, height: number, tail: number): Buffer {
  const key = Buffer.alloc(9 + tail);
  key[0] = prefix;
  key.writeBigUInt64BE(BigInt(height), 1);
  return key;
}

export const recordKey = (height: number): Uint8Array => heightKey(HEIGHT_PREFIX, height, 2);

export function changeKey(height: number, part: number): Uint8Array {
  const key = heightKey(HEIGHT_PREFIX, height, 2);
  key.writeUInt16BE(part, 9);
  return key;
}

export function pieceKey(height: number, piece: number): Uint8Array {
  const key = heightKey(PIECE_PREFIX, height, 4);
  key.writeUInt32BE(piece, 9);
  return key;
}

export const manifestKey = (height: number): Uint8Array => heightKey(MANIFEST_PREFIX, height, 0);

/** Height in a key of one of the prefixes above. */
export function heightOf(key: Uint8Array): number {
  return Number(new DataView(key.buffer, key.byteOffset).getBigUint64(1));
}

/** Part in a key under the height prefix; 0 is the record. */
export const partOf = (key: Uint8Array): number => (key[9]! << 8) | key[10]!;

export interface KeyRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

/** Records and changes of the heights `[from, to)`. */
export const heightRange = (from: number, to: number): KeyRange => ({
  gte: heightKey(HEIGHT_PREFIX, from, 0),
  lt: heightKey(HEIGHT_PREFIX, to, 0),
});

export const allHeights: KeyRange = { gte: Uint8Array.of(HEIGHT_PREFIX), lt: Uint8Array.of(HEIGHT_PREFIX + 1) };

export const pieceRange = (height: number): KeyRange => ({
  gte: heightKey(PIECE_PREFIX, height, 0),
  lt: heightKey(PIECE_PREFIX, height + 1, 0),
});

export const allPieces: KeyRange = { gte: Uint8Array.of(PIECE_PREFIX), lt: Uint8Array.of(PIECE_PREFIX + 1) };

export const allManifests: KeyRange = { gte: Uint8Array.of(MANIFEST_PREFIX), lt: Uint8Array.of(MANIFEST_PREFIX + 1) };

/**
 * Bases: whole trees of one height in the database, from which heights above are rebuilt by replaying changes. They are
 * written from an immutable version while blocks go on, and count only once their manifest is written.
 */
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { Database, Write } from "./db.ts";
import { StoreError } from "./errors.ts";
import { allManifests, allPieces, heightOf, manifestKey, pieceKey, pieceRange } from "./layout.ts";
import type { Node } from "./node.ts";
import { encodeRoots, type Roots, RootsDecoder } from "./node-stream.ts";
import type { Pace } from "./pace.ts";
import type { Version } from "./version.ts";

export interface Base {
  readonly height: number;
  readonly pieces: number;
  readonly bytes: number;
  /** Bytes of changes between the base before and this one: what keeping it saves in replay. */
  readonly changeBytes: number;
}

const PIECE_BYTES = 128 * 1024;

function encodeManifest(base: Base): Uint8Array {
  return new ByteWriter(32).uvarint(base.pieces).uvarint(base.bytes).uvarint(base.changeBytes).take();
}

/** Finished bases, ascending. */
export async function listBases(db: Database): Promise<Base[]> {
  const bases: Base[] = [];
  for await (const [key, value] of db.entries(allManifests)) {
    const input = new ByteReader(value);
    bases.push({
      height: heightOf(key),
      pieces: input.uvarint(),
      bytes: input.uvarint(),
      changeBytes: input.uvarint(),
    });
  }
  return bases;
}

/** Writes the pieces, without the manifest: nobody sees them yet. `pace` rests between slices. */
export async function writePieces(
  db: Database,
  height: number,
  roots: Roots,
  pace: Pace,
): Promise<{ pieces: number; bytes: number }> {
  let pieces = 0;
  let bytes = 0;
  for (const piece of encodeRoots(roots, PIECE_BYTES)) {
    if (piece !== undefined) {
      await db.write([{ type: "put", key: pieceKey(height, pieces), value: piece }], false);
      pieces++;
      bytes += piece.length;
    }
    if (pace.due) await pace.rest();
  }
  return { pieces, bytes };
}

export const manifestWrite = (base: Base): Write => ({
  type: "put",
  key: manifestKey(base.height),
  value: encodeManifest(base),
});

/** Writes a base of `version`. After a crash in the middle the pieces are deleted at the next start. */
export async function writeBase(db: Database, version: Version, changeBytes: number, pace: Pace): Promise<Base> {
  const { height } = version.record;
  const base = { height, changeBytes, ...(await writePieces(db, height, version.roots, pace)) };
  await db.write([manifestWrite(base)], true);
  return base;
}

/** The trees of a base, rehashed. Throws `corrupt` when pieces are missing or are no trees. */
export async function loadBase(db: Database, base: Base, pace: Pace): Promise<Map<string, Node | undefined>> {
  const decoder = new RootsDecoder();
  let pieces = 0;
  try {
    for await (const [key, piece] of db.entries(pieceRange(base.height))) {
      if (Buffer.compare(key, pieceKey(base.height, pieces)) !== 0) break;
      decoder.push(piece);
      pieces++;
      if (pace.due) await pace.rest();
    }
    if (pieces !== base.pieces) throw new RangeError(`piece ${pieces} of ${base.pieces} is missing`);
    return decoder.finish();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StoreError("corrupt", `base of height ${base.height}: ${error.message}`, { cause: error });
  }
}

/** Deletes a base. The manifest goes first, so that a crash leaves loose pieces and never half a base. */
export async function deleteBase(db: Database, base: Base, pace: Pace): Promise<void> {
  await db.write([{ type: "del", key: manifestKey(base.height) }], true);
  await deletePieces(db, base.height, pace);
}

const DELETES_PER_BATCH = 64;

async function deletePieces(db: Database, height: number, pace: Pace): Promise<void> {
  for (;;) {
    const batch: Write[] = [];
    for await (const key of db.keys({ ...pieceRange(height), limit: DELETES_PER_BATCH }))
      batch.push({ type: "del", key });
    if (batch.length === 0) return;
    await db.write(batch, false);
    await pace.rest();
  }
}

/** Deletes the pieces that an interrupted write left. Run at start, before anything writes. */
export async function deleteLoosePieces(db: Database, bases: readonly Base[], pace: Pace): Promise<void> {
  const kept = new Set(bases.map(({ height }) => height));
  let from = allPieces.gte;
  for (;;) {
    let height: number | undefined;
    for await (const key of db.keys({ gte: from, lt: allPieces.lt, limit: 1 })) height = heightOf(key);
    if (height === undefined) return;
    if (!kept.has(height)) await deletePieces(db, height, pace);
    from = pieceRange(height).lt;
  }
}

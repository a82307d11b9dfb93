/**
 * What a commit leaves in the database: a record and the changes that led to it.
 *
 * Every record names the digest of the one before (`previous`), so that a record that was lost, changed or put in
 * another's place is noticed: LevelDB drops whole batches without an error when a byte of its log flips.
 */
import { ByteReader, type ByteText, ByteWriter, toBytes } from "./bytes.ts";
import { StoreError } from "./errors.ts";
import { CHANGE_PART_BYTES } from "./layout.ts";
import type { StoreRoot } from "./merkle.ts";
import { hashBytes } from "./node.ts";

/** A committed height, without its trees. */
export interface CommitRecord {
  readonly height: number;
  /** Of the block, in nanoseconds since 1970. */
  readonly time: bigint;
  readonly appHash: Uint8Array;
  /** Every store of the height, sorted by name. */
  readonly stores: readonly StoreRoot[];
  /** What the application asked to keep with the height. Not part of the app hash. */
  readonly metadata: Uint8Array;
  /** `restored`: the height came from a snapshot, so there are no changes and nothing before it. */
  readonly origin: "block" | "restored";
  readonly changeParts: number;
  /** SHA-256 of all parts in order. */
  readonly changeDigest: Uint8Array;
  /** Digest of the record before, 32 zero bytes for the first. */
  readonly previous: Uint8Array;
  /** SHA-256 of all the above. */
  readonly digest: Uint8Array;
}

export const NO_PREVIOUS = new Uint8Array(32);

const RECORD_FORMAT = 1;
const DIGEST_BYTES = 32;

/** Bytes of a record and its digest. */
export function encodeRecord(record: Omit<CommitRecord, "digest">): { bytes: Uint8Array; digest: Uint8Array } {
  const out = new ByteWriter(512);
  out
    .byte(RECORD_FORMAT)
    .byte(record.origin === "block" ? 0 : 1)
    .uvarint(record.height)
    .int64(record.time);
  out.bytes(record.appHash).uvarint(record.stores.length);
  for (const { name, hash } of record.stores) out.bytes(Buffer.from(name, "utf8")).text(hash);
  out.bytes(record.metadata).uvarint(record.changeParts).bytes(record.changeDigest).bytes(record.previous);
  const digest = hashBytes(out.view());
  return { bytes: out.raw(digest).take(), digest };
}

/** Throws `corrupt` for bytes that are not a record of `height` or whose digest differs. */
export function decodeRecord(bytes: Uint8Array, height: number): CommitRecord {
  const body = bytes.subarray(0, Math.max(0, bytes.length - DIGEST_BYTES));
  const digest = new Uint8Array(bytes.subarray(body.length));
  if (Buffer.compare(hashBytes(body), digest) !== 0) {
    throw new StoreError("corrupt", `commit record of height ${height} does not match its digest`);
  }
  const input = new ByteReader(body);
  const format = input.byte();
  if (format !== RECORD_FORMAT) {
    throw new StoreError("corrupt", `commit record of height ${height} has format ${format}, want ${RECORD_FORMAT}`);
  }
  const origin = input.byte() === 0 ? "block" : "restored";
  const recorded = input.uvarint();
  if (recorded !== height) {
    throw new StoreError("corrupt", `commit record under height ${height} is of height ${recorded}`);
  }
  const time = input.int64();
  const appHash = input.bytes();
  const stores: StoreRoot[] = [];
  for (let left = input.uvarint(); left > 0; left--) {
    stores.push({ name: Buffer.from(input.bytes()).toString("utf8"), hash: input.text() });
  }
  const metadata = input.bytes();
  const changeParts = input.uvarint();
  const changeDigest = input.bytes();
  return {
    height,
    time,
    appHash,
    stores,
    metadata,
    origin,
    changeParts,
    changeDigest,
    previous: input.bytes(),
    digest,
  };
}

const OP_DELETE = 0;
const OP_SET = 1;

/** The writes to one store since the last commit, in the order they came: the order decides the tree's shape. */
export class ChangeLog {
  readonly #out = new ByteWriter(1024);

  get byteLength(): number {
    return this.#out.length;
  }

  set(key: ByteText, value: ByteText): void {
    this.#out.byte(OP_SET).text(key).text(value);
  }

  delete(key: ByteText): void {
    this.#out.byte(OP_DELETE).text(key);
  }

  view(): Uint8Array {
    return this.#out.view();
  }

  clear(): void {
    this.#out.clear();
  }
}

/** What the changes of one store are applied to. */
export interface ChangeTarget {
  setText(key: ByteText, value: ByteText): void;
  deleteText(key: ByteText): boolean;
}

/** How the store came to be at this height, when not by having been there before. */
export type StoreOrigin = { readonly kind: "same" } | { readonly kind: "renamed"; readonly from: string };

export interface StoreChanges {
  readonly name: string;
  readonly origin: StoreOrigin;
  readonly log: Uint8Array;
}

/** All changes of a height as one byte string: per store its name, its origin and its log. Stores without any are left out. */
export function encodeChanges(stores: readonly StoreChanges[]): Uint8Array {
  const size = stores.reduce((sum, { name, log }) => sum + log.length + name.length + 32, 32);
  const out = new ByteWriter(size);
  const written = stores.filter(({ log, origin }) => log.length > 0 || origin.kind === "renamed");
  out.uvarint(written.length);
  for (const { name, origin, log } of written) {
    out.bytes(Buffer.from(name, "utf8"));
    out.bytes(Buffer.from(origin.kind === "renamed" ? origin.from : "", "utf8"));
    out.bytes(log);
  }
  return out.view();
}

export function* decodeChanges(bytes: Uint8Array): Generator<StoreChanges> {
  const input = new ByteReader(bytes);
  for (let left = input.uvarint(); left > 0; left--) {
    const name = Buffer.from(input.bytes()).toString("utf8");
    const from = Buffer.from(input.bytes()).toString("utf8");
    yield { name, origin: from === "" ? { kind: "same" } : { kind: "renamed", from }, log: input.bytes() };
  }
}

/** Steps between two chances to rest. */
const STEPS_PER_PAUSE = 256;

/** Applies a store's log; yields now and then so that the caller can rest. */
export function* applyLog(log: Uint8Array, target: ChangeTarget): Generator<void> {
  const input = new ByteReader(log);
  for (let step = 1; !input.done; step++) {
    if (input.byte() === OP_SET) target.setText(input.text(), input.text());
    else target.deleteText(input.text());
    if (step % STEPS_PER_PAUSE === 0) yield;
  }
}

export function splitParts(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += CHANGE_PART_BYTES) parts.push(bytes.subarray(at, at + CHANGE_PART_BYTES));
  return parts;
}

export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const hexOf = (bytes: Uint8Array | ByteText): string =>
  Buffer.from(typeof bytes === "string" ? toBytes(bytes) : bytes)
    .toString("hex")
    .toUpperCase();

/**
 * The folder of snapshots, `home/data/snapshots`:
 *
 *     <height>/<format>/<index>          one chunk
 *     <height>/<format>/metadata.json    written last: a snapshot without it is unfinished and deleted at start
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { StoreError } from "./errors.ts";
import { type Log, silent } from "./log.ts";
import { hashBytes } from "./node.ts";
import { Slices } from "./pace.ts";
import { hexOf, sameBytes } from "./records.ts";
import {
  CHUNK_BYTES,
  CHUNK_BYTES_MAX,
  checkInfo,
  chunkHash,
  createSnapshot,
  SNAPSHOT_FORMAT,
  type SnapshotInfo,
} from "./snapshot.ts";
import { packTar, type TarFile, unpackTar } from "./tar.ts";
import type { ReadView } from "./version.ts";

export interface SnapshotsOptions {
  readonly path: string;
  /** A snapshot at every height that this divides. 0: none. */
  readonly interval?: number;
  /** Snapshots kept, the newest. 0: all. */
  readonly keepRecent?: number;
  readonly chunkBytes?: number;
  readonly log?: Log;
}

/** A snapshot on disk: what is told of it, and the app hash it had here. */
export interface LocalSnapshot extends SnapshotInfo {
  readonly appHash: Uint8Array;
}

/** A snapshot that a peer loaded from in this time is not deleted, or the peer would have to start over. */
const SERVED_MS = 10 * 60_000;

const METADATA = "metadata.json";
const NUMBER = /^(0|[1-9][0-9]{0,15})$/;

export class Snapshots {
  readonly #path: string;
  readonly #interval: number;
  readonly #keepRecent: number;
  readonly #chunkBytes: number;
  readonly #log: Log;
  #local: LocalSnapshot[] = [];
  readonly #served = new Map<bigint, number>();
  readonly #pace = new Slices();
  #running: Promise<void> | undefined;

  private constructor(options: SnapshotsOptions) {
    this.#path = options.path;
    this.#interval = options.interval ?? 0;
    this.#keepRecent = options.keepRecent ?? 2;
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    this.#log = options.log ?? silent;
  }

  /** Reads what is there and deletes what a crash left unfinished. */
  static async open(options: SnapshotsOptions): Promise<Snapshots> {
    const snapshots = new Snapshots(options);
    await mkdir(options.path, { recursive: true });
    for (const height of await readdir(options.path)) {
      if (!NUMBER.test(height)) continue;
      const folder = join(options.path, height);
      const local = await readLocal(join(folder, String(SNAPSHOT_FORMAT)));
      if (local === undefined) await rm(folder, { recursive: true, force: true });
      else snapshots.#local.push(local);
    }
    snapshots.#sort();
    return snapshots;
  }

  /** Newest first. */
  list(): readonly LocalSnapshot[] {
    return this.#local;
  }

  /** The lowest height that has a snapshot, undefined without any: blocks above it must stay for peers that sync. */
  get lowest(): bigint | undefined {
    return this.#local.at(-1)?.height;
  }

  find(height: bigint, format: number): LocalSnapshot | undefined {
    return this.#local.find((local) => local.height === height && local.format === format);
  }

  /** Undefined for a snapshot or chunk that is not there. */
  async chunk(height: bigint, format: number, index: number): Promise<Uint8Array | undefined> {
    const local = this.find(height, format);
    if (local === undefined || !Number.isInteger(index) || index < 0 || index >= local.chunks) return undefined;
    this.#served.set(height, performance.now());
    return new Uint8Array(await readFile(join(this.#folder(height), String(index))));
  }

  /** Tells of a commit. Starts a snapshot where the interval wants one; never waits for it. */
  committed(view: ReadView): void {
    if (this.#interval === 0 || view.height % BigInt(this.#interval) !== 0n) return;
    if (this.#running !== undefined) {
      this.#log.warn({ height: view.height }, "no snapshot of this height: the last one is still being written");
      return;
    }
    this.#running = this.create(view)
      .then(() => this.#prune())
      .catch((error: unknown) => this.#log.error({ height: view.height, error: String(error) }, "snapshot failed"))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Writes a snapshot of a committed height, in slices. Does nothing when it is there. */
  async create(view: ReadView): Promise<LocalSnapshot> {
    const present = this.find(view.height, SNAPSHOT_FORMAT);
    if (present !== undefined) return present;
    const started = performance.now();
    const folder = this.#folder(view.height);
    await mkdir(folder, { recursive: true });
    try {
      const info = await createSnapshot(view, {
        chunkBytes: this.#chunkBytes,
        pace: this.#pace,
        write: (index, chunk) => writeSynced(join(folder, String(index)), chunk),
      });
      const local = await this.#finish({ ...info, appHash: view.appHash });
      const ms = Math.round(performance.now() - started);
      this.#log.info({ height: view.height, chunks: info.chunks, hash: hexOf(info.hash), ms }, "wrote a snapshot");
      return local;
    } catch (error) {
      await rm(join(this.#path, String(view.height)), { recursive: true, force: true });
      throw error;
    }
  }

  /** Throws `snapshot` for one that is not there. */
  async delete(height: bigint, format: number): Promise<void> {
    this.#wanted(height, format);
    this.#local = this.#local.filter((local) => local.height !== height);
    await rm(join(this.#path, String(height)), { recursive: true, force: true });
  }

  /** Packs a snapshot into a gzipped tar, by custom named `<height>-<format>.tar.gz`. Throws `snapshot`. */
  async dump(height: bigint, format: number, file: string): Promise<void> {
    const local = this.#wanted(height, format);
    const folder = this.#folder(height);
    async function* files(): AsyncGenerator<TarFile> {
      yield { name: METADATA, data: await readFile(join(folder, METADATA)) };
      for (let i = 0; i < local.chunks; i++) yield { name: String(i), data: await readFile(join(folder, String(i))) };
    }
    await pipeline(Readable.from(packTar(files())), createGzip(), createWriteStream(file));
  }

  /** Unpacks what {@link dump} packed. Every chunk is checked. Throws `snapshot`. */
  async load(file: string): Promise<LocalSnapshot> {
    const input = createReadStream(file).pipe(createGunzip());
    let local: LocalSnapshot | undefined;
    let next = 0;
    try {
      for await (const { name, data } of unpackTar(input, CHUNK_BYTES_MAX)) {
        if (local === undefined) {
          if (name !== METADATA) throw new RangeError(`it begins with ${name}, want ${METADATA}`);
          local = decodeLocal(Buffer.from(data).toString("utf8"));
          if (this.find(local.height, local.format) !== undefined) throw new RangeError("it is there already");
          await mkdir(this.#folder(local.height), { recursive: true });
          continue;
        }
        if (name !== String(next) || !sameBytes(hashBytes(data), chunkHash(local, next))) {
          throw new RangeError(`chunk ${name} is not chunk ${next} of ${local.chunks}`);
        }
        await writeSynced(join(this.#folder(local.height), name), data);
        next++;
      }
      if (local === undefined || next !== local.chunks) throw new RangeError(`it has ${next} chunks`);
      return await this.#finish(local);
    } catch (error) {
      if (local !== undefined && this.find(local.height, local.format) === undefined) {
        await rm(join(this.#path, String(local.height)), { recursive: true, force: true });
      }
      if (error instanceof StoreError) throw error;
      const detail = error instanceof Error ? error.message : String(error);
      throw new StoreError("snapshot", `cannot load ${file}: ${detail}`, { cause: error });
    }
  }

  /** Resolves when no snapshot is being written. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async close(): Promise<void> {
    this.#pace.stop(new StoreError("misuse", "snapshots are closed"));
    await this.#running;
  }

  #folder(height: bigint): string {
    return join(this.#path, String(height), String(SNAPSHOT_FORMAT));
  }

  #wanted(height: bigint, format: number): LocalSnapshot {
    const local = this.find(height, format);
    if (local === undefined)
      throw new StoreError("snapshot", `there is no snapshot of height ${height}, format ${format}`);
    return local;
  }

  async #finish(local: LocalSnapshot): Promise<LocalSnapshot> {
    const folder = this.#folder(local.height);
    const draft = join(folder, `${METADATA}.new`);
    await writeSynced(draft, Buffer.from(encodeLocal(local)));
    await rename(draft, join(folder, METADATA));
    this.#local.push(local);
    this.#sort();
    return local;
  }

  #sort(): void {
    this.#local.sort((a, b) => (a.height > b.height ? -1 : 1));
  }

  async #prune(): Promise<void> {
    if (this.#keepRecent === 0) return;
    const now = performance.now();
    for (const { height, format } of this.#local.slice(this.#keepRecent)) {
      const served = this.#served.get(height);
      if (served !== undefined && now - served < SERVED_MS) continue;
      this.#served.delete(height);
      await this.delete(height, format);
    }
  }
}

async function writeSynced(file: string, data: Uint8Array): Promise<void> {
  const handle = await open(file, "w", 0o644);
  try {
    await handle.writeFile(data);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const encodeLocal = (local: LocalSnapshot): string =>
  `${JSON.stringify({
    height: String(local.height),
    format: local.format,
    chunks: local.chunks,
    hash: hexOf(local.hash),
    app_hash: hexOf(local.appHash),
    chunk_hashes: Array.from({ length: local.chunks }, (_, i) => hexOf(chunkHash(local, i))),
  })}\n`;

/** Throws `snapshot` or a plain error for text that is not such a file. */
function decodeLocal(text: string): LocalSnapshot {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null) throw new StoreError("snapshot", `${METADATA} holds no object`);
  const fields = parsed as Readonly<Record<string, unknown>>;
  const unhex = (value: unknown): Uint8Array => {
    if (typeof value !== "string" || !/^([0-9A-F]{64})$/.test(value)) {
      throw new StoreError("snapshot", `${METADATA} has a hash that is not 64 hex digits`);
    }
    return new Uint8Array(Buffer.from(value, "hex"));
  };
  const { height, format, chunks, hash, app_hash: appHash, chunk_hashes: chunkHashes } = fields;
  if (typeof height !== "string" || !NUMBER.test(height) || typeof format !== "number" || typeof chunks !== "number") {
    throw new StoreError("snapshot", `${METADATA} has no height, format and number of chunks`);
  }
  const metadata = new Uint8Array(Buffer.concat(Array.isArray(chunkHashes) ? chunkHashes.map(unhex) : []));
  const local = { height: BigInt(height), format, chunks, hash: unhex(hash), metadata, appHash: unhex(appHash) };
  checkInfo(local);
  return local;
}

async function readLocal(folder: string): Promise<LocalSnapshot | undefined> {
  try {
    return decodeLocal(await readFile(join(folder, METADATA), "utf8"));
  } catch {
    // Unfinished, foreign or damaged: either way it cannot be served.
    return undefined;
  }
}

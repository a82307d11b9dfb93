import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { StoreError } from "./errors.ts";
import type { MultiStore } from "./multistore.ts";
import { Restore } from "./restore.ts";
import { infoOf, SNAPSHOT_FORMAT, type SnapshotInfo } from "./snapshot.ts";
import { Snapshots, type SnapshotsOptions } from "./snapshots.ts";
import { commitBlock, createFailingDatabase, createFolders, dump, hex, openTestStore } from "./testing.ts";

const folders = createFolders();
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
  folders.clean();
});

const track = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one);
  return one;
};

const openSnapshots = async (options: Partial<SnapshotsOptions> = {}): Promise<Snapshots> =>
  track(await Snapshots.open({ path: join(folders.make(), "snapshots"), chunkBytes: 200, ...options }));

async function chainOf(heights: number): Promise<MultiStore> {
  const store = track(await openTestStore(folders.make()));
  for (let height = 1; height <= heights; height++) await commitBlock(store, height);
  return store;
}

async function chunksOf(snapshots: Snapshots, info: SnapshotInfo): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < info.chunks; i++) chunks.push((await snapshots.chunk(info.height, info.format, i))!);
  return chunks;
}

const failureOf = async (action: () => unknown): Promise<string> => {
  try {
    await action();
  } catch (error) {
    if (error instanceof StoreError) return `${error.kind}: ${error.message}`;
    throw error;
  }
  throw new Error("it succeeded, want a StoreError");
};

describe("a snapshot", () => {
  it("restores the exact trees: same hashes, and the next blocks have the same app hash", async () => {
    const source = await chainOf(20);
    const snapshots = await openSnapshots();
    const info = await snapshots.create(source.latest);
    expect(info.chunks).toBeGreaterThan(3);
    const path = folders.make();
    let target = track(await openTestStore(path));
    const restore = new Restore(target, info, source.appHash);
    for (const [i, chunk] of (await chunksOf(snapshots, info)).entries()) {
      expect(target.version).toBe(0n);
      const last = i === info.chunks - 1;
      expect(await restore.apply(i, chunk)).toEqual(last ? { kind: "done" } : { kind: "next", index: i + 1 });
    }
    expect([target.version, target.earliest, target.latest.time]).toEqual([20n, 20n, source.latest.time]);
    expect(dump(target.latest)).toEqual(dump(source.latest));
    for (let height = 21; height <= 23; height++) {
      expect(await commitBlock(target, height)).toBe(await commitBlock(source, height));
    }
    await target.close();
    target = track(await openTestStore(path));
    expect(hex(target.appHash)).toBe(hex(source.appHash));
    expect(dump(await target.at(20n))).toEqual(dump(await source.at(20n)));
    expect(await failureOf(() => target.at(19n))).toBe("height: height is 19, want between 20 and 23");
  });

  it("is the same bytes on every node, whatever it went through", async () => {
    const one = await chainOf(15);
    const path = folders.make();
    let other = await openTestStore(path, { basePolicy: { heights: 4 } });
    for (let height = 1; height <= 18; height++) {
      await commitBlock(other, height);
      await other.idle();
      if (height % 5 === 0) {
        await other.close();
        other = await openTestStore(path, { basePolicy: { heights: 4 }, recent: { versions: 1 } });
      }
    }
    track(other);
    const a = await (await openSnapshots()).create(one.latest);
    const b = await (await openSnapshots()).create(await other.at(15n));
    expect(b).toEqual(a);
  });

  it("of empty stores restores too", async () => {
    const source = track(await openTestStore(folders.make()));
    source.prepare(7n);
    await source.commit();
    const snapshots = await openSnapshots();
    const info = await snapshots.create(source.latest);
    const target = track(await openTestStore(folders.make()));
    const restore = new Restore(target, info, source.appHash);
    expect(await restore.apply(0, (await snapshots.chunk(7n, SNAPSHOT_FORMAT, 0))!)).toEqual({ kind: "done" });
    expect(target.version).toBe(7n);
  });
});

describe("restoring", () => {
  async function offered() {
    const source = await chainOf(12);
    const snapshots = await openSnapshots();
    const info = await snapshots.create(source.latest);
    return { source, info, chunks: await chunksOf(snapshots, info) };
  }

  it("asks again for a chunk that is damaged, another or out of order", async () => {
    const { source, info, chunks } = await offered();
    const restore = new Restore(track(await openTestStore(folders.make())), info, source.appHash);
    const damaged = new Uint8Array(chunks[0]!);
    damaged[40]! ^= 1;
    expect(await restore.apply(0, damaged)).toEqual({ kind: "refetch", index: 0 });
    expect(await restore.apply(0, chunks[1]!)).toEqual({ kind: "refetch", index: 0 });
    expect(await restore.apply(1, chunks[1]!)).toEqual({ kind: "refetch", index: 0 });
    expect(await restore.apply(0, chunks[0]!)).toEqual({ kind: "next", index: 1 });
    expect(await restore.apply(0, chunks[0]!)).toEqual({ kind: "refetch", index: 1 });
  });

  it("rejects foreign formats and offers that contradict themselves", async () => {
    const { source, info } = await offered();
    const target = track(await openTestStore(folders.make()));
    const offer = (change: Partial<SnapshotInfo>) => () => new Restore(target, { ...info, ...change }, source.appHash);
    expect(await failureOf(offer({ format: 3 }))).toBe("snapshot: snapshot format is 3, want 1001");
    expect(await failureOf(offer({ chunks: 0 }))).toContain("snapshot: snapshot has 0 chunks");
    expect(await failureOf(offer({ chunks: info.chunks + 1 }))).toContain("bytes of hashes");
    expect(await failureOf(offer({ hash: new Uint8Array(32) }))).toContain("hash is not that of its chunk hashes");
  });

  it("rejects what does not lead to the trusted app hash, and an honest offer afterwards still restores", async () => {
    const { source, info, chunks } = await offered();
    const target = track(await openTestStore(folders.make()));
    const wrong = new Restore(target, info, new Uint8Array(32));
    const applyAll = async (restore: Restore, list: readonly Uint8Array[]): Promise<void> => {
      for (const [i, chunk] of list.entries()) await restore.apply(i, chunk);
    };
    expect(await failureOf(() => applyAll(wrong, chunks))).toContain("snapshot: snapshot has app hash");
    const forged = infoOf(info.height, [new Uint8Array(32)]);
    expect(await new Restore(target, forged, source.appHash).apply(0, chunks[0]!)).toMatchObject({ kind: "refetch" });
    expect(target.version).toBe(0n);
    await applyAll(new Restore(target, info, source.appHash), chunks);
    expect(dump(target.latest)).toEqual(dump(source.latest));
  });

  it("rejects a sender's own stream that is no tree", async () => {
    const { source } = await offered();
    const { hashBytes } = await import("./node.ts");
    for (const body of ["", "00", "0c0000000000000000000002", "0c00000000000000000000000161010101610162", "ff"]) {
      const chunk = new Uint8Array(Buffer.from(body, "hex"));
      const target = track(await openTestStore(folders.make()));
      const restore = new Restore(target, infoOf(12n, [hashBytes(chunk)]), source.appHash);
      expect(await failureOf(() => restore.apply(0, chunk))).toContain("snapshot: snapshot");
    }
  });

  it("that dies in the middle or at a failing write leaves an empty store", async () => {
    const { source, info, chunks } = await offered();
    const path = folders.make();
    for (let failAfter = 0; failAfter < 3; failAfter++) {
      const disk = createFailingDatabase();
      const target = await openTestStore(path, { openDatabase: disk.open });
      expect(target.version).toBe(0n);
      const restore = new Restore(target, info, source.appHash);
      for (const chunk of chunks.slice(0, -1).entries()) await restore.apply(...chunk);
      disk.failAfter = failAfter;
      const last = chunks.length - 1;
      if (failAfter < 2) expect(await failureOf(() => restore.apply(last, chunks[last]!))).toContain("io: ");
      else expect(await restore.apply(last, chunks[last]!)).toEqual({ kind: "done" });
      await target.close();
    }
    expect(hex(track(await openTestStore(path)).appHash)).toBe(hex(source.appHash));
  });

  it("refuses a store that has heights", async () => {
    const { source, info } = await offered();
    expect(await failureOf(() => new Restore(source, info, source.appHash))).toContain("misuse: store has height 12");
  });
});

describe("the folder", () => {
  it("takes a snapshot at the interval, keeps the newest, and those that are being served", async () => {
    const store = track(await openTestStore(folders.make()));
    const snapshots = await openSnapshots({ interval: 5, keepRecent: 2 });
    for (let height = 1; height <= 30; height++) {
      await commitBlock(store, height);
      snapshots.committed(store.latest);
      await snapshots.idle();
      if (height === 15) await snapshots.chunk(15n, SNAPSHOT_FORMAT, 0);
    }
    expect(snapshots.list().map(({ height }) => height)).toEqual([30n, 25n, 15n]);
    expect(snapshots.lowest).toBe(15n);
    await snapshots.delete(25n, SNAPSHOT_FORMAT);
    expect(await failureOf(() => snapshots.delete(25n, SNAPSHOT_FORMAT))).toContain("no snapshot of height 25");
    expect(await snapshots.chunk(25n, SNAPSHOT_FORMAT, 0)).toBeUndefined();
    expect(await snapshots.chunk(30n, SNAPSHOT_FORMAT, 1_000)).toBeUndefined();
    expect(await snapshots.chunk(30n, 3, 0)).toBeUndefined();
  });

  it("is found again after a restart, without what was unfinished", async () => {
    const store = await chainOf(6);
    const path = join(folders.make(), "snapshots");
    const info = await (await openSnapshots({ path })).create(store.latest);
    mkdirSync(join(path, "4", "1001"), { recursive: true });
    writeFileSync(join(path, "4", "1001", "0"), "half");
    const again = await openSnapshots({ path });
    expect(again.list()).toEqual([info]);
    expect(readdirSync(path)).toEqual(["6"]);
  });

  it("dumps to a tar.gz that loads elsewhere, and refuses a damaged one", async () => {
    const store = await chainOf(6);
    const snapshots = await openSnapshots();
    const info = await snapshots.create(store.latest);
    const file = join(folders.make(), "6-1001.tar.gz");
    await snapshots.dump(6n, SNAPSHOT_FORMAT, file);
    const elsewhere = await openSnapshots();
    expect(await elsewhere.load(file)).toEqual(info);
    expect(await chunksOf(elsewhere, info)).toEqual(await chunksOf(snapshots, info));
    expect(await failureOf(() => elsewhere.load(file))).toContain("it is there already");
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 100));
    const third = await openSnapshots();
    expect(await failureOf(() => third.load(file))).toContain("snapshot: cannot load");
    expect(third.list()).toEqual([]);
    expect(existsSync(join(file, "..", "6"))).toBe(false);
  });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { HeightError, StoreError } from "./errors.ts";
import type { MultiStore } from "./multistore.ts";
import { pruningOf } from "./pruning.ts";
import {
  bytes,
  commitBlock,
  createFailingDatabase,
  createFolders,
  dump,
  hex,
  openTestStore,
  unhex,
  writeBlock,
} from "./testing.ts";

const folders = createFolders();
const open: MultiStore[] = [];
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  folders.clean();
});

async function openAt(path: string, options: Parameters<typeof openTestStore>[1] = {}): Promise<MultiStore> {
  const store = await openTestStore(path, options);
  open.push(store);
  return store;
}

const kindOf = async (action: Promise<unknown>): Promise<string> => {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof StoreError ? error.kind : String(error);
};

interface MultiVectors {
  readonly stores: readonly string[];
  readonly versions: readonly {
    readonly ops: Readonly<Record<string, readonly { op: string; key: string; value?: string }[]>>;
    readonly storeHashes: Readonly<Record<string, string>>;
    readonly appHash: string;
  }[];
}
const vectors: MultiVectors = JSON.parse(readFileSync(new URL("./testdata/multistore.json", import.meta.url), "utf8"));

describe("golden vectors of store v1.1.2", () => {
  it("has the hash of every store and the app hash of every version, also after a restart", async () => {
    const path = folders.make();
    let store = await openAt(path, { storeKeys: vectors.stores });
    for (const [i, { ops, storeHashes, appHash }] of vectors.versions.entries()) {
      for (const [name, list] of Object.entries(ops)) {
        const working = store.working(name);
        for (const { op, key, value } of list) {
          if (op === "set") working.set(unhex(key), unhex(value ?? ""));
          else working.delete(unhex(key));
        }
      }
      expect(hex(store.prepare(BigInt(i + 1)))).toBe(appHash);
      await store.commit();
      const hashes = store.latest.stores.map(({ name, hash }) => [name, Buffer.from(hash, "latin1").toString("hex")]);
      expect(Object.fromEntries(hashes)).toEqual(storeHashes);
      if (i === 3) {
        await store.close();
        store = await openAt(path, { storeKeys: vectors.stores });
      }
    }
  });
});

describe("life of a height", () => {
  it("is empty at version 0, with the root of empty stores", async () => {
    const store = await openAt(folders.make());
    expect(store.version).toBe(0n);
    expect(dump(store.latest)).toEqual({ a: [], b: [] });
    expect(await kindOf(store.at(0n))).toBe("height");
  });

  it("prepare writes nothing: after a restart the last commit is there and the same block gives the same hash", async () => {
    const path = folders.make();
    let store = await openAt(path);
    await commitBlock(store, 1);
    const before = dump(store.latest);
    writeBlock(store, 2);
    const prepared = hex(store.prepare(2n));
    expect(dump(store.latest)).toEqual(before);
    await store.close();
    store = await openAt(path);
    expect(store.version).toBe(1n);
    expect(dump(store.latest)).toEqual(before);
    expect(await commitBlock(store, 2)).toBe(prepared);
  });

  it("discard undoes writes, prepared or not", async () => {
    const store = await openAt(folders.make());
    await commitBlock(store, 1);
    writeBlock(store, 99);
    store.prepare(2n);
    store.discard();
    store.working("a").set(bytes("x"), bytes("y"));
    store.discard();
    expect(store.working("a").has(bytes("x"))).toBe(false);
    const other = await openAt(folders.make());
    await commitBlock(other, 1);
    expect(await commitBlock(store, 2)).toBe(await commitBlock(other, 2));
  });

  it("prepare may be repeated, also after more writes", async () => {
    const store = await openAt(folders.make());
    store.working("a").set(bytes("k1"), bytes("v"));
    const first = hex(store.prepare(1n));
    expect(hex(store.prepare(1n))).toBe(first);
    store.working("a").set(bytes("k2"), bytes("v"));
    expect(await kindOf(store.commit())).toBe("misuse");
    expect(hex(store.prepare(1n))).not.toBe(first);
    await store.commit();
    expect(store.version).toBe(1n);
  });

  it("starts at any initial height and goes up by one", async () => {
    const path = folders.make();
    let store = await openAt(path);
    await commitBlock(store, 1000);
    expect([store.earliest, store.version]).toEqual([1000n, 1000n]);
    expect(() => store.prepare(1002n)).toThrow("height is 1002, want 1001");
    expect(() => store.prepare(1000n)).toThrow("height is 1000, want 1001");
    await commitBlock(store, 1001);
    await store.close();
    store = await openAt(path);
    expect([store.earliest, store.version]).toEqual([1000n, 1001n]);
    expect((await store.at(1000n)).height).toBe(1000n);
  });

  it("refuses commit without prepare and unknown stores", async () => {
    const store = await openAt(folders.make());
    expect(await kindOf(store.commit())).toBe("misuse");
    expect(() => store.working("zzz")).toThrow("store zzz is not one of this program");
  });

  it("keeps time and metadata with the height", async () => {
    const path = folders.make();
    const store = await openAt(path);
    await commitBlock(store, 1);
    await commitBlock(store, 2);
    await store.close();
    const again = await openAt(path);
    expect(again.latest.time).toBe(2_000_000_000n);
    expect(again.latest.metadata).toEqual(bytes("meta-2"));
    expect((await again.at(1n)).metadata).toEqual(bytes("meta-1"));
  });

  it("a failing disk surfaces, leaves memory and disk at the last commit, and commit may be tried again", async () => {
    const path = folders.make();
    const disk = createFailingDatabase();
    const store = await openAt(path, { openDatabase: disk.open });
    await commitBlock(store, 1);
    const before = dump(store.latest);
    writeBlock(store, 2);
    const appHash = hex(store.prepare(2n));
    disk.failAfter = 0;
    expect(await kindOf(store.commit())).toBe("io");
    expect(store.version).toBe(1n);
    expect(dump(store.latest)).toEqual(before);
    disk.failAfter = undefined;
    await store.commit();
    expect(store.version).toBe(2n);
    expect(hex(store.appHash)).toBe(appHash);
    await store.close();
    expect(hex((await openAt(path)).appHash)).toBe(appHash);
  });

  it("readers of a version see it unchanged while blocks follow", async () => {
    const store = await openAt(folders.make());
    await commitBlock(store, 1);
    const view = store.latest;
    const before = dump(view);
    for (let height = 2; height < 8; height++) await commitBlock(store, height);
    expect(dump(view)).toEqual(before);
  });
});

describe("history", () => {
  it("gives every height, from memory and rebuilt, with and without bases, equal to what it was", async () => {
    const path = folders.make();
    const small = { recent: { versions: 3 }, basePolicy: { heights: 7 } };
    let store = await openAt(path, small);
    const states = new Map<number, unknown>();
    const hashes = new Map<number, string>();
    for (let height = 5; height <= 40; height++) {
      hashes.set(height, await commitBlock(store, height));
      states.set(height, dump(store.latest));
      await store.idle();
    }
    for (let round = 0; round < 2; round++) {
      for (const height of [5, 40, 17, 18, 6, 33, 12, 39, 12]) {
        const view = await store.at(BigInt(height));
        expect(dump(view)).toEqual(states.get(height));
        expect(hex(view.appHash)).toBe(hashes.get(height));
      }
      await store.close();
      store = await openAt(path, small);
    }
  });

  it("answers many at once, and names earliest and latest for others", async () => {
    const store = await openAt(folders.make(), { recent: { versions: 1 } });
    for (let height = 1; height <= 12; height++) await commitBlock(store, height);
    const views = await Promise.all([2n, 3n, 2n, 9n].map((height) => store.at(height)));
    expect(views.map(({ height }) => height)).toEqual([2n, 3n, 2n, 9n]);
    const error = await store.at(13n).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(HeightError);
    expect(error).toMatchObject({ message: "height is 13, want between 1 and 12", earliest: 1n, latest: 12n });
  });

  it("pruning gives up heights behind keepRecent, at its interval, and deletes what nobody can ask for", async () => {
    const path = folders.make();
    const options = { pruning: { keepRecent: 5, interval: 10 }, recent: { versions: 1 }, basePolicy: { heights: 6 } };
    let store = await openAt(path, options);
    const states = new Map<number, unknown>();
    for (let height = 1; height <= 43; height++) {
      await commitBlock(store, height);
      states.set(height, dump(store.latest));
      await store.idle();
    }
    expect(store.earliest).toBe(35n);
    for (let round = 0; round < 2; round++) {
      expect(await kindOf(store.at(34n))).toBe("height");
      for (let height = 35; height <= 43; height++) {
        expect(dump(await store.at(BigInt(height)))).toEqual(states.get(height));
      }
      await store.close();
      store = await openAt(path, options);
    }
    await store.close();
    // Everything is asked back, but the first heights are gone for good.
    store = await openAt(path, { ...options, pruning: { keepRecent: undefined, interval: 0 } });
    expect(store.earliest).toBeGreaterThan(20n);
    expect(await kindOf(store.at(2n))).toBe("height");
    expect(dump(await store.at(store.earliest))).toEqual(states.get(Number(store.earliest)));
  });

  it("takes the strategies of app.toml and refuses numbers that the SDK refuses", () => {
    const custom = { keepRecent: 0, interval: 0 };
    expect(pruningOf("default", custom)).toEqual({ keepRecent: 362_880, interval: 10 });
    expect(pruningOf("nothing", custom).keepRecent).toBeUndefined();
    expect(pruningOf("everything", custom).keepRecent).toBe(2);
    expect(pruningOf("custom", { keepRecent: 2, interval: 10 })).toEqual({ keepRecent: 2, interval: 10 });
    expect(() => pruningOf("custom", { keepRecent: 1, interval: 10 })).toThrow("pruning-keep-recent is 1");
    expect(() => pruningOf("custom", { keepRecent: 2, interval: 9 })).toThrow("pruning-interval is 9");
    expect(() => pruningOf("some", custom)).toThrow("pruning is some");
  });
});

describe("upgrades of stores", () => {
  it("adds, deletes and renames stores at a height, again after a crash, and replays it", async () => {
    const path = folders.make();
    let store = await openAt(path);
    for (let height = 1; height <= 3; height++) await commitBlock(store, height);
    const before = dump(store.latest);
    await store.close();
    const upgraded = {
      storeKeys: ["c", "d"],
      upgrades: { height: 4n, added: ["d"], deleted: ["b"], renamed: [{ from: "a", to: "c" }] },
    };
    const hashes: string[] = [];
    for (let attempt = 0; attempt < 2; attempt++) {
      store = await openAt(path, upgraded);
      store.working("d").set(bytes("k"), bytes("v"));
      store.discard();
      store.working("d").set(bytes("k"), bytes("w"));
      hashes.push(hex(store.prepare(4n)));
      if (attempt === 1) await store.commit();
      await store.close();
    }
    expect(hashes[0]).toBe(hashes[1]);
    store = await openAt(path, upgraded);
    expect(hex(store.appHash)).toBe(hashes[0]);
    expect(dump(store.latest)).toEqual({ c: before["a"], d: [`${hex(bytes("k"))}=${hex(bytes("w"))}`] });
    expect(dump(await store.at(3n))).toEqual(before);
  });

  it("refuses stores that differ from the database's without an upgrade", async () => {
    const path = folders.make();
    const store = await openAt(path);
    await commitBlock(store, 1);
    await store.close();
    expect(await kindOf(openTestStore(path, { storeKeys: ["a", "c"] }))).toBe("stores");
    const upgrades = { height: 2n, added: ["a"] };
    expect(await kindOf(openTestStore(path, { upgrades }))).toBe("stores");
  });
});

describe("lock", () => {
  it("waits for the process that holds the database, for a bounded time", async () => {
    const path = join(folders.make(), "db");
    const first = await openAt(path);
    expect(await kindOf(openTestStore(path, { lockWaitMs: 300 }))).toBe("locked");
    const waiting = openTestStore(path, { lockWaitMs: 10_000 });
    setTimeout(() => first.close(), 250);
    open.push(await waiting);
  });
});

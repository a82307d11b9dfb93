import { spawn } from "node:child_process";
import { cpSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openDatabase } from "./db.ts";
import { StoreError } from "./errors.ts";
import { heightRange, manifestKey, pieceKey, recordKey } from "./layout.ts";
import { silent } from "./log.ts";
import type { MultiStore } from "./multistore.ts";
import { prune, rollback } from "./rollback.ts";
import {
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
afterEach(() => folders.clean());

const failureOf = async (action: Promise<unknown>): Promise<StoreError> => {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof StoreError) return error;
  throw error ?? new Error("it succeeded, want a StoreError");
};

/** A database of `heights` heights, and the app hash and state of each. */
async function build(heights: number, options: Parameters<typeof openTestStore>[1] = {}) {
  const path = join(folders.make(), "db");
  const hashes = new Map<bigint, string>();
  const states = new Map<bigint, unknown>();
  const store = await openTestStore(path, options);
  for (let height = 1; height <= heights; height++) {
    hashes.set(BigInt(height), await commitBlock(store, height));
    states.set(BigInt(height), dump(store.latest));
    await store.idle();
  }
  await store.close();
  return { path, hashes, states };
}

/** Bytes of a pseudo-random sequence, so that a failure can be repeated. */
function sequence(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

const copyOf = (path: string): string => {
  const copy = join(folders.make(), "db");
  cpSync(path, copy, { recursive: true });
  return copy;
};

const logOf = (path: string): string => {
  const logs = readdirSync(path).filter((name) => name.endsWith(".log"));
  return join(path, logs.sort((a, b) => statSync(join(path, b)).size - statSync(join(path, a)).size)[0]!);
};

/** Opens and wants either a typed refusal or an earlier height that is exactly what was committed. */
async function openOrRefuse(path: string, hashes: ReadonlyMap<bigint, string>): Promise<"refused" | bigint> {
  let store: MultiStore;
  try {
    store = await openTestStore(path);
  } catch (error) {
    expect(error).toBeInstanceOf(StoreError);
    return "refused";
  }
  const { version } = store;
  if (version > 0n) expect(hex(store.appHash)).toBe(hashes.get(version));
  await store.close();
  return version;
}

describe("damage", () => {
  it("a log cut off anywhere leaves an earlier height, whole, from which blocks go on", async () => {
    const { path, hashes } = await build(12);
    const { size } = statSync(logOf(path));
    const random = sequence(1);
    for (let i = 0; i < 25; i++) {
      const copy = copyOf(path);
      truncateSync(logOf(copy), random(size));
      const version = await openOrRefuse(copy, hashes);
      expect(version).not.toBe("refused");
      const store = await openTestStore(copy);
      const next = Number(store.version) + 1;
      expect(await commitBlock(store, next)).toBe(hashes.get(BigInt(next)) ?? expect.any(String));
      await store.close();
    }
  });

  it("a flipped byte or a lost page in the log is never silent", async () => {
    const { path, hashes } = await build(12);
    const whole = readFileSync(logOf(path));
    const random = sequence(2);
    for (let i = 0; i < 40; i++) {
      const copy = copyOf(path);
      const damaged = Buffer.from(whole);
      const at = random(damaged.length);
      if (i % 4 === 0) damaged.fill(0, at, Math.min(at + 4096, damaged.length));
      else damaged[at]! ^= 1 + random(255);
      writeFileSync(logOf(copy), damaged);
      await openOrRefuse(copy, hashes);
    }
  });

  it("a flipped byte in a table is never silent", async () => {
    const { path, hashes } = await build(12);
    // Opening again moves the log into a table.
    await (await openTestStore(path)).close();
    const table = readdirSync(path).find((name) => name.endsWith(".ldb"))!;
    const whole = readFileSync(join(path, table));
    const random = sequence(3);
    for (let i = 0; i < 25; i++) {
      const copy = copyOf(path);
      const damaged = Buffer.from(whole);
      damaged[random(damaged.length)]! ^= 1 + random(255);
      writeFileSync(join(copy, table), damaged);
      await openOrRefuse(copy, hashes);
    }
  });

  it("names what is wrong and what to do: a lost height, a swapped record, a lost base", async () => {
    const { path, hashes } = await build(12);
    const db = await openDatabase(path, { log: silent });
    const record = (await db.get(recordKey(5)))!;
    await db.write([{ type: "del", key: recordKey(5) }], true);
    await db.close();
    const lost = await failureOf(openTestStore(path));
    expect(lost.kind).toBe("corrupt");
    expect(lost.message).toBe(
      "state of height 12 cannot be trusted: the commit of height 5 is missing or incomplete; " +
        "restore it from a snapshot or by state sync, or roll back to an earlier height",
    );
    await rollback({ path, height: 4n });
    const store = await openTestStore(path);
    expect(hex(store.appHash)).toBe(hashes.get(4n));
    await store.close();
    const again = await openDatabase(path, { log: silent });
    await again.write([{ type: "put", key: recordKey(4), value: record }], true);
    await again.close();
    expect((await failureOf(openTestStore(path))).message).toContain("commit record under height 4 is of height 5");
  });

  it("falls back to an older base when the newest is damaged", async () => {
    const { path, hashes } = await build(12, { basePolicy: { heights: 4 } });
    const db = await openDatabase(path, { log: silent });
    await db.write([{ type: "del", key: pieceKey(9, 0) }], true);
    await db.close();
    const store = await openTestStore(path);
    expect(hex(store.appHash)).toBe(hashes.get(12n));
    await store.close();
  });

  it("deletes the pieces of a base that a crash left unfinished", async () => {
    const { path, hashes } = await build(12, { basePolicy: { heights: 4 } });
    const db = await openDatabase(path, { log: silent });
    await db.write([{ type: "del", key: manifestKey(9) }], true);
    await db.close();
    const store = await openTestStore(path);
    expect(hex(store.appHash)).toBe(hashes.get(12n));
    await store.close();
    const after = await openDatabase(path, { log: silent });
    expect(await after.get(pieceKey(9, 0))).toBeUndefined();
    await after.close();
  });
});

describe("write failures", () => {
  it("at any write of bases and pruning lose no height, and blocks go on", async () => {
    for (let failAfter = 0; failAfter < 12; failAfter++) {
      const path = join(folders.make(), "db");
      const disk = createFailingDatabase();
      const options = { openDatabase: disk.open, basePolicy: { heights: 3 }, pruning: { keepRecent: 3, interval: 5 } };
      let store = await openTestStore(path, options);
      disk.failAfter = failAfter;
      let hash = "";
      for (let height = 1; height <= 14; height++) {
        writeBlock(store, height);
        hash = hex(store.prepare(BigInt(height)));
        await store.commit().catch(async () => {
          disk.failAfter = undefined;
          await store.commit();
        });
        await store.idle();
      }
      await store.close();
      store = await openTestStore(path, options);
      expect([store.version, hex(store.appHash)]).toEqual([14n, hash]);
      await store.close();
    }
  });
});

describe("kill -9", () => {
  it("at any moment leaves the last acknowledged height or the one after it", async () => {
    const path = join(folders.make(), "db");
    const { hashes } = await build(400);
    const script = join(import.meta.dirname, "testdata", "committer.ts");
    const random = sequence(4);
    let reached = 0;
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
      const heights = 1 + random(50);
      const delayMs = random(4);
      let output = "";
      child.stdout.on("data", (data: Buffer) => {
        output += data.toString();
        if (output.split("\n").length > heights) setTimeout(() => child.kill("SIGKILL"), delayMs);
      });
      await new Promise((resolve) => child.once("close", resolve));
      const acknowledged = Number(output.trim().split("\n").at(-1));
      const store = await openTestStore(path);
      reached = Number(store.version);
      expect(reached === acknowledged || reached === acknowledged + 1).toBe(true);
      if (reached > 0 && reached <= 400) expect(hex(store.appHash)).toBe(hashes.get(BigInt(reached)));
      await store.close();
    }
    expect(reached).toBeGreaterThan(0);
  });
});

describe("offline", () => {
  it("rollback goes back one height, metadata too, and the same block leads on", async () => {
    const { path, hashes, states } = await build(9, { basePolicy: { heights: 4 } });
    expect(await rollback({ path })).toEqual({ height: 8n, appHash: unhex(hashes.get(8n)!) });
    let store = await openTestStore(path);
    expect(store.version).toBe(8n);
    expect(store.latest.time).toBe(8_000_000_000n);
    expect(dump(store.latest)).toEqual(states.get(8n));
    expect(await commitBlock(store, 9)).toBe(hashes.get(9n));
    await store.close();
    await rollback({ path, height: 2n });
    store = await openTestStore(path);
    expect(dump(store.latest)).toEqual(states.get(2n));
    await store.close();
    await rollback({ path });
    expect((await failureOf(rollback({ path }))).message).toBe("cannot roll back to height 0: it is not there below 1");
  });

  it("prune deletes at once what the strategy gives up", async () => {
    const { path, states } = await build(30);
    expect(await prune({ path, pruning: { keepRecent: 4, interval: 10 } })).toBe(26n);
    expect(await prune({ path, pruning: { keepRecent: 100, interval: 10 } })).toBe(26n);
    const store = await openTestStore(path);
    expect(store.earliest).toBe(26n);
    for (let height = 26n; height <= 30n; height++) expect(dump(await store.at(height))).toEqual(states.get(height));
    expect((await failureOf(store.at(25n))).kind).toBe("height");
    await store.close();
    const db = await openDatabase(path, { log: silent });
    for await (const _ of db.keys({ gte: heightRange(0, 1).gte, lt: heightRange(26, 26).lt }))
      expect.fail("a key is left");
    await db.close();
  });
});

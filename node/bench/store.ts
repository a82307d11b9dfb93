/**
 * Cost of the store's operations on this machine: `node --expose-gc node/bench/store.ts [entries] [updates a block]`.
 * Keys are 26 bytes and values 60, as balances are.
 */
import { hash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { MultiStore } from "../store/multistore.ts";
import { prove } from "../store/proof.ts";
import { Snapshots } from "../store/snapshots.ts";

const entries = Number(process.argv[2] ?? 1_000_000);
const updates = Number(process.argv[3] ?? 10_000);
const BLOCKS = 20;

const folder = mkdtempSync(join(tmpdir(), "interfirm-bench-"));
const path = join(folder, "db");
const value = new Uint8Array(60).fill(120);

const keyOf = (i: number): Uint8Array => new Uint8Array(hash("sha256", String(i), "buffer").subarray(0, 26));

function print(what: string, amount: number, unit: string): void {
  process.stdout.write(`${what.padEnd(52)} ${amount.toFixed(2).padStart(12)} ${unit}\n`);
}

let started = performance.now();
function lap(): number {
  const now = performance.now();
  const ms = now - started;
  started = now;
  return ms;
}

const open = (recent = {}): Promise<MultiStore> =>
  MultiStore.open({ path, storeKeys: ["a"], pruning: { keepRecent: undefined, interval: 0 }, recent });

function memory(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const diskBytes = (): number =>
  readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name), { throwIfNoEntry: false })!.size, 0);

try {
  const keys = Array.from({ length: entries }, (_, i) => keyOf(i));
  let store = await open();
  const working = store.working("a");
  const before = memory();
  lap();
  for (const key of keys) working.tree.set(key, value);
  print("set of a new key", (lap() * 1e3) / entries, "µs");
  store.prepare(1n);
  print("hash of all, a key", (lap() * 1e3) / entries, "µs");
  if (globalThis.gc !== undefined) print("memory a key", (memory() - before) / entries, "bytes");
  store.discard();

  for (const key of keys) working.set(key, value);
  store.prepare(1n);
  lap();
  await store.commit();
  print(`first commit of ${entries} keys`, lap(), "ms");
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await store.idle();
  delay.disable();
  print("base of all, off the block path", lap(), "ms");
  print("  longest pause of the event loop meanwhile", delay.max / 1e6 - 1, "ms");

  const spent = { set: 0, hash: 0, commit: 0 };
  for (let block = 0; block < BLOCKS; block++) {
    const chosen = Array.from({ length: updates }, (_, i) => keys[(i * 7919 + block * 104_729) % entries]!);
    chosen.sort((a, b) => Buffer.compare(a, b));
    lap();
    for (const key of chosen) working.set(key, value);
    spent.set += lap();
    store.prepare(store.version + 1n);
    spent.hash += lap();
    await store.commit();
    spent.commit += lap();
  }
  print(`update, ${updates} a block, in key order`, (spent.set * 1e3) / BLOCKS / updates, "µs");
  print("  its hashing", (spent.hash * 1e3) / BLOCKS / updates, "µs");
  print("  commit, synced, a block", spent.commit / BLOCKS, "ms");
  await store.idle();

  const view = store.latest.store("a");
  lap();
  for (let i = 0; i < entries; i++) view.get(keys[(i * 7919) % entries]!);
  print("get of a random key", (lap() * 1e3) / entries, "µs");
  let read = 0;
  for (const [key] of view.range(undefined, undefined)) read += key.length;
  print("entry of a range", (lap() * 1e3) / entries, "µs");
  for (let i = 0; i < 1000; i++) prove(store.latest, "a", keys[(i * 7919) % entries]!);
  print("proof up to the app hash", lap(), "µs");

  const snapshots = await Snapshots.open({ path: join(folder, "snapshots") });
  lap();
  const info = await snapshots.create(store.latest);
  print(`snapshot, ${info.chunks} chunks, off the block path`, lap(), "ms");
  print("database, bytes a key", diskBytes() / entries, "bytes");
  await store.close();

  lap();
  store = await open({ versions: 1 });
  print(`start, ${BLOCKS} blocks after the base`, lap(), "ms");
  delay.reset();
  delay.enable();
  await store.at(5n);
  delay.disable();
  print("height rebuilt from the base, off the block path", lap(), "ms");
  print("  longest pause of the event loop meanwhile", delay.max / 1e6 - 1, "ms");
  await store.close();
  if (read === 0) throw new Error("nothing was read");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

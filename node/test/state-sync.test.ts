import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { afterEach, describe, expect, it } from "vitest";
import { Snapshots } from "../store/snapshots.ts";
import { send } from "./accounts.ts";
import { type ChainOptions, TestChain } from "./chain.ts";

const chains: TestChain[] = [];
const folders: string[] = [];

async function start(options: ChainOptions = {}): Promise<TestChain> {
  const chain = await TestChain.start(options);
  chains.push(chain);
  return chain;
}

async function openSnapshots(interval: number): Promise<Snapshots> {
  const path = mkdtempSync(join(tmpdir(), "interfirm-snapshots-"));
  folders.push(path);
  return Snapshots.open({ path, interval, keepRecent: 2, chunkBytes: 600 });
}

afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const { ACCEPT, ABORT, REJECT, REJECT_FORMAT } = abci.ResponseOfferSnapshot_Result;
const applied = abci.ResponseApplySnapshotChunk_Result;
const pay = (chain: TestChain) => chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 1n)]);

/** A chain of four blocks with snapshots at every second. */
async function serving(): Promise<{ chain: TestChain; snapshots: Snapshots }> {
  const snapshots = await openSnapshots(2);
  const chain = await start({ snapshots });
  for (let i = 0; i < 4; i++) {
    await chain.block([pay(chain)]);
    await snapshots.idle();
  }
  return { chain, snapshots };
}

const listed = async (chain: TestChain) => (await chain.app.handlers.listSnapshots({})).snapshots;

const chunkOf = async (chain: TestChain, { height, format }: abci.Snapshot, chunk: number): Promise<Uint8Array> =>
  (await chain.app.handlers.loadSnapshotChunk({ height, format, chunk })).chunk;

/** A node that knows nothing yet: not even its genesis. */
async function joining(): Promise<TestChain> {
  const chain = await start();
  await chain.reopen();
  return chain;
}

const offer = async (node: TestChain, snapshot: abci.Snapshot | undefined, appHash: Uint8Array) =>
  (await node.app.handlers.offerSnapshot({ snapshot, appHash })).result;

const apply = async (node: TestChain, index: number, chunk: Uint8Array) =>
  node.app.handlers.applySnapshotChunk({ index, chunk, sender: "peer" });

async function restore(node: TestChain, from: TestChain, snapshot: abci.Snapshot, appHash: Uint8Array) {
  expect(await offer(node, snapshot, appHash)).toBe(ACCEPT);
  for (let index = 0; index < snapshot.chunks; index++) {
    expect((await apply(node, index, await chunkOf(from, snapshot, index))).result).toBe(applied.ACCEPT);
  }
}

describe("state sync", () => {
  it("S1, S2: snapshots are listed newest first, and are the same on every node", async () => {
    const [left, right] = [await serving(), await serving()];
    const snapshots = await listed(left.chain);
    expect(snapshots.map(({ height }) => height)).toEqual([4n, 2n]);
    expect(snapshots[0]!.chunks).toBeGreaterThan(1);
    expect(await listed(right.chain)).toEqual(snapshots);
    expect(await chunkOf(right.chain, snapshots[0]!, 1)).toEqual(await chunkOf(left.chain, snapshots[0]!, 1));
  });

  it("S4: a restored node reports the trusted height and hash, and goes on with the chain", async () => {
    const { chain } = await serving();
    const [snapshot] = await listed(chain);
    const node = await joining();
    await restore(node, chain, snapshot!, chain.store.appHash);
    const request = abci.RequestInfo.fromPartial({});
    expect(await node.app.handlers.info(request)).toEqual(await chain.app.handlers.info(request));
    node.height = 4n;
    const txs = [pay(chain)];
    expect(await node.block(txs)).toEqual(await chain.block(txs));
    await node.reopen();
    expect(node.store.version).toBe(5n);
  });

  it("S3: a chunk that is not the snapshot's is asked for again, from somebody else", async () => {
    const { chain } = await serving();
    const [snapshot] = await listed(chain);
    const node = await joining();
    expect(await offer(node, snapshot, chain.store.appHash)).toBe(ACCEPT);
    const answer = await apply(node, 0, Uint8Array.of(1, 2, 3));
    expect(answer).toEqual({ result: applied.RETRY, refetchChunks: [0], rejectSenders: ["peer"] });
    expect((await apply(node, 0, await chunkOf(chain, snapshot!, 0))).result).toBe(applied.ACCEPT);
  });

  it("S3: a snapshot that leads to another app hash is refused, and leaves no trace", async () => {
    const { chain } = await serving();
    const [snapshot] = await listed(chain);
    const node = await joining();
    expect(await offer(node, snapshot, new Uint8Array(32).fill(1))).toBe(ACCEPT);
    let result: number = applied.ACCEPT;
    for (let i = 0; i < snapshot!.chunks; i++)
      result = (await apply(node, i, await chunkOf(chain, snapshot!, i))).result;
    expect(result).toBe(applied.REJECT_SNAPSHOT);
    expect(node.store.version).toBe(0n);
    await restore(node, chain, snapshot!, chain.store.appHash);
  });

  it("S3: offers that cannot be right are refused, never with UNKNOWN; a new offer replaces one under way", async () => {
    const { chain } = await serving();
    const [snapshot, older] = await listed(chain);
    const node = await joining();
    const hash = chain.store.appHash;
    expect(await offer(node, undefined, hash)).toBe(REJECT);
    expect(await offer(node, { ...snapshot!, format: 3 }, hash)).toBe(REJECT_FORMAT);
    expect(await offer(node, { ...snapshot!, chunks: 0 }, hash)).toBe(REJECT);
    expect(await offer(node, { ...snapshot!, metadata: new Uint8Array(3) }, hash)).toBe(REJECT);
    expect(await offer(chain, snapshot, hash)).toBe(ABORT);
    expect((await apply(node, 0, Uint8Array.of(1))).result).toBe(applied.ABORT);
    expect(await offer(node, older, hash)).toBe(ACCEPT);
    await apply(node, 0, await chunkOf(chain, older!, 0));
    await restore(node, chain, snapshot!, hash);
  });

  it("S5: a crash in the middle of a restore leaves an empty node that starts over", async () => {
    const { chain } = await serving();
    const [snapshot] = await listed(chain);
    const node = await joining();
    await offer(node, snapshot, chain.store.appHash);
    await apply(node, 0, await chunkOf(chain, snapshot!, 0));
    await node.reopen();
    expect(node.store.version).toBe(0n);
    await restore(node, chain, snapshot!, chain.store.appHash);
  });

  it("S6: chunks that do not exist are empty, and the node lives on", async () => {
    const { chain } = await serving();
    const [snapshot] = await listed(chain);
    for (const [height, chunk] of [
      [99n, 0],
      [4n, 4_294_967_295],
    ] as const) {
      expect(await chunkOf(chain, { ...snapshot!, height }, chunk)).toHaveLength(0);
    }
  });
});

import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Snapshots } from "../store/snapshots.ts";
import { CHAIN_ID, TestChain } from "../test/chain.ts";
import { createTerminal, type Terminal } from "./testing.ts";

let terminal: Terminal;
beforeEach(() => {
  terminal = createTerminal();
});
afterEach(() => terminal.remove());

/** A home whose application has the state of height 2, by a snapshot. */
async function restored(): Promise<void> {
  const snapshots = await Snapshots.open({
    path: join(terminal.home, "data", "snapshots"),
    interval: 2,
    keepRecent: 2,
  });
  const chain = await TestChain.start({ snapshots });
  await chain.block([]);
  await chain.block([]);
  await snapshots.idle();
  const [made] = (await chain.app.handlers.listSnapshots({})).snapshots;
  await terminal.out("init", "n1", "--chain-id", CHAIN_ID);
  await snapshots.close();
  await chain.close();
  await terminal.out("snapshots", "restore", `${made?.height}`, `${made?.format}`);
}

const refusal = async (...args: readonly string[]): Promise<string> => {
  const { code, err } = await terminal.run("comet", "bootstrap-state", ...args);
  expect(code).toBe(1);
  expect(existsSync(join(terminal.home, "data", "state.db"))).toBe(false);
  return err;
};
const set = (key: string, value: string) => terminal.out("config", "set", "config", key, value);

it("wants a restored snapshot", async () => {
  await terminal.out("init", "n1");
  expect(await refusal()).toContain("application.db is not there: run interfirmd snapshots restore first");
});

it("says step by step what a restored home lacks, and writes nothing", async () => {
  await restored();
  expect(await refusal("--height", "7")).toContain(
    "the application is at height 2, want 7: run interfirmd snapshots restore first",
  );
  expect(await refusal()).toContain(
    'statesync.trust_height is 0 and statesync.trust_hash is "", want a height of at most 2',
  );
  await set("statesync.trust_hash", "AB".repeat(32));
  await set("statesync.trust_height", "3");
  expect(await refusal()).toContain("statesync.trust_height is 3");
  await set("statesync.trust_height", "2");
  expect(await refusal()).toContain("statesync.rpc_servers names 0 servers, want at least two");
  await set("statesync.rpc_servers", "127.0.0.1:1, 127.0.0.1:1");
  expect(await refusal()).toContain("127.0.0.1:1: commit: no answer from http://127.0.0.1:1");
  await set("db_backend", "rocksdb");
  expect(await refusal()).toContain("db_backend of config.toml is rocksdb, want goleveldb");
});

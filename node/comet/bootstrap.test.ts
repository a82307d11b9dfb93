import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "../store/db.ts";
import { silent } from "../store/log.ts";
import { type ReadFactsOptions, readFacts } from "./bootstrap.ts";
import { requireEmptyState, stateFiles, writeStateFiles } from "./state-files.ts";

type Answers = Record<string, unknown>;

/**
 * Told by four validators of a local network on CometBFT 0.38.26, one of which was down, and written for the same height by
 * the `BootstrapState` of its package `node`; base64.
 */
const recorded: {
  readonly chainId: string;
  readonly height: string;
  readonly appHash: string;
  readonly trust: { readonly height: string; readonly hash: string };
  readonly answers: Answers;
  readonly state: Readonly<Record<string, string>>;
  readonly blocks: Readonly<Record<string, string>>;
} = JSON.parse(readFileSync(`${import.meta.dirname}/testdata/bootstrap.json`, "utf8"));

const height = BigInt(recorded.height);
const recordedAt = Date.parse("2026-11-24T16:14:00Z");

const servers: Server[] = [];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "interfirm-bootstrap-"));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A node that says what was recorded, but for `others`. */
async function serve(others: Answers = {}): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method, params } = JSON.parse(Buffer.concat(chunks).toString());
    const result = { ...recorded.answers, ...others }[`${method} ${params.height}`];
    const said = result === undefined ? { error: { code: -32603, message: "height is not there" } } : { result };
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...said }));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const options = (given: Partial<ReadFactsOptions>): ReadFactsOptions => ({
  servers: [],
  trust: { height: BigInt(recorded.trust.height), hash: recorded.trust.hash },
  trustingPeriodMs: 60_000,
  chainId: recorded.chainId,
  initialHeight: 1n,
  height,
  appHash: Buffer.from(recorded.appHash, "hex"),
  now: () => recordedAt,
  ...given,
});

/** The answer `consensus_params` with another number. */
function paramsWith(section: string, key: string, value: string): Answers {
  const name = `consensus_params ${height + 1n}`;
  const answer = structuredClone(recorded.answers[name]) as { consensus_params: Record<string, Answers> };
  (answer.consensus_params[section] as Answers)[key] = value;
  return { [name]: answer };
}

/** The answer `commit` with another vote of the validator who was absent. */
function otherVote(): Answers {
  const name = `commit ${height}`;
  const answer = structuredClone(recorded.answers[name]) as {
    signed_header: { commit: { signatures: { block_id_flag: number }[] } };
  };
  const absent = answer.signed_header.commit.signatures.find((one) => one.block_id_flag === 1);
  if (absent) absent.block_id_flag = 3;
  return { [name]: answer };
}

async function contents(name: string): Promise<Readonly<Record<string, string>>> {
  const db = await openDatabase(join(folder, name), { log: silent, createIfMissing: false });
  const found: Record<string, string> = {};
  for await (const [key, value] of db.entries({ gte: new Uint8Array(), lt: Uint8Array.of(0xff) })) {
    found[Buffer.from(key).toString()] = Buffer.from(value).toString("base64");
  }
  await db.close();
  return found;
}

const facts = async () => readFacts(options({ servers: [await serve(), `tcp://${await serve()}`] }));

describe("files", () => {
  test("are byte for byte what CometBFT itself writes", async () => {
    await writeStateFiles(folder, stateFiles(await facts()));
    expect(await contents("state.db")).toEqual(recorded.state);
    expect(await contents("blockstore.db")).toEqual(recorded.blocks);
  });

  test("can be written again until there is a block", async () => {
    await requireEmptyState(folder, height);
    await writeStateFiles(folder, stateFiles(await facts()));
    await requireEmptyState(folder, height);
    await expect(requireEmptyState(folder, height + 5n)).rejects.toThrow(
      `CometBFT has the state of height ${height} in ${folder}, want nothing`,
    );
    const blocks = await openDatabase(join(folder, "blockstore.db"), { log: silent });
    const key = new TextEncoder().encode("blockStore");
    await blocks.write([{ type: "put", key, value: Uint8Array.of(8, 1, 16, 1) }], true);
    await blocks.close();
    await expect(requireEmptyState(folder, height)).rejects.toThrow("CometBFT has blocks");
  });
});

describe("facts", () => {
  test("need two servers", async () => {
    await expect(readFacts(options({ servers: [await serve()] }))).rejects.toThrow(
      "statesync.rpc_servers names 1 servers, want at least two: interfirmd config set config statesync.rpc_servers",
    );
  });

  test("need servers that agree, in parameters too that no header covers", async () => {
    const other = await serve(paramsWith("evidence", "max_bytes", "7"));
    await expect(readFacts(options({ servers: [await serve(), other] }))).rejects.toThrow("tell of different");
  });

  test.each([
    [
      "another application",
      { appHash: new Uint8Array(32) },
      {},
      "here and 509F09AC40B4743872DAA7AA0F1646F0F89566AB2B7CB574C17D6D53361DD816",
    ],
    ["another trusted hash", { trust: { height: 2n, hash: "00".repeat(32) } }, {}, "want the trusted 00"],
    ["a trust that is too old", { trustingPeriodMs: 1_000 }, {}, "trusted header 2 is older than 1000 ms"],
    ["another chain", { chainId: "other-1" }, {}, "want other-1"],
    [
      "headers that are not there yet",
      { height: height + 1n },
      {},
      `and ${height + 1n} to ${height + 3n}; wait for them`,
    ],
    [
      "a commit with a vote of somebody's making",
      {},
      otherVote(),
      "commit of height 14 is not the one that block 15 has",
    ],
    ["other parameters", {}, paramsWith("block", "max_gas", "7"), "parameters of height 15 have hash"],
    ["parameters that are none", {}, paramsWith("version", "app", "x"), 'version.app is "x", want a number'],
  ] as const)("refuse %s", async (_what, given, answers, message) => {
    const read = readFacts(options({ servers: [await serve(answers), await serve(answers)], ...given }));
    await expect(read).rejects.toThrow(message);
  });
});

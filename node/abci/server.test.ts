import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import fc from "fast-check";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { deferred } from "../comet/deferred.ts";
import { type AbciHandlers, HANDLER_NAMES, methodCodecs } from "./methods.ts";
import { createAbciServer } from "./server.ts";
import { concat, frameOf, openScene, requestFrame, type Scene, stubHandlers } from "./testing/scene.ts";
import { silentLogger } from "./testing/silent-logger.ts";

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function open(...args: Parameters<typeof openScene>): Promise<Scene> {
  scene = await openScene(...args);
  return scene;
}

const tx = (index: number): abci.RequestCheckTx =>
  abci.RequestCheckTx.fromPartial({ tx: Uint8Array.of(index >> 16, (index >> 8) & 255, index & 255) });
const indexOf = ({ tx: bytes }: abci.RequestCheckTx): number =>
  ((bytes[0] ?? 0) << 16) | ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0);
const checked = (index: number): abci.ResponseCheckTx => abci.ResponseCheckTx.fromPartial({ gasUsed: BigInt(index) });
const responses = (frames: readonly Uint8Array[]): abci.Response[] =>
  frames.map((frame) => abci.Response.decode(frame));
/** The member of the oneof that each response holds. */
const kindsOf = (frames: readonly Uint8Array[]): string[] =>
  responses(frames).flatMap((response) =>
    Object.entries(response).flatMap(([name, value]) => (value === undefined ? [] : [name])),
  );
const exceptionOf = (frames: readonly Uint8Array[]): string | undefined => responses(frames).at(-1)?.exception?.error;

const FLUSH = requestFrame({ flush: {} });
const ECHO = requestFrame({ echo: { message: "hello" } });

describe("methods", () => {
  test("have the field numbers of tendermint/abci/types.proto in CometBFT 0.38", () => {
    const numbers = [...methodCodecs.values()].map(({ method, requestField, responseField }) => [
      method,
      requestField,
      responseField,
    ]);
    expect(numbers).toEqual([
      ["echo", 1, 2],
      ["flush", 2, 3],
      ["info", 3, 4],
      ["initChain", 5, 6],
      ["query", 6, 7],
      ["checkTx", 8, 9],
      ["prepareProposal", 16, 17],
      ["processProposal", 17, 18],
      ["extendVote", 18, 19],
      ["verifyVoteExtension", 19, 20],
      ["finalizeBlock", 20, 21],
      ["commit", 11, 12],
      ["listSnapshots", 12, 13],
      ["offerSnapshot", 13, 14],
      ["loadSnapshotChunk", 14, 15],
      ["applySnapshotChunk", 15, 16],
    ]);
  });

  test.each(HANDLER_NAMES)("%s reaches its handler and answers with its own response", async (method) => {
    const called: string[] = [];
    const stubs = stubHandlers();
    const handlers = Object.fromEntries(
      HANDLER_NAMES.map((name) => [
        name,
        (request: never) => {
          called.push(name);
          return stubs[name](request);
        },
      ]),
    ) as unknown as AbciHandlers;
    const client = await (await open(handlers)).connect();
    const request = methodCodecs.get(method)?.request.fromPartial({});
    const response = client.request(method, request as never);
    await client.flush();
    expect(await response).toEqual(stubs[method](request as never));
    expect(called).toEqual([method]);
  });

  test("carry their fields both ways", async () => {
    const { connect } = await open({
      finalizeBlock: (request) =>
        abci.ResponseFinalizeBlock.fromPartial({
          appHash: request.hash,
          txResults: request.txs.map((bytes, code) => ({ code, data: bytes })),
        }),
    });
    const client = await connect();
    const txs = [Uint8Array.of(1), new Uint8Array(100_000).fill(2)];
    const request = abci.RequestFinalizeBlock.fromPartial({ height: 7n, hash: Uint8Array.of(9), txs });
    const answer = client.request("finalizeBlock", request);
    await client.flush();
    const { appHash, txResults } = await answer;
    expect(appHash).toEqual(Uint8Array.of(9));
    expect(txResults.map(({ code, data }) => [code, data])).toEqual(txs.map((bytes, code) => [code, bytes]));
  });
});

describe("T1 framing", () => {
  test("answers requests cut at every byte", async () => {
    const { raw } = await open();
    const stream = concat([ECHO, requestFrame({ info: { version: "0.38.26" } }), FLUSH]);
    const frames = await raw(...Array.from(stream, (byte) => Uint8Array.of(byte)));
    expect(kindsOf(frames)).toEqual(["echo", "info", "flush"]);
  });

  test("answers 1,000 requests in one packet", async () => {
    const { raw } = await open({ checkTx: (request) => checked(indexOf(request)) });
    const stream = concat(Array.from({ length: 1_000 }, (_, index) => requestFrame({ checkTx: tx(index) })));
    const gas = responses(await raw(stream)).map((response) => response.checkTx?.gasUsed);
    expect(gas).toEqual(Array.from({ length: 1_000 }, (_, index) => BigInt(index)));
  });

  test.each([
    ["an empty frame", Uint8Array.of(0), "request is empty"],
    ["a length of 5 GB", Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x14), "frame length is 5368709120 bytes"],
    ["a length of 11 bytes", Uint8Array.of(...new Array(10).fill(0x80), 1), "goes on after 10 bytes"],
    ["an unknown method", frameOf(Uint8Array.of(0x3a, 0)), "want an abci method"],
    ["a method with a wrong wire type", frameOf(Uint8Array.of(0x18, 1)), "want an abci method"],
    ["a body that is cut short", frameOf(Uint8Array.of(0x1a, 5, 1)), "info is 5 bytes long, want the 1"],
    ["two requests in one frame", frameOf(Uint8Array.of(0x12, 0, 0x12, 0)), "flush is 0 bytes long, want the 2"],
    ["a body that is no message", frameOf(Uint8Array.of(0x1a, 2, 0x0a, 9)), ""],
  ])("answers %s with an exception and closes that connection only", async (_, bytes, reason) => {
    const { raw, connect, fatal } = await open();
    const bystander = await connect();
    const frames = await raw(concat([ECHO, bytes, ECHO]));
    expect(kindsOf(frames)).toEqual(["echo", "exception"]);
    expect(exceptionOf(frames)).toContain(reason);
    await bystander.flush();
    expect(fatal).toEqual([]);
  });

  test("survives garbage", async () => {
    const { raw, connect, fatal } = await open({}, { maxFrameBytes: 10_000 });
    const almost = fc
      .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
      .map(([tag, rest]) => frameOf(Uint8Array.of(tag, rest.length, ...rest)));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), almost, fc.array(almost, { maxLength: 5 }).map(concat));
    await fc.assert(
      fc.asyncProperty(bytes, async (garbage) => {
        await raw(garbage);
      }),
      { numRuns: 300 },
    );
    await (await connect()).flush();
    expect(fatal).toEqual([]);
  });
});

test("T2: answers five connections and more, each on its own", async () => {
  const gate = deferred<void>();
  const { connect } = await open({
    async query() {
      await gate.promise;
      return abci.ResponseQuery.fromPartial({});
    },
    checkTx: (request) => checked(indexOf(request)),
  });
  const blocked = await connect();
  const query = blocked.request("query", abci.RequestQuery.fromPartial({}));
  const flushed = blocked.flush();
  const others = await Promise.all(Array.from({ length: 8 }, () => connect()));
  const answers = others.map((client, index) => client.request("checkTx", tx(index)));
  await Promise.all(others.map((client) => client.flush()));
  expect((await Promise.all(answers)).map(({ gasUsed }) => gasUsed)).toEqual([0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n]);
  gate.resolve();
  await Promise.all([query, flushed]);
});

describe("T3 order", () => {
  test("keeps the order of 10,000 pipelined CheckTx with random delays", async () => {
    let active = 0;
    const { connect } = await open({
      async checkTx(request) {
        expect(++active).toBe(1);
        const delay = Math.random();
        if (delay < 0.02) await sleep(1);
        else if (delay < 0.5) await new Promise((resolve) => setImmediate(resolve));
        active--;
        return checked(indexOf(request));
      },
    });
    const client = await connect();
    const answers = Array.from({ length: 10_000 }, (_, index) => client.request("checkTx", tx(index)));
    await client.flush();
    const gas = (await Promise.all(answers)).map(({ gasUsed }) => Number(gasUsed));
    expect(gas).toEqual(gas.map((_, index) => index));
  });

  test("starts a request only when the one before has ended", async () => {
    const steps: string[] = [];
    const { connect } = await open({
      async checkTx() {
        steps.push("check begins");
        await sleep(10);
        steps.push("check ends");
        return checked(0);
      },
      query() {
        steps.push("query");
        return abci.ResponseQuery.fromPartial({});
      },
    });
    const client = await connect();
    const all = [client.request("checkTx", tx(0)), client.request("query", abci.RequestQuery.fromPartial({}))];
    await client.flush();
    await Promise.all(all);
    expect(steps).toEqual(["check begins", "check ends", "query"]);
  });
});

describe("T4 flush", () => {
  test("echo is the identity", async () => {
    const client = await (await open()).connect();
    const answer = client.request("echo", { message: "grüße 🌍" });
    await client.flush();
    expect(await answer).toEqual({ message: "grüße 🌍" });
  });

  test("sends what is answered although a later request takes its time", async () => {
    const gate = deferred<void>();
    const { connect } = await open({
      checkTx: (request) => checked(indexOf(request)),
      async query() {
        await gate.promise;
        return abci.ResponseQuery.fromPartial({});
      },
    });
    const client = await connect();
    const early = client.request("checkTx", tx(5));
    const late = client.request("query", abci.RequestQuery.fromPartial({}));
    const flushed = client.flush();
    expect((await early).gasUsed).toBe(5n);
    gate.resolve();
    await Promise.all([late, flushed]);
  });

  test("answers a peer that never flushes, and one that has already ended its side", async () => {
    const { raw } = await open({
      async checkTx(request) {
        await sleep(1);
        return checked(indexOf(request));
      },
    });
    const frames = await raw(concat([requestFrame({ checkTx: tx(1) }), requestFrame({ checkTx: tx(2) })]));
    expect(responses(frames).map((response) => response.checkTx?.gasUsed)).toEqual([1n, 2n]);
  });
});

describe("T5 fairness", () => {
  test("the consensus connection does not wait for a long pipeline of CheckTx", async () => {
    let answered = 0;
    const { connect } = await open({
      checkTx(request) {
        const end = performance.now() + 0.05;
        while (performance.now() < end);
        answered++;
        return checked(indexOf(request));
      },
    });
    const [mempool, consensus] = [await connect(), await connect()];
    const flood = Array.from({ length: 4_000 }, (_, index) => mempool.request("checkTx", tx(index)));
    const flushed = mempool.flush();
    const proposal = consensus.request("processProposal", abci.RequestProcessProposal.fromPartial({}));
    await consensus.flush();
    await proposal;
    // 4,000 × 0.05 ms would be 200 ms.
    expect(answered).toBeLessThan(2_000);
    await Promise.all([...flood, flushed]);
  });
});

test("tells how long each answer of a handler took", async () => {
  const answers: [string, number][] = [];
  const { connect } = await open(
    {
      async query() {
        await sleep(20);
        return abci.ResponseQuery.fromPartial({});
      },
    },
    { onAnswer: (method, durationMs) => answers.push([method, durationMs]) },
  );
  const client = await connect();
  const all = [
    client.request("info", abci.RequestInfo.fromPartial({})),
    client.request("query", abci.RequestQuery.fromPartial({})),
  ];
  await client.flush();
  await Promise.all(all);
  expect(answers.map(([method]) => method)).toEqual(["info", "query"]);
  expect(answers[1]?.[1]).toBeGreaterThan(15);
});

describe("T7 a handler that throws", () => {
  test.each([
    [
      "at once",
      () => {
        throw new Error("tree is broken");
      },
    ],
    ["later", () => Promise.reject(new Error("tree is broken"))],
    ["by a response that cannot be encoded", () => ({ version: 5n }) as never],
  ])("is answered with an exception and reported as fatal (%s)", async (_, info) => {
    const { raw, fatal } = await open({ info });
    const frames = await raw(concat([ECHO, requestFrame({ info: {} }), ECHO]));
    expect(kindsOf(frames)).toEqual(["echo", "exception"]);
    expect(exceptionOf(frames)).toMatch(/^info: /);
    expect(fatal.map(({ method }) => method)).toEqual(["info"]);
  });
});

describe("backpressure", () => {
  test("a peer that does not read stops being answered, and gets everything when it reads", async () => {
    let answered = 0;
    const { connect, server } = await open({
      loadSnapshotChunk() {
        answered++;
        return abci.ResponseLoadSnapshotChunk.fromPartial({ chunk: new Uint8Array(256 * 1024) });
      },
    });
    const socket = dial(server.address.slice("unix://".length)).pause();
    const request = requestFrame({ loadSnapshotChunk: {} });
    socket.write(concat(Array.from({ length: 100 }, () => request)));
    await sleep(100);
    expect(answered).toBeLessThan(20);
    let bytes = 0;
    const all = new Promise<void>((resolve) =>
      socket.on("data", (chunk) => {
        bytes += chunk.length;
        if (bytes > 100 * 256 * 1024) resolve();
      }),
    );
    socket.resume();
    await all;
    expect(answered).toBe(100);
    socket.destroy();
    await (await connect()).flush();
  });

  test("a peer that floods is read no faster than it is answered", async () => {
    const gate = deferred<void>();
    const { server } = await open({
      async checkTx() {
        await gate.promise;
        return checked(0);
      },
    });
    const socket = dial(server.address.slice("unix://".length));
    socket.on("error", () => {});
    const request = requestFrame({ checkTx: { tx: new Uint8Array(64 * 1024) } });
    for (let count = 0; count < 256; count++) socket.write(request);
    await sleep(200);
    // 16 MB were offered: all but what the server buffers and the kernel holds is still with the peer.
    expect(socket.writableLength).toBeGreaterThan(8 * 1024 * 1024);
    socket.destroy();
    gate.resolve();
  });
});

describe("listen", () => {
  const folder = mkdtempSync(join(tmpdir(), "interfirm-listen-"));
  const path = join(folder, "app.sock");
  const create = (address = `unix://${path}`) =>
    createAbciServer({ address, handlers: stubHandlers(), logger: silentLogger, onFatal() {} });
  afterEach(() => rmSync(path, { force: true }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("S12: only the owner may use the unix socket", async () => {
    const server = create();
    await server.listen();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await server.close();
  });

  test("takes over the socket that a killed node left, and no other file or node", async () => {
    // A process of its own: whatever another test starts from this one has the sockets of this one, too, for a moment.
    const script = 'require("node:net").createServer().listen(process.argv[1], () => console.log("listens"))';
    const holder = spawn(process.execPath, ["-e", script, path], { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    await expect(create().listen()).rejects.toThrow("in use by another process");
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(statSync(path).isSocket()).toBe(true);
    const server = create();
    await server.listen();
    await server.close();
    writeFileSync(path, "");
    chmodSync(path, 0o644);
    await expect(create().listen()).rejects.toThrow("is no socket");
  });

  test("chooses a port and tells it", async () => {
    const server = create("tcp://127.0.0.1:0");
    await server.listen();
    expect(server.address).toMatch(/^tcp:\/\/127\.0\.0\.1:[1-9]\d+$/);
    await expect(create(server.address).listen()).rejects.toThrow(
      "in use by another process: end it, or give another --address",
    );
    await server.close();
    await server.close();
  });

  test("answers over TCP", async () => {
    const { connect, server } = await open({}, { address: "tcp://127.0.0.1:0" });
    expect(server.address).toMatch(/^tcp/);
    await (await connect()).flush();
  });
});

test("close lets the request being answered end and drops those behind it", async () => {
  const gate = deferred<void>();
  const steps: string[] = [];
  const { connect, server } = await open({
    async commit() {
      steps.push("begins");
      await gate.promise;
      steps.push("ends");
      return abci.ResponseCommit.fromPartial({ retainHeight: 3n });
    },
  });
  const client = await connect();
  const first = client.request("commit", {});
  const second = client.request("commit", {});
  const flushed = client.flush();
  const outcome = Promise.allSettled([second, flushed]);
  await sleep(20);
  const closed = server.close();
  gate.resolve();
  expect((await first).retainHeight).toBe(3n);
  await closed;
  expect((await outcome).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(steps).toEqual(["begins", "ends"]);
});

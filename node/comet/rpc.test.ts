import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRpc, RpcError, RpcUnreachableError } from "./rpc.ts";

interface Request {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

let server: Server;
let url: string;
/** What the server answers, given a request; undefined: nothing, ever. */
let answer: (request: Request) => string | undefined;
const asked: Request[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Request;
    asked.push(body);
    const text = answer(body);
    if (text !== undefined) response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  url = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const result = (value: unknown) => () => JSON.stringify({ jsonrpc: "2.0", id: 1, result: value });

describe("createRpc", () => {
  test("sends heights as text, bytes as base64 and query data as hex", async () => {
    answer = result({});
    const rpc = createRpc(url);
    await rpc.block(7n);
    await rpc.block();
    await rpc.broadcastTxSync(Uint8Array.of(1, 2, 255));
    await rpc.abciQuery("/store/bank/key", Uint8Array.of(1, 255), { height: 3, prove: true });
    await rpc.tx("01FF");
    expect(asked.slice(-5).map(({ method, params }) => [method, params])).toEqual([
      ["block", { height: "7" }],
      ["block", {}],
      ["broadcast_tx_sync", { tx: "AQL/" }],
      ["abci_query", { path: "/store/bank/key", data: "01ff", height: "3", prove: true }],
      ["tx", { hash: "Af8=", prove: false }],
    ]);
  });

  test("gives the result", async () => {
    answer = result({ sync_info: { latest_block_height: "12" } });
    expect((await createRpc(url).status()).sync_info.latest_block_height).toBe("12");
  });

  test("rejects with what the node says is wrong", async () => {
    answer = () =>
      JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        error: { code: -32603, message: "Internal error", data: "tx not found" },
      });
    const failure = await createRpc(url)
      .tx("00")
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RpcError);
    expect(failure).toMatchObject({
      code: -32603,
      data: "tx not found",
      message: "tx: Internal error: tx not found (code -32603)",
    });
  });

  test.each(["no json", "null", "{}"])("rejects when the answer is %j", async (text) => {
    answer = () => text;
    await expect(createRpc(url).status()).rejects.toBeInstanceOf(RpcUnreachableError);
  });

  test("rejects when there is no answer in time, or nobody", async () => {
    answer = () => undefined;
    await expect(createRpc(url, { timeoutMs: 50 }).status()).rejects.toBeInstanceOf(RpcUnreachableError);
    await expect(createRpc("http://127.0.0.1:1").status()).rejects.toBeInstanceOf(RpcUnreachableError);
  });
});

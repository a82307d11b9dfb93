import type { RpcClient } from "@cosmjs/tendermint-rpc";
import { clientError, InterfirmError, isError } from "./errors.ts";

type JsonRpcRequest = Parameters<RpcClient["execute"]>[0];
type JsonRpcSuccessResponse = Awaited<ReturnType<RpcClient["execute"]>>;

/** JSON as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Endpoint {
  /** `http://` or `https://` address of a CometBFT RPC. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RpcOptions {
  /** Milliseconds until a call counts as lost. 10,000 unless told. */
  readonly timeoutMs?: number;
  /** Rounds over all endpoints before a call fails. 3 unless told. */
  readonly rounds?: number;
  /** Milliseconds of rest between two rounds, doubled each time. 250 unless told. */
  readonly restMs?: number;
}

/** CometBFT's RPC behind one or more endpoints: the shape that `Comet38Client.create` takes, and plain calls. */
export interface Rpc extends RpcClient {
  /** Throws `client/connection` when no endpoint answers, `client/rpc` when the node refuses. */
  call(method: string, params?: Readonly<Record<string, Json>>): Promise<Json>;
  /**
   * Like `call`, but asks one endpoint once, so that the caller knows when a lost call may have arrived. The next call
   * goes to the next endpoint.
   */
  callOnce(method: string, params?: Readonly<Record<string, Json>>): Promise<Json>;
  /** The endpoint in use: the first one, until it fails. */
  endpoint(): Endpoint;
  /** From now on an endpoint is used only when it serves this chain. */
  expectChain(chainId: string): void;
}

/** A node's refusal, which no other endpoint would answer differently. */
class Refused extends Error {
  readonly data: string;
  constructor(message: string, data: string) {
    super(data ? `${message}: ${data}` : message);
    this.data = data;
  }
}

export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });

const isObject = (value: unknown): value is Readonly<Record<string, Json>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Reads a member of a JSON object; undefined when there is none. */
export const member = (value: Json | undefined, key: string): Json | undefined =>
  isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;

const toEndpoint = (endpoint: string | Endpoint): Endpoint => {
  const given = typeof endpoint === "string" ? { url: endpoint } : endpoint;
  // Operators write tcp:// in their configuration; it is HTTP all the same.
  const url = given.url.replace(/^tcp:\/\//, "http://").replace(/\/+$/, "");
  if (!/^https?:\/\/[^/]/.test(url))
    throw clientError("connection", `endpoint is ${given.url}, want http:// or https://`);
  return { ...given, url };
};

/**
 * Calls go to one endpoint until it fails (no connection, no answer in time, an answer that is not JSON-RPC, another
 * chain), then to the next, round and round, a bounded number of times.
 */
export function createRpc(
  given: string | Endpoint | readonly (string | Endpoint)[],
  { timeoutMs = 10_000, rounds = 3, restMs = 250 }: RpcOptions = {},
): Rpc {
  const endpoints = (Array.isArray(given) ? given : [given]).map(toEndpoint);
  if (endpoints.length === 0) throw clientError("connection", "no endpoint given, want at least one");
  const closed = new AbortController();
  const checked = new Map<number, Promise<void>>();
  let chain: string | undefined;
  let current = 0;
  let lastId = 0;

  async function post(endpoint: Endpoint, request: JsonRpcRequest): Promise<Json> {
    const response = await fetch(endpoint.url, {
      method: "POST",
      headers: { "content-type": "application/json", ...endpoint.headers },
      body: JSON.stringify(request),
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), closed.signal]),
    });
    const text = await response.text();
    let answer: Json;
    try {
      answer = JSON.parse(text) as Json;
    } catch (cause) {
      throw new Error(`HTTP status ${response.status}, want JSON`, { cause });
    }
    const error = member(answer, "error");
    if (isObject(error)) throw new Refused(String(member(error, "message") ?? ""), String(member(error, "data") ?? ""));
    const result = member(answer, "result");
    if (result === undefined) throw new Error(`HTTP status ${response.status}, want a result`);
    return result;
  }

  async function checkChain(index: number): Promise<void> {
    const status = await post(endpoints[index]!, { jsonrpc: "2.0", id: ++lastId, method: "status", params: {} });
    const network = member(member(status, "node_info"), "network");
    if (network !== chain) throw new Error(`chain is ${String(network)}, want ${chain}`);
  }

  function usable(index: number): Promise<void> {
    if (chain === undefined) return Promise.resolve();
    let check = checked.get(index);
    if (!check) {
      check = checkChain(index);
      checked.set(index, check);
      check.catch(() => checked.delete(index));
    }
    return check;
  }

  /** Asks the endpoint in use; when it fails, another one is in use from then on. */
  async function ask(request: JsonRpcRequest): Promise<Json> {
    if (closed.signal.aborted) throw clientError("connection", "the client is closed");
    const index = current;
    try {
      await usable(index);
      return await post(endpoints[index]!, request);
    } catch (cause) {
      if (cause instanceof Refused) {
        throw new InterfirmError({ codespace: "client", code: 15, rawLog: cause.message, cause });
      }
      // Another call may have moved on already.
      if (current === index) current = (index + 1) % endpoints.length;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw clientError("connection", `${endpoints[index]!.url}: ${why}`, { cause });
    }
  }

  async function send(request: JsonRpcRequest): Promise<Json> {
    const failures: string[] = [];
    for (let round = 0, rest = restMs; round < rounds; round++, rest *= 2) {
      if (round > 0) await sleep(rest, closed.signal);
      for (let tried = 0; tried < endpoints.length; tried++) {
        try {
          return await ask(request);
        } catch (error) {
          if (!isError(error, "client", "connection") || closed.signal.aborted) throw error;
          failures.push(error.rawLog);
        }
      }
    }
    const last = failures.slice(-endpoints.length).join("; ");
    throw clientError("connection", `no answer after ${failures.length} attempts: ${last}`);
  }

  const toRequest = (method: string, params: Readonly<Record<string, Json>> = {}): JsonRpcRequest => ({
    jsonrpc: "2.0",
    id: ++lastId,
    method,
    params,
  });

  return {
    async execute(request: JsonRpcRequest): Promise<JsonRpcSuccessResponse> {
      return { jsonrpc: "2.0", id: request.id, result: await send(request) };
    },
    disconnect: () => closed.abort(),
    call: (method, params) => send(toRequest(method, params)),
    callOnce: (method, params) => ask(toRequest(method, params)),
    endpoint: () => endpoints[current]!,
    expectChain(chainId) {
      if (chain !== chainId) checked.clear();
      chain = chainId;
    },
  };
}

/**
 * A CometBFT with a small application, told over JSON-RPC as the real one tells it: for tests of the client alone.
 * Blocks are made when asked. localnet's end-to-end tests do the same against the real ones.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { RawEvent } from "../blocks.ts";
import { fromHex, sha256, toBase64, toHex } from "../bytes.ts";
import type { Json } from "../rpc.ts";
import { createFakeApp, type FakeAppOptions, GAS_USED, type Outcome, Refusal } from "./fake-app.ts";
import { serveWebsocket } from "./fake-websocket.ts";

export interface FakeCometOptions extends Partial<FakeAppOptions> {
  readonly mempoolMax?: number;
}

export async function startFakeComet({
  chainId = "fake-1",
  prefix = "firm",
  denom = "ufirm",
  minimumGasPrice = "0.025ufirm",
  balances = {},
  mempoolMax = 5_000,
}: FakeCometOptions = {}) {
  const app = createFakeApp({ chainId, prefix, denom, minimumGasPrice, balances });
  const blocks: { txs: Uint8Array[]; outcomes: Outcome[] }[] = [];
  let mempool: Uint8Array[] = [];
  /** CometBFT's cache of what it has had. */
  const known = new Set<string>();
  let down = false;
  let requests = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function checkTx(bytes: Uint8Array): Json {
    if (known.has(toHex(bytes))) throw new Error("tx already exists in cache");
    if (mempool.length >= mempoolMax)
      throw new Error(`mempool is full: number of txs ${mempool.length} (max: ${mempoolMax})`);
    const hash = toHex(sha256(bytes)).toUpperCase();
    try {
      app.check(bytes);
      mempool.push(bytes);
      known.add(toHex(bytes));
      return { code: 0, data: "", log: "", codespace: "", hash };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { code: error.code, data: "", log: error.message, codespace: error.codespace, hash };
    }
  }

  const hashAt = (height: number): string => toHex(sha256(Uint8Array.of(height & 0xff, height >> 8))).toUpperCase();
  const timeAt = (height: number): string => new Date(Date.UTC(2026, 0, 1) + height * 1000).toISOString();
  const eventsJson = (events: readonly RawEvent[]): Json =>
    events.map(({ type, attributes }) => ({ type, attributes: attributes.map((one) => ({ ...one, index: true })) }));

  function header(height: number): Json {
    const hash = hashAt(height);
    return {
      version: { block: "11" },
      chain_id: chainId,
      height: String(height),
      time: timeAt(height),
      last_block_id: { hash: height > 1 ? hashAt(height - 1) : "", parts: { total: 1, hash } },
      last_commit_hash: hash,
      data_hash: hash,
      validators_hash: hash,
      next_validators_hash: hash,
      consensus_hash: hash,
      app_hash: hash,
      last_results_hash: hash,
      evidence_hash: hash,
      proposer_address: hash.slice(0, 40),
    };
  }

  function call(method: string, params: Readonly<Record<string, Json>>): Json {
    const height = Number(params["height"] ?? blocks.length);
    const block = blocks[height - 1];
    switch (method) {
      case "status":
        return {
          node_info: {
            protocol_version: { p2p: "8", block: "11", app: "0" },
            id: "00".repeat(20),
            listen_addr: "tcp://127.0.0.1:26656",
            network: chainId,
            version: "0.38.26",
            channels: "40",
            moniker: "fake",
            other: { tx_index: "on", rpc_address: "tcp://127.0.0.1:26657" },
          },
          sync_info: {
            latest_block_hash: hashAt(blocks.length),
            latest_app_hash: hashAt(blocks.length),
            latest_block_height: String(blocks.length),
            latest_block_time: timeAt(blocks.length),
            catching_up: false,
          },
          validator_info: {
            address: "00".repeat(20),
            pub_key: { type: "tendermint/PubKeyEd25519", value: toBase64(new Uint8Array(32)) },
            voting_power: "10",
          },
        };
      case "abci_query":
        try {
          const value = app.query(String(params["path"]), fromHex(String(params["data"])));
          return { response: { code: 0, value: toBase64(value), height: String(blocks.length) } };
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          return {
            response: {
              code: error.code,
              codespace: error.codespace,
              log: error.message,
              height: String(blocks.length),
            },
          };
        }
      case "broadcast_tx_sync":
        return checkTx(Uint8Array.from(Buffer.from(String(params["tx"]), "base64")));
      case "block":
        if (!block)
          throw new Error(
            `height ${height} must be less than or equal to the current blockchain height ${blocks.length}`,
          );
        return {
          block_id: { hash: hashAt(height), parts: { total: 1, hash: hashAt(height) } },
          block: {
            header: header(height),
            data: { txs: block.txs.map(toBase64) },
            evidence: { evidence: [] },
            last_commit: {
              height: "0",
              round: 0,
              block_id: { hash: "", parts: { total: 0, hash: "" } },
              signatures: [],
            },
          },
        };
      case "block_results":
        if (!block) throw new Error(`could not find results for height #${height}`);
        return {
          height: String(height),
          txs_results: block.outcomes.map(({ code, codespace, log, data, events }) => ({
            code,
            codespace,
            log,
            data: toBase64(data),
            gas_wanted: "100000",
            gas_used: String(GAS_USED),
            events: eventsJson(events),
          })),
          finalize_block_events: eventsJson([
            { type: "begun", attributes: [{ key: "mode", value: "BeginBlock" }] },
            { type: "ended", attributes: [{ key: "mode", value: "EndBlock" }] },
          ]),
        };
      case "tx_search": {
        const hash = /tx\.hash='([0-9A-F]{64})'/.exec(String(params["query"]))?.[1];
        const found = blocks.flatMap(({ txs, outcomes }, at) =>
          txs.map((tx, index) => ({ tx, index, height: at + 1, outcome: outcomes[index]! })),
        );
        const txs = found
          .filter(({ tx }) => toHex(sha256(tx)).toUpperCase() === hash)
          .map(({ tx, index, height, outcome }) => ({
            hash: hash!,
            height: String(height),
            index,
            tx: toBase64(tx),
            tx_result: { code: outcome.code, codespace: outcome.codespace, log: outcome.log },
          }));
        return { txs, total_count: String(txs.length) };
      }
      default:
        throw new Error(`method ${method} is not there`);
    }
  }

  async function bodyOf(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  }

  const server = createServer(async (request, response) => {
    requests++;
    if (down) return void request.socket.destroy();
    const { id, method, params } = JSON.parse(await bodyOf(request));
    let answer: Json;
    try {
      answer = { jsonrpc: "2.0", id, result: call(method, params) };
    } catch (error) {
      answer = {
        jsonrpc: "2.0",
        id,
        error: { code: -32603, message: "Internal error", data: (error as Error).message },
      };
    }
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
  });
  const websocket = serveWebsocket(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  function commit(): void {
    const txs = mempool;
    mempool = [];
    blocks.push({ txs, outcomes: txs.map(app.run) });
    app.resetChecks();
    const data = { type: "tendermint/event/NewBlockHeader", value: { header: header(blocks.length) } };
    websocket.tell(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { query: "tm.event='NewBlockHeader'", data } }));
  }
  commit();

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    chainId,
    websocket,
    /** Makes a block of what is in the mempool. */
    commit,
    /** Makes a block every so many milliseconds. */
    keepCommitting(ms: number): void {
      timer = setInterval(commit, ms);
    },
    height: () => blocks.length,
    requests: () => requests,
    mempoolSize: () => mempool.length,
    balanceOf: app.balanceOf,
    sequenceOf: app.sequenceOf,
    /** Transactions in blocks that failed. */
    failures: () => blocks.flatMap(({ outcomes }) => outcomes).filter(({ code }) => code !== 0).length,
    /** A crash: connections are cut and the mempool is lost. */
    goDown(): void {
      down = true;
      mempool = [];
      known.clear();
      app.resetChecks();
      websocket.cut();
    },
    goUp(): void {
      down = false;
    },
    async stop(): Promise<void> {
      clearInterval(timer);
      websocket.cut();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FakeComet = Awaited<ReturnType<typeof startFakeComet>>;

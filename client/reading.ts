import { StargateClient } from "@cosmjs/stargate";
import type { Comet38Client } from "@cosmjs/tendermint-rpc";
import { type Block, type FollowOptions, followBlocks, readBlock, txHash } from "./blocks.ts";
import type { ChainInfo, Client, ConnectOptions } from "./client.ts";
import { InterfirmError, isError } from "./errors.ts";
import { createInclusion, type Included, type Inclusion } from "./inclusion.ts";
import { createLightClient } from "./light.ts";
import { isKnown, refusalOf } from "./mempool.ts";
import { createMsgs } from "./msgs.ts";
import { type Ask, createQueries, toQueryError } from "./queries.ts";
import type { Rpc } from "./rpc.ts";
import type { SendOptions } from "./sender.ts";
import { assertSucceeded, type TxInfo, toTxInfo, toTxStatus } from "./tx.ts";
import { createVerifiedReads } from "./verified.ts";
import { type WatchOptions, watchEvents } from "./watch.ts";

/** Milliseconds that a transaction has to reach a block, unless told. */
export const TX_TIMEOUT_MS = 60_000;

/** ABCI queries without proof. */
export const createAsk =
  (comet: Comet38Client): Ask =>
  async (path, data, height) => {
    const at = height === undefined ? {} : { height: Number(height) };
    const response = await comet.abciQuery({ path, data, prove: false, ...at });
    if (response.code) throw toQueryError(response);
    return response.value;
  };

export interface Reading {
  readonly client: Client;
  /** For what signs on top of it. */
  readonly inclusion: Inclusion;
}

/** The part of a client that needs no signer. */
export function createReading(
  rpc: Rpc,
  comet: Comet38Client,
  chain: ChainInfo,
  ask: Ask,
  options: ConnectOptions,
): Reading {
  const { pollMs = 300, websocket = true } = options;
  const closed = new AbortController();
  const inclusion = createInclusion(rpc, comet, { pollMs, websocket: false });
  const query = createQueries(ask);
  const light = options.trust && createLightClient(rpc, chain.chainId, options.trust, options.light);
  const height = async () => BigInt((await comet.status()).syncInfo.latestBlockHeight);

  async function* watchBlocks(given: Partial<FollowOptions> = {}): AsyncGenerator<Block, void, void> {
    const fromHeight = given.fromHeight ?? (await height()) + 1n;
    const signal = given.signal ? AbortSignal.any([given.signal, closed.signal]) : closed.signal;
    yield* followBlocks(rpc, comet, { pollMs, websocket, ...given, fromHeight, signal });
  }

  async function findTx(hash: string): Promise<Included | undefined> {
    const [found] = (await comet.txSearch({ query: `tx.hash='${hash.toUpperCase()}'` })).txs;
    if (!found) return undefined;
    const { txs, ...block } = await readBlock(comet, BigInt(found.height));
    return { tx: txs[found.index]!, height: block.height, time: block.time };
  }

  /** Undefined when the node took the bytes, or has them; the transaction when it is in a block already. */
  async function handIn(bytes: Uint8Array, hash: string): Promise<Included | undefined> {
    try {
      const result = await comet.broadcastTxSync({ tx: bytes });
      if (result.code) throw toQueryError(result);
      return undefined;
    } catch (error) {
      if (!isError(error, "client", "rpc")) throw error;
      const refusal = refusalOf(error);
      if (!isKnown(refusal)) throw new InterfirmError({ ...refusal, txHash: hash });
      return findTx(hash);
    }
  }

  async function broadcast(
    bytes: Uint8Array,
    { timeoutMs = TX_TIMEOUT_MS, signal }: Pick<SendOptions, "timeoutMs" | "signal"> = {},
  ): Promise<TxInfo> {
    const hash = txHash(bytes);
    const watch = await inclusion.begin();
    const over = new AbortController();
    const included = watch.wait(hash, {
      timeoutMs,
      signal: signal ? AbortSignal.any([signal, over.signal]) : over.signal,
    });
    included.catch(() => {});
    try {
      const there = (await handIn(bytes, hash)) ?? (await included);
      assertSucceeded(there);
      return toTxInfo(there);
    } finally {
      over.abort();
      watch.end();
    }
  }

  const client: Client = {
    chain,
    query,
    msgs: createMsgs(),
    verified: createVerifiedReads(comet, light),
    height,
    block: (at) => readBlock(comet, at),
    async tx(hash) {
      const found = await findTx(hash);
      return found && toTxStatus(found);
    },
    async balance(address, denom) {
      return (await query.bank.balance({ address, denom })).balance?.amount ?? 0n;
    },
    broadcast,
    watch(given: WatchOptions = {}) {
      const { after, types, ...rest } = given;
      const fromHeight = after?.height ?? rest.fromHeight;
      // The overloads of the interface say which types come out.
      return watchEvents(watchBlocks({ ...rest, ...(fromHeight !== undefined && { fromHeight }) }), {
        ...(after && { after }),
        ...(types && { types }),
      }) as never;
    },
    watchBlocks,
    async trustRoot() {
      const at = await height();
      return { height: at, hash: (await readBlock(comet, at)).hash };
    },
    cosmjs: StargateClient.create(comet),
    comet,
    rpc,
    close() {
      closed.abort();
      inclusion.close();
      rpc.disconnect();
    },
  };
  return { client, inclusion };
}

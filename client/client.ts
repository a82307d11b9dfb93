import type { OfflineSigner } from "@cosmjs/proto-signing";
import { SigningStargateClient, StargateClient } from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import type { DeepPartial } from "@interfirm/proto/types";
import { type Block, type FollowOptions, followBlocks, readBlock, txHash } from "./blocks.ts";
import { clientError, InterfirmError, isError } from "./errors.ts";
import type { ChainEvent, ChainEventType } from "./events.ts";
import { createInclusion, type Included } from "./inclusion.ts";
import { createLightClient, type LightOptions, type TrustRoot } from "./light.ts";
import { isKnown, refusalOf } from "./mempool.ts";
import { createMsgs, type Msg, type Msgs, withSigner } from "./msgs.ts";
import { type Ask, createQueries, type Queries, toQueryError } from "./queries.ts";
import { createAminoTypes, createDefaultRegistry } from "./registry.ts";
import { createRpc, type Endpoint, type Rpc, type RpcOptions } from "./rpc.ts";
import { createSender, type SendOptions, type SentTx } from "./sender.ts";
import type { SequencerOptions } from "./sequence.ts";
import { byModule, type Input, type ModuleKey, type MsgService, msgServices, type Output } from "./services.ts";
import {
  assertSucceeded,
  type BatchResult,
  type TxInfo,
  type TxResult,
  type TxStatus,
  toTxInfo,
  toTxStatus,
} from "./tx.ts";
import { createVerifiedReads, type VerifiedReads } from "./verified.ts";
import { prefixOf } from "./wallet.ts";
import { type WatchedEvent, type WatchOptions, watchEvents } from "./watch.ts";

/** What a chain says of itself. */
export interface ChainInfo {
  readonly chainId: string;
  /** Human-readable part of account addresses. */
  readonly prefix: string;
}

export interface ConnectOptions extends RpcOptions {
  /** Refuse any other chain. */
  readonly chainId?: string;
  /** A header from a source that you trust: the root of verified reads. */
  readonly trust?: TrustRoot;
  readonly light?: LightOptions;
  /** Milliseconds between two looks for a new block. 300 unless told. */
  readonly pollMs?: number;
  /** Let `watch` listen on a websocket. True unless told. */
  readonly websocket?: boolean;
}

export interface SigningOptions extends ConnectOptions, SequencerOptions {
  /** A wallet, or a function that makes one for the chain, whose prefix it learns so. */
  readonly signer: OfflineSigner | ((chain: ChainInfo) => OfflineSigner | Promise<OfflineSigner>);
  /** The account to sign with. The signer's first unless told. */
  readonly address?: string;
  /** Like `0.025ufirm`. The node's minimum unless told. */
  readonly gasPrice?: string;
  /** Gas limit over simulated gas. 1.3 unless told. */
  readonly gasAdjustment?: number;
  /** Milliseconds until a transaction that is in no block counts as lost. 60,000 unless told. */
  readonly txTimeoutMs?: number;
}

/** A connection that reads. Every call throws `InterfirmError`. */
export interface Client {
  readonly chain: ChainInfo;
  /** `query.bank.allBalances({ address })`: every query of every module. */
  readonly query: Queries;
  /** `msgs.bank.send({ … })`: makers of messages, for `submit`. */
  readonly msgs: Msgs;
  /** Reads that need not trust the node. Want `trust` in the options. */
  readonly verified: VerifiedReads;
  /** Height of the newest block. */
  height(): Promise<bigint>;
  block(height: bigint): Promise<Block>;
  /** A transaction in a block; undefined when there is none. Asks the node's index. */
  tx(hash: string): Promise<TxStatus | undefined>;
  /** Balance in minimal units. */
  balance(address: string, denom: string): Promise<bigint>;
  /** Hands in a signed transaction and waits for its block. */
  broadcast(bytes: Uint8Array, options?: Pick<SendOptions, "timeoutMs" | "signal">): Promise<TxInfo>;
  /** Events in order, none lost and none twice, over cuts of the connection, until aborted. */
  watch<T extends ChainEventType>(
    options: WatchOptions<T> & { readonly types: readonly T[] },
  ): AsyncGenerator<WatchedEvent<Extract<ChainEvent, { readonly type: T }>>, void, void>;
  watch(options?: WatchOptions): AsyncGenerator<WatchedEvent, void, void>;
  /** Blocks likewise. */
  watchBlocks(options?: Partial<FollowOptions>): AsyncGenerator<Block, void, void>;
  /** The present header as a root of trust. It vouches for nothing before it: take it from a node that you trust now. */
  trustRoot(): Promise<TrustRoot>;
  /** CosmJS on the same connection. */
  readonly cosmjs: StargateClient;
  readonly comet: Comet38Client;
  readonly rpc: Rpc;
  close(): void;
}

type TxMethods<S extends MsgService> = {
  readonly [K in keyof S["methods"]]: (
    fields: DeepPartial<Input<S["methods"][K]>>,
    options?: SendOptions,
  ) => Promise<TxResult<Output<S["methods"][K]>>>;
};

/** `client.bank.send({ toAddress, amount })`: signs, broadcasts and waits for the block, for every message. */
export type Transactions = { readonly [S in MsgService as ModuleKey<S, MsgService>]: TxMethods<S> };

/** A connection that signs, too. Fields that name the signer may be left out. */
export type SigningClient = Client & Transactions & SigningMembers;

interface SigningMembers {
  readonly address: string;
  /** Several messages in one transaction: all of them happen, or none. */
  submit<const M extends readonly Msg[]>(messages: M, options?: SendOptions): Promise<BatchResult<M>>;
  /** Like `submit`, without waiting for the block: resolves when a node has accepted the transaction. */
  dispatch<const M extends readonly Msg[]>(messages: M, options?: SendOptions): Promise<Dispatched<M>>;
  /** Gas that the messages would use. */
  simulate(messages: readonly Msg[], options?: SendOptions): Promise<bigint>;
  readonly cosmjs: SigningStargateClient;
}

export interface Dispatched<M extends readonly Msg[]> {
  readonly txHash: string;
  readonly sequence: bigint;
  readonly result: Promise<BatchResult<M>>;
}

const TX_TIMEOUT_MS = 60_000;

/**
 * Connects to a chain through one or more CometBFT RPC endpoints; the next one is used when one fails. Throws
 * `client/connection`, `client/chainMismatch`, `client/prefixMismatch`.
 */
export function connect(
  endpoints: string | Endpoint | readonly (string | Endpoint)[],
  options: SigningOptions,
): Promise<SigningClient>;
export function connect(
  endpoints: string | Endpoint | readonly (string | Endpoint)[],
  options?: ConnectOptions,
): Promise<Client>;
export async function connect(
  endpoints: string | Endpoint | readonly (string | Endpoint)[],
  options: ConnectOptions | SigningOptions = {},
): Promise<Client | SigningClient> {
  const rpc = createRpc(endpoints, options);
  const comet = Comet38Client.create(rpc);
  try {
    const chainId = (await comet.status()).nodeInfo.network;
    if (options.chainId !== undefined && options.chainId !== chainId) {
      throw clientError("chainMismatch", `chain is ${chainId}, want ${options.chainId}`);
    }
    rpc.expectChain(chainId);
    const ask = createAsk(comet);
    const { bech32Prefix: prefix } = await createQueries(ask).auth.bech32Prefix();
    const reading = createReading(rpc, comet, { chainId, prefix }, ask, options);
    return "signer" in options ? await createSigning(reading, options) : reading.client;
  } catch (error) {
    rpc.disconnect();
    throw error;
  }
}

const createAsk =
  (comet: Comet38Client): Ask =>
  async (path, data, height) => {
    const at = height === undefined ? {} : { height: Number(height) };
    const response = await comet.abciQuery({ path, data, prove: false, ...at });
    if (response.code) throw toQueryError(response);
    return response.value;
  };

function createReading(rpc: Rpc, comet: Comet38Client, chain: ChainInfo, ask: Ask, options: ConnectOptions) {
  const { pollMs = 300, websocket = true } = options;
  const inclusion = createInclusion(rpc, comet, { pollMs, websocket: false });
  const query = createQueries(ask);
  const light = options.trust && createLightClient(rpc, chain.chainId, options.trust, options.light);
  const height = async () => BigInt((await comet.status()).syncInfo.latestBlockHeight);

  async function* watchBlocks(given: Partial<FollowOptions> = {}): AsyncGenerator<Block, void, void> {
    const fromHeight = given.fromHeight ?? (await height()) + 1n;
    yield* followBlocks(rpc, comet, { pollMs, websocket, ...given, fromHeight });
  }

  async function findTx(hash: string): Promise<Included | undefined> {
    const [found] = (await comet.txSearch({ query: `tx.hash='${hash.toUpperCase()}'` })).txs;
    if (!found) return undefined;
    const { txs, ...block } = await readBlock(comet, BigInt(found.height));
    return { tx: txs[found.index]!, height: block.height, time: block.time };
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
    async broadcast(bytes, { timeoutMs = TX_TIMEOUT_MS, signal } = {}) {
      const hash = txHash(bytes);
      const watch = await inclusion.begin();
      const refused = new AbortController();
      const included = watch.wait(hash, {
        timeoutMs,
        signal: signal ? AbortSignal.any([signal, refused.signal]) : refused.signal,
      });
      included.catch(() => {});
      try {
        try {
          const result = await comet.broadcastTxSync({ tx: bytes });
          if (result.code) throw toQueryError(result);
        } catch (error) {
          if (!isError(error, "client", "rpc")) throw error;
          const refusal = refusalOf(error);
          if (!isKnown(refusal)) throw new InterfirmError({ ...refusal, txHash: hash });
          const earlier = await findTx(hash);
          if (earlier) {
            assertSucceeded(earlier);
            return toTxInfo(earlier);
          }
        }
        const there = await included;
        assertSucceeded(there);
        return toTxInfo(there);
      } catch (error) {
        refused.abort(error);
        throw error;
      } finally {
        watch.end();
      }
    },
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
      inclusion.close();
      rpc.disconnect();
    },
  };
  return { client, inclusion };
}

async function createSigning(
  { client, inclusion }: ReturnType<typeof createReading>,
  options: SigningOptions,
): Promise<SigningClient> {
  const { chain, comet } = client;
  const signer = typeof options.signer === "function" ? await options.signer(chain) : options.signer;
  const address = options.address ?? (await signer.getAccounts())[0]?.address;
  if (address === undefined) throw clientError("noSigner", "the signer holds no account");
  if (prefixOf(address) !== chain.prefix) {
    throw clientError(
      "prefixMismatch",
      `address of the wallet is ${address}, want one that begins with ${chain.prefix}1`,
    );
  }
  const cosmjs = SigningStargateClient.createWithSigner(comet, signer, {
    registry: createDefaultRegistry(),
    aminoTypes: createAminoTypes(),
  });
  const sender = createSender({ client, cosmjs, signer, address, inclusion, options });

  async function dispatch<const M extends readonly Msg[]>(messages: M, given?: SendOptions): Promise<Dispatched<M>> {
    const sent: SentTx = await sender.send(messages, given);
    return { txHash: sent.hash, sequence: sent.sequence, result: sent.result as Promise<BatchResult<M>> };
  }

  const transactions = byModule(
    msgServices,
    (_service, { input }) =>
      async (fields: object, given: SendOptions = {}) => {
        const value = input.fromPartial(withSigner(input, fields, given.signer ?? address));
        const { responses, ...info } = await (await dispatch([{ typeUrl: input.typeUrl, value }], given)).result;
        return { ...(responses[0] as object), ...info };
      },
  );

  // The record of transactions is built from the same services that its type is mapped over.
  return {
    ...(transactions as unknown as Transactions),
    ...client,
    msgs: createMsgs(address),
    address,
    dispatch,
    submit: async (messages, given) => (await dispatch(messages, given)).result,
    simulate: sender.simulate,
    cosmjs,
  };
}

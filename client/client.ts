import type { OfflineSigner } from "@cosmjs/proto-signing";
import type { SigningStargateClient, StargateClient } from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import type { DeepPartial } from "@interfirm/proto/types";
import type { Block, FollowOptions } from "./blocks.ts";
import { clientError } from "./errors.ts";
import type { ChainEvent, ChainEventType } from "./events.ts";
import type { LightOptions, TrustRoot } from "./light.ts";
import type { Msg, Msgs } from "./msgs.ts";
import { createQueries, type Queries } from "./queries.ts";
import { createAsk, createReading } from "./reading.ts";
import { createRpc, type Endpoint, type Rpc, type RpcOptions } from "./rpc.ts";
import type { SendOptions } from "./sender.ts";
import type { SequencerOptions } from "./sequence.ts";
import type { Input, ModuleKey, MsgService, Output } from "./services.ts";
import { createSigning } from "./signing.ts";
import type { BatchResult, TxInfo, TxResult, TxStatus } from "./tx.ts";
import type { VerifiedReads } from "./verified.ts";
import type { WatchedEvent, WatchOptions } from "./watch.ts";

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
  /** Ends what watches and refuses what waits. */
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

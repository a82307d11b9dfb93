export { adr36 } from "./adr36.ts";
export { type Block, type BlockTx, type RawEvent, txHash } from "./blocks.ts";
export {
  type ChainInfo,
  type Client,
  type ConnectOptions,
  connect,
  type Dispatched,
  type SigningClient,
  type SigningOptions,
  type Transactions,
} from "./client.ts";
export { formatCoin, parseCoin, parseCoins } from "./coins.ts";
export { type ErrorName, errorCatalogue, InterfirmError, isError } from "./errors.ts";
export { type ChainEvent, type ChainEventType, parseEvent, parseEvents } from "./events.ts";
export { type KeplrChainInfo, type KeplrCurrency, type KeplrOptions, toKeplrChainInfo } from "./keplr.ts";
export type { LightOptions, TrustRoot } from "./light.ts";
export { type Msg, type Msgs, msgs, type ResponseOf } from "./msgs.ts";
export {
  combineMultisig,
  createMultisig,
  draftMultisig,
  type Multisig,
  type MultisigDraft,
  type MultisigSignature,
  signMultisig,
} from "./multisig.ts";
export { type Queries, type QueryOptions, setupInterfirmExtension } from "./queries.ts";
export { aminoConverters, createAminoTypes, createDefaultRegistry, registryTypes } from "./registry.ts";
export type { Endpoint } from "./rpc.ts";
export type { SendOptions } from "./sender.ts";
export { createSequencer, type SequenceNode, type Sequencer, type SequencerOptions } from "./sequence.ts";
export { type BatchResult, type DecodedTx, decodeTx, type TxInfo, type TxResult, type TxStatus, unpack } from "./tx.ts";
export type { Verified, VerifiedReads } from "./verified.ts";
export {
  aminoOnly,
  generateMnemonic,
  type MnemonicOptions,
  type Wallet,
  walletFromKey,
  walletFromMnemonic,
} from "./wallet.ts";
export type { Position, WatchedEvent, WatchOptions } from "./watch.ts";

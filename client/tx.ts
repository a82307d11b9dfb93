import { TxMsgData } from "@interfirm/proto/gen/cosmos/base/abci/v1beta1";
import { AuthInfo, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { type BlockTx, type RawEvent, txHash } from "./blocks.ts";
import { clientError, InterfirmError } from "./errors.ts";
import type { Included } from "./inclusion.ts";
import { type Msg, msgMethods, type ResponseOf } from "./msgs.ts";
import { typeOf } from "./registry.ts";

/** What is known of a transaction in a block. */
export interface TxInfo {
  readonly height: bigint;
  /** Place in the block, from 0. */
  readonly txIndex: number;
  /** Upper-case hex. */
  readonly txHash: string;
  /** Of the block. */
  readonly time: Date;
  readonly gasUsed: bigint;
  readonly gasWanted: bigint;
  readonly events: readonly RawEvent[];
}

/** A transaction as the chain has it, succeeded or not. */
export interface TxStatus extends TxInfo {
  /** 0 when it succeeded. */
  readonly code: number;
  readonly codespace: string;
  readonly rawLog: string;
  readonly bytes: Uint8Array;
}

/** Response of one message, with what is known of its transaction. */
export type TxResult<O> = O & TxInfo;

/** Responses in the order of the messages. */
export type BatchResult<M extends readonly Msg[]> = TxInfo & {
  readonly responses: { readonly [K in keyof M]: ResponseOf<M[K]> };
};

export interface DecodedMsg {
  readonly typeUrl: string;
  /** The message, or its bytes when this client does not know the type. */
  readonly value: unknown;
}

export interface DecodedTx {
  /** Upper-case hex. */
  readonly hash: string;
  readonly messages: readonly DecodedMsg[];
  readonly body: TxBody;
  readonly authInfo: AuthInfo;
  readonly signatures: readonly Uint8Array[];
}

/** The message inside an Any, or its bytes when this client does not know the type. */
export function unpack({ typeUrl, value }: Any): DecodedMsg {
  const type = typeOf(typeUrl);
  return { typeUrl, value: type ? type.decode(value) : value };
}

/** Reads the bytes of a signed transaction. Throws a `WireError` when they are none. */
export function decodeTx(bytes: Uint8Array): DecodedTx {
  const { bodyBytes, authInfoBytes, signatures } = TxRaw.decode(bytes);
  const body = TxBody.decode(bodyBytes);
  return {
    hash: txHash(bytes),
    messages: body.messages.map(unpack),
    body,
    authInfo: AuthInfo.decode(authInfoBytes),
    signatures,
  };
}

/** Throws the chain's refusal when the transaction is in its block but failed there. */
export function assertSucceeded({ tx, height }: Included): void {
  if (tx.code === 0) return;
  const { codespace, code, log, hash } = tx;
  throw new InterfirmError({ codespace, code, rawLog: log, txHash: hash, height });
}

export const toTxInfo = ({ tx, height, time }: Included): TxInfo => ({
  height,
  txIndex: tx.index,
  txHash: tx.hash,
  time,
  gasUsed: tx.gasUsed,
  gasWanted: tx.gasWanted,
  events: tx.events,
});

export const toTxStatus = (included: Included): TxStatus => ({
  ...toTxInfo(included),
  code: included.tx.code,
  codespace: included.tx.codespace,
  rawLog: included.tx.log,
  bytes: included.tx.bytes,
});

/** Decodes the responses of the messages. Throws `client/badResponse` when the node gave others. */
export function readResponses(messages: readonly Msg[], tx: BlockTx): readonly unknown[] {
  const { msgResponses } = TxMsgData.decode(tx.data);
  return messages.map(({ typeUrl }, index) => {
    const output = msgMethods.get(typeUrl)?.output;
    const response = msgResponses[index];
    if (!output || !response) return undefined;
    if (response.typeUrl !== output.typeUrl) {
      throw clientError("badResponse", `response is ${response.typeUrl}, want ${output.typeUrl}`, { txHash: tx.hash });
    }
    return output.decode(response.value);
  });
}

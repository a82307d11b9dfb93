/** Results of transactions in the SDK's form (`TxResponse`). */
import { Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { BroadcastSync, Tx as RpcTx } from "../comet/rpc.ts";
import type { JsonObject } from "../config/genesis.ts";
import { txToJson } from "./tx-json.ts";
import { decodeTx } from "./tx-sign.ts";

const hexOfBase64 = (text: string | null): string =>
  Buffer.from(text ?? "", "base64")
    .toString("hex")
    .toUpperCase();

/** What a node said to a broadcast: it is in no block yet, so its height is 0. */
export const broadcastJson = ({ code, codespace, data, hash, log }: BroadcastSync): JsonObject => ({
  height: "0",
  txhash: hash,
  codespace,
  code,
  data,
  raw_log: log,
  logs: [],
  info: "",
  gas_wanted: "0",
  gas_used: "0",
  tx: null,
  timestamp: "",
  events: [],
});

/** A transaction in a block. */
export function txResponseJson({ hash, height, tx, tx_result: result }: RpcTx, timestamp: string): JsonObject {
  return {
    height,
    txhash: hash,
    codespace: result.codespace,
    code: result.code,
    data: hexOfBase64(result.data),
    raw_log: result.log,
    logs: [],
    info: result.info,
    gas_wanted: result.gas_wanted,
    gas_used: result.gas_used,
    tx: readTx(tx),
    timestamp,
    events: result.events.map(({ type, attributes }) => ({
      type,
      attributes: attributes.map(({ key, value, index }) => ({ key, value, index: index ?? false })),
    })),
  };
}

function readTx(base64: string): JsonObject | null {
  try {
    return { "@type": Tx.typeUrl, ...txToJson(decodeTx(new Uint8Array(Buffer.from(base64, "base64")))) };
  } catch {
    // Blocks may hold bytes that are no transaction: a proposer may put them there.
    return null;
  }
}

import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { TxResponse } from "@interfirm/proto/gen/cosmos/base/abci/v1beta1";
import * as tx from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Event } from "@interfirm/proto/gen/tendermint/abci";
import { broadcastTx } from "../../comet/broadcast.ts";
import { type Rpc, RpcError, type Tx as RpcTx } from "../../comet/rpc.ts";
import type { TxOutcome } from "../execute.ts";
import { blockIdOf, blockOf, field } from "./comet-json.ts";
import { serveNode } from "./service.ts";
import { pageOf } from "./tendermint.ts";
import { ask, statusError } from "./unavailable.ts";

export interface TxServiceDeps {
  readonly rpc: Rpc | undefined;
  readonly simulate: (tx: Uint8Array) => TxOutcome;
  /** Throws `sdk/2` for bytes that are no transaction of this chain. */
  readonly decode: (bytes: Uint8Array) => {
    readonly body: tx.TxBody;
    readonly authInfo: tx.AuthInfo;
    readonly signatures: readonly Uint8Array[];
  };
}

const PAGE_MAX = 100;
const QUERY_MAX = 2048;
/** Blocks whose time one search asks for at the same time. */
const BLOCKS_AT_ONCE = 8;

const TX_TYPE_URL = tx.Tx.typeUrl;

/** `cosmos.tx.v1beta1.Service`: transactions simulated here, sent and found through CometBFT. */
export function txService({ rpc, simulate, decode }: TxServiceDeps) {
  function txOf(bytes: Uint8Array): tx.Tx {
    const { body, authInfo, signatures } = decode(bytes);
    return { body, authInfo, signatures };
  }

  /** A transaction in a block may be no transaction: a proposer can put anything there. */
  function txIfAny(bytes: Uint8Array): tx.Tx | undefined {
    try {
      return txOf(bytes);
    } catch {
      return undefined;
    }
  }

  function responseOf({ hash, height, tx: base64, tx_result: result }: RpcTx, timestamp: string): TxResponse {
    const bytes = Uint8Array.from(Buffer.from(base64, "base64"));
    const parsed = txIfAny(bytes);
    return TxResponse.fromPartial({
      height: BigInt(height),
      txhash: hash,
      codespace: result.codespace,
      code: result.code,
      data: Buffer.from(result.data ?? "", "base64")
        .toString("hex")
        .toUpperCase(),
      rawLog: result.log,
      info: result.info,
      gasWanted: BigInt(result.gas_wanted),
      gasUsed: BigInt(result.gas_used),
      tx: parsed && { typeUrl: TX_TYPE_URL, value: tx.Tx.encode(parsed).finish() },
      timestamp,
      events: (result.events ?? []).map(eventOf),
    });
  }

  /** Times of blocks, in RFC 3339, by height. */
  async function blockTimes(heights: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const wanted = [...new Set(heights)];
    const times = new Map<string, string>();
    for (let at = 0; at < wanted.length; at += BLOCKS_AT_ONCE) {
      const answers = wanted.slice(at, at + BLOCKS_AT_ONCE).map(async (height) => {
        const { block } = await ask(rpc, (node) => node.block(BigInt(height)));
        times.set(height, withoutFraction(block.header.time));
      });
      await Promise.all(answers);
    }
    return times;
  }

  return serveNode(tx.Service, {
    simulate({ tx: message, txBytes }) {
      const bytes = txBytes.length > 0 ? txBytes : message && rawBytes(message);
      if (!bytes) throw sdkError.invalidRequest("empty txBytes is not allowed");
      const { code, codespace, log, data, gasWanted, gasUsed, events, responses } = simulate(bytes);
      // The SDK wraps a failure so that its text holds the reason and the gas.
      if (code !== 0) throw statusError("Unknown", `${log} [${codespace}/${code}] with gas used: '${gasUsed}'`);
      return {
        gasInfo: { gasWanted, gasUsed },
        result: { data, log, events, msgResponses: responses },
      };
    },

    async getTx({ hash }) {
      if (hash === "") throw sdkError.invalidRequest("tx hash cannot be empty");
      if (!/^(?:0x)?[0-9a-fA-F]{64}$/.test(hash)) {
        throw sdkError.invalidRequest(`hash is ${hash.slice(0, 80)}, want 64 hex digits`);
      }
      const found = await ask(rpc, (node) => node.tx(hash.replace(/^0x/, "")).catch(unlessAbsent));
      if (!found) throw sdkError.keyNotFound(`rpc error: code = NotFound desc = tx not found: ${hash}`);
      const times = await blockTimes([found.height]);
      const txResponse = responseOf(found, times.get(found.height) ?? "");
      return { tx: txIfAny(Uint8Array.from(Buffer.from(found.tx, "base64"))), txResponse };
    },

    async getTxsEvent({ events, query, orderBy, page, limit, pagination }) {
      const text = query !== "" ? query : events.join(" AND ");
      if (text === "") throw sdkError.invalidRequest("query cannot be empty");
      if (text.length > QUERY_MAX) {
        throw sdkError.invalidRequest(`query has ${text.length} characters, want at most ${QUERY_MAX}`);
      }
      const asked = limit > 0n ? limit : (pagination?.limit ?? 0n);
      const size = asked > 0n && asked < BigInt(PAGE_MAX) ? Number(asked) : PAGE_MAX;
      const number = page > 0n ? page : (pagination?.offset ?? 0n) / BigInt(size) + 1n;
      if (number > 1_000_000n) throw sdkError.invalidRequest(`page is ${number}, want at most 1000000`);
      const order = orderBy === tx.OrderBy.ORDER_BY_DESC ? "desc" : "asc";
      const found = await ask(rpc, (node) => node.txSearch(text, Number(number), size, order).catch(emptyPage));
      const times = await blockTimes(found.txs.map(({ height }) => height));
      const txs: tx.Tx[] = [];
      for (const { tx: base64 } of found.txs) {
        const parsed = txIfAny(Uint8Array.from(Buffer.from(base64, "base64")));
        if (parsed) txs.push(parsed);
      }
      return {
        txs,
        txResponses: found.txs.map((item) => responseOf(item, times.get(item.height) ?? "")),
        pagination: undefined,
        total: BigInt(found.total_count),
      };
    },

    async broadcastTx({ txBytes, mode }) {
      const isAsync = mode === tx.BroadcastMode.BROADCAST_MODE_ASYNC;
      if (!isAsync && mode !== tx.BroadcastMode.BROADCAST_MODE_SYNC) {
        throw sdkError.invalidRequest(`mode is ${mode}, want BROADCAST_MODE_SYNC or BROADCAST_MODE_ASYNC`);
      }
      if (txBytes.length === 0) throw sdkError.invalidRequest("empty txBytes is not allowed");
      const sent = await ask(rpc, (node) => broadcastTx(node, txBytes, isAsync ? "async" : "sync"));
      return {
        txResponse: TxResponse.fromPartial({
          txhash: sent.hash,
          codespace: sent.codespace,
          code: sent.code,
          data: sent.data,
          rawLog: sent.log,
        }),
      };
    },

    async getBlockWithTxs({ height, pagination }) {
      if (height < 1n) throw sdkError.invalidRequest(`height is ${height}, want at least 1`);
      const answer: unknown = await ask(rpc, (node) => node.call("block", { height: `${height}` }));
      const block = blockOf(field(answer, "block"));
      const { items, response } = pageOf(block.data.txs, pagination, PAGE_MAX);
      return tx.GetBlockWithTxsResponse.fromPartial({
        txs: items.flatMap((bytes) => txIfAny(bytes) ?? []),
        blockId: blockIdOf(field(answer, "block_id")),
        block,
        pagination: response,
      });
    },

    txDecode({ txBytes }) {
      if (txBytes.length === 0) throw sdkError.invalidRequest("invalid empty tx bytes");
      return { tx: txOf(txBytes) };
    },
    txEncode({ tx: message }) {
      if (!message) throw sdkError.invalidRequest("invalid empty tx");
      return { txBytes: rawBytes(message) };
    },
    // Amino's binary form of whole transactions has no reader left; its JSON is what wallets sign.
    txEncodeAmino() {
      throw statusError("Unimplemented", "amino binary transactions are not served");
    },
    txDecodeAmino() {
      throw statusError("Unimplemented", "amino binary transactions are not served");
    },
  });
}

function rawBytes({ body, authInfo, signatures }: tx.Tx): Uint8Array {
  return tx.TxRaw.encode({
    bodyBytes: body ? tx.TxBody.encode(body).finish() : new Uint8Array(0),
    authInfoBytes: authInfo ? tx.AuthInfo.encode(authInfo).finish() : new Uint8Array(0),
    signatures,
  }).finish();
}

const eventOf = ({ type, attributes }: RpcTx["tx_result"]["events"][number]): Event => ({
  type,
  attributes: attributes.map(({ key, value, index }) => ({ key, value, index: index === true })),
});

/** The SDK writes times of blocks in seconds. */
const withoutFraction = (time: string): string => time.replace(/\.\d+Z$/, "Z");

/** CometBFT says that there is no such transaction, or that it keeps no index. */
function unlessAbsent(error: unknown): undefined {
  if (error instanceof RpcError && /not found/.test(error.message)) return undefined;
  throw error;
}

/** A page behind the last one is an error for CometBFT and an empty list for the SDK's clients. */
function emptyPage(error: unknown): { readonly txs: readonly RpcTx[]; readonly total_count: string } {
  const total = error instanceof RpcError ? /page should be within \[1, (\d+)\] range/.exec(error.message) : null;
  if (total) return { txs: [], total_count: "0" };
  throw error;
}

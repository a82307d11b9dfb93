/** Broadcasts with the SDK's answers, for the command line and the transaction service alike. */
import { sha256 } from "../crypto/verify.ts";
import { type BroadcastSync, type Rpc, RpcError } from "./rpc.ts";

/** What CometBFT says of its mempool as an error of JSON-RPC, and the SDK as a code (`client.CheckCometError`, v0.53). */
const REFUSALS: readonly (readonly [said: RegExp, code: number, log: string])[] = [
  [/tx already exists in cache/, 19, "tx already in mempool"],
  [/mempool is full/, 20, "mempool is full"],
  [/Tx too large/i, 21, "tx too large"],
];

/** Rejects with `RpcUnreachableError` when the node says nothing, and with `RpcError` for other errors than those of its mempool. */
export async function broadcastTx(rpc: Rpc, bytes: Uint8Array, mode: "sync" | "async"): Promise<BroadcastSync> {
  try {
    return await (mode === "async" ? rpc.broadcastTxAsync(bytes) : rpc.broadcastTxSync(bytes));
  } catch (error) {
    const refusal = error instanceof RpcError && REFUSALS.find(([said]) => said.test(error.message));
    if (!refusal) throw error;
    const [, code, log] = refusal;
    const hash = Buffer.from(sha256(bytes)).toString("hex").toUpperCase();
    return { code, codespace: "sdk", data: "", log, hash };
  }
}

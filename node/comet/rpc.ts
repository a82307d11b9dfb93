/** A small client of CometBFT's JSON-RPC. Numbers of 64 bits stay decimal text and bytes stay base64 or hex, as CometBFT writes them. */

/** The node answered with an error of JSON-RPC. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;
  /** Says what is wrong, where `message` is only its kind. */
  readonly data: string;

  constructor(method: string, code: number, message: string, data: string) {
    super(`${method}: ${message}${data === "" ? "" : `: ${data}`} (code ${code})`);
    this.code = code;
    this.data = data;
  }
}

/** There was no answer: no connection, a time-out, or something that is no JSON-RPC. */
export class RpcUnreachableError extends Error {
  override readonly name = "RpcUnreachableError";
}

export interface Status {
  readonly node_info: {
    readonly id: string;
    readonly listen_addr: string;
    readonly network: string;
    readonly version: string;
    readonly moniker: string;
  };
  readonly sync_info: {
    readonly latest_block_hash: string;
    readonly latest_app_hash: string;
    readonly latest_block_height: string;
    readonly latest_block_time: string;
    readonly earliest_block_height: string;
    readonly catching_up: boolean;
  };
  readonly validator_info: {
    readonly address: string;
    readonly pub_key: { readonly type: string; readonly value: string };
    readonly voting_power: string;
  };
}

export interface BlockId {
  readonly hash: string;
  readonly parts: { readonly total: number; readonly hash: string };
}

export interface Header {
  readonly chain_id: string;
  readonly height: string;
  readonly time: string;
  readonly last_block_id: BlockId;
  readonly validators_hash: string;
  readonly next_validators_hash: string;
  readonly app_hash: string;
  readonly last_results_hash: string;
  readonly proposer_address: string;
}

export interface Block {
  readonly block_id: BlockId;
  readonly block: {
    readonly header: Header;
    /** Transactions in base64. */
    readonly data: { readonly txs: readonly string[] };
    readonly last_commit: {
      readonly height: string;
      readonly signatures: readonly { readonly block_id_flag: number; readonly validator_address: string }[];
    } | null;
  };
}

export interface Event {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string; readonly index?: boolean }[];
}

export interface TxResult {
  readonly code: number;
  readonly data: string | null;
  readonly log: string;
  readonly info: string;
  readonly gas_wanted: string;
  readonly gas_used: string;
  readonly events: readonly Event[];
  readonly codespace: string;
}

export interface BlockResults {
  readonly height: string;
  readonly txs_results: readonly TxResult[] | null;
  readonly finalize_block_events: readonly Event[] | null;
  /** Without `power`: 0. */
  readonly validator_updates: readonly { readonly power?: string }[] | null;
  readonly consensus_param_updates: unknown;
  /** Base64. */
  readonly app_hash: string;
}

export interface Tx {
  readonly hash: string;
  readonly height: string;
  readonly index: number;
  readonly tx_result: TxResult;
  /** Base64. */
  readonly tx: string;
}

export interface TxSearch {
  readonly txs: readonly Tx[];
  readonly total_count: string;
}

export interface BroadcastSync {
  readonly code: number;
  readonly data: string;
  readonly log: string;
  readonly codespace: string;
  readonly hash: string;
}

export interface BroadcastCommit {
  readonly check_tx: TxResult;
  readonly tx_result: TxResult;
  readonly hash: string;
  readonly height: string;
}

export interface Validators {
  readonly block_height: string;
  readonly validators: readonly {
    readonly address: string;
    readonly pub_key: { readonly type: string; readonly value: string };
    readonly voting_power: string;
    readonly proposer_priority: string;
  }[];
  readonly count: string;
  readonly total: string;
}

export interface ProofOp {
  readonly type: string;
  readonly key: string;
  readonly data: string;
}

export interface AbciQuery {
  readonly response: {
    readonly code: number;
    readonly log: string;
    readonly info: string;
    readonly index: string;
    readonly key: string | null;
    readonly value: string | null;
    readonly proofOps: { readonly ops: readonly ProofOp[] } | null;
    readonly height: string;
    readonly codespace: string;
  };
}

export interface AbciInfo {
  readonly response: {
    readonly data?: string;
    readonly version?: string;
    readonly app_version?: string;
    readonly last_block_height?: string;
    /** Base64. */
    readonly last_block_app_hash?: string;
  };
}

export interface NetInfo {
  readonly listening: boolean;
  readonly n_peers: string;
  readonly peers: readonly { readonly node_info: Status["node_info"]; readonly remote_ip: string }[];
}

export interface Commit {
  readonly signed_header: {
    readonly header: Header;
    readonly commit: {
      readonly height: string;
      readonly round: number;
      readonly block_id: BlockId;
      /** One for each validator of the set; flag 1: absent, 2: for this block, 3: for none. */
      readonly signatures: readonly { readonly block_id_flag: number; readonly validator_address: string }[];
    };
  };
  readonly canonical: boolean;
}

export interface RpcOptions {
  /** How long one call may take. Default: 10 s. */
  readonly timeoutMs?: number | undefined;
}

const TIMEOUT_MS = 10_000;

/** Heights are decimal text in JSON-RPC; leaving one out means the latest. */
type Height = bigint | number | undefined;

export type Rpc = ReturnType<typeof createRpc>;

/**
 * A client of one node. `endpoint` is `http://127.0.0.1:26657`; `tcp://` means the same. Every call rejects with
 * `RpcError` when the node says no and with `RpcUnreachableError` when it says nothing in time.
 */
export function createRpc(endpoint: string, { timeoutMs = TIMEOUT_MS }: RpcOptions = {}) {
  const url = endpoint.replace(/^tcp:\/\//, "http://").replace(/\/+$/, "");
  let id = 0;

  async function call<T>(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    patienceMs = timeoutMs,
  ): Promise<T> {
    const body = JSON.stringify({ jsonrpc: "2.0", id: ++id, method, params });
    const headers = { "content-type": "application/json" };
    let answer: unknown;
    try {
      const response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(patienceMs) });
      answer = await response.json();
    } catch (error) {
      throw new RpcUnreachableError(`${method}: no answer from ${url}: ${reasonOf(error)}`, { cause: error });
    }
    return resultOf<T>(method, answer);
  }

  const at = (height: Height) => (height === undefined ? {} : { height: height.toString() });

  return {
    url,
    call,
    health: () => call<Record<string, never>>("health"),
    status: () => call<Status>("status"),
    netInfo: () => call<NetInfo>("net_info"),
    genesis: async () => (await call<{ readonly genesis: Readonly<Record<string, unknown>> }>("genesis")).genesis,
    block: (height?: Height) => call<Block>("block", at(height)),
    blockResults: (height?: Height) => call<BlockResults>("block_results", at(height)),
    commit: (height?: Height) => call<Commit>("commit", at(height)),
    /** One page of at most 100, the greatest power first. */
    validators: (height?: Height, page = 1) =>
      call<Validators>("validators", { ...at(height), page: `${page}`, per_page: "100" }),
    consensusParams: async (height?: Height) =>
      (await call<{ readonly consensus_params: Readonly<Record<string, unknown>> }>("consensus_params", at(height)))
        .consensus_params,
    /** By hash, in hex. Rejects with `RpcError` when there is none. */
    tx: (hash: string, prove = false) => call<Tx>("tx", { hash: Buffer.from(hash, "hex").toString("base64"), prove }),
    txSearch: (query: string, page = 1, perPage = 100, orderBy: "asc" | "desc" = "asc") =>
      call<TxSearch>("tx_search", { query, prove: false, page: `${page}`, per_page: `${perPage}`, order_by: orderBy }),
    broadcastTxSync: (tx: Uint8Array) =>
      call<BroadcastSync>("broadcast_tx_sync", { tx: Buffer.from(tx).toString("base64") }),
    broadcastTxAsync: (tx: Uint8Array) =>
      call<BroadcastSync>("broadcast_tx_async", { tx: Buffer.from(tx).toString("base64") }),
    broadcastTxCommit: (tx: Uint8Array) =>
      call<BroadcastCommit>(
        "broadcast_tx_commit",
        { tx: Buffer.from(tx).toString("base64") },
        Math.max(timeoutMs, 30_000),
      ),
    numUnconfirmedTxs: () => call<{ readonly n_txs: string; readonly total_bytes: string }>("num_unconfirmed_txs"),
    abciInfo: () => call<AbciInfo>("abci_info"),
    abciQuery: (path: string, data: Uint8Array, options: { readonly height?: Height; readonly prove?: boolean } = {}) =>
      call<AbciQuery>("abci_query", {
        path,
        data: Buffer.from(data).toString("hex"),
        ...at(options.height),
        prove: options.prove === true,
      }),
  };
}

/** What `fetch` hides in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== "" ? cause.message : error.message;
}

function resultOf<T>(method: string, answer: unknown): T {
  const { result, error } = (typeof answer === "object" && answer !== null ? answer : {}) as {
    readonly result?: T;
    readonly error?: { readonly code?: number; readonly message?: string; readonly data?: unknown };
  };
  if (error) {
    const data =
      error.data === undefined ? "" : typeof error.data === "string" ? error.data : JSON.stringify(error.data);
    throw new RpcError(method, error.code ?? 0, error.message ?? "error", data);
  }
  if (result === undefined) throw new RpcUnreachableError(`${method}: the answer is no JSON-RPC response`);
  return result;
}

/**
 * A CometBFT with an application of two messages, told over JSON-RPC as the real one tells it: for tests of the client
 * alone. Blocks are made when asked. localnet's end-to-end tests do the same against the real ones.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import * as auth from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { BaseAccount, QueryAccountResponse } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import * as bank from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { TxMsgData } from "@interfirm/proto/gen/cosmos/base/abci/v1beta1";
import { ConfigResponse } from "@interfirm/proto/gen/cosmos/base/node/v1beta1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/secp256k1";
import {
  AuthInfo,
  SignDoc,
  SimulateRequest,
  SimulateResponse,
  TxBody,
  TxRaw,
} from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import * as agreements from "@interfirm/proto/gen/interfirm/agreements/v1";
import type { MessageType } from "@interfirm/proto/types";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { RawEvent } from "../blocks.ts";
import { fromHex, sha256, toBase64, toHex } from "../bytes.ts";
import { expectedSequence } from "../errors.ts";
import type { Json } from "../rpc.ts";
import { serveWebsocket } from "./fake-websocket.ts";

interface Account {
  readonly number: bigint;
  sequence: bigint;
  balance: bigint;
}
interface Outcome {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly data: Uint8Array;
  readonly events: readonly RawEvent[];
}

export const GAS_USED = 80_000n;

class Refusal extends Error {
  readonly code: number;
  readonly codespace: string;
  constructor(codespace: string, code: number, message: string) {
    super(message);
    this.code = code;
    this.codespace = codespace;
  }
}

export interface FakeCometOptions {
  readonly chainId?: string;
  readonly prefix?: string;
  readonly denom?: string;
  readonly minimumGasPrice?: string;
  readonly mempoolMax?: number;
  /** Balances of genesis. */
  readonly balances?: Readonly<Record<string, bigint>>;
}

export async function startFakeComet({
  chainId = "fake-1",
  prefix = "firm",
  denom = "ufirm",
  minimumGasPrice = "0.025ufirm",
  mempoolMax = 5_000,
  balances = {},
}: FakeCometOptions = {}) {
  const accounts = new Map<string, Account>(
    Object.entries(balances).map(([address, balance], i) => [address, { number: BigInt(i), sequence: 0n, balance }]),
  );
  /** Sequences as CheckTx sees them. */
  const checked = new Map<string, bigint>();
  const blocks: { txs: Uint8Array[]; outcomes: Outcome[] }[] = [];
  let mempool: Uint8Array[] = [];
  /** CometBFT's cache of what it has had. */
  const known = new Set<string>();
  let lastAgreement = 0n;
  let down = false;
  let requests = 0;
  let timer: ReturnType<typeof setInterval> | undefined;

  function find(address: string): Account {
    const account = accounts.get(address);
    if (!account)
      throw new Refusal("sdk", 22, `rpc error: code = NotFound desc = account ${address} not found: key not found`);
    return account;
  }

  /** Signer and messages of a transaction whose signature and sequence are right. */
  function open(bytes: Uint8Array, sequenceOf: (address: string) => bigint, simulate: boolean) {
    const raw = TxRaw.decode(bytes);
    const [info] = AuthInfo.decode(raw.authInfoBytes).signerInfos;
    const body = TxBody.decode(raw.bodyBytes);
    const messages = body.messages.map(({ typeUrl, value }) => {
      if (typeUrl === bank.MsgSend.typeUrl) {
        const message = bank.MsgSend.decode(value);
        return { signer: message.fromAddress as string, send: message };
      }
      const message = agreements.MsgPropose.decode(value);
      return { signer: message.payer as string, propose: message };
    });
    const signer = messages[0]!.signer;
    const account = find(signer);
    const expected = sequenceOf(signer);
    if (info?.sequence !== expected) {
      const text = `account sequence mismatch, expected ${expected}, got ${info?.sequence}: incorrect account sequence`;
      throw new Refusal("sdk", 32, text);
    }
    if (!simulate && info.modeInfo?.single?.mode === 1) {
      const { bodyBytes, authInfoBytes } = raw;
      const signDoc = SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber: account.number }).finish();
      const key = PubKey.decode(info.publicKey!.value).key;
      if (!secp256k1.verify(raw.signatures[0]!, sha256(signDoc), key, { prehash: false })) {
        throw new Refusal("sdk", 4, "signature verification failed: unauthorized");
      }
    }
    return { account, signer, messages, body };
  }

  function run(bytes: Uint8Array): Outcome {
    const event = (type: string, fields: Readonly<Record<string, string>>): RawEvent => ({
      type,
      attributes: Object.entries(fields).map(([key, value]) => ({ key, value })),
    });
    try {
      const { account, signer, messages } = open(bytes, (address) => find(address).sequence, false);
      account.sequence++;
      const events: RawEvent[] = [event("tx", { acc_seq: `${signer}/${account.sequence - 1n}` })];
      const responses: Any[] = [];
      for (const { send, propose } of messages) {
        const amount = send ? (send.amount[0]?.amount ?? 0n) : propose!.price.amount;
        if (amount > account.balance) {
          throw new Refusal(
            "sdk",
            5,
            `spendable balance ${account.balance}${denom} is smaller than ${amount}${denom}: insufficient funds`,
          );
        }
        account.balance -= amount;
        if (send) {
          const to = accounts.get(send.toAddress) ?? { number: BigInt(accounts.size), sequence: 0n, balance: 0n };
          accounts.set(send.toAddress, to);
          to.balance += amount;
          events.push(event("transfer", { sender: signer, recipient: send.toAddress, amount: `${amount}${denom}` }));
          responses.push({ typeUrl: bank.MsgSendResponse.typeUrl, value: new Uint8Array() });
        } else {
          const id = ++lastAgreement;
          const { typeName } = agreements.EventStatusChanged;
          events.push(
            event(typeName, {
              id: `"${id}"`,
              from: `"AGREEMENT_STATUS_UNSPECIFIED"`,
              to: `"AGREEMENT_STATUS_PROPOSED"`,
              msg_index: "0",
            }),
          );
          const value = agreements.MsgProposeResponse.encode(
            agreements.MsgProposeResponse.fromPartial({ id }),
          ).finish();
          responses.push({ typeUrl: agreements.MsgProposeResponse.typeUrl, value });
        }
      }
      const data = TxMsgData.encode(TxMsgData.fromPartial({ msgResponses: responses })).finish();
      return { code: 0, codespace: "", log: "", data, events };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { code: error.code, codespace: error.codespace, log: error.message, data: new Uint8Array(), events: [] };
    }
  }

  const encoded = <T>(type: MessageType<T>, message: Parameters<MessageType<T>["fromPartial"]>[0]): Uint8Array =>
    type.encode(type.fromPartial(message)).finish();

  function query(path: string, data: Uint8Array): Uint8Array {
    switch (path) {
      case "/cosmos.auth.v1beta1.Query/Bech32Prefix":
        return encoded(auth.Bech32PrefixResponse, { bech32Prefix: prefix });
      case "/cosmos.base.node.v1beta1.Service/Config":
        return encoded(ConfigResponse, { minimumGasPrice });
      case "/cosmos.auth.v1beta1.Query/Account":
      case "/cosmos.auth.v1beta1.Query/AccountInfo": {
        const { address } = auth.QueryAccountRequest.decode(data);
        const { number, sequence } = find(address);
        const info = { address, accountNumber: number, sequence };
        if (path.endsWith("Info")) return encoded(auth.QueryAccountInfoResponse, { info });
        return encoded(QueryAccountResponse, {
          account: { typeUrl: BaseAccount.typeUrl, value: encoded(BaseAccount, info) },
        });
      }
      case "/cosmos.bank.v1beta1.Query/Balance": {
        const request = bank.QueryBalanceRequest.decode(data);
        const amount = request.denom === denom ? (accounts.get(request.address)?.balance ?? 0n) : 0n;
        return encoded(bank.QueryBalanceResponse, { balance: { denom: request.denom, amount } });
      }
      case "/cosmos.tx.v1beta1.Service/Simulate": {
        open(SimulateRequest.decode(data).txBytes, (address) => find(address).sequence, true);
        return encoded(SimulateResponse, { gasInfo: { gasUsed: GAS_USED } });
      }
      default:
        throw new Refusal("sdk", 6, `unknown query path: ${path}`);
    }
  }

  function checkTx(bytes: Uint8Array): Json {
    if (known.has(toHex(bytes))) throw new Error("tx already exists in cache");
    if (mempool.length >= mempoolMax)
      throw new Error(`mempool is full: number of txs ${mempool.length} (max: ${mempoolMax})`);
    const hash = toHex(sha256(bytes)).toUpperCase();
    try {
      const { signer } = open(bytes, (address) => checked.get(address) ?? find(address).sequence, false);
      checked.set(signer, (checked.get(signer) ?? find(signer).sequence) + 1n);
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
          const value = query(String(params["path"]), fromHex(String(params["data"])));
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
    blocks.push({ txs, outcomes: txs.map(run) });
    checked.clear();
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
    balanceOf: (address: string) => accounts.get(address)?.balance ?? 0n,
    sequenceOf: (address: string) => accounts.get(address)?.sequence ?? 0n,
    refusals: () =>
      blocks
        .flatMap(({ outcomes }) => outcomes)
        .filter(
          ({ code, log }) => code !== 0 && expectedSequence({ code, codespace: "sdk", rawLog: log }) !== undefined,
        ).length,
    /** A crash: connections are cut and the mempool is lost. */
    goDown(): void {
      down = true;
      mempool = [];
      known.clear();
      checked.clear();
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

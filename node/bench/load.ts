/**
 * The load, in a process of its own: it signs everything, then sends JSON-RPC batches over keep-alive connections, each
 * waiting for its answer before it sends the next. Told what to do by messages of its parent, see {@link LoadOrder}.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { benchAccount, kvstoreTx, signedSend } from "./txs.ts";

export interface BankLoad {
  readonly kind: "bank";
  readonly chainId: string;
  readonly prefix: string;
  readonly denom: string;
  readonly gas: string;
  readonly fee: string;
  /** Account numbers on the chain, by our number. */
  readonly accountNumbers: readonly string[];
  readonly txsPerAccount: number;
}

export interface KvstoreLoad {
  readonly kind: "kvstore";
  readonly accounts: number;
  readonly txsPerAccount: number;
}

export type LoadOrder =
  | { readonly order: "sign"; readonly load: BankLoad | KvstoreLoad }
  | { readonly order: "start"; readonly port: number; readonly connections: number; readonly batch: number }
  | { readonly order: "stop" };

export interface LoadReport {
  readonly accepted: number;
  readonly refused: number;
  /** What the first refused transaction was told. */
  readonly firstRefusal: string | undefined;
  /** Whether signed transactions ran out before `stop`. */
  readonly exhausted: boolean;
  /** Milliseconds from a batch to its answer. */
  readonly batchMs: readonly number[];
}

/** Transactions of every account as base64, in the order of their sequences, and how many of each are sent. */
let signed: string[][] = [];
let sent: number[] = [];

async function sign(load: BankLoad | KvstoreLoad): Promise<void> {
  const accounts = load.kind === "bank" ? load.accountNumbers.length : load.accounts;
  signed = Array.from({ length: accounts }, () => []);
  sent = Array.from({ length: accounts }, () => 0);
  for (let i = 0; i < accounts; i++) {
    const make = load.kind === "bank" ? sender(load, i) : (sequence: number) => kvstoreTx(i, sequence);
    for (let sequence = 0; sequence < load.txsPerAccount; sequence++) {
      signed[i]!.push(Buffer.from(make(sequence)).toString("base64"));
    }
    if (i % 50 === 0) await sleep(0);
  }
}

function sender(load: BankLoad, i: number): (sequence: number) => Uint8Array {
  const { chainId, prefix, denom, accountNumbers } = load;
  const account = benchAccount(i, prefix);
  const to = benchAccount((i + 1) % accountNumbers.length, prefix).address;
  const common = { chainId, denom, to, gas: BigInt(load.gas), fee: BigInt(load.fee) };
  return (sequence) =>
    signedSend(account, { ...common, accountNumber: BigInt(accountNumbers[i]!), sequence: BigInt(sequence) });
}

const report = { accepted: 0, refused: 0, exhausted: false, batchMs: [] as number[] };
let firstRefusal: string | undefined;
let running = false;
let connections: Promise<void>[] = [];

interface Item {
  readonly account: number;
  readonly tx: string;
}

/** Sends the accounts' transactions in turn, so that no batch has two of one account: they stay in order. */
async function drive(socket: Socket, accounts: readonly number[], batch: number): Promise<void> {
  const ask = createExchange(socket);
  let turn = 0;
  let items: Item[] = [];
  while (running) {
    for (let tries = 0; items.length < batch && tries < accounts.length; tries++) {
      const account = accounts[turn++ % accounts.length]!;
      const tx = signed[account]![sent[account]!];
      if (tx === undefined || items.some((item) => item.account === account)) continue;
      sent[account]!++;
      items.push({ account, tx });
    }
    if (items.length === 0) {
      report.exhausted = true;
      return;
    }
    const started = performance.now();
    const answer = await ask(requestOf(items));
    report.batchMs.push(performance.now() - started);
    items = judge(items, answer);
    if (items.length > 0) await sleep(200);
  }
}

function requestOf(items: readonly Item[]): string {
  const calls = items.map(
    ({ tx }, id) => `{"jsonrpc":"2.0","id":${id},"method":"broadcast_tx_sync","params":{"tx":"${tx}"}}`,
  );
  const body = items.length === 1 ? calls[0]! : `[${calls.join(",")}]`;
  return `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

interface Answer {
  readonly id: number;
  readonly result?: { readonly code: number; readonly log: string };
  readonly error?: { readonly data?: string; readonly message: string };
}

/** Counts an answer. Returns what has to be sent again: a full mempool refuses for the moment. */
function judge(items: readonly Item[], body: string): Item[] {
  const good = body.split('"code":0,').length - 1;
  if (good === items.length) {
    report.accepted += good;
    return [];
  }
  const parsed: Answer | readonly Answer[] = JSON.parse(body);
  const again: Item[] = [];
  for (const { id, result, error } of [parsed].flat() as readonly Answer[]) {
    if (result?.code === 0) report.accepted++;
    else if (error?.data?.includes("mempool is full") || result?.log.includes("mempool is full"))
      again.push(items[id]!);
    else {
      report.refused++;
      firstRefusal ??= result ? `code ${result.code}: ${result.log}` : `${error?.message}: ${error?.data}`;
    }
  }
  return again;
}

/** One request at a time over one connection; resolves with the body of the answer. */
function createExchange(socket: Socket): (request: string) => Promise<string> {
  let held = "";
  let done: ((body: string) => void) | undefined;
  socket.setEncoding("latin1");
  socket.on("data", (data: string) => {
    held += data;
    const body = completeBody(held);
    if (body === undefined) return;
    held = "";
    done?.(body);
  });
  socket.on("error", () => done?.("[]"));
  socket.on("close", () => done?.("[]"));
  return (request) =>
    new Promise((resolve) => {
      done = resolve;
      socket.write(request, "latin1");
    });
}

const HEAD_END = "\r\n\r\n";

function completeBody(text: string): string | undefined {
  const head = text.indexOf(HEAD_END);
  if (head < 0) return undefined;
  const start = head + HEAD_END.length;
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  if (length !== undefined) {
    return text.length - start < Number(length) ? undefined : text.slice(start, start + Number(length));
  }
  return text.endsWith("\r\n0\r\n\r\n") ? joinChunks(text, start) : undefined;
}

function joinChunks(text: string, start: number): string {
  let body = "";
  for (let at = start; ; ) {
    const lineEnd = text.indexOf("\r\n", at);
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(size > 0)) return body;
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 4 + size;
  }
}

async function start(port: number, count: number, batch: number): Promise<void> {
  Object.assign(report, { accepted: 0, refused: 0, exhausted: false, batchMs: [] });
  firstRefusal = undefined;
  running = true;
  connections = [];
  for (let i = 0; i < count; i++) {
    const accounts = signed.map((_, account) => account).filter((account) => account % count === i);
    const socket = connect(port, "127.0.0.1");
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    connections.push(drive(socket, accounts, batch).finally(() => socket.destroy()));
  }
}

async function obey(order: LoadOrder): Promise<unknown> {
  if (order.order === "sign") return sign(order.load);
  if (order.order === "start") return start(order.port, order.connections, order.batch);
  running = false;
  await Promise.all(connections);
  const done: LoadReport = { ...report, firstRefusal };
  return done;
}

if (import.meta.main) {
  process.on("message", (order: LoadOrder) => {
    obey(order).then(
      (answer) => process.send?.({ answer }),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  process.on("disconnect", () => process.exit());
}

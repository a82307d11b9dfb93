/**
 * `npm run bench`: what one node does. A chain of one validator is loaded over 8 and over 64 keep-alive connections with
 * bank sends signed in advance, then CometBFT's own `kvstore` likewise as the ceiling of the machine.
 *
 * Options: `--json` ends with one line of JSON; `--smoke` takes seconds, for CI; `--seconds N` in the window; `--profile
 * FOLDER` writes a CPU profile of the application; `--no-ceiling` leaves `kvstore` out.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Times } from "./application.ts";
import {
  accountNumbers,
  CHAIN_ID,
  type Chain,
  DENOM,
  FEE,
  GAS,
  makeHome,
  makeKvstoreHome,
  PREFIX,
  startInterfirm,
  startKvstore,
} from "./chain.ts";
import type { LoadOrder, LoadReport } from "./load.ts";
import { blockSummaries, cpuSeconds, folderBytes, memoryMiB, nextBlock } from "./measure.ts";
import { printPhase, printSummary } from "./report.ts";

const { values: options } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    seconds: { type: "string" },
    connections: { type: "string", multiple: true },
    profile: { type: "string" },
    "no-ceiling": { type: "boolean", default: false },
  },
});

const ACCOUNTS = options.smoke ? 640 : 1000;
const WARM_UP_SECONDS = options.smoke ? 2 : 6;
const WINDOW_SECONDS = Number(options.seconds ?? (options.smoke ? 4 : 30));
const CONNECTIONS = options.connections?.map(Number) ?? [8, 64];
const BATCH = 10;
/** Signed in advance for each second of each phase. More than any chain here takes. */
const TXS_PER_SECOND = options.smoke ? 4000 : 9000;

/** What one chain did under one load. */
export interface Phase {
  readonly chain: string;
  readonly connections: number;
  readonly seconds: number;
  readonly txs: number;
  readonly txPerSecond: number;
  readonly blocks: number;
  /** CPU seconds for 1,000 transactions. */
  readonly cpuPer1000: { readonly application: number; readonly comet: number; readonly total: number };
  /** Share of one core that the load itself took. */
  readonly loadCores: number;
  readonly load: LoadReport;
  readonly times: Times | undefined;
  readonly memoryMiB: Readonly<Record<"application" | "comet", { readonly now: number; readonly peak: number }>>;
  /** Bytes on disk for 10,000 transactions, by folder of `data`. */
  readonly diskPer10000: Readonly<Record<string, number>>;
}

function ask<T>(child: ChildProcess, message: LoadOrder | "times"): Promise<T> {
  const answered = once(child, "message");
  child.send(message);
  return answered.then(([answer]) => answer as T);
}

async function order<T>(load: ChildProcess, message: LoadOrder): Promise<T> {
  const { answer, error } = await ask<{ readonly answer?: T; readonly error?: string }>(load, message);
  if (error !== undefined) throw new Error(`load: ${error}`);
  return answer as T;
}

const FOLDERS = ["application.db", "blockstore.db", "state.db", "tx_index.db", "cs.wal"];

const diskOf = (home: string): Record<string, number> =>
  Object.fromEntries(FOLDERS.map((name) => [name, folderBytes(join(home, "data", name))]));

async function measure(chain: Chain, load: ChildProcess, connections: number): Promise<Phase> {
  const disk = diskOf(chain.home);
  const diskFrom = await nextBlock(chain.rpc);
  await order(load, { order: "start", port: chain.rpcPort, connections, batch: BATCH });
  await sleep(WARM_UP_SECONDS * 1000);
  const first = await nextBlock(chain.rpc);
  const timed = chain.name === "interfirm";
  if (timed) await ask<Times>(chain.application, "times");
  const cpu = {
    application: cpuSeconds(chain.application.pid!),
    comet: cpuSeconds(chain.comet.pid!),
    load: cpuSeconds(load.pid!),
  };
  const started = performance.now();
  await sleep(WINDOW_SECONDS * 1000);
  const last = await nextBlock(chain.rpc);
  const application = cpuSeconds(chain.application.pid!) - cpu.application;
  const comet = cpuSeconds(chain.comet.pid!) - cpu.comet;
  const loadCores = ((cpuSeconds(load.pid!) - cpu.load) * 1000) / (performance.now() - started);
  const times = timed ? await ask<Times>(chain.application, "times") : undefined;
  const loaded = await order<LoadReport>(load, { order: "stop" });
  const after = await nextBlock(chain.rpc);
  const blocks = await blockSummaries(chain.rpc, first, last);
  // A block's time is about that of the commit of the one before: between two of them the first was committed.
  const counted = blocks.slice(0, -1);
  const txs = counted.reduce((sum, block) => sum + block.txs, 0);
  const seconds = (blocks.at(-1)!.time - blocks[0]!.time) / 1000;
  // The processes' clocks ran from the commit of `first` to that of `last`.
  const executed = blocks.slice(1).reduce((sum, block) => sum + block.txs, 0) / 1000;
  const all = (await blockSummaries(chain.rpc, diskFrom, after)).reduce((sum, block) => sum + block.txs, 0) / 10_000;
  const diskAfter = diskOf(chain.home);
  return {
    ...{ chain: chain.name, connections, seconds, txs, blocks: counted.length, load: loaded, loadCores, times },
    txPerSecond: txs / seconds,
    cpuPer1000: {
      application: application / executed,
      comet: comet / executed,
      total: (application + comet) / executed,
    },
    memoryMiB: { application: memoryMiB(chain.application.pid!), comet: memoryMiB(chain.comet.pid!) },
    diskPer10000: Object.fromEntries(FOLDERS.map((name) => [name, (diskAfter[name]! - disk[name]!) / all])),
  };
}

/** Waits until nothing is left in the mempool, so that the next phase starts clean. */
async function drain(chain: Chain): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if ((await chain.rpc.numUnconfirmedTxs()).n_txs === "0") return;
    await sleep(200);
  }
  throw new Error("the mempool does not empty");
}

async function measureChain(start: () => Promise<Chain>): Promise<Phase[]> {
  const chain = await start();
  const load = fork(join(import.meta.dirname, "load.ts"), { serialization: "advanced" });
  const phases: Phase[] = [];
  try {
    const seconds = CONNECTIONS.length * (WARM_UP_SECONDS + WINDOW_SECONDS + 6);
    const txsPerAccount = Math.ceil((TXS_PER_SECOND * seconds) / ACCOUNTS);
    if (chain.name === "kvstore") {
      await order(load, { order: "sign", load: { kind: "kvstore", accounts: ACCOUNTS, txsPerAccount } });
    } else {
      const numbers = await accountNumbers(chain.rpc, ACCOUNTS);
      const common = { chainId: CHAIN_ID, prefix: PREFIX, denom: DENOM, gas: String(GAS), fee: String(FEE) };
      await order(load, { order: "sign", load: { kind: "bank", ...common, accountNumbers: numbers, txsPerAccount } });
    }
    for (const connections of CONNECTIONS) {
      const phase = await measure(chain, load, connections);
      printPhase(phase);
      phases.push(phase);
      await drain(chain);
    }
  } finally {
    load.kill();
    await chain.stop();
  }
  return phases;
}

const folder = mkdtempSync(join(tmpdir(), "interfirm-bench-"));
try {
  const home = join(folder, "interfirm");
  await makeHome(home, ACCOUNTS);
  const nodeFlags = options.profile ? ["--cpu-prof", `--cpu-prof-dir=${options.profile}`] : [];
  const ours = await measureChain(() => startInterfirm({ home, nodeFlags }));
  let ceiling: Phase[] = [];
  if (!options["no-ceiling"]) {
    const kvstore = join(folder, "kvstore");
    await makeKvstoreHome(kvstore);
    ceiling = await measureChain(() => startKvstore({ home: kvstore }));
  }
  printSummary(ours, ceiling, options.json);
  if (ours.some(({ txs }) => txs === 0)) throw new Error("no transaction was committed");
} finally {
  rmSync(folder, { recursive: true, force: true });
}

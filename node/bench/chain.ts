/** The chains that are measured: ours, and CometBFT's `kvstore` as the ceiling. Each of one validator. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { cpus } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  BaseAccount,
  Query,
  QueryAccountRequest,
  QueryAccountResponse,
} from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { goRuntime } from "../comet/go-runtime.ts";
import { locateTool } from "../comet/locate.ts";
import { createRpc, type Rpc } from "../comet/rpc.ts";
import { latestHeight } from "./measure.ts";
import { benchAccount } from "./txs.ts";

export const CHAIN_ID = "interfirm-bench";
export const PREFIX = "firm";
export const DENOM = "ufirm";
const GAS_PRICE = `0.01${DENOM}`;
export const GAS = 100_000n;
/** What the node asks for this gas. */
export const FEE = GAS / 100n;

export interface Chain {
  readonly name: string;
  readonly home: string;
  readonly rpc: Rpc;
  readonly rpcPort: number;
  readonly application: ChildProcess;
  readonly comet: ChildProcess;
  stop(): Promise<void>;
}

const launcher = join(import.meta.dirname, "..", "bin", "interfirmd");

/** Runs a program to its end. Rejects with what it said when it fails. */
async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  child.stderr.on("data", (data: Buffer) => (err += data.toString()));
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${err.trim()}`);
  return out;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port is free");
  return address.port;
}

/** Makes a home by the commands that an operator types, with `accounts` accounts that own enough. */
export async function makeHome(home: string, accounts: number): Promise<void> {
  const at = ["--home", home];
  const test = ["--keyring-backend", "test"];
  await run(launcher, [
    "init",
    "bench",
    ...at,
    "--chain-id",
    CHAIN_ID,
    "--bech32-prefix",
    PREFIX,
    "--default-denom",
    DENOM,
  ]);
  await run(launcher, ["keys", "add", "validator", ...at, ...test]);
  await run(launcher, ["genesis", "add-genesis-account", "validator", `1000000000${DENOM}`, ...at, ...test]);
  const list = Array.from({ length: accounts }, (_, i) => ({
    address: benchAccount(i, PREFIX).address,
    coins: [{ denom: DENOM, amount: "1000000000000" }],
  }));
  const file = join(home, "accounts.json");
  writeFileSync(file, JSON.stringify(list));
  await run(launcher, ["genesis", "bulk-add-genesis-account", file, ...at]);
  await run(launcher, ["genesis", "gentx", "validator", `100000000${DENOM}`, ...at, ...test, "--chain-id", CHAIN_ID]);
  await run(launcher, ["genesis", "collect-gentxs", ...at]);
  await run(launcher, ["config", "set", "app", "minimum-gas-prices", GAS_PRICE, ...at]);
}

/** Makes a home with CometBFT's own defaults, for `kvstore`. */
export async function makeKvstoreHome(home: string): Promise<void> {
  mkdirSync(home, { recursive: true });
  await run(await locateTool("cometbft"), ["init", "--home", home]);
}

export interface StartOptions {
  readonly home: string;
  /** Flags of Node for the application, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

/** As `bin/interfirmd` does it. */
const COLLECTOR = cpus().length <= 2 ? ["--single-threaded-gc"] : [];

export async function startInterfirm({ home, nodeFlags = [] }: StartOptions): Promise<Chain> {
  const address = `unix://${join(home, "app.sock")}`;
  const script = join(import.meta.dirname, "application.ts");
  const application = fork(script, [home, address], {
    execArgv: [...COLLECTOR, ...nodeFlags],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    serialization: "advanced",
  });
  await once(application, "message");
  return startComet("interfirm", home, address, application);
}

export async function startKvstore({ home }: StartOptions): Promise<Chain> {
  const address = `unix://${join(home, "app.sock")}`;
  const binary = await locateTool("abci-cli");
  const application = spawn(binary, ["kvstore", "--address", address, "--log_level", "error"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await sleep(500);
  return startComet("kvstore", home, address, application);
}

async function startComet(name: string, home: string, address: string, application: ChildProcess): Promise<Chain> {
  const [rpcPort, p2pPort] = [await freePort(), await freePort()];
  const comet = spawn(await locateTool("cometbft"), ["start", "--home", home, "--proxy_app", address], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      ...goRuntime(process.env),
      CMT_RPC_LADDR: `tcp://127.0.0.1:${rpcPort}`,
      CMT_RPC_PPROF_LADDR: "",
      CMT_P2P_LADDR: `tcp://127.0.0.1:${p2pPort}`,
      CMT_LOG_LEVEL: "error",
      CMT_CONSENSUS_TIMEOUT_COMMIT: "1s",
      CMT_MEMPOOL_SIZE: "50000",
      CMT_MEMPOOL_CACHE_SIZE: "100000",
      CMT_TX_INDEX_INDEXER: "kv",
    },
  });
  const rpc = createRpc(`http://127.0.0.1:${rpcPort}`, { timeoutMs: 30_000 });
  const chain: Chain = {
    ...{ name, home, rpc, rpcPort, application, comet },
    async stop() {
      await end(comet);
      await end(application);
    },
  };
  for (let tries = 0; tries < 300; tries++) {
    if (comet.exitCode !== null || application.exitCode !== null) break;
    // Queries see the state of the first block only once it is committed, which the second one shows.
    if ((await latestHeight(rpc).catch(() => 0)) >= 2) return chain;
    await sleep(100);
  }
  await chain.stop();
  throw new Error(`${name}: no first block within 30 s`);
}

const END_MS = 10_000;

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
  await ended;
  clearTimeout(timer);
}

/** Account numbers of the benchmark's accounts, by our number. */
export async function accountNumbers(rpc: Rpc, accounts: number): Promise<string[]> {
  const path = `/${Query.typeName}/${Query.methods.account.name}`;
  const numbers: string[] = [];
  for (let i = 0; i < accounts; i++) {
    const { address } = benchAccount(i, PREFIX);
    const { response } = await rpc.abciQuery(path, QueryAccountRequest.encode({ address }).finish());
    const { account } = QueryAccountResponse.decode(Buffer.from(response.value ?? "", "base64"));
    if (account?.typeUrl !== BaseAccount.typeUrl) throw new Error(`${address} has no account: ${response.log}`);
    numbers.push(String(BaseAccount.decode(account.value).accountNumber));
  }
  return numbers;
}

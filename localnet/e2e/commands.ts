/** What an operator types on the machine of its node. */
import { interfirmd } from "../homes.ts";
import type { NetworkNode } from "../network.ts";

const FEES = ["--fees", "5000ufirm", "--gas", "400000"] as const;

/** Sends a transaction of the node's operator, and returns its hash when the node took it. Throws what it said otherwise. */
export async function sendAs({ spec }: NetworkNode, chainId: string, ...command: readonly string[]): Promise<string> {
  const node = ["--node", `tcp://127.0.0.1:${spec.ports.rpc}`, "--chain-id", chainId, "-y"];
  const from = ["--from", spec.name, "--home", spec.home, "--keyring-backend", "test", ...FEES];
  const said = JSON.parse(await interfirmd("tx", ...command, ...node, ...from, "-o", "json")) as Broadcast;
  if (said.code !== 0) throw new Error(`${command.join(" ")}: ${said.raw_log} (code ${said.code})`);
  return said.txhash;
}

/** Waits for the transaction's block, and returns its height and code. */
export async function outcomeOf({ spec }: NetworkNode, hash: string) {
  const node = ["--node", `tcp://127.0.0.1:${spec.ports.rpc}`, "--home", spec.home];
  const said = JSON.parse(await interfirmd("query", "wait-tx", hash, ...node, "-o", "json")) as Broadcast;
  return { height: BigInt(said.height), code: said.code, log: said.raw_log };
}

interface Broadcast {
  readonly txhash: string;
  /** Of the block; 0 before that. */
  readonly height: string;
  readonly code: number;
  readonly raw_log: string;
}

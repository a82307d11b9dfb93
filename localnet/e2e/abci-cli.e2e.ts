import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { locateTool } from "@interfirm/node/comet/locate";
import type { NetworkNode } from "../network.ts";
import { freePorts } from "../ports.ts";
import { until } from "../wait.ts";
import type { Scenario } from "./scenario.ts";

const execute = promisify(execFile);

/** What CometBFT's own tool is asked, and what its answer must hold. It names codes other than 0 and prints them. */
const CALLS: readonly { readonly args: readonly string[]; readonly wanted: RegExp }[] = [
  { args: ["echo", "interfirm"], wanted: /-> data: interfirm/ },
  { args: ["info"], wanted: /-> code: OK/ },
  { args: ["check_tx", "0x00"], wanted: /-> code: [1-9]/ },
  { args: ["query", "0x00", "--path", "/no/such/path"], wanted: /-> code: [1-9]/ },
  { args: ["echo", "still here"], wanted: /-> data: still here/ },
];

/** Asks until the application answers; what it answers must be as told. */
async function ask(address: string, calls: typeof CALLS, say: (what: string) => void): Promise<void> {
  const cli = await locateTool("abci-cli");
  for (const { args, wanted } of calls) {
    const call = () => execute(cli, ["--address", address, ...args], { timeout: 20_000 });
    const { stdout } = await until(`abci-cli ${args.join(" ")} is answered`, 20_000, call);
    if (!wanted.test(stdout)) throw new Error(`abci-cli ${args.join(" ")} printed ${stdout.trim()}, want ${wanted}`);
    const lines = stdout.split("\n").filter((line) => line.startsWith("->"));
    say(`abci-cli ${args.join(" ")} ${lines.join(" ")}`);
  }
}

const beside: Scenario = {
  name: "abci-cli talks to the application beside CometBFT, and the chain goes on",
  slice: true,
  // Go may have to build abci-cli first.
  timeoutMs: 300_000,
  async run({ openNetwork, say }) {
    const { network } = await openNetwork({ validators: 1 });
    const [node] = network.validators as [NetworkNode];
    await ask(`unix://${join(node.spec.home, "data", "abci.sock")}`, CALLS, say);
    await node.untilHeight((await node.height()) + 2n, 20_000);
  },
};

const alone: Scenario = {
  name: "abci-cli talks to an application that runs without CometBFT",
  slice: true,
  // Go may have to build abci-cli first.
  timeoutMs: 300_000,
  async run({ openHome, say }) {
    const [port] = await freePorts(1);
    const address = `tcp://127.0.0.1:${port}`;
    const node = await openHome();
    await node.start({ flags: ["--with-comet=false", "--address", address] });
    await ask(address, CALLS, say);
    const code = await node.stop();
    if (code !== 0) throw new Error(`the application ended with code ${code} on SIGTERM, want 0`);
  },
};

export const scenarios = [beside, alone];

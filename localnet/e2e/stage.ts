import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateMnemonic, type Wallet, walletFromMnemonic } from "@interfirm/client/wallet";
import { locateTool } from "@interfirm/node/comet/locate";
import { checkAgreement, checkAppHashes, runningNodes } from "../checks.ts";
import { makeHomes } from "../homes.ts";
import { createManifest } from "../manifest.ts";
import { createNetwork, type Network, type NetworkNode } from "../network.ts";
import { FIRM_OWNS, type Scenario, type Stage, type StageNetworkOptions } from "./scenario.ts";

/** First blocks of a network on a busy machine. */
const START_MS = 60_000;

export interface Outcome {
  /** Undefined: everything was as it should be. */
  readonly failure: Error | undefined;
  readonly seconds: number;
}

/** Plays a scenario within its time. Whatever happens, its processes are gone afterwards. */
export async function play(scenario: Scenario, bounded: boolean, say: (what: string) => void): Promise<Outcome> {
  const began = performance.now();
  const root = mkdtempSync(join(tmpdir(), "firm-"));
  const networks: Network[] = [];
  const timer = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const fail = () => reject(new Error(`not over after ${scenario.timeoutMs / 1000} s`));
    const handle = setTimeout(fail, scenario.timeoutMs);
    timer.signal.addEventListener("abort", () => clearTimeout(handle));
  });
  const stage: Stage = {
    bounded,
    say,
    async openNetwork(options) {
      const opened = await open(options);
      await opened.network.start(START_MS);
      return opened;
    },
    async openHome(options) {
      const { network } = await open({ validators: 1, ...options });
      return network.nodes[0] as NetworkNode;
    },
  };
  async function open(options: StageNetworkOptions) {
    const folder = join(root, `net${networks.length}`);
    const manifest = await createManifest({ root: folder, timeoutCommit: "500ms", ...options });
    const firms = { buyer: await newWallet(manifest.prefix), seller: await newWallet(manifest.prefix) };
    const accounts = Object.values(firms).map(({ address }) => ({ address, amount: FIRM_OWNS }));
    await makeHomes(manifest, accounts, options);
    const network = createNetwork(manifest, { comet: await locateTool("cometbft"), program: options.program });
    networks.push(network);
    return { network, firms };
  }
  let failure: Error | undefined;
  try {
    const play = scenario.run(stage).then(() => conclude(networks, say));
    await Promise.race([play, late]);
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
  } finally {
    timer.abort();
    for (const network of networks) {
      if (failure) await network.killAll();
      else failure = await stopInOrder(network);
    }
  }
  if (!failure) rmSync(root, { recursive: true, force: true });
  else say(`logs are in ${root}`);
  return { failure, seconds: Math.round((performance.now() - began) / 1000) };
}

const newWallet = (prefix: string): Promise<Wallet> => walletFromMnemonic(generateMnemonic(), { prefix });

/** What must be true at the end of every scenario. */
async function conclude(networks: readonly Network[], say: (what: string) => void): Promise<void> {
  for (const network of networks) {
    const nodes = runningNodes(network);
    if (nodes.length === 0) continue;
    const compared = await checkAgreement(nodes);
    await checkAppHashes(nodes);
    say(`${nodes.length} nodes agree on blocks and app hashes of ${compared} heights`);
  }
}

/** Every node ends on SIGTERM with exit code 0. */
async function stopInOrder(network: Network): Promise<Error | undefined> {
  const codes = await network.stop();
  const wrong = codes.findIndex((code) => code !== undefined && code !== 0);
  if (wrong < 0) return undefined;
  return new Error(`${network.nodes[wrong]?.spec.name} ended with code ${codes[wrong]} on SIGTERM, want 0`);
}

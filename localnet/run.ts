/**
 * A network on this machine: real validators, each a CometBFT and an application. Two firms close a first deal, step by
 * step; then the network stays up until Ctrl-C.
 *
 *     npm run localnet                        4 validators
 *     npm run localnet -- --validators 7
 *     npm run localnet -- --exit              ends after the story; exit code 0 only if all of it was true
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateMnemonic, walletFromMnemonic } from "@interfirm/client/wallet";
import { locateTool } from "@interfirm/node/comet/locate";
import { makeHomes } from "./homes.ts";
import { createManifest, type Manifest } from "./manifest.ts";
import { createNetwork, type Network } from "./network.ts";
import { tellStory } from "./story.ts";

/** The words of a test account that every local network funds. Everybody knows them: never for anything of value. */
const TEST_MNEMONIC = "test test test test test test test test test test test junk";

const FIRM_OWNS = 1_000_000_000n;
const TEST_ACCOUNT_OWNS = 1_000_000_000_000n;

/** A proposal of the story is decided while one watches. */
const VOTING_PERIOD = "12s";

/** From CometBFT being there to the first block. */
const FIRST_BLOCK_MS = 60_000;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(validators: number, exit: boolean): Promise<number> {
  const comet = await locateTool("cometbft");
  const began = performance.now();
  const root = mkdtempSync(join(tmpdir(), "interfirm-"));
  const { manifest, firms, visitor } = await prepare(root, validators).catch((error: unknown) => {
    rmSync(root, { recursive: true, force: true });
    throw error;
  });
  const network = createNetwork(manifest, { comet });
  const interrupted = onInterrupt(network);
  let failure: unknown;
  let told = false;
  try {
    say(`${validators} validators start, their homes and logs are in ${root}`);
    await Promise.race([network.start(FIRST_BLOCK_MS), interrupted]);
    say(`first block after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    await Promise.race([tellStory({ network, firms, firmOwns: FIRM_OWNS, say }), interrupted]);
    told = true;
    if (!exit) {
      tellHowToConnect(manifest, visitor.address);
      await interrupted;
    }
  } catch (error) {
    if (!(error instanceof Interrupted)) failure = error;
  }
  if (failure) say(`\nIt went wrong: ${failure instanceof Error ? failure.message : String(failure)}`);
  say("\nThe network stops …");
  const codes = await network.stop();
  const unclean = codes.some((code) => code !== undefined && code !== 0);
  if (unclean) say(`A node ended with another code than 0: ${codes.join(", ")}`);
  if (failure || unclean) {
    say(`Homes and logs are kept in ${root}`);
    return 1;
  }
  rmSync(root, { recursive: true, force: true });
  say(told ? "All of it was true." : "Interrupted before the story was over.");
  return told ? 0 : 130;
}

/** Makes the homes of the network, with the accounts of the firms and of whoever connects. */
async function prepare(root: string, validators: number) {
  const manifest = await createManifest({ root, validators, usualPorts: true });
  const wallet = (mnemonic: string) => walletFromMnemonic(mnemonic, { prefix: manifest.prefix });
  const firms = { buyer: await wallet(generateMnemonic()), seller: await wallet(generateMnemonic()) };
  const visitor = await wallet(TEST_MNEMONIC);
  const accounts = [
    { address: firms.buyer.address, amount: FIRM_OWNS },
    { address: firms.seller.address, amount: FIRM_OWNS },
    { address: visitor.address, amount: TEST_ACCOUNT_OWNS },
  ];
  await makeHomes(manifest, accounts, {
    params: { gov: { voting_period: VOTING_PERIOD, expedited_voting_period: "6s" } },
  });
  return { manifest, firms, visitor };
}

class Interrupted extends Error {}

/** Rejects on the first Ctrl-C, or when the terminal goes. The second one kills whatever still runs. */
function onInterrupt(network: Network): Promise<never> {
  let count = 0;
  const interrupted = new Promise<never>((_, reject) => {
    const listener = () => {
      if (++count === 1) reject(new Interrupted());
      else void network.killAll();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, listener);
  });
  // It may come when nobody waits for it.
  interrupted.catch(() => {});
  return interrupted;
}

function tellHowToConnect({ nodes, chainId, prefix, denom }: Manifest, address: string): void {
  say("\nThe network stays up until Ctrl-C. To connect:");
  for (const { name, ports } of nodes) say(`  RPC of ${name}: http://127.0.0.1:${ports.rpc}`);
  say(`  chain id ${chainId}, address prefix ${prefix}, denom ${denom}, gas price 0.01${denom}`);
  say(`  a funded account, ${address}:`);
  say(`  ${TEST_MNEMONIC}`);
}

try {
  const { values } = parseArgs({
    options: { validators: { type: "string", default: "4" }, exit: { type: "boolean", default: false } },
  });
  process.exitCode = await main(Number(values.validators), values.exit);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

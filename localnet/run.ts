/**
 * A network on this machine: real validators, each a CometBFT and an application. Two firms close a first deal, step by
 * step; then the network stays up until Ctrl-C.
 *
 *     npm run localnet                        4 validators
 *     npm run localnet -- --validators 7
 *     npm run localnet -- --exit              ends after the story; exit code 0 only if all of it was true
 *     npm run localnet -- --help
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { generateMnemonic, walletFromMnemonic } from "@interfirm/client/wallet";
import { locateTool } from "@interfirm/node/comet/locate";
import { makeHomes } from "./homes.ts";
import { createManifest, type Manifest } from "./manifest.ts";
import { createNetwork } from "./network.ts";
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
  const interrupt = onInterrupt();
  const { manifest, firms, visitor } = await prepare(root, validators).catch((error: unknown) => {
    rmSync(root, { recursive: true, force: true });
    throw error;
  });
  const network = createNetwork(manifest, { comet });
  interrupt.insist = () => void network.killAll();
  const { interrupted } = interrupt;
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
  // A node that is interrupted while it starts ends by the signal itself.
  const unclean = told && codes.some((code) => code !== undefined && code !== 0);
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

/** `interrupted` rejects on the first Ctrl-C, or when the terminal goes. The second one calls `insist`. */
function onInterrupt() {
  let count = 0;
  const interrupt = { interrupted: Promise.resolve() as Promise<unknown>, insist: () => {} };
  interrupt.interrupted = new Promise<never>((_, reject) => {
    const listener = () => {
      if (++count === 1) reject(new Interrupted());
      else interrupt.insist();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, listener);
  });
  // It may come when nobody waits for it.
  interrupt.interrupted.catch(() => {});
  return interrupt;
}

function tellHowToConnect({ nodes, chainId, prefix, denom }: Manifest, address: string): void {
  say("\nThe network stays up until Ctrl-C. To connect:");
  for (const { name, ports } of nodes) say(`  RPC of ${name}: http://127.0.0.1:${ports.rpc}`);
  say(`  chain id ${chainId}, address prefix ${prefix}, denom ${denom}, gas price 0.01${denom}`);
  say(`  a funded account, ${address}:`);
  say(`  ${TEST_MNEMONIC}`);
}

const HELP = `Starts a network of real validators on this machine and tells a first deal between two firms, step by step.

npm run localnet                        four validators; stays up until Ctrl-C and says how to connect
npm run localnet -- --validators 7      from 1 to 16 of them
npm run localnet -- --exit              ends after the story; exit code 0 only if all of it was true
npm run localnet -- --help              this text

CometBFT is taken from INTERFIRMD_COMETBFT, the PATH or the cache, and otherwise built once with Go.
RPC listens on 127.0.0.1:26657, 26667, …, or on whatever ports are free where one of these is taken.`;

/** Throws an Error that says where to look. */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        validators: { type: "string", default: "4" },
        exit: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (cause) {
    const [sentence] = (cause as Error).message.split(". ");
    throw new Error(`${sentence}: see npm run localnet -- --help`, { cause });
  }
}

try {
  const { validators, exit, help } = readArguments();
  if (help) say(HELP);
  else process.exitCode = await main(Number(validators), exit);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

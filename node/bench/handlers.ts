/**
 * CPU time of the application alone, without CometBFT and sockets: blocks of sends go through CheckTx, recheck,
 * PrepareProposal, ProcessProposal, FinalizeBlock and Commit, encoded and decoded as on the wire.
 * `node node/bench/handlers.ts [transactions a block] [blocks]`. Steady where the other processes of a machine are not.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import { openNode } from "../cli/open-node.ts";
import { appToml } from "../config/app-toml.ts";
import type { Genesis } from "../config/genesis.ts";
import { homeAt } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger } from "../log/logger.ts";
import { CHAIN_ID, DENOM, FEE, GAS, makeHome, PREFIX } from "./chain.ts";
import { benchAccount, signedSend } from "./txs.ts";

const txsPerBlock = Number(process.argv[2] ?? 2000);
const blocks = Number(process.argv[3] ?? 20);
/** Blocks that warm the compiler up and are not counted. */
const WARM_UP = 4;
const ACCOUNTS = 1000;
/** A share of the mempool arrives while a block is decided: it is checked again and is in the next block. */
const RECHECKED = 0.25;

const spent = new Map<string, number>();

interface Codecs<I, O> {
  readonly request: MessageType<I>;
  readonly response: MessageType<O>;
}

/**
 * Sends requests through the codec and a handler, one after the other, and adds the CPU time of all of it to `name`.
 * Requests are encoded before the clock starts.
 */
async function call<I, O>(
  name: string,
  { request, response }: Codecs<I, O>,
  handler: (request: I) => O | Promise<O>,
  requests: readonly DeepPartial<I>[],
): Promise<O[]> {
  const encoded = requests.map((partial) => request.encode(request.fromPartial(partial)).finish());
  const answers: O[] = [];
  const start = process.cpuUsage();
  for (const bytes of encoded) {
    const answer = handler(request.decode(bytes));
    const settled = answer instanceof Promise ? await answer : answer;
    response.encode(settled).finish();
    answers.push(settled);
  }
  const { user, system } = process.cpuUsage(start);
  spent.set(name, (spent.get(name) ?? 0) + user + system);
  return answers;
}

const folder = mkdtempSync(join(tmpdir(), "interfirm-bench-"));
try {
  const home = homeAt(join(folder, "home"));
  await makeHome(home.root, ACCOUNTS);
  const app = loadConfig(appToml, { path: home.appToml, env: {}, flags: {} }).values;
  const node = await openNode({ home, app, logger: createLogger({ level: "error" }), mempoolSize: 50_000 });
  const { handlers } = node.application;
  const genesis: Genesis = JSON.parse(readFileSync(home.genesis, "utf8"));
  await handlers.initChain(
    abci.RequestInitChain.fromPartial({
      chainId: genesis.chain_id,
      initialHeight: 1n,
      appStateBytes: Buffer.from(JSON.stringify(genesis.app_state)),
      time: { seconds: 1_800_000_000n, nanos: 0 },
      consensusParams: {
        block: { maxBytes: 4_194_304n, maxGas: 1_000_000_000n },
        evidence: { maxAgeNumBlocks: 1000n, maxAgeDuration: { seconds: 1000n, nanos: 0 }, maxBytes: 1_048_576n },
        validator: { pubKeyTypes: ["ed25519"] },
        version: {},
        abci: {},
      },
    }),
  );
  let height = 0n;
  const finalize = async (txs: readonly Uint8Array[]): Promise<abci.ResponseFinalizeBlock> => {
    height++;
    const time = { seconds: 1_800_000_000n + height, nanos: 0 };
    const types = { request: abci.RequestFinalizeBlock, response: abci.ResponseFinalizeBlock };
    const [response] = await call("finalizeBlock", types, handlers.finalizeBlock, [{ txs, height, time }]);
    await call("commit", { request: abci.RequestCommit, response: abci.ResponseCommit }, handlers.commit, [{}]);
    return response!;
  };
  await finalize([]);

  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => benchAccount(i, PREFIX));
  const numbers = new Map(genesisNumbers(genesis).map((address, number) => [address, BigInt(number)]));
  const sequences = accounts.map(() => 0n);
  let waiting: readonly Uint8Array[] = [];
  for (let block = 0; block < WARM_UP + blocks; block++) {
    if (block === WARM_UP) spent.clear();
    const fresh = Array.from({ length: txsPerBlock }, (_, i) => {
      const at = (block * txsPerBlock + i) % ACCOUNTS;
      const account = accounts[at]!;
      const to = accounts[(at + 1) % ACCOUNTS]!.address;
      const accountNumber = numbers.get(account.address) ?? 0n;
      const common = { chainId: CHAIN_ID, denom: DENOM, gas: GAS, fee: FEE, to, accountNumber };
      return signedSend(account, { ...common, sequence: sequences[at]!++ });
    });
    const checks = { request: abci.RequestCheckTx, response: abci.ResponseCheckTx };
    const check = async (name: string, txs: readonly Uint8Array[], type: abci.CheckTxType): Promise<void> => {
      const answers = await call(
        name,
        checks,
        handlers.checkTx,
        txs.map((tx) => ({ tx, type })),
      );
      const refused = answers.find(({ code }) => code !== 0);
      if (refused) throw new Error(`${name}: ${refused.code} ${refused.log}`);
    };
    await check("checkTx", fresh, abci.CheckTxType.NEW);
    const mempool = [...waiting, ...fresh];
    const txs = mempool.slice(0, -txsPerBlock * RECHECKED);
    waiting = mempool.slice(txs.length);
    const proposal = { request: abci.RequestPrepareProposal, response: abci.ResponsePrepareProposal };
    const [prepared] = await call("prepareProposal", proposal, handlers.prepareProposal, [
      { txs, maxTxBytes: 4_194_304n, height: height + 1n, time: { seconds: 1_800_000_001n + height, nanos: 0 } },
    ]);
    const chosen = prepared!.txs;
    if (chosen.length !== txs.length) throw new Error(`proposal has ${chosen.length} of ${txs.length}`);
    const judge = { request: abci.RequestProcessProposal, response: abci.ResponseProcessProposal };
    await call("processProposal", judge, handlers.processProposal, [{ txs: chosen, height: height + 1n }]);
    const { txResults } = await finalize(chosen);
    const failed = txResults.find(({ code }) => code !== 0);
    if (failed) throw new Error(`block: ${failed.code} ${failed.log}`);
    await check("recheck", waiting, abci.CheckTxType.RECHECK);
  }
  await node.close();

  const count = txsPerBlock * blocks;
  let total = 0;
  for (const [name, us] of spent) {
    total += us;
    process.stdout.write(`${name.padEnd(18)} ${(us / count).toFixed(1).padStart(8)} µs of CPU a transaction\n`);
  }
  process.stdout.write(`${"all".padEnd(18)} ${(total / count).toFixed(1).padStart(8)} µs of CPU a transaction\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Addresses in the order of their account numbers: genesis numbers accounts as they are listed. */
function genesisNumbers({ app_state: state }: Genesis): string[] {
  const { accounts } = state["auth"] as unknown as { readonly accounts: readonly Readonly<Record<string, unknown>>[] };
  return accounts.map((account) => String(account["address"]));
}

import { randomBytes } from "node:crypto";
import type { NetworkNode } from "../network.ts";
import { checkPayments, createPayer, sidesOf } from "./payments.ts";
import type { Scenario } from "./scenario.ts";

const FLOOD_MS = 15_000;
const FLOOD_CONNECTIONS = 16;
const GARBAGE_BYTES = 300;

/** The longest time between two blocks that is taken for going on: some blocks' worth, on a busy machine. */
const BLOCK_INTERVAL_MS = 5_000;

const flood: Scenario = {
  name: "a flood of garbage: blocks and payments go on",
  slice: false,
  timeoutMs: 120_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 1 });
    const [node] = network.validators as [NetworkNode];
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    const first = await node.height();
    let sent = 0;
    const over = performance.now() + FLOOD_MS;
    const floods = Array.from({ length: FLOOD_CONNECTIONS }, async () => {
      while (performance.now() < over) {
        // Refused or not taken at all: both are answers.
        await node.rpc.broadcastTxSync(randomBytes(GARBAGE_BYTES)).catch(() => undefined);
        sent++;
      }
    });
    const paying = (async () => {
      while (performance.now() < over) await payer.pay(1n, FLOOD_MS);
    })();
    await Promise.all([...floods, paying]);

    const last = await node.untilHeight((payer.committed.at(-1)?.height ?? 0n) + 1n, BLOCK_INTERVAL_MS);
    const longest = await longestInterval(node, first, last);
    if (longest > BLOCK_INTERVAL_MS) throw new Error(`a block took ${longest} ms, want at most ${BLOCK_INTERVAL_MS}`);
    await checkPayments([node], payer, sidesOf(network, firms));
    say(`${sent} pieces of garbage and ${payer.committed.length} payments in ${FLOOD_MS / 1000} s`);
    say(`${last - first} blocks, the slowest after ${longest} ms`);
  },
};

/** The longest time between two blocks, by their headers. */
async function longestInterval({ rpc }: NetworkNode, first: bigint, last: bigint): Promise<number> {
  let longest = 0;
  let before: number | undefined;
  for (let height = first; height <= last; height++) {
    const time = Date.parse((await rpc.block(height)).block.header.time);
    if (before !== undefined) longest = Math.max(longest, time - before);
    before = time;
  }
  return longest;
}

export const scenarios = [flood];

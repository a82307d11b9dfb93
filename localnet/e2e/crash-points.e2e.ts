import { setTimeout as sleep } from "node:timers/promises";
import { checkAppHashes } from "../checks.ts";
import type { NetworkNode } from "../network.ts";
import { checkPayments, createPayer, sidesOf } from "./payments.ts";
import type { Scenario } from "./scenario.ts";

/**
 * CometBFT's own crash points: with `FAIL_TEST_INDEX=n` it ends with code 1 at the n-th of the calls in
 * `consensus/state.go` and `state/execution.go` (v0.38) that lie between the steps of committing a block.
 */
const CRASH_POINTS = 20;
const CRASH_POINTS_BOUNDED = 10;

/** There are about ten such calls a block: the crash comes in the third block after a start, when payments are in it. */
const CALLS_BEFORE = 20;

/** From the start of a node to its crash, and to its next blocks. */
const CRASH_MS = 30_000;
const RECOVERY_MS = 30_000;

const crashPoints: Scenario = {
  name: "CometBFT crashes at each of its own crash points while payments run: nothing is lost, nor its index",
  slice: true,
  timeoutMs: 600_000,
  async run({ openNetwork, say, bounded }) {
    const { network, firms } = await openNetwork({ validators: 1 });
    const [node] = network.validators as [NetworkNode];
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    let over = false;
    const paying = (async () => {
      for (let amount = 1n; !over; amount++) await payer.pay(amount, CRASH_MS + RECOVERY_MS);
    })();
    // Looked at when the crashes are over; a failure before that must not end the process.
    paying.catch(() => {});

    const points = bounded ? CRASH_POINTS_BOUNDED : CRASH_POINTS;
    for (let point = 0; point < points; point++) {
      await node.stop();
      await node.start({ env: { FAIL_TEST_INDEX: `${CALLS_BEFORE + point}` } });
      const code = await Promise.race([node.ended(), sleep(CRASH_MS, "still runs", { ref: false })]);
      if (code !== 1) throw new Error(`crash point ${point}: exit code is ${code}, want CometBFT's 1`);
      await node.start();
      await node.untilHeight(1n, RECOVERY_MS);
    }
    over = true;
    await paying;
    await node.untilHeight((payer.committed.at(-1)?.height ?? 0n) + 1n, RECOVERY_MS);
    await checkAppHashes([node]);
    await checkPayments([node], payer, sidesOf(network, firms));
    say(`${points} crashes, ${payer.committed.length} payments meanwhile, all found, balances exact`);
  },
};

/** Fresh chains that crash before their first commit. */
const FIRST_BLOCK_POINTS = 9;
const FIRST_BLOCK_POINTS_BOUNDED = 2;

/**
 * Only from height 1 on: CometBFT 0.38 itself cannot start again when it crashed within a first block of another height
 * ("StoreBlockHeight (1000) > StateBlockHeight + 1 (1)").
 */
const firstBlock: Scenario = {
  name: "CometBFT crashes within the first block: genesis is read again, and the chain begins",
  slice: true,
  timeoutMs: 300_000,
  async run({ openHome, say, bounded }) {
    const points = bounded ? FIRST_BLOCK_POINTS_BOUNDED : FIRST_BLOCK_POINTS;
    for (let point = 0; point < points; point++) {
      // The bounded part takes points from both sides of FinalizeBlock.
      const index = bounded ? point * 5 : point;
      const node = await openHome();
      await node.start({ env: { FAIL_TEST_INDEX: `${index}` } });
      const code = await Promise.race([node.ended(), sleep(CRASH_MS, "still runs", { ref: false })]);
      if (code !== 1) throw new Error(`crash point ${index}: exit code is ${code}, want CometBFT's 1`);
      await node.start();
      await node.untilHeight(2n, RECOVERY_MS);
      await checkAppHashes([node]);
      await node.stop();
    }
    say(`${points} chains crashed in their first block, and went on`);
  },
};

export const scenarios = [crashPoints, firstBlock];

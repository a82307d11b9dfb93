import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkNode, Victim } from "../network.ts";
import { checkPayments, createPayer } from "./payments.ts";
import type { Scenario } from "./scenario.ts";
import { FIRM_OWNS } from "./stage.ts";

/** Kills in the whole run and in the bounded one: each victim comes up as often as the others. */
const KILLS = 24;
const KILLS_BOUNDED = 6;

/** A node that was killed is back at the height of the others within this time. */
const RECOVERY_MS = 40_000;

const VICTIMS: readonly Victim[] = ["application", "cometbft", "both"];

/**
 * Payments go on while one node after another is killed with SIGKILL: the application, its CometBFT, or both. The time
 * of a kill within a block is left to chance.
 */
const kill: Scenario = {
  name: "kill -9 of application, of CometBFT and of both while payments run",
  slice: true,
  timeoutMs: 900_000,
  async run({ openNetwork, say, bounded }) {
    const { network, firms } = await openNetwork({ validators: 4 });
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    let over = false;
    const paying = (async () => {
      for (let amount = 1n; !over; amount++) await payer.pay(amount, 60_000);
    })();
    // Looked at when the kills are over; a failure before that must not end the process.
    paying.catch(() => {});

    const kills = bounded ? KILLS_BOUNDED : KILLS;
    const recoveries: number[] = [];
    for (let count = 0; count < kills; count++) {
      const node = network.validators[count % network.validators.length] as NetworkNode;
      const victim = VICTIMS[count % VICTIMS.length] as Victim;
      await sleep(Math.random() * 1_000);
      const height = await node.height();
      await node.kill(victim);
      const killed = performance.now();
      await node.start();
      await node.untilHeight(height + 2n, RECOVERY_MS);
      recoveries.push(performance.now() - killed);
      say(
        `${victim} of ${node.spec.name} killed at height ${height}, back after ${(recoveries.at(-1) ?? 0).toFixed(0)} ms`,
      );
    }
    over = true;
    await paying;

    const last = payer.committed.at(-1)?.height ?? 0n;
    await Promise.all(network.nodes.map((node) => node.untilHeight(last + 1n, 30_000)));
    await checkPayments(network.nodes, payer, {
      from: firms.buyer.address,
      to: firms.seller.address,
      fromHad: FIRM_OWNS,
      toHad: FIRM_OWNS,
      denom: network.manifest.denom,
    });
    const sorted = recoveries.sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    say(
      `${payer.committed.length} payments, none lost; back after ${median.toFixed(0)} ms in the median of ${kills} kills`,
    );
  },
};

export const scenarios = [kill];

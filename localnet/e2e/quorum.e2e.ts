import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkNode } from "../network.ts";
import { createPayer } from "./payments.ts";
import type { Scenario } from "./scenario.ts";

/** How long a network without quorum is watched. */
const HALT_MS = 8_000;

const oneDown: Scenario = {
  name: "one of four validators down: the chain goes on, and the node catches up",
  slice: false,
  timeoutMs: 180_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 4 });
    const [node] = network.validators as [NetworkNode];
    const code = await node.stop();
    if (code !== 0) throw new Error(`${node.spec.name} ended with code ${code}, want 0`);
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    for (let count = 0; count < 3; count++) await payer.pay(1n, 30_000);
    const height = payer.committed.at(-1)?.height ?? 0n;
    say(`three payments without ${node.spec.name}, the last one at height ${height}`);
    await node.start();
    await node.untilHeight(height, 40_000);
  },
};

const twoDown: Scenario = {
  name: "two of four validators down: the chain halts, and resumes when they are back",
  slice: true,
  timeoutMs: 180_000,
  async run({ openNetwork, say }) {
    const { network } = await openNetwork({ validators: 4 });
    const [first, second, third, fourth] = network.validators as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
    await Promise.all([first.kill("both"), second.kill("both")]);
    // A block whose votes were cast already may still be committed.
    await sleep(2_000);
    const halted = await third.height();
    await sleep(HALT_MS);
    const later = await third.height();
    if (later !== halted) throw new Error(`height went from ${halted} to ${later} without quorum, want a halt`);
    say(`halted at height ${halted}`);
    await Promise.all([first.start(), second.start()]);
    const back = performance.now();
    await Promise.all([first, second, third, fourth].map((node) => node.untilHeight(halted + 2n, 40_000)));
    say(
      `two blocks on all nodes ${((performance.now() - back) / 1000).toFixed(1)} s after two validators were started`,
    );
  },
};

export const scenarios = [oneDown, twoDown];

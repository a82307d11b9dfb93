import { setTimeout as sleep } from "node:timers/promises";
import { createLinks, type Links } from "../links.ts";
import type { NetworkNode } from "../network.ts";
import { checkPayments, createPayer, sidesOf } from "./payments.ts";
import type { Scenario, Stage } from "./scenario.ts";
import { expectEqual } from "./stakeholders.ts";

/** How long a node or half of the network is cut off: longer than all rounds of some blocks. */
const CUT_MS = 15_000;
/** From the healing of the network to the same height everywhere. */
const HEALED_MS = 90_000;
/** One way. Ten times that of the same continent. */
const SLOW_MS = 200;
const SLOW_BLOCKS = 5n;

/** Four validators, of which `act` may cut or slow the links, and payments over all of them at the end. */
async function linked(stage: Stage, act: (nodes: readonly NetworkNode[], links: Links) => Promise<void>) {
  const links = createLinks();
  try {
    const { network, firms } = await stage.openNetwork({ validators: 4, links });
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    await payer.pay(1n, 30_000);
    let over = false;
    const paying = (async () => {
      for (let amount = 2n; !over; amount++) await payer.pay(amount, HEALED_MS + CUT_MS);
    })();
    // Looked at when the network is whole again; a failure before that must not end the process.
    paying.catch(() => {});
    await act(network.validators, links);
    over = true;
    await paying;
    const last = payer.committed.at(-1)?.height ?? 0n;
    await Promise.all(network.validators.map((node) => node.untilHeight(last + 1n, HEALED_MS)));
    await checkPayments(network.validators, payer, sidesOf(network, firms));
    stage.say(`${payer.committed.length} payments, none lost, balances exact`);
  } finally {
    await links.close();
  }
}

const nameOf = ({ spec }: NetworkNode): string => spec.name;

const oneAway: Scenario = {
  name: "one of four validators hears nothing of the others: they go on, and it catches up",
  slice: false,
  timeoutMs: 240_000,
  run: (stage) =>
    linked(stage, async (nodes, links) => {
      const [alone, ...others] = nodes as [NetworkNode, NetworkNode];
      const before = await alone.height();
      links.split([nameOf(alone)], others.map(nameOf));
      await sleep(CUT_MS);
      const [stuck, went] = [await alone.height(), await others[0].height()];
      // What was on its way may still have completed one block.
      if (stuck > before + 1n) throw new Error(`height without peers is ${stuck}, want at most ${before + 1n}`);
      if (went < before + 3n) throw new Error(`height without one of four is ${went}, want at least ${before + 3n}`);
      links.heal();
      await alone.untilHeight(went, HEALED_MS);
      stage.say(`stood at height ${stuck} while the others went to ${went}, and caught up`);
    }),
};

const halves: Scenario = {
  name: "two and two of four validators apart: neither half makes a block, together they go on",
  slice: true,
  timeoutMs: 240_000,
  run: (stage) =>
    linked(stage, async (nodes, links) => {
      const [a, b, c, d] = nodes as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
      links.split([a, b].map(nameOf), [c, d].map(nameOf));
      await sleep(CUT_MS / 3);
      const halted = await Promise.all(nodes.map((node) => node.height()));
      await sleep((2 * CUT_MS) / 3);
      const later = await Promise.all(nodes.map((node) => node.height()));
      expectEqual("heights of two halves", later.join(), halted.join());
      links.heal();
      const healed = performance.now();
      const [at = 0n] = halted;
      await Promise.all(nodes.map((node) => node.untilHeight(at + 3n, HEALED_MS)));
      const seconds = (performance.now() - healed) / 1_000;
      stage.say(`halted at heights ${halted.join(", ")}; going on ${seconds.toFixed(1)} s after they met again`);
    }),
};

const slow: Scenario = {
  name: "slow links: blocks and payments go on",
  slice: false,
  timeoutMs: 240_000,
  run: (stage) =>
    linked(stage, async (nodes, links) => {
      links.delay(SLOW_MS);
      const [node] = nodes as [NetworkNode];
      const from = await node.height();
      const began = performance.now();
      await node.untilHeight(from + SLOW_BLOCKS, HEALED_MS);
      const seconds = (performance.now() - began) / 1_000;
      stage.say(`${SLOW_BLOCKS} blocks in ${seconds.toFixed(1)} s with ${SLOW_MS} ms each way`);
      links.delay(0);
    }),
};

export const scenarios = [oneAway, halves, slow];

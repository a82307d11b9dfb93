import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkNode, Victim } from "../network.ts";
import { until } from "../wait.ts";
import { checkPayments, createPayer, sidesOf } from "./payments.ts";
import type { Scenario } from "./scenario.ts";

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
    await checkPayments(network.nodes, payer, sidesOf(network, firms));
    const sorted = recoveries.sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
    say(
      `${payer.committed.length} payments, none lost; back after ${median.toFixed(0)} ms in the median of ${kills} kills`,
    );
  },
};

/** Times between a start and a kill: from before CometBFT runs to some blocks. */
const START_KILLS = 18;
const START_KILL_MS_MAX = 3_000;

/** Unlike above, nobody waits for the node to be back: kills fall into opening the state, indexing again, replay. */
const whileStarting: Scenario = {
  name: "kill -9 again and again, at any moment of a start: no process is left, and nothing is lost",
  slice: false,
  timeoutMs: 300_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 1 });
    const [node] = network.validators as [NetworkNode];
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    for (let count = 0; count < START_KILLS; count++) {
      const victim = VICTIMS[count % VICTIMS.length] as Victim;
      await sleep(Math.random() * START_KILL_MS_MAX);
      node.signal(victim, "SIGKILL");
      // There may have been no CometBFT yet, or only its indexing, which the node does without.
      await Promise.race([node.ended(), sleep(HUNG_MS, undefined, { ref: false })]);
      if (node.running) await node.kill("both");
      await until("no process of the node is left", HUNG_MS, async () =>
        processesOf(node).length === 0 ? true : undefined,
      );
      await node.start();
      if (count % VICTIMS.length === 0) await payer.pay(1n, RECOVERY_MS);
    }
    await payer.pay(1n, RECOVERY_MS);
    await node.untilHeight((payer.committed.at(-1)?.height ?? 0n) + 1n, RECOVERY_MS);
    await checkPayments([node], payer, sidesOf(network, firms));
    say(`${START_KILLS} kills, ${payer.committed.length} payments, none lost`);
  },
};

/** Command lines of processes, of whatever program, that name the node's home. */
const processesOf = ({ spec }: NetworkNode): readonly string[] =>
  execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line.includes(spec.home));

/** How long after its application a CometBFT is gone that does not react to anything. */
const HUNG_MS = 5_000;

/** CometBFT 0.38 hangs in a few of a hundred deaths of its application; a stopped process hangs every time. */
const hang: Scenario = {
  name: "a CometBFT that hangs is gone 5 s after its application was killed",
  slice: true,
  timeoutMs: 120_000,
  async run({ openNetwork, say }) {
    const { network } = await openNetwork({ validators: 1 });
    const [node] = network.validators as [NetworkNode];
    node.signal("cometbft", "SIGSTOP");
    const began = performance.now();
    // Resolves when both are gone, and throws after 5 s.
    await node.kill("application");
    const took = performance.now() - began;
    if (took > HUNG_MS) throw new Error(`cometbft was gone after ${took.toFixed(0)} ms, want at most ${HUNG_MS}`);
    await node.start();
    await node.untilHeight(2n, RECOVERY_MS);
    say(`gone after ${took.toFixed(0)} ms, and the node came back`);
  },
};

/** How long a process is stopped: longer than all rounds of a block. */
const PAUSE_MS = 10_000;

/** A machine that stands still, as in a migration of a virtual machine, goes on as if nothing had been. */
const pause: Scenario = {
  name: "an application, a CometBFT and both stand still for 10 s and catch up",
  slice: false,
  timeoutMs: 240_000,
  async run({ openNetwork, say }) {
    const { network } = await openNetwork({ validators: 4 });
    const [watcher] = network.validators as [NetworkNode];
    for (const [index, victim] of VICTIMS.entries()) {
      const node = network.validators[index + 1] as NetworkNode;
      const before = await watcher.height();
      node.signal(victim, "SIGSTOP");
      await sleep(PAUSE_MS);
      node.signal(victim, "SIGCONT");
      const meanwhile = await watcher.height();
      if (meanwhile < before + 2n)
        throw new Error(`height is ${meanwhile} after ${PAUSE_MS} ms, want at least two blocks`);
      await node.untilHeight(meanwhile + 1n, RECOVERY_MS);
      say(`${victim} of ${node.spec.name} stood still from height ${before} to ${meanwhile}, and caught up`);
    }
  },
};

export const scenarios = [kill, whileStarting, hang, pause];

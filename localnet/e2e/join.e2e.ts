import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { interfirmd, setAll } from "../homes.ts";
import type { NetworkNode } from "../network.ts";
import { until } from "../wait.ts";
import { checkBalances, checkPayments, createPayer, sidesOf } from "./payments.ts";
import type { Scenario, Stage } from "./scenario.ts";

const JOIN_MS = 60_000;

async function history(stage: Stage, snapshotInterval?: number) {
  const { network, firms } = await stage.openNetwork({ validators: 4, fullNodes: 1, snapshotInterval });
  const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
  for (let count = 0; count < 3; count++) await payer.pay(7n, 30_000);
  const accounts = sidesOf(network, firms);
  const [witness] = network.validators as [NetworkNode];
  const [joiner] = network.fullNodes as [NetworkNode];
  return { network, payer, accounts, witness, joiner };
}

const blockSync: Scenario = {
  name: "a node joins late by block sync",
  slice: false,
  timeoutMs: 180_000,
  async run(stage) {
    const { payer, accounts, witness, joiner } = await history(stage);
    const height = await witness.untilHeight(12n, 60_000);
    await joiner.start();
    await joiner.untilHeight(height, JOIN_MS);
    await checkPayments([joiner], payer, accounts);
    stage.say(`block sync from height 1 to ${height}`);
  },
};

/** A network that takes snapshots, and a node set to begin with one of them. */
async function snapshotted(stage: Stage) {
  const interval = 5n;
  const made = await history(stage, Number(interval));
  const { network, witness, joiner } = made;
  // The header after the one that holds the snapshot's app hash must be there, and a later snapshot with it.
  const height = await witness.untilHeight(3n * interval + 2n, JOIN_MS);
  const trusted = await witness.rpc.block(interval);
  await setAll(joiner.spec, "config", {
    "statesync.enable": "true",
    "statesync.rpc_servers": network.validators
      .slice(0, 2)
      .map(({ rpc }) => rpc.url)
      .join(","),
    "statesync.trust_height": `${interval}`,
    "statesync.trust_hash": trusted.block_id.hash,
    "statesync.discovery_time": "5s",
  });
  return { ...made, interval, height };
}

/** Resolves with the first block that the node has, once it has caught up. */
const caughtUp = ({ spec, rpc }: NetworkNode): Promise<bigint> =>
  until(`${spec.name} has caught up`, JOIN_MS, async () => {
    const { sync_info } = await rpc.status();
    const first = BigInt(sync_info.earliest_block_height);
    // Right after the snapshot there is no block yet.
    return sync_info.catching_up || first === 0n ? undefined : first;
  });

const stateSync: Scenario = {
  name: "a node joins late by state sync",
  slice: true,
  timeoutMs: 180_000,
  async run(stage) {
    const { payer, accounts, joiner, interval, height } = await snapshotted(stage);
    await joiner.start();
    await joiner.untilHeight(height, JOIN_MS);
    const earliest = await caughtUp(joiner);
    if (earliest <= interval) throw new Error(`earliest block is ${earliest}, want one after a snapshot`);
    // It has the balances, though not the blocks before its snapshot.
    await checkBalances([joiner], payer, accounts);
    await joiner.untilHeight(earliest + 3n, JOIN_MS);
    stage.say(`state sync: blocks from ${earliest} on, balances exact`);
  },
};

/** What the node logs on its way, in order: the application takes a snapshot, the last chunk is in, CometBFT has its state. */
const MOMENTS = ["Snapshot accepted", "state restored from a snapshot", "Snapshot restored"];

/** Starts of a node, by a service manager, until it runs on: one that finds out what happened, and one that goes on. */
const STARTS_MAX = 3;

const killedStateSync: Scenario = {
  name: "a node is killed during its state sync, begins it anew and joins",
  slice: false,
  timeoutMs: 300_000,
  async run(stage) {
    const { payer, accounts, witness, joiner } = await snapshotted(stage);
    for (const moment of MOMENTS) {
      const from = existsSync(joiner.logFile) ? readFileSync(joiner.logFile).length : 0;
      await joiner.start();
      for (const deadline = performance.now() + JOIN_MS; ; await sleep(5)) {
        if (readFileSync(joiner.logFile).subarray(from).includes(moment)) break;
        if (performance.now() > deadline) throw new Error(`${joiner.logFile} does not say ${moment}`);
      }
      await joiner.kill("both");

      let starts = 0;
      const height = await witness.height();
      for (let there = false; !there; ) {
        await joiner.start();
        starts++;
        try {
          await joiner.untilHeight(height, JOIN_MS);
          there = true;
        } catch (error) {
          if (joiner.running || starts === STARTS_MAX) throw error;
        }
      }
      const earliest = await caughtUp(joiner);
      await checkBalances([joiner], payer, accounts);
      stage.say(`killed at "${moment}": joined with the ${starts}. start, blocks from ${earliest} on`);
      await joiner.stop();
      await interfirmd("comet", "reset-state", "--home", joiner.spec.home);
    }
  },
};

export const scenarios = [blockSync, stateSync, killedStateSync];

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

/** The newest snapshot for which the two headers after it are there, too. */
async function newestSnapshot(node: NetworkNode, height: bigint): Promise<readonly [height: string, format: string]> {
  const list = await interfirmd("snapshots", "list", "--home", node.spec.home);
  const found = [...list.matchAll(/height: (\d+) format: (\d+)/g)]
    .map(([, at, format]) => [at as string, format as string] as const)
    .filter(([at]) => BigInt(at) + 2n <= height)
    .sort(([a], [b]) => Number(b) - Number(a));
  if (!found[0]) throw new Error(`${node.spec.name} has no snapshot below ${height}: ${list}`);
  return found[0];
}

/** A peer that is not there. */
const NOBODY = `${"00".repeat(20)}@127.0.0.1:1`;

const handedOver: Scenario = {
  name: "a node joins late with a snapshot that was handed over as a file",
  slice: false,
  timeoutMs: 240_000,
  async run(stage) {
    const { network, payer, accounts, witness, joiner } = await history(stage, 5);
    await witness.untilHeight(22n, 90_000);
    // Commands on a node's data need it stopped; the other three make blocks meanwhile.
    const last = await witness.height();
    await witness.stop();
    const [height, format] = await newestSnapshot(witness, last);
    const archive = `${joiner.spec.home}/handed-over.tar.gz`;
    await interfirmd("snapshots", "dump", height, format, "--output", archive, "--home", witness.spec.home);
    await witness.start();

    const home = ["--home", joiner.spec.home];
    await interfirmd("snapshots", "load", archive, ...home);
    await interfirmd("snapshots", "restore", height, format, ...home);
    const [, one, other] = network.validators as [NetworkNode, NetworkNode, NetworkNode];
    await setAll(joiner.spec, "config", {
      "statesync.rpc_servers": `${one.rpc.url},${other.rpc.url}`,
      "statesync.trust_height": "2",
      "statesync.trust_hash": (await one.rpc.block(2)).block_id.hash,
    });
    await interfirmd("comet", "bootstrap-state", "--height", height, ...home);

    // Nobody gives it a block until it is killed. CometBFT then has the very state and cannot go on: once more.
    await joiner.start({ flags: ["--p2p.laddr", "tcp://127.0.0.1:0", "--p2p.persistent_peers", NOBODY] });
    await until("the joiner serves", JOIN_MS, async () => (await joiner.rpc.status()).sync_info);
    await joiner.kill("both");
    await joiner.start();
    if ((await joiner.ended()) === 0)
      throw new Error("start after a kill before the first block ended with 0, want an error");
    if (!readFileSync(joiner.logFile, "utf8").includes("run interfirmd comet bootstrap-state again")) {
      throw new Error(`${joiner.logFile} does not name the next step`);
    }
    await interfirmd("comet", "bootstrap-state", ...home);

    await joiner.start();
    await joiner.untilHeight(BigInt(height) + 3n, JOIN_MS);
    const earliest = await caughtUp(joiner);
    if (earliest !== BigInt(height) + 1n)
      throw new Error(`earliest block is ${earliest}, want the one after ${height}`);
    await payer.pay(7n, 30_000);
    await joiner.untilHeight(await one.height(), JOIN_MS);
    await checkBalances([joiner], payer, accounts);
    stage.say(`snapshot of height ${height} by file: blocks from ${earliest} on, balances exact`);
    await joiner.stop();
    await joiner.start();
    await joiner.untilHeight((await one.height()) + 2n, JOIN_MS);
    stage.say("and again after a restart");
  },
};

export const scenarios = [blockSync, stateSync, killedStateSync, handedOver];

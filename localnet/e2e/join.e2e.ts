import { setAll } from "../homes.ts";
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

const stateSync: Scenario = {
  name: "a node joins late by state sync",
  slice: true,
  timeoutMs: 180_000,
  async run(stage) {
    const interval = 5n;
    const { network, payer, accounts, witness, joiner } = await history(stage, Number(interval));
    // The header after the one that holds the snapshot's app hash must be there, and a later snapshot with it.
    const height = await witness.untilHeight(3n * interval + 2n, 60_000);
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
    await joiner.start();
    await joiner.untilHeight(height, JOIN_MS);
    const earliest = await until(`${joiner.spec.name} has caught up`, JOIN_MS, async () => {
      const { sync_info } = await joiner.rpc.status();
      const first = BigInt(sync_info.earliest_block_height);
      // Right after the snapshot there is no block yet.
      return sync_info.catching_up || first === 0n ? undefined : first;
    });
    if (earliest <= interval) throw new Error(`earliest block is ${earliest}, want one after a snapshot`);
    // It has the balances, though not the blocks before its snapshot.
    await checkBalances([joiner], payer, accounts);
    await joiner.untilHeight(earliest + 3n, JOIN_MS);
    stage.say(`state sync: blocks from ${earliest} on, balances exact`);
  },
};

export const scenarios = [blockSync, stateSync];

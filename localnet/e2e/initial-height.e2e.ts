import { checkAppHashes } from "../checks.ts";
import type { NetworkNode } from "../network.ts";
import { checkPayments, createPayer, sidesOf } from "./payments.ts";
import type { Scenario } from "./scenario.ts";

const INITIAL_HEIGHT = 1_000;

const highStart: Scenario = {
  name: "a chain begins at height 1,000",
  slice: false,
  timeoutMs: 120_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 1, initialHeight: INITIAL_HEIGHT });
    const [node] = network.validators as [NetworkNode];
    const { sync_info } = await node.rpc.status();
    if (sync_info.earliest_block_height !== `${INITIAL_HEIGHT}`) {
      throw new Error(`first block is ${sync_info.earliest_block_height}, want ${INITIAL_HEIGHT}`);
    }
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    const { height } = await payer.pay(11n, 20_000);
    await node.untilHeight(height + 1n, 20_000);
    await node.kill("both");
    await node.start();
    await node.untilHeight(height + 2n, 20_000);
    await payer.pay(12n, 20_000);
    await checkAppHashes([node]);
    await checkPayments([node], payer, sidesOf(network, firms));
    say(`first block ${INITIAL_HEIGHT}, a payment before and after a kill`);
  },
};

export const scenarios = [highStart];

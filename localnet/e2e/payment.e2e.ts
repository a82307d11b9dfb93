import { checkPayments, createPayer, sidesOf } from "./payments.ts";
import type { Scenario } from "./scenario.ts";

const payment: Scenario = {
  name: "a payment reaches every node",
  slice: true,
  timeoutMs: 120_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 4 });
    const payer = await createPayer({ network, signer: firms.buyer, to: firms.seller.address });
    for (const amount of [1n, 1_000n, 250_000n]) {
      const { height, hash } = await payer.pay(amount, 30_000);
      say(`${amount} paid at height ${height}: ${hash}`);
    }
    await Promise.all(
      network.nodes.map((node) => node.untilHeight((payer.committed.at(-1)?.height ?? 0n) + 1n, 20_000)),
    );
    await checkPayments(network.nodes, payer, sidesOf(network, firms));
  },
};

export const scenarios = [payment];

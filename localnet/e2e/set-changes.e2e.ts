import { setTimeout as sleep } from "node:timers/promises";
import type { Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import type { NetworkNode } from "../network.ts";
import { until } from "../wait.ts";
import type { Scenario } from "./scenario.ts";
import { clientOf, expectEqual, how, isBonded, operatorOf, UNIT, untilValidator, validatorOf } from "./stakeholders.ts";

const CHANGES = 50;

const ascending = (list: readonly bigint[]): readonly bigint[] =>
  [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));

/** Who is out of the set, and the stake that takes it in: one unit of power more than the least of those in it. */
function challenge(validators: readonly Validator[]): { readonly validatorAddress: string; readonly amount: bigint } {
  const out = validators.find((validator) => !isBonded(validator));
  if (!out) throw new Error("every validator is in the set, want one outside");
  const [least = 0n] = ascending(validators.filter(isBonded).map(({ tokens }) => tokens));
  return { validatorAddress: out.operatorAddress, amount: least - out.tokens + UNIT };
}

const churn: Scenario = {
  name: "one validator in and one out at every block, for 50 blocks",
  slice: true,
  timeoutMs: 300_000,
  async run({ openNetwork, bounded, say }) {
    const changes = bounded ? 10 : CHANGES;
    const { network, firms } = await openNetwork({ validators: 4, params: { staking: { max_validators: 3 } } });
    const { denom } = network.manifest;
    const client = await clientOf(network, firms.buyer, network.validators);
    try {
      const heights: bigint[] = [];
      for (let count = 0; count < changes; count++) {
        // Of the block with the change before: another node may not have it yet.
        const at = heights.at(-1) ?? (await client.height());
        const { validators } = await until(`state of height ${at}`, 20_000, () =>
          client.query.staking.validators({}, { height: at }),
        );
        const { validatorAddress, amount } = challenge(validators);
        const { height } = await client.staking.delegate({ validatorAddress, amount: { denom, amount } }, how(network));
        heights.push(height);
      }
      const node = network.validators[0] as NetworkNode;
      for (const height of heights) {
        const { validator_updates: updates } = await node.rpc.blockResults(height);
        const powers = (updates ?? []).map(({ power }) => BigInt(power ?? "0"));
        expectEqual(`changes of the set at height ${height}`, powers.length, 2);
        expectEqual(`validators that left at height ${height}`, powers.filter((power) => power === 0n).length, 1);
      }
      const [first, last] = [heights[0] as bigint, heights.at(-1) as bigint];
      const inRow = heights.filter((height, index) => index === 0 || height === (heights[index - 1] as bigint) + 1n);
      say(`${heights.length} changes from height ${first} to ${last}, ${inRow.length} of them one block after another`);
      await Promise.all(network.validators.map((each) => each.untilHeight(last + 3n, 60_000)));
      const { validators } = await client.query.staking.validators({});
      const powers = validators.filter(isBonded).map(({ tokens }) => tokens / UNIT);
      const comet = (await node.rpc.validators()).validators.map(({ voting_power }) => BigInt(voting_power));
      expectEqual("powers in CometBFT", ascending(comet).join(), ascending(powers).join());
    } finally {
      client.close();
    }
  },
};

/** How long a network without quorum is watched. */
const HALT_MS = 6_000;

const third: Scenario = {
  name: "more than a third of the power leaves and comes back: by failing, and by taking its stake away",
  slice: false,
  timeoutMs: 300_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 4 });
    const { denom } = network.manifest;
    const [big, ...others] = network.validators as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
    const client = await clientOf(network, firms.buyer, others);
    const operator = await operatorOf(network, big, others);
    try {
      const { operatorAddress: validatorAddress } = await validatorOf(client, big);
      const stake = { validatorAddress, amount: { denom, amount: 10n * UNIT } };
      const { height } = await client.staking.delegate(stake, how(network));
      await Promise.all(network.validators.map((node) => node.untilHeight(height + 3n, 30_000)));
      await big.kill("both");
      await sleep(2_000);
      const halted = await others[0].height();
      await sleep(HALT_MS);
      expectEqual("height without 20 of 50 power", await others[0].height(), halted);
      await big.start();
      await Promise.all(network.validators.map((node) => node.untilHeight(halted + 3n, 60_000)));
      say(`halted at height ${halted} with 20 of 50 power down, and went on when it was back`);

      await operator.staking.undelegate(stake, how(network));
      const left = await client.staking.undelegate(stake, how(network));
      await untilValidator(client, big, "out of the set", 30_000, (validator) => !isBonded(validator));
      await others[0].untilHeight(left.height + 3n, 30_000);
      await big.kill("both");
      const without = await others[0].untilHeight((await others[0].height()) + 5n, 60_000);
      say(`with its stake taken away the chain goes on without it, to height ${without}`);

      await big.start();
      await big.untilHeight(without, 60_000);
      await client.staking.delegate(stake, how(network));
      // Without a stake of its operator's own it was jailed: not for a time, only until there is one.
      await operator.staking.delegate(stake, how(network));
      const back = await operator.slashing.unjail({ validatorAddr: validatorAddress }, how(network));
      await untilValidator(client, big, "back in the set", 30_000, isBonded);
      await until("CometBFT counts it again", 30_000, async () =>
        (await others[0].rpc.validators()).validators.length === 4 ? true : undefined,
      );
      await Promise.all(network.validators.map((node) => node.untilHeight(back.height + 5n, 60_000)));
      say(`staked again at height ${back.height}, it is back`);
    } finally {
      client.close();
      operator.close();
    }
  },
};

export const scenarios = [churn, third];

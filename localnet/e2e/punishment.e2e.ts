import { copyFileSync } from "node:fs";
import { homeAt } from "@interfirm/node/config/home";
import { Equivocation } from "@interfirm/proto/gen/cosmos/evidence/v1beta1";
import type { NetworkNode } from "../network.ts";
import { until } from "../wait.ts";
import type { Scenario } from "./scenario.ts";
import {
  clientOf,
  expectEqual,
  expectRefused,
  how,
  isBonded,
  operatorOf,
  signingInfos,
  UNIT,
  untilValidator,
  validatorOf,
} from "./stakeholders.ts";

const STAKE = 10n * UNIT;

/** Two nodes with one key sign different votes sooner or later. */
const EQUIVOCATION_MS = 150_000;

const equivocation: Scenario = {
  name: "two nodes with the key of one validator: it is slashed once, jailed and tombstoned",
  slice: false,
  timeoutMs: 300_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 4, fullNodes: 1 });
    const [first, ...others] = network.validators as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
    const clone = network.fullNodes[0] as NetworkNode;
    copyFileSync(homeAt(first.spec.home).privValidatorKey, homeAt(clone.spec.home).privValidatorKey);
    await clone.start();
    const client = await clientOf(network, firms.buyer, others);
    const operator = await operatorOf(network, first, others);
    try {
      const { validatorAddress, jailedAt } = await until(
        "the double signature is punished",
        EQUIVOCATION_MS,
        async () => {
          const validator = await validatorOf(client, first);
          if (!validator.jailed) return undefined;
          return { validatorAddress: validator.operatorAddress, jailedAt: await client.height() };
        },
      );
      const { evidence } = await client.query.evidence.allEvidence({});
      expectEqual("evidence kept", evidence.length, 1);
      const { height, power } = Equivocation.decode(evidence[0]?.value ?? new Uint8Array(0));
      say(`signed twice at height ${height} with power ${power}, punished by height ${jailedAt}`);

      // Both nodes go on with the key, and further evidence may come.
      await others[0].untilHeight(jailedAt + 12n, 60_000);
      const validator = await validatorOf(client, first);
      expectEqual("stake after one slash of 5 %", validator.tokens, STAKE - STAKE / 20n);
      expectEqual("bonded", isBonded(validator), false);
      const tombstoned = (await signingInfos(client)).filter((info) => info.tombstoned);
      expectEqual("tombstoned validators", tombstoned.length, 1);
      expectEqual("evidence kept later", (await client.query.evidence.allEvidence({})).evidence.length, 1);
      await expectRefused("unjail", 4, () =>
        operator.slashing.unjail({ validatorAddr: validatorAddress }, how(network)),
      );
      const inSet = (await others[0].rpc.validators()).validators.length;
      expectEqual("validators that are left", inSet, 3);
      say("it cannot come back; the other three go on");
    } finally {
      client.close();
      operator.close();
      await clone.stop();
    }
  },
};

/** As short as a genesis may have it. */
const DOWNTIME = { signed_blocks_window: "10", downtime_jail_duration: "60s" } as const;

const downtime: Scenario = {
  name: "a validator that is down is jailed and slashed; back up, its operator takes it out of jail",
  slice: false,
  timeoutMs: 300_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 4, params: { slashing: DOWNTIME } });
    const [first, ...others] = network.validators as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
    const client = await clientOf(network, firms.buyer, others);
    const operator = await operatorOf(network, first, others);
    try {
      const { operatorAddress: validatorAddr } = await validatorOf(client, first);
      await expectRefused("unjail of a validator in the set", 5, () =>
        operator.slashing.unjail({ validatorAddr }, how(network)),
      );
      await first.kill("both");
      const jailed = await untilValidator(client, first, "jailed", 90_000, (validator) => validator.jailed);
      expectEqual("stake after a slash of 1 %", jailed.tokens, STAKE - STAKE / 100n);
      const since = performance.now();
      say(`jailed by height ${await client.height()}`);
      await first.start();
      await expectRefused("unjail before its time", 4, () => operator.slashing.unjail({ validatorAddr }, how(network)));

      const { height } = await until("its time in jail is over", 90_000, async () => {
        try {
          return await operator.slashing.unjail({ validatorAddr }, how(network));
        } catch (error) {
          if ((error as { code?: unknown }).code === 4) return undefined;
          throw error;
        }
      });
      say(`out of jail at height ${height}, ${((performance.now() - since) / 1000).toFixed(0)} s later`);
      await untilValidator(client, first, "bonded", 30_000, isBonded);
      await first.untilHeight(height + 8n, 60_000);
      await until("it signs again", 60_000, async () => {
        // What the next block says of this one: by then late votes are in.
        const { signed_header } = await others[0].rpc.commit((await others[0].height()) - 2n);
        const signed = signed_header.commit.signatures.filter(({ block_id_flag }) => block_id_flag === 2).length;
        return signed === 4 ? true : undefined;
      });
      say("its power is back, and it signs");
    } finally {
      client.close();
      operator.close();
    }
  },
};

export const scenarios = [equivocation, downtime];

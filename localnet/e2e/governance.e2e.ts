import type { SigningClient } from "@interfirm/client/client";
import { MsgUpdateParams as MsgUpdateConsensusParams } from "@interfirm/proto/gen/cosmos/consensus/v1";
import { MsgCommunityPoolSpend } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { type Proposal, ProposalStatus } from "@interfirm/proto/gen/cosmos/gov/v1";
import { MsgSoftwareUpgrade } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { MsgUpdateParams as MsgUpdateStakingParams } from "@interfirm/proto/gen/interfirm/staking/v1";
import { EventUpgradePostponed } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import type { Network, NetworkNode } from "../network.ts";
import { freePorts } from "../ports.ts";
import { until } from "../wait.ts";
import { expectPassed, governanceOf, govMessage } from "./proposals.ts";
import { FIRM_OWNS, type Scenario } from "./scenario.ts";
import { clientOf, expectEqual, expectRefused, how, operatorOf, UNIT, validatorOf } from "./stakeholders.ts";

const PLAN = "v2";
const POSTPONE_BLOCKS = 1_000n;
/** From a proposal to the height that it names: longer than voting. */
const AHEAD = 30n;
const WAIT_MS = 60_000;
const SPENT = 5n * UNIT;
const CAP_BP = 3_000;

/** Codes of retries: one that fails again, and one of what has not failed. */
const FAILED_AGAIN = 105;
const NOT_FAILED = 103;

/** Vote extensions of other validators that CometBFT let the application verify, by what came of it. */
async function extensionsVerified(metricsPort: number): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const counts = text.matchAll(/^cometbft_consensus_vote_extension_receive_count\{.*status="(\w+)"\} (\d+)$/gm);
  return new Map([...counts].map(([, status = "", count]) => [status, Number(count)]));
}

/** Every precommit for a height from the enabled one on has an extension, so that block is only there if all made theirs. */
async function checkExtensions(network: Network, node: NetworkNode, enabled: bigint): Promise<void> {
  await node.untilHeight(enabled + 2n, WAIT_MS);
  await node.kill("both");
  const [port] = (await freePorts(1)) as [number];
  const env = {
    CMT_INSTRUMENTATION_PROMETHEUS: "true",
    CMT_INSTRUMENTATION_PROMETHEUS_LISTEN_ADDR: `127.0.0.1:${port}`,
  };
  await node.start({ env });
  const counts = await until("extensions are verified", WAIT_MS, async () => {
    const found = await extensionsVerified(port);
    return (found.get("accepted") ?? 0) >= network.validators.length ? found : undefined;
  });
  expectEqual("extensions that were refused", counts.get("rejected") ?? 0, 0);
}

async function powersOf(node: NetworkNode, height: bigint): Promise<string> {
  // CometBFT takes a change of the set two blocks later.
  await node.untilHeight(height + 2n, WAIT_MS);
  const { validators } = await node.rpc.validators(height + 2n);
  return validators.map(({ voting_power }) => voting_power).join();
}

/** Throws unless the proposal passed, and a message of it was refused with this code. */
async function expectFailure({ query }: SigningClient, { id, status }: Proposal, want: string): Promise<void> {
  expectEqual(`status of proposal ${id}`, status, ProposalStatus.PROPOSAL_STATUS_FAILED);
  const { failure } = (await query.governance.proposal({ proposalId: id })).proposal;
  expectEqual(`failure of proposal ${id}`, failure && `${failure.codespace}/${failure.code}`, want);
}

const decisions: Scenario = {
  name: "governance: vote extensions, a cap of power, a plan put off, and a failed proposal that is executed again",
  slice: false,
  timeoutMs: 180_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({
      validators: 4,
      params: {
        gov: { voting_period: "5s", expedited_voting_period: "3s" },
        upgrade: { postpone_blocks: `${POSTPONE_BLOCKS}` },
      },
    });
    const [first, , , last] = network.validators as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
    const { denom } = network.manifest;
    const buyer = await clientOf(network, firms.buyer, [first]);
    const operator = await operatorOf(network, first, [first]);
    const governance = await governanceOf(network, buyer);
    try {
      const { operatorAddress: validatorAddress } = await validatorOf(buyer, first);
      const staked = await buyer.staking.delegate(
        { validatorAddress, amount: { denom, amount: 90n * UNIT } },
        how(network),
      );
      expectEqual("powers before", await powersOf(first, staked.height), "100,10,10,10");

      const { params } = await buyer.query.consensus.params({});
      const extensionsFrom = (voteExtensionsEnableHeight: bigint) =>
        govMessage(MsgUpdateConsensusParams, {
          block: params?.block,
          evidence: params?.evidence,
          validator: params?.validator,
          abci: { voteExtensionsEnableHeight },
        });
      const capOf = (powerCapBp: number) =>
        govMessage(MsgUpdateStakingParams, { params: { powerCapBp, keyRotationsMax: 1 } });
      const height = (await buyer.height()) + AHEAD;
      const [extensions, cap, plan, spend] = await governance.decide(
        extensionsFrom(height),
        capOf(CAP_BP),
        govMessage(MsgSoftwareUpgrade, { plan: { name: PLAN, height } }),
        govMessage(MsgCommunityPoolSpend, { recipient: firms.seller.address, amount: [{ denom, amount: SPENT }] }),
      );
      expectPassed("vote extensions", extensions);
      expectPassed("cap", cap);
      expectPassed("plan", plan);
      await expectFailure(buyer, spend, "distribution/9");
      expectEqual("powers under the cap", await powersOf(first, await buyer.height()), "12,10,10,10");
      say("one round of votes plans vote extensions and an upgrade, and caps powers at 30 %");

      const retry = () => buyer.governance.retryProposal({ proposalId: spend.id }, how(network));
      await expectRefused("retry of what fails again", FAILED_AGAIN, retry);
      await buyer.distribution.fundCommunityPool({ amount: [{ denom, amount: SPENT }] }, how(network));
      await retry();
      const { proposal: retried } = await buyer.query.gov.proposal({ proposalId: spend.id });
      expectPassed("retried", retried);
      expectEqual("seller", await buyer.balance(firms.seller.address, denom), FIRM_OWNS + SPENT);
      await expectRefused("second retry", NOT_FAILED, retry);
      say("what the community pool could not pay it pays when it can, once");

      await operator.interfirmUpgrade.signalReady({ planName: PLAN }, how(network));
      await first.untilHeight(height, WAIT_MS);
      const readiness = await buyer.query.interfirmUpgrade.readiness({});
      expectEqual("height of the plan", readiness.plan?.height, height + POSTPONE_BLOCKS);
      expectEqual("power that is ready", `${readiness.readyPower} of ${readiness.totalPower}`, "12 of 42");
      const { finalize_block_events: events } = await first.rpc.blockResults(height);
      const put = (events ?? []).filter(({ type }) => type === EventUpgradePostponed.typeUrl.slice(1));
      expectEqual("events that the plan is put off", put.length, 1);
      say(`with 12 of 42 power ready the plan is put off from height ${height} to ${height + POSTPONE_BLOCKS}`);

      await checkExtensions(network, last, height);
      say(`every vote has an extension since height ${height}, also those of a node that was killed since`);

      const [back, past, later, uncapped] = await governance.decide(
        extensionsFrom(0n),
        extensionsFrom(1n),
        extensionsFrom(height + POSTPONE_BLOCKS),
        capOf(0),
      );
      for (const each of [back, past, later]) await expectFailure(buyer, each, "consensus/2");
      expectPassed("no cap", uncapped);
      const end = await buyer.height();
      expectEqual("powers without the cap", await powersOf(first, end), "100,10,10,10");
      await Promise.all(network.validators.map((node) => node.untilHeight(end + 4n, WAIT_MS)));
      say("vote extensions are not taken back, the cap is");
    } finally {
      governance.close();
      buyer.close();
      operator.close();
    }
  },
};

export const scenarios = [decisions];

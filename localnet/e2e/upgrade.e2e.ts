import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { connect, type SigningClient } from "@interfirm/client/client";
import { homeAt } from "@interfirm/node/config/home";
import {
  MsgSoftwareUpgrade,
  type Plan,
  QueryAppliedPlanRequest,
  QueryAppliedPlanResponse,
  QueryCurrentPlanRequest,
  QueryCurrentPlanResponse,
} from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { QueryReadinessRequest, QueryReadinessResponse } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import type { Network, NetworkNode, Program } from "../network.ts";
import { until } from "../wait.ts";
import { sendAs } from "./commands.ts";
import { expectPassed, governanceOf, govMessage } from "./proposals.ts";
import type { Scenario } from "./scenario.ts";
import { query } from "./state.ts";

const build = (name: "old" | "new" | "wrong"): Program => [
  process.execPath,
  fileURLToPath(new URL("./drill-node.ts", import.meta.url)),
  name,
];

const PLAN = "v2";
const INFO = '{"binaries":{}}';
/** From the proposal to the plan's height: longer than voting. */
const PLAN_BLOCKS = 50n;
const POSTPONE_BLOCKS = 20n;
/** Until a height that is some dozens of blocks away. */
const HEIGHT_MS = 180_000;
/** From the start of a node that must not go on to its end. */
const END_MS = 60_000;
const RECOVERY_MS = 60_000;
/** After which a node that still runs when others have stopped lacks their votes. */
const STRAGGLER_MS = 10_000;
/** CometBFT's own crash points in the block of the plan (`state/execution.go`, v0.38), from the first after FinalizeBlock on. */
const CRASH_POINTS = 5;
/** About when a node that was started executes its first block. */
const KILL_MS = 1_000;

const planOn = async (node: NetworkNode): Promise<Plan | undefined> => {
  const types = { request: QueryCurrentPlanRequest, response: QueryCurrentPlanResponse };
  return (await query(node, "/cosmos.upgrade.v1beta1.Query/CurrentPlan", types, {})).plan;
};
const readinessOn = (node: NetworkNode) => {
  const types = { request: QueryReadinessRequest, response: QueryReadinessResponse };
  return query(node, "/interfirm.upgrade.v1.Query/Readiness", types, {});
};
const appliedOn = (node: NetworkNode) => {
  const types = { request: QueryAppliedPlanRequest, response: QueryAppliedPlanResponse };
  return query(node, "/cosmos.upgrade.v1beta1.Query/AppliedPlan", types, { name: PLAN });
};

/** Lets governance plan the upgrade. Returns the height. */
async function decide(network: Network, buyer: SigningClient): Promise<bigint> {
  const height = (await buyer.height()) + PLAN_BLOCKS;
  const governance = await governanceOf(network, buyer);
  try {
    const [plan] = await governance.decide(
      govMessage(MsgSoftwareUpgrade, { plan: { name: PLAN, height, info: INFO } }),
    );
    expectPassed("upgrade", plan);
  } finally {
    governance.close();
  }
  return height;
}

/** The node ends by itself, with a code that cosmovisor takes for a failure and these words in its log. */
async function endsWith(node: NetworkNode, words: string, from = 0): Promise<void> {
  const code = await Promise.race([node.ended(), sleep(END_MS, undefined, { ref: false })]);
  if (code === undefined) throw new Error(`${node.spec.name} still runs after ${END_MS} ms, want it to stop`);
  if (code === 0 || code === null) throw new Error(`${node.spec.name} ended with code ${code}, want a failure`);
  const log = readFileSync(node.logFile, "utf8").slice(from);
  if (!log.includes(JSON.stringify(words).slice(1, -1))) throw new Error(`${node.logFile} does not say ${words}`);
}

function checkInfo({ spec }: NetworkNode, height: bigint): void {
  const { upgradeInfo } = homeAt(spec.home);
  const mode = statSync(upgradeInfo).mode & 0o777;
  const left = readFileSync(upgradeInfo, "utf8");
  const want = `{"name":"${PLAN}","height":${height},"info":${JSON.stringify(INFO)}}`;
  if (left !== want || mode !== 0o600) throw new Error(`${upgradeInfo} is ${left} with mode ${mode}, want ${want}`);
}

/**
 * Resolves with the nodes, at the end those that stopped by themselves, two at least. One that has not got the last votes
 * when the others stop waits for them, and is ended.
 */
async function allStop(network: Network, height: bigint, needed: string) {
  const running = () => network.validators.filter((node) => node.running);
  const few = network.validators.length - 2;
  await until("two nodes have ended", HEIGHT_MS, async () => (running().length <= few ? true : undefined));
  const waiting: readonly NetworkNode[] = await until("the others have ended", STRAGGLER_MS, async () =>
    running().length === 0 ? true : undefined,
  ).then(
    () => [],
    () => running(),
  );
  for (const node of waiting) {
    const at = await node.height();
    if (at !== height - 1n) throw new Error(`${node.spec.name} is at height ${at}, want ${height - 1n}`);
    await node.stop();
  }
  const stopped = network.validators.filter((node) => !waiting.includes(node));
  for (const node of stopped) {
    await endsWith(node, needed);
    checkInfo(node, height);
  }
  return [...waiting, ...stopped] as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
}

const upgrade: Scenario = {
  name: "upgrade: put off until enough are ready; old builds stop; a wrong one stops, a killed one and a late one catch up",
  slice: false,
  timeoutMs: 900_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({
      validators: 4,
      program: build("old"),
      params: {
        gov: { voting_period: "15s", expedited_voting_period: "5s" },
        upgrade: { ready_threshold: "0.666666666666666667", postpone_blocks: `${POSTPONE_BLOCKS}` },
      },
    });
    const [some, ...others] = network.validators as [NetworkNode, NetworkNode, NetworkNode, NetworkNode];
    const { chainId } = network.manifest;
    const buyer = await connect([some.rpc.url], { signer: firms.buyer, chainId });
    const planned = await decide(network, buyer).finally(() => buyer.close());
    say(`governance plans ${PLAN} for height ${planned}`);

    await some.untilHeight(planned, HEIGHT_MS);
    const { plan: moved, postponements } = await readinessOn(some);
    if (moved?.height !== planned + POSTPONE_BLOCKS || postponements !== 1n) {
      throw new Error(
        `plan is for ${moved?.height} after ${postponements} postponements, want one of ${POSTPONE_BLOCKS}`,
      );
    }
    say(`put off to height ${moved.height}, for nobody was ready`);
    for (const node of others) await sendAs(node, chainId, "upgrade", "signal-ready", PLAN);
    await until("three of four are ready", RECOVERY_MS, async () =>
      (await readinessOn(some)).enough ? true : undefined,
    );
    const height = (await planOn(some))?.height ?? 0n;

    const needed = `UPGRADE "${PLAN}" NEEDED at height: ${height}: ${INFO}`;
    const [first, second, third, late] = await allStop(network, height, needed);
    say(`all nodes stopped before block ${height}`);

    for (const name of ["old", "wrong"] as const) {
      const from = readFileSync(late.logFile, "utf8").length;
      await late.start({ program: build(name) });
      await endsWith(late, needed, from);
      say(`${late.spec.name} with the ${name} build stopped again`);
    }

    await Promise.all([first, second].map((node) => node.start({ program: build("new") })));
    // CometBFT has the block of the plan stored and gives it to the new build at every start, until it is committed.
    for (let point = 0; point < CRASH_POINTS; point++) {
      await third.start({ program: build("new"), env: { FAIL_TEST_INDEX: `${point}` } });
      const code = await Promise.race([third.ended(), sleep(END_MS, "still runs", { ref: false })]);
      if (code !== 1) throw new Error(`crash point ${point}: exit code is ${code}, want CometBFT's 1`);
    }
    await third.start({ program: build("new") });
    await sleep(KILL_MS);
    await third.kill("both");
    say(`${third.spec.name} crashed at ${CRASH_POINTS} points of its migration and was killed`);
    await third.start({ program: build("new") });
    await Promise.all([first, second, third].map((node) => node.untilHeight(height + 3n, RECOVERY_MS)));
    say("the chain goes on with three of four");

    await late.start({ program: build("new") });
    await late.untilHeight(height + 3n, RECOVERY_MS);
    for (const node of network.validators) {
      const applied = (await appliedOn(node)).height;
      if (applied !== height) throw new Error(`${node.spec.name} applied ${PLAN} at height ${applied}, want ${height}`);
    }
    await late.stop();
    const from = readFileSync(late.logFile, "utf8").length;
    await late.start({ program: build("old") });
    await endsWith(late, "name them in the upgrade", from);
    await late.start({ program: build("new") });
    await late.untilHeight((await first.height()) + 1n, RECOVERY_MS);
    say(`${late.spec.name} caught up, and the old build does not run on its state any more`);
  },
};

export const scenarios = [upgrade];

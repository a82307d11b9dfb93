/** Commands that propose an upgrade or its end, in the SDK's form. */
import type { Command } from "commander";
import { checkBinaries } from "./binaries.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Run } from "./program.ts";
import { addProposalFlags, propose } from "./tx-propose.ts";
import { packAny } from "./tx-sign.ts";

export function registerUpgrades(upgrade: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const plan = upgrade
    .command("software-upgrade <name>")
    .description("proposes that another build takes over at a height")
    .action(run((context, name: string) => proposePlan(context, name)));
  valueFlags(plan, {
    "--upgrade-height <height>": "the first block of the new build",
    "--upgrade-info <json>": 'where the builds are: {"binaries": {"linux/amd64": "https://…?checksum=sha256:…"}}',
    "--daemon-name <name>": "without effect: nothing is downloaded",
  });
  boolFlags(plan, {
    "--no-validate": "take any text for the info",
    "--no-checksum-required": "take addresses without a checksum",
  });
  addProposalFlags(plan);
  addTxFlags(plan);
  const cancel = upgrade
    .command("cancel-software-upgrade")
    .aliases(["cancel-upgrade-proposal"])
    .description("proposes to drop the plan of the next upgrade")
    .action(run(proposeCancel));
  addProposalFlags(cancel);
  addTxFlags(cancel);
}

async function proposePlan(context: Context, name: string): Promise<void> {
  const { MsgSoftwareUpgrade } = await import("@interfirm/proto/gen/cosmos/upgrade/v1beta1");
  const { checkPlan, ZERO_TIME } = await import("@interfirm/modules/upgrade/plan");
  const { flags } = context;
  const info = flags.text("upgrade-info") ?? "";
  if (!flags.is("no-validate")) checkBinaries(info, { checksums: !flags.is("no-checksum-required") });
  const height = flags.count("upgrade-height") ?? 0n;
  const plan = { name, time: ZERO_TIME, height, info, upgradedClientState: undefined };
  checkPlan(plan);
  await propose(context, (authority) => packAny(MsgSoftwareUpgrade, { authority, plan }));
}

async function proposeCancel(context: Context): Promise<void> {
  const { MsgCancelUpgrade } = await import("@interfirm/proto/gen/cosmos/upgrade/v1beta1");
  await propose(context, (authority) => packAny(MsgCancelUpgrade, { authority }));
}

/** Commands that propose an upgrade or its end, in the SDK's form. */
import type { Address } from "@interfirm/modules/kernel/address";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Command } from "commander";
import { checkBinaries } from "./binaries.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Run } from "./program.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

const PROPOSAL_FLAGS: Readonly<Record<string, string>> = {
  "--title <text>": "title of the proposal",
  "--summary <text>": "summary of the proposal",
  "--deposit <coins>": "what is deposited at once",
  "--metadata <text>": "more about the proposal, or where it is",
  "--authority <address>": "who carries the messages out (default: the account of governance)",
};

export function registerUpgrades(upgrade: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const plan = upgrade
    .command("software-upgrade <name>")
    .description("proposes that another build takes over at a height")
    .action(run((context, name) => proposePlan(context, name as string)));
  valueFlags(plan, {
    "--upgrade-height <height>": "the first block of the new build",
    "--upgrade-info <json>": 'where the builds are: {"binaries": {"linux/amd64": "https://…?checksum=sha256:…"}}',
    "--daemon-name <name>": "without effect: nothing is downloaded",
    ...PROPOSAL_FLAGS,
  });
  boolFlags(plan, {
    "--no-validate": "take any text for the info",
    "--no-checksum-required": "take addresses without a checksum",
    "--expedited": "vote in the shorter time",
  });
  addTxFlags(plan);
  const cancel = upgrade
    .command("cancel-software-upgrade")
    .aliases(["cancel-upgrade-proposal"])
    .description("proposes to drop the plan of the next upgrade")
    .action(run(proposeCancel));
  valueFlags(cancel, PROPOSAL_FLAGS);
  boolFlags(cancel, { "--expedited": "vote in the shorter time" });
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

/** Sends a proposal with one message of governance. */
async function propose(context: Context, messageOf: (authority: Address) => Any): Promise<void> {
  const { parseAddress } = await import("@interfirm/modules/kernel/address");
  const { govAuthority } = await import("@interfirm/modules/kernel/authority");
  const { parseCoins } = await import("@interfirm/modules/kernel/coins");
  const { MsgSubmitProposal } = await import("@interfirm/proto/gen/cosmos/gov/v1");
  const { flags, prefix } = context;
  const title = flags.text("title");
  if (title === undefined) throw new Error("--title is missing, want the proposal's");
  const authority = flags.text("authority");
  const message = messageOf(authority === undefined ? govAuthority(prefix) : parseAddress(authority, prefix));
  const from = await signerOf(context, undefined);
  const proposal = MsgSubmitProposal.fromPartial({
    messages: [message],
    initialDeposit: parseCoins(flags.text("deposit") ?? ""),
    proposer: from.address,
    metadata: flags.text("metadata") ?? "",
    title,
    summary: flags.text("summary") ?? "",
    expedited: flags.is("expedited"),
  });
  await sendMessages(context, from, [packAny(MsgSubmitProposal, proposal)]);
}

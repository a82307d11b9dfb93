/** Commands of governance in the SDK's form, beside those that the descriptors make. */

import type { Command } from "commander";
import { readJson } from "../config/files.ts";
import type { Context } from "./context.ts";
import type { Run } from "./program.ts";
import { registry } from "./tx-json.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

/** A proposal as the SDK's command line takes it: `deposit` is `10ufirm`, each message is JSON with its `@type`. */
interface ProposalFile {
  readonly messages?: readonly unknown[];
  readonly metadata?: string;
  readonly deposit?: string;
  readonly title?: string;
  readonly summary?: string;
  readonly expedited?: boolean;
}

const FIELDS: ReadonlySet<string> = new Set(["messages", "metadata", "deposit", "title", "summary", "expedited"]);

export function registerGovernance(gov: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const submit = gov
    .command("submit-proposal <file>")
    .description("proposes what a JSON file says: messages, deposit, title, summary, metadata, expedited")
    .action(run(async (context, file) => submitProposal(context, file as string)));
  addTxFlags(submit);
  const weighted = gov
    .command("weighted-vote <proposal-id> <weighted-options>")
    .aliases(["vote-weighted"])
    .description("votes for several options: yes=0.6,no=0.3,abstain=0.05,no-with-veto=0.05")
    .option("--metadata <text>", "why")
    .action(run(async (context, id, options) => voteWeighted(context, id as string, options as string)));
  addTxFlags(weighted);
}

async function submitProposal(context: Context, file: string): Promise<void> {
  const { parseCoins } = await import("@interfirm/modules/kernel/coins");
  const { Any } = await import("@interfirm/proto/gen/google/protobuf");
  const { fromJson } = await import("@interfirm/proto/json");
  const { MsgSubmitProposal } = await import("@interfirm/proto/gen/cosmos/gov/v1");
  const proposal = readProposal(file);
  const from = await signerOf(context, undefined);
  const message = MsgSubmitProposal.fromPartial({
    messages: (proposal.messages ?? []).map((json) => fromJson(Any, json as never, registry)),
    initialDeposit: parseCoins(proposal.deposit ?? ""),
    proposer: from.address,
    metadata: proposal.metadata ?? "",
    title: proposal.title ?? "",
    summary: proposal.summary ?? "",
    expedited: proposal.expedited ?? false,
  });
  await sendMessages(context, from, [packAny(MsgSubmitProposal, message)]);
}

function readProposal(file: string): ProposalFile {
  const json = readJson(file);
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error(`${file} has no JSON object`);
  const unknown = Object.keys(json).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw new Error(`${file} has ${unknown}, want ${[...FIELDS].join(", ")}`);
  return json as ProposalFile;
}

async function voteWeighted(context: Context, id: string, options: string): Promise<void> {
  const { MsgVoteWeighted, VoteOption } = await import("@interfirm/proto/gen/cosmos/gov/v1");
  const { format, parse } = await import("@interfirm/modules/kernel/decimal");
  if (!/^[1-9][0-9]{0,18}$/.test(id)) throw new Error(`proposal id is ${id.slice(0, 80)}, want a number from 1`);
  const split = options.split(",").map((part) => {
    const [name = "", weight = ""] = part.split("=");
    const wanted = `VOTE_OPTION_${name.trim().toUpperCase().replaceAll("-", "_")}`;
    const option = Object.entries(VoteOption).find(([known]) => known === wanted)?.[1];
    if (!option) throw new Error(`option is ${name.slice(0, 80)}, want yes, no, no-with-veto or abstain`);
    return { option, weight: format(parse(weight.trim())) };
  });
  const from = await signerOf(context, undefined);
  const metadata = context.flags.text("metadata") ?? "";
  const message = { proposalId: BigInt(id), voter: from.address, options: split, metadata };
  await sendMessages(context, from, [packAny(MsgVoteWeighted, MsgVoteWeighted.fromPartial(message))]);
}

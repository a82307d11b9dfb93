/** Commands of governance in the SDK's form, beside those that the descriptors make. */

import type { Command } from "commander";
import { readJson } from "../config/files.ts";
import type { Context } from "./context.ts";
import { valueFlags } from "./flags.ts";
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
    .action(run(async (context, file: string) => submitProposal(context, file)));
  addTxFlags(submit);
  const legacy = gov
    .command("submit-legacy-proposal")
    .description("proposes a text in the old form, as flags or a JSON file say")
    .action(run(submitLegacyProposal));
  valueFlags(legacy, {
    "--title <text>": "title of the proposal",
    "--description <text>": "what is proposed",
    "--type <name>": "Text",
    "--deposit <coins>": "what is deposited at once",
    "--proposal <file>": "JSON file with title, description, type and deposit, in the place of the flags",
  });
  addTxFlags(legacy);
  const weighted = gov
    .command("weighted-vote <proposal-id> <weighted-options>")
    .aliases(["vote-weighted"])
    .description("votes for several options: yes=0.6,no=0.3,abstain=0.05,no-with-veto=0.05")
    .option("--metadata <text>", "why")
    .action(run(async (context, id: string, options: string) => voteWeighted(context, id, options)));
  addTxFlags(weighted);
}

async function submitProposal(context: Context, file: string): Promise<void> {
  const { parseCoins } = await import("@interfirm/modules/kernel/coins");
  const { Any } = await import("@interfirm/proto/gen/google/protobuf");
  const { fromJson } = await import("@interfirm/proto/json");
  const { MsgSubmitProposal } = await import("@interfirm/proto/gen/cosmos/gov/v1");
  const proposal: ProposalFile = readObject(file, FIELDS);
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

const LEGACY_FIELDS = ["title", "description", "type", "deposit"] as const;

/** The SDK's own command line knows of no other type than a text. */
async function submitLegacyProposal(context: Context): Promise<void> {
  const { parseCoins } = await import("@interfirm/modules/kernel/coins");
  const { MsgSubmitProposal, TextProposal } = await import("@interfirm/proto/gen/cosmos/gov/v1beta1");
  const { flags } = context;
  const file = flags.text("proposal");
  const extra = file === undefined ? undefined : LEGACY_FIELDS.find((name) => flags.given(name));
  if (extra) throw new Error(`--${extra} and --proposal are both given, want one of them`);
  const said = file === undefined ? {} : readObject(file, new Set(LEGACY_FIELDS));
  const text = (name: (typeof LEGACY_FIELDS)[number]): string => {
    const value = flags.text(name) ?? said[name] ?? "";
    if (typeof value !== "string" || (value === "" && name !== "deposit"))
      throw new Error(`${name} is missing, want it in the file or as --${name}`);
    return value;
  };
  const type = text("type");
  if (!/^text$/i.test(type)) throw new Error(`type is ${type.slice(0, 80)}, want Text: use submit-proposal for others`);
  const content = packAny(
    TextProposal,
    TextProposal.fromPartial({ title: text("title"), description: text("description") }),
  );
  const initialDeposit = parseCoins(text("deposit"));
  const from = await signerOf(context, undefined);
  const message = MsgSubmitProposal.fromPartial({ content, initialDeposit, proposer: from.address });
  await sendMessages(context, from, [packAny(MsgSubmitProposal, message)]);
}

/** The object in a JSON file that has no other fields than these. */
function readObject(file: string, fields: ReadonlySet<string>): Readonly<Record<string, unknown>> {
  const json = readJson(file);
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error(`${file} has no JSON object`);
  const unknown = Object.keys(json).find((name) => !fields.has(name));
  if (unknown !== undefined) throw new Error(`${file} has ${unknown}, want ${[...fields].join(", ")}`);
  return json as Readonly<Record<string, unknown>>;
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

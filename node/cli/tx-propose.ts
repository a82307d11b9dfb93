/** Proposals of one message: the form of every command whose message only governance may send. */
import type { Address } from "@interfirm/modules/kernel/address";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Command } from "commander";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

const PROPOSAL_FLAGS: Readonly<Record<string, string>> = {
  "--title <text>": "title of the proposal",
  "--summary <text>": "summary of the proposal",
  "--deposit <coins>": "what is deposited at once",
  "--metadata <text>": "more about the proposal, or where it is",
  "--authority <address>": "who carries the messages out (default: the account of governance)",
};

export function addProposalFlags(command: Command): void {
  valueFlags(command, PROPOSAL_FLAGS);
  boolFlags(command, { "--expedited": "vote in the shorter time" });
}

/** Sends a proposal with one message of governance. */
export async function propose(context: Context, messageOf: (authority: Address) => Any): Promise<void> {
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

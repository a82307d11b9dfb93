import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { MsgSubmitProposal, MsgVote, MsgVoteWeighted } from "@interfirm/proto/gen/cosmos/gov/v1";
import { MsgSubmitProposal as LegacySubmit, TextProposal } from "@interfirm/proto/gen/cosmos/gov/v1beta1";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";
import { txFromJson } from "./tx-json.ts";

let terminal: Terminal;
let alice: string;
beforeEach(async () => {
  terminal = createTerminal({ INTERFIRMD_CHAIN_ID: "deals-1" });
  await terminal.out("keys", "add", "alice");
  alice = await terminal.out("keys", "show", "alice", "-a");
});
afterEach(() => terminal.remove());

const OFFLINE = ["--generate-only", "--offline", "-a", "1", "-s", "2", "--gas", "200000"];
/** The first message of the transaction that the command prints. */
const made = async (...words: string[]) =>
  txFromJson(JSON.parse(await terminal.out(...words, "--from", "alice", ...OFFLINE))).body!.messages[0]!;

const file = (content: unknown): string => {
  const path = join(terminal.home, "proposal.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
};

it("proposes what a file of the SDK's form says", async () => {
  const send = { "@type": MsgSend.typeUrl, from_address: alice, to_address: alice, amount: [] };
  const proposal = { messages: [send], metadata: "m", deposit: "10ufirm", title: "t", summary: "s", expedited: true };
  const { typeUrl, value } = await made("tx", "gov", "submit-proposal", file(proposal));
  expect(typeUrl).toBe(MsgSubmitProposal.typeUrl);
  const { messages, ...rest } = MsgSubmitProposal.decode(value);
  expect(messages.map((message) => message.typeUrl)).toEqual([MsgSend.typeUrl]);
  expect(rest).toEqual({
    initialDeposit: [{ denom: "ufirm", amount: 10n }],
    proposer: alice,
    metadata: "m",
    title: "t",
    summary: "s",
    expedited: true,
  });
});

it.each([
  ["{", "is not JSON"],
  ["[]", "has no JSON object"],
  [{ titel: "t" }, "has titel, want messages"],
  [{ messages: [{ "@type": "/none.Such" }] }, "/none.Such"],
  [{ deposit: "x" }, "coin is"],
])("refuses a file with %j", async (content, want) => {
  const { err } = await terminal.run("tx", "gov", "submit-proposal", file(content), "--from", "alice", ...OFFLINE);
  expect(err).toContain(want);
});

it("proposes a text in the old form, by flags or by a file", async () => {
  const words = { title: "t", description: "d", type: "Text", deposit: "10ufirm" };
  const flags = Object.entries(words).flatMap(([name, value]) => [`--${name}`, value]);
  const { typeUrl, value } = await made("tx", "gov", "submit-legacy-proposal", ...flags);
  expect(typeUrl).toBe(LegacySubmit.typeUrl);
  const { content, ...rest } = LegacySubmit.decode(value);
  expect(TextProposal.decode(content!.value)).toEqual({ title: "t", description: "d" });
  expect(rest).toEqual({ initialDeposit: [{ denom: "ufirm", amount: 10n }], proposer: alice });
  expect((await made("tx", "gov", "submit-legacy-proposal", "--proposal", file(words))).value).toEqual(value);
  for (const [args, want] of [
    [["--title", "t", "--type", "Text"], "description is missing"],
    [[...flags.slice(0, 4), "--type", "ParameterChange"], "type is ParameterChange, want Text"],
    [["--proposal", file(words), "--title", "t"], "both given"],
  ] as const) {
    const { err } = await terminal.run("tx", "gov", "submit-legacy-proposal", ...args, "--from", "alice", ...OFFLINE);
    expect(err).toContain(want);
  }
});

it("votes by name, for one option or several", async () => {
  const one = MsgVote.decode((await made("tx", "gov", "vote", "7", "no-with-veto", "--metadata", "why")).value);
  expect(one).toEqual({ proposalId: 7n, voter: alice, option: 4, metadata: "why" });
  const some = MsgVoteWeighted.decode((await made("tx", "gov", "weighted-vote", "7", "yes=0.6,no=0.4")).value);
  expect(some.options).toEqual([
    { option: 1, weight: "0.600000000000000000" },
    { option: 3, weight: "0.400000000000000000" },
  ]);
  for (const [id, options] of [
    ["0", "yes=1"],
    ["7", "maybe=1"],
    ["7", "yes"],
  ] as const) {
    const { err } = await terminal.run("tx", "gov", "weighted-vote", id, options, "--from", "alice", ...OFFLINE);
    expect(err).toMatch(/proposal id is|option is|decimal is/);
  }
});

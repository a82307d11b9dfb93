import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { MsgUpdateParams as MsgUpdateConsensus } from "@interfirm/proto/gen/cosmos/consensus/v1";
import {
  MsgCommunityPoolSpend,
  MsgUpdateParams,
  MsgWithdrawDelegatorReward,
  MsgWithdrawValidatorCommission,
  QueryDelegatorValidatorsResponse,
} from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { MsgSubmitProposal } from "@interfirm/proto/gen/cosmos/gov/v1";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";
import { txFromJson } from "./tx-json.ts";

const SAY_NOTHING = ["--generate-only", "--gas", "200000"];
const OFFLINE = [...SAY_NOTHING, "--offline", "-a", "1", "-s", "2"];

/** A node that knows one thing: the validators of every delegator. */
async function nodeWith(validators: readonly string[]): Promise<Server> {
  const value = QueryDelegatorValidatorsResponse.encode({ validators }).finish();
  const response = { code: 0, log: "", value: Buffer.from(value).toString("base64"), height: "5", codespace: "" };
  const server = createServer((_, out) => out.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { response } })));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

let terminal: Terminal;
let server: Server | undefined;
let alice: string;
let operator: string;
beforeEach(async () => {
  terminal = createTerminal({ INTERFIRMD_CHAIN_ID: "deals-1" });
  await terminal.out("keys", "add", "alice");
  alice = await terminal.out("keys", "show", "alice", "-a");
  operator = await terminal.out("keys", "show", "alice", "-a", "--bech", "val");
});
afterEach(() => {
  server?.close();
  terminal.remove();
});

/** The messages of the transactions that the command prints. */
const made = async (...words: string[]) =>
  (await terminal.out("tx", ...words, "--from", "alice"))
    .split("\n")
    .map((line) => txFromJson(JSON.parse(line)).body!.messages);

describe("rewards", () => {
  it("of one validator, with the commission of the signer's own", async () => {
    const [reward] = (await made("distribution", "withdraw-rewards", operator, ...OFFLINE)).flat();
    expect(MsgWithdrawDelegatorReward.decode(reward!.value)).toEqual({
      delegatorAddress: alice,
      validatorAddress: operator,
    });
    const [messages] = await made("distribution", "withdraw-rewards", operator, "--commission", ...OFFLINE);
    expect(messages?.map(({ typeUrl }) => typeUrl)).toEqual([
      MsgWithdrawDelegatorReward.typeUrl,
      MsgWithdrawValidatorCommission.typeUrl,
    ]);
    expect(MsgWithdrawValidatorCommission.decode(messages![1]!.value)).toEqual({ validatorAddress: operator });
    const [commission] = (await made("distribution", "withdraw-validator-commission", operator, ...OFFLINE)).flat();
    expect(commission).toEqual(messages![1]);
  });

  it("of all validators, so many messages in a transaction", async () => {
    server = await nodeWith(["firmvaloper1a", "firmvaloper1b", "firmvaloper1c"]);
    const there = ["--node", `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, ...SAY_NOTHING];
    const all = await made("distribution", "withdraw-all-rewards", ...there);
    expect(all.map((messages) => messages.length)).toEqual([3]);
    const parts = await made("distribution", "withdraw-all-rewards", "--max-msgs", "2", ...there);
    expect(parts.map((messages) => messages.length)).toEqual([2, 1]);
    expect(parts.flat()).toEqual(all.flat());
    expect(all[0]!.map(({ value }) => MsgWithdrawDelegatorReward.decode(value).validatorAddress)).toEqual([
      "firmvaloper1a",
      "firmvaloper1b",
      "firmvaloper1c",
    ]);
  });

  it("of all validators needs a node and a delegation", async () => {
    const offline = await terminal.run("tx", "distribution", "withdraw-all-rewards", "--from", "alice", ...OFFLINE);
    expect(offline.err).toContain("--offline forbids");
    server = await nodeWith([]);
    const there = ["--node", `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, ...SAY_NOTHING];
    const none = await terminal.run("tx", "distribution", "withdraw-all-rewards", "--from", "alice", ...there);
    expect(none.err).toContain("has no delegation");
  });
});

describe("a message that only governance may send", () => {
  const PROPOSAL = ["--title", "t", "--summary", "s", "--deposit", "5ufirm", "--metadata", "m", "--expedited"];
  const proposed = async (...words: string[]) => {
    const [message] = (await made(...words, ...PROPOSAL, ...OFFLINE)).flat();
    return MsgSubmitProposal.decode(message!.value);
  };
  const GOV = /^firm1/;

  it("becomes a proposal, under the SDK's name and under its own", async () => {
    const { messages, ...rest } = await proposed("distribution", "community-pool-spend-proposal", alice, "7ufirm");
    expect(rest).toEqual({
      initialDeposit: [{ denom: "ufirm", amount: 5n }],
      proposer: alice,
      metadata: "m",
      title: "t",
      summary: "s",
      expedited: true,
    });
    const { authority, ...spend } = MsgCommunityPoolSpend.decode(messages[0]!.value);
    expect(authority).toMatch(GOV);
    expect(spend).toEqual({ recipient: alice, amount: [{ denom: "ufirm", amount: 7n }] });
    expect(await proposed("distribution", "community-pool-spend", alice, "7ufirm")).toEqual({ messages, ...rest });
  });

  it("takes parameters as JSON, one word for each part", async () => {
    const params = await proposed("distribution", "update-params-proposal", '{"community_tax": "0.02"}');
    expect(MsgUpdateParams.decode(params.messages[0]!.value).params?.communityTax).toBe(2n * 10n ** 16n);
    const consensus = await proposed(
      "consensus",
      "update-params-proposal",
      '{"max_bytes": "1000", "max_gas": "-1"}',
      '{"max_age_num_blocks": "5", "max_age_duration": "10s"}',
      '{"pub_key_types": ["ed25519"]}',
      "{}",
    );
    expect(MsgUpdateConsensus.decode(consensus.messages[0]!.value)).toMatchObject({
      block: { maxBytes: 1000n, maxGas: -1n },
      evidence: { maxAgeNumBlocks: 5n },
      validator: { pubKeyTypes: ["ed25519"] },
    });
    const denoms = ['{"denom": "ufirm", "enabled": true}', '{"denom": "uusd"}'];
    const sends = await proposed("bank", "set-send-enabled-proposal", ...denoms);
    expect(sends.messages).toHaveLength(1);
  });

  it("goes out as it is with --no-proposal", async () => {
    const words = ["distribution", "community-pool-spend-proposal", alice, "7ufirm", "--no-proposal", ...OFFLINE];
    const [message] = (await made(...words)).flat();
    expect(MsgCommunityPoolSpend.decode(message!.value).authority).toBe(alice);
  });
});

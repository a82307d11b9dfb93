import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { MsgCreateValidator, MsgDelegate, MsgEditValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";
import { txFromJson } from "./tx-json.ts";

let terminal: Terminal;
let operator: string;
beforeEach(async () => {
  terminal = createTerminal({ INTERFIRMD_CHAIN_ID: "deals-1" });
  await terminal.out("keys", "add", "alice");
  operator = await terminal.out("keys", "show", "alice", "-a", "--bech", "val");
});
afterEach(() => terminal.remove());

const OFFLINE = ["--generate-only", "--offline", "-a", "1", "-s", "2", "--gas", "200000"];
/** The first message of the transaction that the command prints. */
const made = async (...words: string[]) =>
  txFromJson(JSON.parse(await terminal.out(...words, "--from", "alice", ...OFFLINE))).body!.messages[0]!;

const KEY = { "@type": "/cosmos.crypto.ed25519.PubKey", key: Buffer.alloc(32, 7).toString("base64") };
const FILE = { pubkey: KEY, amount: "5ufirm", moniker: "m", "commission-rate": "0.05", "min-self-delegation": "2" };

const file = (content: unknown): string => {
  const path = join(terminal.home, "validator.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
};

it("makes a validator of a file in the SDK's form, and flags go before it", async () => {
  const { typeUrl, value } = await made("tx", "staking", "create-validator", file(FILE), "--moniker", "other");
  expect(typeUrl).toBe(MsgCreateValidator.typeUrl);
  const { pubkey, ...rest } = MsgCreateValidator.decode(value);
  expect(PubKey.decode(pubkey!.value).key).toEqual(new Uint8Array(32).fill(7));
  expect(rest).toEqual({
    description: { moniker: "other", identity: "", website: "", securityContact: "", details: "" },
    commission: { rate: 5n * 10n ** 16n, maxRate: 2n * 10n ** 17n, maxChangeRate: 10n ** 16n },
    minSelfDelegation: 2n,
    delegatorAddress: "",
    validatorAddress: operator,
    value: { denom: "ufirm", amount: 5n },
  });
});

it("makes a validator of flags alone", async () => {
  const flags = ["--pubkey", JSON.stringify(KEY), "--amount", "7ufirm", "--moniker", "m"];
  const { value } = await made("tx", "staking", "create-validator", ...flags);
  expect(MsgCreateValidator.decode(value).value).toEqual({ denom: "ufirm", amount: 7n });
});

it("refuses what is missing and what nobody knows", async () => {
  const { amount: _, ...without } = FILE;
  const said = async (content: unknown) =>
    (await terminal.run("tx", "staking", "create-validator", file(content), "--from", "alice", ...OFFLINE)).err;
  expect(await said(without)).toContain("amount is missing");
  expect(await said({ ...FILE, comission: "0.1" })).toContain("has comission");
});

it("edits only what is named", async () => {
  const { value } = await made("tx", "staking", "edit-validator", "--website", "w", "--commission-rate", "0.07");
  const keep = "[do-not-modify]";
  expect(MsgEditValidator.decode(value)).toEqual({
    description: { moniker: keep, identity: keep, website: "w", securityContact: keep, details: keep },
    validatorAddress: operator,
    commissionRate: 7n * 10n ** 16n,
    minSelfDelegation: undefined,
  });
});

it("delegates", async () => {
  const { value } = await made("tx", "staking", "delegate", operator, "9ufirm");
  expect(MsgDelegate.decode(value).amount).toEqual({ denom: "ufirm", amount: 9n });
});

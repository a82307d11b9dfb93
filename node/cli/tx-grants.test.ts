import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { GenericAuthorization, MsgExec, MsgGrant, MsgRevoke } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { MsgSend, SendAuthorization } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import {
  AllowedMsgAllowance,
  BasicAllowance,
  MsgGrantAllowance,
  MsgPruneAllowances,
  MsgRevokeAllowance,
  PeriodicAllowance,
} from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { StakeAuthorization } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import {
  MsgCreatePeriodicVestingAccount,
  MsgCreatePermanentLockedAccount,
  MsgCreateVestingAccount,
} from "@interfirm/proto/gen/cosmos/vesting/v1beta1";
import { MsgRevokeAll } from "@interfirm/proto/gen/interfirm/authz/v1";
import type { MessageType } from "@interfirm/proto/types";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";
import { txFromJson } from "./tx-json.ts";

let terminal: Terminal;
let alice: string;
let bob: string;
beforeEach(async () => {
  terminal = createTerminal({ INTERFIRMD_CHAIN_ID: "deals-1" });
  for (const name of ["alice", "bob"]) await terminal.out("keys", "add", name);
  alice = await terminal.out("keys", "show", "alice", "-a");
  bob = await terminal.out("keys", "show", "bob", "-a");
});
afterEach(() => terminal.remove());

const OFFLINE = ["--generate-only", "--offline", "-a", "1", "-s", "2", "--gas", "200000"];
/** What alice's command prints, which makes one message of this type. */
async function made<T>(type: MessageType<T>, ...words: string[]): Promise<T> {
  const json = JSON.parse(await terminal.out("tx", ...words, "--from", "alice", ...OFFLINE));
  const { typeUrl, value } = txFromJson(json).body!.messages[0]!;
  expect(typeUrl).toBe(type.typeUrl);
  return type.decode(value);
}
const refused = async (...words: string[]) => (await terminal.run("tx", ...words, "--from", "alice", ...OFFLINE)).err;
const file = (content: unknown): string => {
  const path = join(terminal.home, "file.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const ufirm = (amount: bigint) => ({ denom: "ufirm", amount });

describe("tx authz", () => {
  it("grants what the SDK's command line grants", async () => {
    const generic = ["authz", "grant", "bob", "generic", "--msg-type", MsgSend.typeUrl];
    const { granter, grantee, grant } = await made(MsgGrant, ...generic, "--expiration", "1900000000");
    expect([granter, grantee, grant.expiration?.seconds]).toEqual([alice, bob, 1_900_000_000n]);
    expect(GenericAuthorization.decode(grant.authorization!.value)).toEqual({ msg: MsgSend.typeUrl });

    const send = ["authz", "grant", bob, "send", "--spend-limit", "10ufirm", "--allow-list", `${alice},bob`];
    const sent = (await made(MsgGrant, ...send)).grant;
    expect(sent.expiration).toBeUndefined();
    expect(SendAuthorization.decode(sent.authorization!.value)).toEqual({
      spendLimit: [ufirm(10n)],
      allowList: [alice, bob],
    });

    const stake = ["authz", "grant", bob, "unbond", "--spend-limit", "7ufirm", "--deny-validators", "firmvaloper1x"];
    const { authorization } = (await made(MsgGrant, ...stake)).grant;
    expect(StakeAuthorization.decode(authorization!.value)).toMatchObject({
      maxTokens: ufirm(7n),
      denyList: { address: ["firmvaloper1x"] },
      authorizationType: 2,
    });
  });

  it.each<[string, readonly string[]]>([
    ["authorization type is steal", ["steal"]],
    ["wants --msg-type", ["generic"]],
    ["wants --spend-limit", ["send"]],
    ["wants either", ["delegate"]],
    ["wants either", ["delegate", "--allowed-validators", "a", "--deny-validators", "b"]],
  ])("says what is wrong: %s", async (why, words) => {
    expect(await refused("authz", "grant", "bob", ...words)).toContain(why);
  });

  it("executes the messages of a file, and takes grants back", async () => {
    const tx = await terminal.out("tx", "bank", "send", "bob", alice, "5ufirm", "--from", "bob", ...OFFLINE);
    const { grantee, msgs } = await made(MsgExec, "authz", "exec", file(JSON.parse(tx)));
    expect([grantee, msgs.map(({ typeUrl }) => typeUrl)]).toEqual([alice, [MsgSend.typeUrl]]);
    const revoke = await made(MsgRevoke, "authz", "revoke", "bob", MsgSend.typeUrl);
    expect(revoke).toEqual({ granter: alice, grantee: bob, msgTypeUrl: MsgSend.typeUrl });
    expect(await made(MsgRevokeAll, "authz", "revoke-all")).toEqual({ granter: alice, grantee: "" });
    const all = await made(MsgRevokeAll, "authz", "revoke-all", "--grantee", bob);
    expect(all).toEqual({ granter: alice, grantee: bob });
  });
});

describe("tx feegrant", () => {
  const grant = (...flags: string[]) => made(MsgGrantAllowance, "feegrant", "grant", "alice", "bob", ...flags);

  it("grants what the SDK's command line grants", async () => {
    const basic = await grant("--spend-limit", "10ufirm", "--expiration", "2030-01-30T15:04:05Z");
    expect(basic).toMatchObject({ granter: alice, grantee: bob });
    expect(BasicAllowance.decode(basic.allowance!.value)).toEqual({
      spendLimit: [ufirm(10n)],
      expiration: { seconds: 1_896_015_845n, nanos: 0 },
    });
    const wrapped = await grant("--period", "60", "--period-limit", "3ufirm", "--allowed-messages", "/a,/b");
    const { allowance, allowedMessages } = AllowedMsgAllowance.decode(wrapped.allowance!.value);
    expect(allowedMessages).toEqual(["/a", "/b"]);
    expect(PeriodicAllowance.decode(allowance!.value)).toMatchObject({
      period: { seconds: 60n },
      periodSpendLimit: [ufirm(3n)],
      periodCanSpend: [ufirm(3n)],
    });
  });

  it("says what is wrong", async () => {
    const grants = ["feegrant", "grant", "alice", "bob"];
    expect(await refused(...grants, "--period", "60")).toContain("wants --period and --period-limit");
    const over = ["--period", "60", "--period-limit", "3ufirm", "--expiration", "2001-01-01T00:00:00Z"];
    expect(await refused(...grants, ...over)).toContain("want one that ends before the expiration");
  });

  it("takes allowances back, and removes those that have expired", async () => {
    const revoke = await made(MsgRevokeAllowance, "feegrant", "revoke", "alice", "bob");
    expect(revoke).toEqual({ granter: alice, grantee: bob });
    expect(await made(MsgPruneAllowances, "feegrant", "prune")).toEqual({ pruner: alice });
  });
});

describe("tx vesting", () => {
  it("makes accounts of every kind", async () => {
    const fromAddress = alice;
    const toAddress = bob;
    const amount = [ufirm(10n)];
    const one = await made(
      MsgCreateVestingAccount,
      "vesting",
      "create-vesting-account",
      "bob",
      "10ufirm",
      "1900000000",
    );
    expect(one).toEqual({ fromAddress, toAddress, amount, endTime: 1_900_000_000n, delayed: false });
    const words = ["vesting", "create-vesting-account", bob, "10ufirm", "1900000000", "--delayed"];
    expect(await made(MsgCreateVestingAccount, ...words)).toMatchObject({ delayed: true });
    const locked = ["vesting", "create-permanent-locked-account", bob, "10ufirm"];
    expect(await made(MsgCreatePermanentLockedAccount, ...locked)).toEqual({ fromAddress, toAddress, amount });
    const periods = { start_time: 1_700_000_000, periods: [{ coins: "10ufirm", length_seconds: 60 }] };
    const parts = ["vesting", "create-periodic-vesting-account", bob, file(periods)];
    expect(await made(MsgCreatePeriodicVestingAccount, ...parts)).toEqual({
      fromAddress,
      toAddress,
      startTime: 1_700_000_000n,
      vestingPeriods: [{ length: 60n, amount }],
    });
  });

  it.each([
    [{}, "has no list of periods"],
    [{ periods: [] }, "start_time is"],
    [{ start_time: 1, periods: [{ coins: "1ufirm", length_seconds: -5 }] }, "length_seconds is -5"],
    [{ start_time: 1, periods: [{ coins: "x", length_seconds: 5 }] }, "coin is"],
  ])("refuses periods of %j", async (content, why) => {
    const err = await refused("vesting", "create-periodic-vesting-account", bob, file(content));
    expect(err).toContain(why);
  });
});

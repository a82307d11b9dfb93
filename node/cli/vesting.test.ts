import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";

describe("genesis accounts whose coins are locked at first", () => {
  let terminal: Terminal;
  beforeEach(async () => {
    terminal = createTerminal();
    await terminal.out("init", "n1");
    await terminal.out("keys", "add", "alice");
  });
  afterEach(() => terminal.remove());

  const accounts = (): readonly unknown[] =>
    JSON.parse(readFileSync(join(terminal.home, "config", "genesis.json"), "utf8")).app_state.auth.accounts;
  const add = (...flags: readonly string[]) =>
    terminal.run("genesis", "add-genesis-account", "alice", "10ufirm", ...flags);

  it("are continuous with a start, and delayed without", async () => {
    await terminal.out("keys", "add", "bob");
    const times = ["--vesting-start-time", "1700000000", "--vesting-end-time", "1800000000"];
    expect(await add("--vesting-amount", "7ufirm", ...times)).toMatchObject({ code: 0 });
    await terminal.out(
      "add-genesis-account",
      "bob",
      "10ufirm",
      "--vesting-amount",
      "10ufirm",
      "--vesting-end-time",
      "1800000000",
    );
    const base_vesting_account = { end_time: "1800000000", original_vesting: [{ denom: "ufirm", amount: "7" }] };
    expect(accounts()).toMatchObject([
      { "@type": "/cosmos.vesting.v1beta1.ContinuousVestingAccount", start_time: "1700000000", base_vesting_account },
      { "@type": "/cosmos.vesting.v1beta1.DelayedVestingAccount", base_vesting_account: { end_time: "1800000000" } },
    ]);
  });

  it("come from a file too", async () => {
    const address = await terminal.out("keys", "show", "alice", "-a");
    const file = join(terminal.home, "firms.json");
    const coins = [{ denom: "ufirm", amount: "5" }];
    writeFileSync(file, JSON.stringify([{ address, coins, vesting_amt: coins, vesting_start: 5, vesting_end: 9 }]));
    await terminal.out("genesis", "bulk-add-genesis-account", file);
    expect(accounts()).toMatchObject([{ start_time: "5", base_vesting_account: { end_time: "9" } }]);
    writeFileSync(file, JSON.stringify([{ address, coins, vesting_amt: coins, vesting_end: -9 }]));
    expect((await terminal.run("genesis", "bulk-add-genesis-account", file)).err).toContain("want seconds since 1970");
  });

  it.each<[string, readonly string[]]>([
    ["want at most the account's coins", ["--vesting-amount", "11ufirm", "--vesting-end-time", "9"]],
    ["vesting has no end", ["--vesting-amount", "1ufirm"]],
    ["vesting has no end", ["--vesting-amount", "1ufirm", "--vesting-start-time", "9"]],
    ["vesting starts at 9", ["--vesting-amount", "1ufirm", "--vesting-start-time", "9", "--vesting-end-time", "9"]],
    ["want a --vesting-amount too", ["--vesting-end-time", "9"]],
    ["no coins are vesting", ["--vesting-amount", "0ufirm", "--vesting-end-time", "9"]],
    [
      "cannot have coins that are locked",
      ["--vesting-amount", "1ufirm", "--vesting-end-time", "9", "--module-name", "gov"],
    ],
  ])("are refused: %s", async (why, flags) => {
    expect((await add(...flags)).err).toContain(why);
    expect(accounts()).toEqual([]);
  });

  it("must be new", async () => {
    await add();
    const flags = ["--append", "--vesting-amount", "1ufirm", "--vesting-end-time", "9"];
    expect((await add(...flags)).err).toContain("cannot be locked any more");
  });
});

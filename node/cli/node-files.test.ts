import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Genesis, readGenesis } from "../config/genesis.ts";
import { openDatabase } from "../store/db.ts";
import { silent } from "../store/log.ts";
import { createTerminal, type Terminal } from "./testing.ts";

let terminal: Terminal;
beforeEach(() => {
  terminal = createTerminal();
});
afterEach(() => terminal.remove());

const genesis = (): Genesis => readGenesis(join(terminal.home, "config", "genesis.json")).genesis;
const MNEMONIC =
  "economy stock theory fatal elder harbor betray wasp final emotion task crumble siren bottom lizard educate guess current outdoor pair theory focus wife stone";

/** What Cosmos SDK 0.53.8 writes for its modules in a new genesis file. */
const SDK_FIELDS: Readonly<Record<string, string>> = {
  auth: "params accounts",
  authz: "authorization",
  bank: "params balances supply denom_metadata send_enabled",
  distribution:
    "params fee_pool delegator_withdraw_infos previous_proposer outstanding_rewards validator_accumulated_commissions validator_historical_rewards validator_current_rewards delegator_starting_infos validator_slash_events",
  evidence: "evidence",
  feegrant: "allowances",
  genutil: "gen_txs",
  gov: "starting_proposal_id deposits votes proposals deposit_params voting_params tally_params params constitution",
  mint: "minter params",
  slashing: "params signing_infos missed_blocks",
  staking:
    "params last_total_power last_validator_powers validators delegations unbonding_delegations redelegations exported",
  vesting: "",
};

describe("init", () => {
  it("makes a home whose genesis file names prefix and chain", async () => {
    const { code, err } = await terminal.run(
      "init",
      "n1",
      "--chain-id",
      "deals-1",
      "--bech32-prefix",
      "cosmos",
      "--default-denom",
      "stake",
    );
    expect(code).toBe(0);
    expect(JSON.parse(err)).toMatchObject({ moniker: "n1", chain_id: "deals-1", gentxs_dir: "" });
    expect(genesis()).toMatchObject({
      chain_id: "deals-1",
      initial_height: "1",
      app_state: {
        chain: { bech32_prefix: "cosmos" },
        staking: { params: { bond_denom: "stake" } },
        mint: { minter: { inflation: "0.130000000000000000" }, params: { mint_denom: "stake" } },
      },
    });
    for (const file of ["node_key.json", "priv_validator_key.json"]) {
      expect(statSync(join(terminal.home, "config", file)).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(join(terminal.home, "config", "app.toml"), "utf8")).toContain('minimum-gas-prices = "0stake"');
    expect(await terminal.out("config", "get", "config", "moniker")).toBe('"n1"');
  });

  it.each([
    ["0", "0.000000000000000000"],
    ["0.05", "0.050000000000000000"],
  ])("makes a network that mints %s a year and no other", async (share, rate) => {
    await terminal.out("init", "n1", "--inflation", share);
    expect(genesis().app_state["mint"]).toMatchObject({
      minter: { inflation: rate },
      params: { inflation_min: rate, inflation_max: rate, mint_denom: "ufirm" },
    });
    await terminal.out("genesis", "validate");
  });

  it("makes a genesis file that the SDK's tools can edit: they refuse a field of a module that they do not know", async () => {
    await terminal.out("init", "n1", "--bech32-prefix", "cosmos");
    const state = genesis().app_state as Record<string, object>;
    const fields = Object.entries(SDK_FIELDS).map(([name, names]) => [name, names.split(" ").filter(Boolean)]);
    expect(fields.map(([name]) => [name, Object.keys(state[name as string]!)])).toEqual(fields);
  });

  it("refuses to replace a genesis file, and with --overwrite keeps the keys", async () => {
    await terminal.out("init", "n1", "--chain-id", "one-1");
    const id = await terminal.out("comet", "show-node-id");
    const again = await terminal.run("init", "n1", "--chain-id", "two-1");
    expect(again).toMatchObject({ code: 1 });
    expect(again.err).toContain("give --overwrite");
    await terminal.out("init", "n1", "--chain-id", "two-1", "--overwrite");
    expect(genesis().chain_id).toBe("two-1");
    expect(await terminal.out("comet", "show-node-id")).toBe(id);
  });

  it("recovers the validator's key from a mnemonic", async () => {
    terminal.answer(MNEMONIC);
    await terminal.out("init", "n1", "--recover");
    const key = await terminal.out("comet", "show-validator");
    const other = createTerminal();
    other.answer(MNEMONIC);
    await other.out("init", "n2", "--recover");
    expect(await other.out("comet", "show-validator")).toBe(key);
    expect(JSON.parse(key)).toMatchObject({ "@type": "/cosmos.crypto.ed25519.PubKey" });
    other.remove();
  });

  it.each([
    [["--bech32-prefix", "Firm"], "bech32 prefix is"],
    [["--default-denom", "1x"], "denomination is"],
    [["--inflation", "1.1"], "inflation is 1.1, want 0 to 1"],
    [["--inflation", "7%"], "decimal is"],
    [["--initial-height", "0"], "initial height is 0, want at least 1"],
    [["--chain-id", "x".repeat(51)], "chain id has 51 characters"],
  ])("refuses %j and writes nothing", async (flags, message) => {
    const { code, err } = await terminal.run("init", "n1", ...flags);
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(existsSync(join(terminal.home, "config"))).toBe(false);
  });
});

describe("genesis", () => {
  it("goes from init to a network with one validator", async () => {
    await terminal.out("init", "n1", "--chain-id", "deals-1");
    await terminal.out("keys", "add", "alice");
    await terminal.out("genesis", "add-genesis-account", "alice", "500uusd,1000000ufirm");
    await terminal.out("genesis", "gentx", "alice", "1000000ufirm", "--chain-id", "deals-1", "--ip", "10.0.0.1");
    const { err } = await terminal.run("collect-gentxs");
    expect(JSON.parse(err)).toEqual({ chain_id: "deals-1", gentxs: 1, persistent_peers: "" });
    const { app_state } = genesis();
    const address = await terminal.out("keys", "show", "alice", "-a");
    expect(app_state).toMatchObject({
      auth: { accounts: [{ "@type": "/cosmos.auth.v1beta1.BaseAccount", address }] },
      bank: {
        balances: [
          {
            address,
            coins: [
              { denom: "ufirm", amount: "1000000" },
              { denom: "uusd", amount: "500" },
            ],
          },
        ],
        supply: [
          { denom: "ufirm", amount: "1000000" },
          { denom: "uusd", amount: "500" },
        ],
      },
    });
    expect(JSON.stringify(app_state["genutil"])).toMatch(/MsgCreateValidator.*@10\.0\.0\.1:26656/);
    expect(await terminal.out("genesis", "validate")).toContain("is a valid genesis file");
  });

  it("refuses an account twice, and adds to it with --append", async () => {
    await terminal.out("init", "n1");
    await terminal.out("keys", "add", "alice");
    await terminal.out("add-genesis-account", "alice", "5ufirm");
    expect((await terminal.run("add-genesis-account", "alice", "5ufirm")).err).toContain("give --append");
    await terminal.out("add-genesis-account", "alice", "7ufirm", "--append");
    expect(genesis().app_state["bank"]).toMatchObject({ supply: [{ denom: "ufirm", amount: "12" }] });
  });

  it("takes many accounts from a file", async () => {
    await terminal.out("init", "n1");
    const file = join(terminal.home, "firms.json");
    const addresses = [];
    for (const name of ["a", "b"]) {
      await terminal.out("keys", "add", name);
      addresses.push(await terminal.out("keys", "show", name, "-a"));
    }
    writeFileSync(
      file,
      JSON.stringify(addresses.map((address) => ({ address, coins: [{ denom: "ufirm", amount: "3" }] }))),
    );
    await terminal.out("genesis", "bulk-add-genesis-account", file);
    expect(genesis().app_state["bank"]).toMatchObject({ supply: [{ amount: "6" }] });
  });

  it("signs a genesis transaction as scripts for other Cosmos chains ask for it", async () => {
    await terminal.out("init", "n1", "--chain-id", "deals-1");
    await terminal.out("keys", "add", "alice");
    await terminal.out("add-genesis-account", "alice", "1000000ufirm");
    const gentx = (stake: string, ...flags: string[]) =>
      terminal.run("genesis", "gentx", "alice", stake, "--offline", "--account-number", "0", "-y", ...flags);
    expect((await gentx("900000ufirm", "-s", "3", "--gas", "300000", "--gas-prices", "0.01ufirm")).code).toBe(0);
    expect((await terminal.run("collect-gentxs")).code).toBe(0);
    const { gen_txs } = genesis().app_state["genutil"] as { gen_txs: { auth_info: object }[] };
    expect(gen_txs[0]?.auth_info).toMatchObject({
      signer_infos: [{ sequence: "3" }],
      fee: { amount: [{ denom: "ufirm", amount: "3000" }], gas_limit: "300000" },
    });
    expect((await gentx("999999ufirm", "--fees", "2ufirm")).err).toContain("want at least the stake of 999999ufirm");
    expect((await gentx("1ufirm", "--account-number", "7")).err).toContain("--account-number is 7, want 0");
    expect((await gentx("1ufirm", "--gas", "auto")).err).toContain("--gas auto asks a node");
  });

  it("refuses stakes that the account does not hold, and genesis transactions that were changed to do so", async () => {
    await terminal.out("init", "n1");
    await terminal.out("keys", "add", "alice");
    await terminal.out("add-genesis-account", "alice", "5ufirm");
    expect((await terminal.run("gentx", "alice", "6ufirm")).err).toContain(
      "holds 5ufirm in the genesis file, want at least",
    );
    const file = join(terminal.home, "gentx.json");
    await terminal.out("gentx", "alice", "5ufirm", "--output-document", file);
    await terminal.out("gentx", "alice", "5ufirm");
    writeFileSync(join(terminal.home, "config", "gentx", "zz.json"), readFileSync(file));
    expect((await terminal.run("collect-gentxs")).err).toContain("are of the same validator");
    writeFileSync(
      join(terminal.home, "config", "gentx", "zz.json"),
      readFileSync(file, "utf8").replace('"amount":"5"', '"amount":"6"'),
    );
    expect((await terminal.run("collect-gentxs")).err).toContain("want at least the stake");
  });

  it("reads a genesis file of the SDK and writes it in our form", async () => {
    await terminal.out("init", "n1", "--chain-id", "deals-1");
    const { consensus_params: params, validators: _, ...rest } = genesis();
    const file = join(terminal.home, "sdk.json");
    writeFileSync(file, JSON.stringify({ ...rest, initial_height: 7, app_hash: null, consensus: { params } }));
    const migrated = JSON.parse(await terminal.out("genesis", "migrate", "v0.53", file, "--chain-id", "deals-2"));
    expect(migrated).toEqual({ ...genesis(), chain_id: "deals-2", initial_height: "7" });
    expect((await terminal.run("genesis", "migrate", "v0.40", file)).err).toContain("version is v0.40, want v0.53");
  });

  it.each([
    ["abci", { vote_extensions_enable_height: "-1" }, "abci.vote_extensions_enable_height is -1, want 0 or more"],
    ["block", { max_bytes: "0" }, "block.max_bytes is 0"],
    ["evidence", { max_age_duration: "0" }, "evidence.max_age_duration is 0 ns"],
    ["validator", { pub_key_types: ["sr25519"] }, "validator.pub_key_types is sr25519"],
  ])("finds consensus parameters of %s that no chain can start with", async (group, changed, message) => {
    await terminal.out("init", "n1");
    const path = join(terminal.home, "config", "genesis.json");
    const file = JSON.parse(readFileSync(path, "utf8")) as { consensus_params: Record<string, object> };
    file.consensus_params[group] = { ...file.consensus_params[group], ...changed };
    writeFileSync(path, JSON.stringify(file));
    const { code, err } = await terminal.run("genesis", "validate");
    expect(code).toBe(1);
    expect(err).toContain(message);
  });

  it("finds a module whose part is broken", async () => {
    await terminal.out("init", "n1");
    const path = join(terminal.home, "config", "genesis.json");
    writeFileSync(
      path,
      readFileSync(path, "utf8").replace(/"balances": \[\]/, '"balances": [{"address": "x", "coins": []}]'),
    );
    const { code, err } = await terminal.run("genesis", "validate");
    expect(code).toBe(1);
    expect(err).toContain("app_state.bank");
  });
});

describe("config", () => {
  it("brings an older file to this release's form", async () => {
    await terminal.out("init", "n1");
    const path = join(terminal.home, "config", "app.toml");
    writeFileSync(path, 'minimum-gas-prices = "0.5ufirm"\nold-key = 1\n[api]\nenable = "true"\n');
    const shown = await terminal.run("config", "migrate", "v0.53", "app", "--stdout");
    expect(shown.err).toContain("old-key is dropped: app.toml has no such key");
    expect(readFileSync(path, "utf8")).toContain("old-key");
    expect((await terminal.run("config", "migrate", "v0.40")).err).toContain("version is v0.40, want");
    await terminal.out("config", "migrate");
    expect(readFileSync(path, "utf8").trimEnd()).toBe(shown.out);
    expect(await terminal.out("config", "get", "app", "minimum-gas-prices")).toBe('"0.5ufirm"');
    expect(await terminal.out("config", "get", "app", "api.enable")).toBe("true");
    expect(await terminal.out("config", "diff", "app")).not.toContain("unknown");
  });

  it("changes one value and shows where values come from", async () => {
    await terminal.out("init", "n1");
    await terminal.out("config", "set", "app", "api.enable", "true");
    await terminal.out("config", "set", "config", "consensus.timeout_commit", "2s");
    expect(await terminal.out("config", "get", "app", "api.enable")).toBe("true");
    expect(await terminal.out("config", "diff", "config")).toContain('consensus.timeout_commit = "2s"  # default "1s"');
    const effective = await terminal.out("config", "view", "app", "--effective");
    expect(effective).toContain("api.enable = true  # file");
    expect((await terminal.run("config", "set", "config", "consensus.timeout_commit", "2")).err).toContain(
      "want a length of time",
    );
    expect((await terminal.run("config", "set", "app", "nothing", "2")).err).toContain('app.toml has no key "nothing"');
    expect(await terminal.out("config", "home")).toBe(terminal.home);
  });
});

describe("comet", () => {
  it("resets data but never forgets a signature by itself", async () => {
    await terminal.out("init", "n1");
    const state = join(terminal.home, "data", "priv_validator_state.json");
    writeFileSync(state, '{"height":"9","round":0,"step":3}');
    writeFileSync(join(terminal.home, "data", "something"), "");
    await terminal.out("comet", "reset-state");
    expect(existsSync(join(terminal.home, "data", "something"))).toBe(false);
    expect(readFileSync(state, "utf8")).toContain('"9"');
    await terminal.out("tendermint", "unsafe-reset-all");
    expect(readFileSync(state, "utf8")).toContain('"0"');
  });

  it("never forgets a signature or a key that config.toml keeps elsewhere among the data", async () => {
    await terminal.out("init", "n1");
    const data = join(terminal.home, "data");
    mkdirSync(join(data, "signer"));
    const [state, key] = [join(data, "signer", "state.json"), join(data, "key.json")];
    writeFileSync(state, '{"height":"9","round":0,"step":3}');
    writeFileSync(key, "{}");
    writeFileSync(join(data, "something"), "");
    await terminal.out("config", "set", "config", "priv_validator_state_file", "data/signer/state.json");
    await terminal.out("config", "set", "config", "priv_validator_key_file", key);
    await terminal.out("comet", "reset-state");
    expect(existsSync(join(data, "something"))).toBe(false);
    expect(existsSync(key)).toBe(true);
    expect(readFileSync(state, "utf8")).toContain('"9"');
    await terminal.out("comet", "unsafe-reset-all");
    expect(readFileSync(state, "utf8")).toContain('"0"');
  });

  it.each([["comet", "unsafe-reset-all"], ["comet", "reset-state"], ["prune", "everything"], ["export"]])(
    "does not touch the data of a node that runs: %s %s",
    async (...command) => {
      await terminal.out("init", "n1");
      const data = join(terminal.home, "data");
      const running = await openDatabase(join(data, "application.db"), { log: silent });
      try {
        const { code, err } = await terminal.run(...command);
        expect(code).toBe(1);
        expect(err).toContain("is held by another process, waited 2000 ms: stop the node that runs on this home first");
        expect(existsSync(join(data, "application.db", "CURRENT"))).toBe(true);
      } finally {
        await running.close();
      }
    },
  );

  it("resets no home that is not there", async () => {
    expect((await terminal.run("comet", "reset-state", "--home", join(terminal.home, "none"))).err).toContain(
      "is not there: run interfirmd init first",
    );
  });

  it("says that a remote signer has the key", async () => {
    await terminal.out("init", "n1");
    const { rmSync } = await import("node:fs");
    rmSync(join(terminal.home, "config", "priv_validator_key.json"));
    await terminal.out("config", "set", "config", "priv_validator_laddr", "tcp://0.0.0.0:1234");
    expect((await terminal.run("comet", "show-validator")).err).toContain("a remote signer has the validator's key");
  });
});

describe("testnet", () => {
  it("makes nodes that share a genesis file and know each other", async () => {
    const folder = join(terminal.home, "net");
    await terminal.out("testnet", "init-files", "--v", "3", "--output-dir", folder, "--chain-id", "net-1");
    const files = [0, 1, 2].map((index) =>
      readFileSync(join(folder, `node${index}`, "interfirmd", "config", "genesis.json"), "utf8"),
    );
    expect(new Set(files).size).toBe(1);
    const home = join(folder, "node1", "interfirmd");
    expect(await terminal.out("config", "get", "config", "p2p.persistent_peers", "--home", home)).toMatch(
      /^"[0-9a-f]{40}@127\.0\.0\.1:266[57]6,[0-9a-f]{40}@127\.0\.0\.1:266[57]6"$/,
    );
    expect(await terminal.out("genesis", "validate", "--home", home)).toContain("valid");
  });
});

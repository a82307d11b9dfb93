/** `interfirmd genesis`, and its commands at the top level under their old names. */

import { type Coins, formatCoins, parseCoin, parseCoins } from "@interfirm/modules/kernel/coins";
import type { Command } from "commander";
import { readJson, readText } from "../config/files.ts";
import {
  formatGenesis,
  type Genesis,
  hazardsOf,
  object,
  parseGenesis,
  readGenesis,
  writeGenesis,
} from "../config/genesis.ts";
import { addressNamed } from "./addresses.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { addGenesisAccounts, type GenesisAccount, type Vesting } from "./genesis-accounts.ts";
import { KEYRING_FLAGS } from "./keys.ts";
import type { Register, Run } from "./program.ts";

export const register: Register = (program, run) => {
  const genesis = program.command("genesis").description("prepare a genesis file");
  registerAdd(genesis, run);
  registerBulk(genesis, run);
  registerGentx(genesis, run);
  registerCollect(genesis, run);
  registerValidate(genesis, run, "validate [file]");
  registerMigrate(genesis, run);
  registerAdd(program, run);
  registerGentx(program, run);
  registerCollect(program, run);
  registerValidate(program, run, "validate-genesis [file]");
};

const KEYRING = Object.fromEntries(Object.entries(KEYRING_FLAGS).filter(([flag]) => flag.startsWith("--keyring")));

function registerAdd(parent: Command, run: Run): void {
  const add = parent
    .command("add-genesis-account <address-or-key> <coins>")
    .description("give an account coins in the genesis file: 1000ufirm,5uusd")
    .action(
      run(async (context, who: string, coins: string) => {
        const { flags, home } = context;
        const moduleName = flags.text("module-name");
        const address = moduleName === undefined ? await addressNamed(context, who) : "";
        const account: GenesisAccount = {
          address,
          coins: parseCoins(coins),
          moduleName,
          vesting: vestingOf(flags),
        };
        const { genesis } = readGenesis(home.genesis);
        writeGenesis(home.genesis, addGenesisAccounts(genesis, [account], { append: flags.is("append") }));
      }),
    );
  boolFlags(add, { "--append": "add to the balance of an account that is there" });
  valueFlags(add, {
    "--vesting-amount <coins>": "lock this part of the coins at first",
    "--vesting-start-time <seconds>": "free them evenly from then on, in seconds since 1970; without it all at the end",
    "--vesting-end-time <seconds>": "when all of them are free",
    "--module-name <name>": "make it the account of a module",
    ...KEYRING,
  });
}

/** Zero stands for no time, as in the SDK. */
const timeOf = (seconds: bigint | undefined): bigint | undefined => (seconds === 0n ? undefined : seconds);

function vestingOf(flags: Context["flags"]): Vesting | undefined {
  const amount = flags.text("vesting-amount");
  const startTime = timeOf(flags.count("vesting-start-time"));
  const endTime = timeOf(flags.count("vesting-end-time"));
  if (amount !== undefined && amount !== "") return { amount: parseCoins(amount), startTime, endTime };
  if (startTime !== undefined || endTime !== undefined)
    throw new Error("vesting has times, want a --vesting-amount too");
  return undefined;
}

function registerBulk(parent: Command, run: Run): void {
  const bulk = parent
    .command("bulk-add-genesis-account <file>")
    .description('give many accounts coins: a JSON list of {"address": …, "coins": [{"denom": …, "amount": …}]}')
    .action(
      run(({ home, flags, io }, file: string) => {
        const entries: unknown = readJson(file);
        if (!Array.isArray(entries)) throw new Error(`${file} is no list, want [{"address": …, "coins": […]}]`);
        const accounts = entries.map((entry, at) => readBulk(entry, `entry ${at + 1} of ${file}`));
        const { genesis } = readGenesis(home.genesis);
        writeGenesis(home.genesis, addGenesisAccounts(genesis, accounts, { append: flags.is("append") }));
        io.err(`added ${accounts.length} accounts to ${home.genesis}`);
      }),
    );
  boolFlags(bulk, { "--append": "add to the balances of accounts that are there" });
}

function readBulk(entry: unknown, what: string): GenesisAccount {
  const { address, coins, module_name, vesting_amt, vesting_start, vesting_end } = object(what, entry);
  return {
    address: String(address),
    coins: readCoins(coins, `coins in ${what}`),
    ...(typeof module_name === "string" && module_name !== "" ? { moduleName: module_name } : {}),
    ...(vesting_amt === undefined
      ? {}
      : {
          vesting: {
            amount: readCoins(vesting_amt, `vesting_amt in ${what}`),
            startTime: readSeconds(vesting_start, `vesting_start in ${what}`),
            endTime: readSeconds(vesting_end, `vesting_end in ${what}`),
          },
        }),
  };
}

function readCoins(list: unknown, what: string): Coins {
  if (!Array.isArray(list)) throw new Error(`${what} is no list`);
  const texts = list.map((coin) => {
    const { denom, amount } = object(`coin of ${what}`, coin);
    return parseCoin(`${amount}${denom}`);
  });
  return parseCoins(formatCoins(texts));
}

function readSeconds(value: unknown, what: string): bigint | undefined {
  if (value === undefined) return undefined;
  const text = String(value);
  if (!/^(?:0|[1-9][0-9]{0,17})$/.test(text))
    throw new Error(`${what} is ${text.slice(0, 40)}, want seconds since 1970`);
  return timeOf(BigInt(text));
}

function registerGentx(parent: Command, run: Run): void {
  const command = parent
    .command("gentx <key> <amount>")
    .description("sign a genesis transaction that makes this node a validator with a stake: 100000000ufirm")
    .action(
      run(async (context, key: string, amount: string) => {
        const { flags, home, io } = context;
        const { gentx } = await import("./gentxs.ts");
        const { offlineFee } = await import("./tx-send.ts");
        const { parse: parseDec } = await import("@interfirm/modules/kernel/decimal");
        const { pubKeyFromText } = await import("../keyring/pubkey-json.ts");
        const chainId = flags.text("chain-id");
        const { genesis } = readGenesis(home.genesis);
        if (chainId !== undefined && chainId !== "" && chainId !== genesis.chain_id) {
          throw new Error(`--chain-id is ${chainId}, want ${genesis.chain_id}, that of the genesis file`);
        }
        const rate = (name: string, percent: string) => parseDec(flags.text(name) ?? percent);
        const given = flags.text("pubkey");
        const pubKey = given === undefined ? undefined : pubKeyFromText(given);
        if (pubKey && pubKey.type !== "ed25519") throw new Error(`--pubkey is a ${pubKey.type} key, want ed25519`);
        const port = flags.count("p2p-port");
        const accountNumber = flags.count("account-number") ?? 0n;
        if (accountNumber !== 0n) {
          throw new Error(`--account-number is ${accountNumber}, want 0, with which genesis transactions are signed`);
        }
        const path = await gentx(
          {
            home,
            keyring: await context.keyring(),
            keyName: key,
            stake: parseCoin(amount),
            moniker: flags.text("moniker"),
            ip: flags.text("ip"),
            p2pPort: port === undefined ? undefined : Number(port),
            nodeId: flags.text("node-id"),
            sequence: flags.count("sequence"),
            fee: offlineFee(context),
            validatorPubKey: pubKey?.key,
            minSelfDelegation: flags.count("min-self-delegation"),
            commission: {
              rate: rate("commission-rate", "0.1"),
              maxRate: rate("commission-max-rate", "0.2"),
              maxChangeRate: rate("commission-max-change-rate", "0.01"),
            },
            details: {
              identity: flags.text("identity") ?? "",
              website: flags.text("website") ?? "",
              securityContact: flags.text("security-contact") ?? "",
              details: flags.text("details") ?? "",
            },
          },
          flags.text("output-document"),
        );
        io.err(`Genesis transaction written to ${JSON.stringify(path)}`);
      }),
    );
  valueFlags(command, {
    "--chain-id <id>": "must be that of the genesis file",
    "--moniker <name>": "name of the validator (default: that of config.toml)",
    "--identity <text>": "identity for Keybase",
    "--website <url>": "website of the validator",
    "--security-contact <address>": "whom to tell of a security problem",
    "--details <text>": "more about the validator",
    "--commission-rate <fraction>": "what the validator keeps of rewards (default: 0.1)",
    "--commission-max-rate <fraction>": "the most it may ever keep (default: 0.2)",
    "--commission-max-change-rate <fraction>": "the most that may change in a day (default: 0.01)",
    "--min-self-delegation <amount>": "the least that the validator stakes itself (default: 1)",
    "--pubkey <json>": "the validator's ed25519 key (default: that of priv_validator_key.json)",
    "--node-id <id>": "ID of the node (default: that of node_key.json)",
    "--ip <address>": "where peers reach the node (default: its first outward address)",
    "--p2p-port <port>": "port of the node (default: that of config.toml)",
    "--output-document <file>": "another file than config/gentx/gentx-<node id>.json",
    "-a, --account-number <number>": "0, as for every genesis transaction",
    "-s, --sequence <number>": "sequence of the account in the genesis file (default: 0)",
    "--gas <gas>": "gas limit (default: 200000 gas)",
    "--gas-prices <prices>": "price of a unit of gas: 0.025ufirm (default: no fee)",
    "--fees <coins>": "fee: 5000ufirm (default: no fee)",
    ...KEYRING,
  });
  boolFlags(command, {
    "--offline": "without effect: no node is asked",
    "-y, --yes": "without effect: nothing is asked",
  });
}

function registerCollect(parent: Command, run: Run): void {
  const command = parent
    .command("collect-gentxs")
    .description("put the genesis transactions of config/gentx into the genesis file")
    .action(
      run(async ({ home, flags, io }) => {
        const { collectGentxs } = await import("./gentxs.ts");
        const { genesis, count, persistentPeers } = collectGentxs(home, flags.text("gentx-dir"));
        const info = { chain_id: genesis.chain_id, gentxs: count, persistent_peers: persistentPeers };
        io.err(JSON.stringify(info, undefined, 1));
      }),
    );
  valueFlags(command, { "--gentx-dir <folder>": "folder of the genesis transactions (default: config/gentx)" });
}

/** What the SDK 0.53 calls the form that this release reads; there is no older one of ours. */
const GENESIS_VERSIONS = ["v0.53", "v0.50"];

function registerMigrate(parent: Command, run: Run): void {
  const command = parent
    .command("migrate <version> <file>")
    .description("print a genesis file of a Cosmos SDK chain in the form that this release writes, and check it")
    .action(
      run(async ({ io, flags }, version: string, file: string) => {
        if (!GENESIS_VERSIONS.includes(version))
          throw new Error(`version is ${version}, want ${GENESIS_VERSIONS.join(" or ")}`);
        const { validateGenesis } = await import("./chain-modules.ts");
        const read = parseGenesis(readText(file)).genesis;
        const migrated: Genesis = {
          ...read,
          chain_id: flags.text("chain-id") ?? read.chain_id,
          genesis_time: flags.text("genesis-time") ?? read.genesis_time,
        };
        validateGenesis(migrated, (line) => io.err(line));
        const path = flags.text("output-document");
        if (path === undefined) io.out(formatGenesis(migrated).trimEnd());
        else writeGenesis(path, migrated);
      }),
    );
  valueFlags(command, {
    "--chain-id <id>": "another chain id",
    "--genesis-time <time>": "another time of the first block: 2026-01-31T12:00:00Z",
    "--output-document <file>": "write to a file",
  });
}

function registerValidate(parent: Command, run: Run, term: string): void {
  parent
    .command(term)
    .description("check a genesis file, every module's part of it included")
    .action(
      run(async ({ home, io }, file: string | undefined) => {
        const { validateGenesis } = await import("./chain-modules.ts");
        const path = file ?? home.genesis;
        const { genesis } = file === undefined ? readGenesis(path) : parseGenesis(readText(file));
        validateGenesis(genesis, (line) => io.err(line));
        for (const hazard of hazardsOf(genesis)) io.err(`warning: ${hazard}`);
        io.out(`File at ${path} is a valid genesis file`);
      }),
    );
}

/** `interfirmd genesis`, and its commands at the top level under their old names. */
import { readFileSync } from "node:fs";
import { formatCoins, parseCoin, parseCoins } from "@interfirm/modules/kernel/coins";
import type { Command } from "commander";
import { hazardsOf, object, parseGenesis, readGenesis, writeGenesis } from "../config/genesis.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { addGenesisAccounts, type GenesisAccount } from "./genesis-accounts.ts";
import { addressOf } from "./key-output.ts";
import { KEYRING_FLAGS } from "./keys.ts";
import type { Register, Run } from "./program.ts";

export const register: Register = (program, run) => {
  const genesis = program.command("genesis").description("prepare a genesis file");
  registerAdd(genesis, run);
  registerBulk(genesis, run);
  registerGentx(genesis, run);
  registerCollect(genesis, run);
  registerValidate(genesis, run, "validate [file]");
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
      run(async (context, who, coins) => {
        const { flags, home } = context;
        for (const name of ["vesting-amount", "vesting-start-time", "vesting-end-time"]) {
          if (flags.given(name)) throw new Error(`--${name} needs vesting accounts, which this release does not have`);
        }
        const moduleName = flags.text("module-name");
        const address = moduleName === undefined ? await addressNamed(context, who as string) : "";
        const account: GenesisAccount = { address, coins: parseCoins(coins as string), moduleName };
        const { genesis } = readGenesis(home.genesis);
        writeGenesis(home.genesis, addGenesisAccounts(genesis, [account], { append: flags.is("append") }));
      }),
    );
  boolFlags(add, { "--append": "add to the balance of an account that is there" });
  valueFlags(add, {
    "--vesting-amount <coins>": "not in this release",
    "--vesting-start-time <seconds>": "not in this release",
    "--vesting-end-time <seconds>": "not in this release",
    "--module-name <name>": "make it the account of a module",
    ...KEYRING,
  });
}

/** An address as it is, or that of a key in the keyring. */
async function addressNamed(context: Context, who: string): Promise<string> {
  const { bech32 } = await import("@scure/base");
  if (bech32.decodeUnsafe(who, 1023)) return who;
  const record = (await context.keyring()).get(who);
  if (record) return addressOf(record.pubKey, context.prefix);
  throw new Error(
    `${JSON.stringify(who)} is neither an address nor a key of the keyring: see interfirmd keys list, or give --keyring-backend`,
  );
}

function registerBulk(parent: Command, run: Run): void {
  const bulk = parent
    .command("bulk-add-genesis-account <file>")
    .description('give many accounts coins: a JSON list of {"address": …, "coins": [{"denom": …, "amount": …}]}')
    .action(
      run(({ home, flags, io }, file) => {
        const entries: unknown = JSON.parse(readFileSync(file as string, "utf8"));
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
  const { address, coins, module_name } = object(what, entry);
  if (!Array.isArray(coins)) throw new Error(`coins in ${what} is no list`);
  const texts = coins.map((coin) => {
    const { denom, amount } = object(`coin in ${what}`, coin);
    return parseCoin(`${amount}${denom}`);
  });
  return {
    address: String(address),
    coins: parseCoins(formatCoins(texts)),
    ...(typeof module_name === "string" && module_name !== "" ? { moduleName: module_name } : {}),
  };
}

function registerGentx(parent: Command, run: Run): void {
  const command = parent
    .command("gentx <key> <amount>")
    .description("sign a genesis transaction that makes this node a validator with a stake: 100000000ufirm")
    .action(
      run(async (context, key, amount) => {
        const { flags, home, io } = context;
        const { gentx } = await import("./gentxs.ts");
        const { parse: parseDec } = await import("@interfirm/modules/kernel/decimal");
        const { pubKeyFromJson } = await import("../keyring/pubkey-json.ts");
        const chainId = flags.text("chain-id");
        const { genesis } = readGenesis(home.genesis);
        if (chainId !== undefined && chainId !== "" && chainId !== genesis.chain_id) {
          throw new Error(`--chain-id is ${chainId}, want ${genesis.chain_id}, that of the genesis file`);
        }
        const rate = (name: string, percent: string) => parseDec(flags.text(name) ?? percent);
        const given = flags.text("pubkey");
        const pubKey = given === undefined ? undefined : pubKeyFromJson(JSON.parse(given));
        if (pubKey && pubKey.type !== "ed25519") throw new Error(`--pubkey is a ${pubKey.type} key, want ed25519`);
        const port = flags.count("p2p-port");
        const path = await gentx(
          {
            home,
            keyring: await context.keyring(),
            keyName: key as string,
            stake: parseCoin(amount as string),
            moniker: flags.text("moniker"),
            ip: flags.text("ip"),
            p2pPort: port === undefined ? undefined : Number(port),
            nodeId: flags.text("node-id"),
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
    ...KEYRING,
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

function registerValidate(parent: Command, run: Run, term: string): void {
  parent
    .command(term)
    .description("check a genesis file, every module's part of it included")
    .action(
      run(async ({ home, io }, file) => {
        const { validateAppState } = await import("./chain-modules.ts");
        const path = file ?? home.genesis;
        const { genesis } = file === undefined ? readGenesis(path) : parseGenesis(readFileSync(path, "utf8"));
        validateAppState(genesis, (line) => io.err(line));
        for (const hazard of hazardsOf(genesis)) io.err(`warning: ${hazard}`);
        io.out(`File at ${path} is a valid genesis file`);
      }),
    );
}

/** Accounts and balances in a genesis file, as the SDK's tools write them. */
import { addressToBytes, moduleAddress } from "@interfirm/modules/kernel/address";
import { type Coin, type Coins, parseAmount, sumCoins } from "@interfirm/modules/kernel/coins";
import { type Genesis, type Json, type JsonObject, object } from "../config/genesis.ts";

export interface GenesisAccount {
  /** Bech32 with the chain's prefix. Left out for a module's account. */
  readonly address: string;
  readonly coins: Coins;
  /** Makes it the account of a module, with the module's address. */
  readonly moduleName?: string | undefined;
}

export interface AddOptions {
  /** Adds to the balance of an account that is there, instead of refusing. */
  readonly append?: boolean | undefined;
}

/** Prefix of addresses that a genesis file names. */
export function prefixOf(genesis: Genesis): string {
  const auth = genesis.app_state["auth"];
  const prefix = auth === undefined ? undefined : object("app_state.auth", auth)["bech32_prefix"];
  return typeof prefix === "string" && prefix !== "" ? prefix : "firm";
}

/** A genesis with these accounts, their balances and a supply that fits. Throws for an address that is there, or is none. */
export function addGenesisAccounts(
  genesis: Genesis,
  accounts: readonly GenesisAccount[],
  { append = false }: AddOptions = {},
): Genesis {
  const prefix = prefixOf(genesis);
  const auth = object("app_state.auth", genesis.app_state["auth"] ?? {});
  const bank = object("app_state.bank", genesis.app_state["bank"] ?? {});
  const existing = list("app_state.auth.accounts", auth["accounts"]);
  const known = new Set(existing.map(addressIn));
  const balances = new Map(list("app_state.bank.balances", bank["balances"]).map((entry) => readBalance(entry)));
  const added: Json[] = [];
  for (const { address: given, coins, moduleName } of accounts) {
    const address = moduleName === undefined ? given : moduleAddress(moduleName, prefix);
    addressToBytes(address, prefix);
    if (known.has(address)) {
      if (!append)
        throw new Error(`account ${address} is in the genesis file already: give --append to add to its balance`);
    } else {
      added.push(moduleName === undefined ? baseAccount(address) : moduleAccount(address, moduleName));
      known.add(address);
    }
    balances.set(address, sumCoins([...(balances.get(address) ?? []), ...coins]));
  }
  // By address bytes, as the SDK's SanitizeGenesisBalances.
  const sorted = [...balances].sort(([a], [b]) => Buffer.compare(addressToBytes(a, prefix), addressToBytes(b, prefix)));
  return withModules(genesis, {
    auth: { ...auth, accounts: [...existing, ...added] },
    bank: {
      ...bank,
      balances: sorted.map(([address, coins]) => ({ address, coins: coins.map(coinJson) })),
      supply: sumCoins(sorted.flatMap(([, coins]) => coins)).map(coinJson),
    },
  });
}

/** What an account holds in the genesis file. */
export function genesisBalance(genesis: Genesis, address: string): Coins {
  const bank = object("app_state.bank", genesis.app_state["bank"] ?? {});
  for (const entry of list("app_state.bank.balances", bank["balances"])) {
    const [owner, coins] = readBalance(entry);
    if (owner === address) return coins;
  }
  return [];
}

/** A genesis with other parts of `app_state`. */
export const withModules = (genesis: Genesis, parts: JsonObject): Genesis => ({
  ...genesis,
  app_state: { ...genesis.app_state, ...parts },
});

export function list(what: string, value: Json | undefined): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Error(`${what} is no list`);
  return value as readonly Json[];
}

const baseAccount = (address: string): JsonObject => ({
  "@type": "/cosmos.auth.v1beta1.BaseAccount",
  address,
  pub_key: null,
  account_number: "0",
  sequence: "0",
});

const moduleAccount = (address: string, name: string): JsonObject => ({
  "@type": "/cosmos.auth.v1beta1.ModuleAccount",
  base_account: { address, pub_key: null, account_number: "0", sequence: "0" },
  name,
  permissions: [],
});

/** The address of an account of any type: the SDK nests base accounts. */
function addressIn(account: Json): string {
  let at = object("account", account);
  for (let depth = 0; depth < 4; depth++) {
    if (typeof at["address"] === "string") return at["address"];
    at = object("account", at["base_account"] ?? at["base_vesting_account"]);
  }
  throw new Error("an account of the genesis file has no address");
}

function readBalance(entry: Json): readonly [address: string, coins: Coins] {
  const { address, coins } = object("balance", entry);
  return [String(address), sumCoins(list("coins of a balance", coins).map(readCoin))];
}

function readCoin(entry: Json): Coin {
  const { denom, amount } = object("coin", entry);
  return { denom: String(denom), amount: parseAmount(String(amount)) };
}

const coinJson = ({ denom, amount }: Coin): JsonObject => ({ denom, amount: String(amount) });

/** Accounts and balances in a genesis file, as the SDK's tools write them. */
import { addressToBytes, moduleAddress } from "@interfirm/modules/kernel/address";
import {
  type Coin,
  type Coins,
  coversCoins,
  formatCoins,
  parseAmount,
  sumCoins,
} from "@interfirm/modules/kernel/coins";
import { type AppState, addressPrefixOf } from "../app/genesis.ts";
import { type Genesis, type Json, type JsonObject, object } from "../config/genesis.ts";

/** Coins of an account that are locked at first. Times are in seconds since 1970. */
export interface Vesting {
  /** Part of the account's coins. */
  readonly amount: Coins;
  /** Coins become free evenly from then on; undefined: all at the end. */
  readonly startTime?: bigint | undefined;
  readonly endTime?: bigint | undefined;
}

export interface GenesisAccount {
  /** Bech32 with the chain's prefix. Left out for a module's account. */
  readonly address: string;
  readonly coins: Coins;
  /** Makes it the account of a module, with the module's address. */
  readonly moduleName?: string | undefined;
  readonly vesting?: Vesting | undefined;
}

export interface AddOptions {
  /** Adds to the balance of an account that is there, instead of refusing. */
  readonly append?: boolean | undefined;
}

/** Prefix of addresses that a genesis file names. */
export const prefixOf = (genesis: Genesis): string => addressPrefixOf(genesis.app_state as AppState);

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
  for (const account of accounts) {
    const { address: given, coins, moduleName, vesting } = account;
    const address = moduleName === undefined ? given : moduleAddress(moduleName, prefix);
    addressToBytes(address, prefix);
    if (known.has(address)) {
      if (!append)
        throw new Error(`account ${address} is in the genesis file already: give --append to add to its balance`);
      if (vesting)
        throw new Error(`account ${address} is in the genesis file already: its coins cannot be locked any more`);
    } else {
      added.push(accountJson(address, account));
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

function accountJson(address: string, { coins, moduleName, vesting }: GenesisAccount): JsonObject {
  const base = { address, pub_key: null, account_number: "0", sequence: "0" };
  if (vesting) {
    if (moduleName !== undefined) throw new Error(`module ${moduleName} cannot have coins that are locked`);
    return vestingJson(base, coins, vesting);
  }
  if (moduleName === undefined) return { "@type": "/cosmos.auth.v1beta1.BaseAccount", ...base };
  return { "@type": "/cosmos.auth.v1beta1.ModuleAccount", base_account: base, name: moduleName, permissions: [] };
}

/** Continuous with a start, delayed without. */
function vestingJson(base: JsonObject, coins: Coins, { amount, startTime, endTime }: Vesting): JsonObject {
  if (amount.length === 0) throw new Error("no coins are vesting, want some");
  if (!coversCoins(coins, amount)) {
    throw new Error(`${formatCoins(amount)} are vesting, want at most the account's coins: ${formatCoins(coins)}`);
  }
  if (endTime === undefined || endTime <= 0n) throw new Error("vesting has no end, want a time in seconds since 1970");
  const vesting = {
    base_account: base,
    original_vesting: amount.map(coinJson),
    delegated_free: [],
    delegated_vesting: [],
    end_time: endTime.toString(),
  };
  if (startTime === undefined) {
    return { "@type": "/cosmos.vesting.v1beta1.DelayedVestingAccount", base_vesting_account: vesting };
  }
  if (startTime >= endTime) throw new Error(`vesting starts at ${startTime}, want a time before its end ${endTime}`);
  return {
    "@type": "/cosmos.vesting.v1beta1.ContinuousVestingAccount",
    base_vesting_account: vesting,
    start_time: startTime.toString(),
  };
}

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

/** Genesis transactions: each founder of a network signs one, and together they make the first validators. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { addressBytes, pubKeyToAny } from "@interfirm/modules/auth/pubkey";
import { addressToBytes, bytesToAddress, validatorPrefix } from "@interfirm/modules/kernel/address";
import { amountOf, type Coin, type Coins, formatCoin, formatCoins, sumCoins } from "@interfirm/modules/kernel/coins";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { nodeIdOf, readPrivateKey } from "../config/comet-keys.ts";
import { cometToml } from "../config/comet-toml.ts";
import { readFileIfThere, writeFileAtomically } from "../config/files.ts";
import { type Genesis, type Json, type JsonObject, object, readGenesis, writeGenesis } from "../config/genesis.ts";
import type { Home } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { renderToml, setTomlValue } from "../config/toml.ts";
import type { Keyring } from "../keyring/keyring.ts";
import { genesisBalance, prefixOf, withModules } from "./genesis-accounts.ts";
import { txFromJson, txToJson } from "./tx-json.ts";
import { packAny, signBytes, signSecp256k1, singleSigner } from "./tx-sign.ts";

export interface GentxOptions {
  readonly home: Home;
  readonly keyring: Keyring;
  readonly keyName: string;
  /** What the validator stakes; its voting power is a millionth of it. */
  readonly stake: Coin;
  /** Default: that of config.toml. */
  readonly moniker?: string | undefined;
  /** Address that peers reach the node at. Default: the first address that is not loopback. */
  readonly ip?: string | undefined;
  /** Default: that of `p2p.laddr`. */
  readonly p2pPort?: number | undefined;
  readonly details?: Partial<Record<"identity" | "website" | "securityContact" | "details", string>> | undefined;
  /** Parts of 10^18. Default: 10 %, at most 20 %, at most 1 % a day. */
  readonly commission?: { readonly rate: bigint; readonly maxRate: bigint; readonly maxChangeRate: bigint } | undefined;
  /** In the unit of the stake. Default: 1. */
  readonly minSelfDelegation?: bigint | undefined;
  /** 32 bytes. Default: the key of priv_validator_key.json. */
  readonly validatorPubKey?: Uint8Array | undefined;
  readonly nodeId?: string | undefined;
  /** Of the key's account in the genesis file. Default: 0. */
  readonly sequence?: bigint | undefined;
  /** Default: no fee and 200,000 gas. */
  readonly fee?: { readonly amount: Coins; readonly gasLimit: bigint } | undefined;
}

const PERCENT = 10n ** 16n;

/** Makes and signs a genesis transaction. Rejects when the key's account does not hold stake and fee in the genesis file. */
async function createGentx(options: GentxOptions): Promise<{ readonly json: JsonObject; readonly nodeId: string }> {
  const { home, keyring, keyName, stake } = options;
  const { genesis } = readGenesis(home.genesis);
  const prefix = prefixOf(genesis);
  const record = keyring.get(keyName);
  if (!record)
    throw new Error(
      `key ${JSON.stringify(keyName)} is not in the keyring "${keyring.backend}": see interfirmd keys list`,
    );
  const account = addressBytes(record.pubKey);
  const address = bytesToAddress(account, prefix);
  const fee = options.fee ?? { amount: [], gasLimit: 200_000n };
  requireFunds(genesis, address, stake, fee.amount);
  const sequence = options.sequence ?? 0n;
  const config = loadConfig(cometToml, { path: home.cometToml, env: {} }).values;
  const nodeId = options.nodeId ?? nodeIdOf(readPrivateKey(home.nodeKey).pubKey);
  const pubKey = options.validatorPubKey ?? readPrivateKey(home.privValidatorKey).pubKey;
  const message = packAny(MsgCreateValidator, {
    description: { moniker: options.moniker ?? config.moniker, ...options.details },
    commission: options.commission ?? { rate: 10n * PERCENT, maxRate: 20n * PERCENT, maxChangeRate: PERCENT },
    minSelfDelegation: options.minSelfDelegation ?? 1n,
    delegatorAddress: "",
    validatorAddress: bytesToAddress(account, validatorPrefix(prefix)),
    pubkey: pubKeyToAny({ type: "ed25519", key: pubKey }),
    value: stake,
  });
  const port = options.p2pPort ?? Number(/:(\d+)$/.exec(config["p2p.laddr"])?.[1] ?? 26656);
  const unsigned = Tx.fromPartial({
    body: { messages: [message], memo: `${nodeId}@${options.ip ?? outwardAddress()}:${port}` },
    authInfo: { signerInfos: [singleSigner(record.pubKey, "direct", sequence)], fee },
  });
  // Transactions of a genesis are signed with account number 0: accounts have no numbers before the first block.
  const bytes = signBytes(unsigned, "direct", { chainId: genesis.chain_id, accountNumber: 0n, sequence });
  const signature = signSecp256k1(await keyring.privateKey(keyName), bytes);
  return { json: txToJson({ ...unsigned, signatures: [signature] }), nodeId };
}

/** Writes config/gentx/gentx-<node id>.json, or another file. Returns its path. */
export async function gentx(options: GentxOptions, output?: string): Promise<string> {
  const { json, nodeId } = await createGentx(options);
  const path = output ?? join(options.home.gentx, `gentx-${nodeId}.json`);
  if (output === undefined) mkdirSync(options.home.gentx, { recursive: true, mode: 0o700 });
  writeFileAtomically(path, `${JSON.stringify(json)}\n`, 0o644);
  return path;
}

function requireFunds(genesis: Genesis, address: string, stake: Coin, fee: Coins): void {
  const owned = genesisBalance(genesis, address);
  for (const { denom, amount } of sumCoins([stake, ...fee])) {
    const held = amountOf(owned, denom);
    if (held >= amount) continue;
    const want = `the stake of ${formatCoin(stake)}${fee.length > 0 ? ` and the fee of ${formatCoins(fee)}` : ""}`;
    throw new Error(
      `account ${address} holds ${held}${denom} in the genesis file, want at least ${want}: see interfirmd genesis add-genesis-account`,
    );
  }
}

function outwardAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

export interface Collected {
  readonly genesis: Genesis;
  /** ID@host:port of the other nodes. */
  readonly persistentPeers: string;
  readonly count: number;
}

/**
 * Puts the genesis transactions of a folder into the genesis file and the nodes that they name into
 * `p2p.persistent_peers`. Throws when one is broken, two are of one validator or one has no funds.
 */
export function collectGentxs(home: Home, folder = home.gentx): Collected {
  const { genesis } = readGenesis(home.genesis);
  if (!existsSync(folder))
    throw new Error(`${folder} is not there: make genesis transactions with interfirmd genesis gentx`);
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .sort();
  if (files.length === 0)
    throw new Error(`${folder} has no .json file: make genesis transactions with interfirmd genesis gentx`);
  const own = existsSync(home.nodeKey) ? nodeIdOf(readPrivateKey(home.nodeKey).pubKey) : "";
  const peers: string[] = [];
  const seen = new Map<string, string>();
  const gentxs: Json[] = [];
  for (const name of files) {
    const path = join(folder, name);
    const { json, memo, validator } = readGentx(path, genesis);
    const before = seen.get(validator);
    if (before !== undefined)
      throw new Error(`${name} and ${before} are of the same validator ${validator}, want one of each`);
    seen.set(validator, name);
    if (!/^[0-9a-f]{40}@\S{1,255}:\d{1,5}$/.test(memo)) {
      throw new Error(`${path} has the memo ${JSON.stringify(memo.slice(0, 100))}, want the node's ID@host:port`);
    }
    if (!memo.startsWith(`${own}@`)) peers.push(memo);
    gentxs.push(json);
  }
  const genutil = object("app_state.genutil", genesis.app_state["genutil"] ?? {});
  const collected = withModules(genesis, { genutil: { ...genutil, gen_txs: gentxs } });
  writeGenesis(home.genesis, collected);
  const persistentPeers = peers.sort().join(",");
  const config = readFileIfThere(home.cometToml) ?? renderToml(cometToml);
  writeFileAtomically(home.cometToml, setTomlValue(config, "p2p.persistent_peers", persistentPeers), 0o644);
  return { genesis: collected, persistentPeers, count: gentxs.length };
}

function readGentx(path: string, genesis: Genesis) {
  try {
    const json = object("genesis transaction", JSON.parse(readFileSync(path, "utf8")) as unknown);
    const { body, authInfo } = txFromJson(json);
    const [message, ...more] = body?.messages ?? [];
    if (message?.typeUrl !== MsgCreateValidator.typeUrl || more.length > 0) {
      throw new Error(`messages are ${message?.typeUrl ?? "none"}, want one ${MsgCreateValidator.typeUrl}`);
    }
    const { validatorAddress, value } = MsgCreateValidator.decode(message.value);
    const prefix = prefixOf(genesis);
    const account = addressToBytes(validatorAddress, validatorPrefix(prefix));
    if (value) requireFunds(genesis, bytesToAddress(account, prefix), value, authInfo?.fee?.amount ?? []);
    return { json, memo: body?.memo ?? "", validator: validatorAddress };
  } catch (cause) {
    throw new Error(`${path}: ${(cause as Error).message}`, { cause });
  }
}

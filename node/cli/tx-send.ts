/** From messages to a transaction on its way: account, gas, fee, signature, broadcast. */
import type { PubKey } from "@interfirm/modules/auth/pubkey";
import { type Coin, parseCoins, splitCoin } from "@interfirm/modules/kernel/coins";
import { parse as parseDec } from "@interfirm/modules/kernel/decimal";
import { QueryAccountInfoRequest, QueryAccountInfoResponse } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { SimulateRequest, SimulateResponse, Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { broadcastTx } from "../comet/broadcast.ts";
import { createRpc, type Rpc } from "../comet/rpc.ts";
import type { JsonObject } from "../config/genesis.ts";
import type { KeyRecord } from "../keyring/record.ts";
import { addressResolver } from "./addresses.ts";
import type { Context } from "./context.ts";
import { addressOf } from "./key-output.ts";
import { needKey } from "./keys.ts";
import { QueryRefused, queryNode } from "./query-node.ts";
import { txToJson } from "./tx-json.ts";
import { broadcastJson } from "./tx-response.ts";
import {
  encodeTx,
  imaginedSignature,
  imaginedSigner,
  readSignMode,
  type SignerData,
  signBytes,
  signSecp256k1,
} from "./tx-sign.ts";
import { toYaml } from "./yaml.ts";

export interface Signer {
  readonly address: string;
  /** Undefined when there is only the address: enough for `--generate-only`. */
  readonly key: KeyRecord | undefined;
}

/** The signer that an argument, `--from` or client.toml names. */
export async function signerOf(context: Context, argument?: string): Promise<Signer> {
  const { flags, client, prefix } = context;
  const name = argument ?? flags.text("from") ?? client["keyring-default-keyname"];
  if (!name) throw new Error("--from is missing, want the key that signs: see interfirmd keys list");
  const { bech32 } = await import("@scure/base");
  const isAddress = bech32.decodeUnsafe(name, 1023) !== undefined;
  if (isAddress && (flags.is("generate-only") || flags.is("dry-run"))) {
    return { address: name, key: await needKey(context, name).catch(() => undefined) };
  }
  const key = await needKey(context, name);
  return { address: addressOf(key.pubKey, prefix), key };
}

const GAS_DEFAULT = 200_000n;

/** What the flags say of a transaction, before a node is asked. */
function readSettings({ flags }: Context) {
  for (const name of ["unordered", "ledger"]) {
    if (flags.is(name)) throw new Error(`--${name} is not in this release`);
  }
  if (flags.given("timeout-duration"))
    throw new Error("--timeout-duration is not in this release: use --timeout-height");
  const gas = flags.text("gas");
  if (gas !== undefined && gas !== "auto" && !/^[1-9][0-9]{0,18}$/.test(gas)) {
    throw new Error(`--gas is ${JSON.stringify(gas)}, want auto or a whole number of gas`);
  }
  if (flags.given("fees") && flags.given("gas-prices"))
    throw new Error("--fees and --gas-prices are both given, want one of them");
  const offline = flags.is("offline");
  if (offline && gas === "auto") throw new Error("--gas auto asks a node, which --offline forbids");
  return {
    autoGas: gas === "auto" || flags.is("dry-run"),
    gas: gas === undefined || gas === "auto" ? GAS_DEFAULT : BigInt(gas),
    fees: parseCoins(flags.text("fees") ?? ""),
    prices: readPrices(flags.text("gas-prices") ?? ""),
    offline,
  };
}

interface Price {
  readonly denom: string;
  /** In units of 10^-18. */
  readonly price: bigint;
}

function readPrices(text: string): readonly Price[] {
  if (text.trim() === "") return [];
  return text.split(",").map((part) => {
    const [number, denom] = splitCoin(part.trim());
    if (number === "" || denom === "")
      throw new Error(`--gas-prices is ${JSON.stringify(text.slice(0, 80))}, want a price such as 0.025ufirm`);
    return { denom, price: parseDec(number) };
  });
}

const ONE = 10n ** 18n;

/** Fee of a gas limit, rounded up. */
const feeOf = (prices: readonly Price[], gas: bigint): readonly Coin[] =>
  prices
    .map(({ denom, price }) => ({ denom, amount: (price * gas + ONE - 1n) / ONE }))
    .filter(({ amount }) => amount > 0n)
    .sort((a, b) => (a.denom < b.denom ? -1 : 1));

/** Gas limit and fee of a transaction that no node is asked about. */
export function offlineFee(context: Context): { readonly gasLimit: bigint; readonly amount: readonly Coin[] } {
  const { autoGas, gas, prices, fees } = readSettings(context);
  if (autoGas) throw new Error("--gas auto asks a node, and there is none before the first block");
  return { gasLimit: gas, amount: feeAmount({ prices, fees }, gas) };
}

const feeAmount = (
  { prices, fees }: { readonly prices: readonly Price[]; readonly fees: readonly Coin[] },
  gasLimit: bigint,
): readonly Coin[] => (prices.length > 0 ? feeOf(prices, gasLimit) : fees);

/**
 * Makes a transaction of the messages and does with it what the flags say. `earlier` transactions of the signer are on
 * their way, and the chain's sequence does not count them yet.
 */
export async function sendMessages(
  context: Context,
  signer: Signer,
  messages: readonly Any[],
  earlier = 0,
): Promise<void> {
  const { flags, io, client } = context;
  const settings = readSettings(context);
  const generateOnly = flags.is("generate-only");
  const rpc = createRpc(client.node);
  const known =
    settings.offline || (generateOnly && !settings.autoGas)
      ? offlineAccount(context, generateOnly)
      : await onlineAccount(context, rpc, signer.address);
  const account = { ...known, sequence: known.sequence + BigInt(earlier) };
  const mode = readSignMode(flags.text("sign-mode"));
  const pubKey: PubKey = signer.key?.pubKey ?? { type: "secp256k1", key: new Uint8Array(33).fill(2, 0, 1) };
  const resolve = addressResolver(context);
  const payer = await resolve(flags.text("fee-payer") ?? "");
  const granter = await resolve(flags.text("fee-granter") ?? "");
  const draft = (gasLimit: bigint): Tx => {
    const fee = { amount: feeAmount(settings, gasLimit), gasLimit, payer, granter };
    const body = { messages, memo: flags.text("note") ?? "", timeoutHeight: flags.count("timeout-height") ?? 0n };
    return Tx.fromPartial({ body, authInfo: { signerInfos: [imaginedSigner(pubKey, mode, account.sequence)], fee } });
  };
  let gas = settings.gas;
  if (settings.autoGas) {
    const { gasInfo } = await simulate(rpc, { ...draft(settings.gas), signatures: [imaginedSignature(pubKey)] });
    gas = adjust(gasInfo?.gasUsed ?? 0n, flags.text("gas-adjustment") ?? "1.0");
    io.err(`gas estimate: ${gas}`);
    if (flags.is("dry-run")) return;
  }
  const tx = draft(gas);
  if (generateOnly) {
    const unsigned = { ...tx, authInfo: { ...tx.authInfo, signerInfos: [] } } as Tx;
    await writeDocument(context, txToJson(Tx.fromPartial(unsigned)));
    return;
  }
  if (signer.key?.kind !== "local") {
    throw new Error(
      `key ${signer.key?.name ?? signer.address} has no private key here: make the transaction with --generate-only and sign it with interfirmd tx sign or multisign`,
    );
  }
  if (payer !== "" && payer !== signer.address) {
    throw new Error(
      `fee payer ${payer} must sign, too: make the transaction with --generate-only and let both sign it with interfirmd tx sign --sign-mode amino-json`,
    );
  }
  if (!flags.is("yes")) {
    io.err(JSON.stringify(txToJson(tx)));
    if (!(await io.prompt.confirm("Sign and send this transaction?"))) throw new Error("nothing sent: not confirmed");
  }
  const bytes = signBytes(tx, mode, account);
  const signature = signSecp256k1(await (await context.keyring()).privateKey(signer.key.name), bytes);
  await broadcast(context, rpc, encodeTx({ ...tx, signatures: [signature] }));
}

/** The chain's name. Signing for another chain would be signing for nobody, or for a thief. */
function chainIdOf({ client }: Context): string {
  if (client["chain-id"] === "") {
    throw new Error("chain id is not known, want --chain-id, or interfirmd config set client chain-id …");
  }
  return client["chain-id"];
}

/** Account number and sequence from the flags. */
export function offlineAccount(context: Context, mayBeUnknown = false): SignerData {
  const { flags } = context;
  const accountNumber = flags.count("account-number");
  const sequence = flags.count("sequence");
  if (!mayBeUnknown && (accountNumber === undefined || sequence === undefined)) {
    throw new Error("--offline needs --account-number and --sequence: interfirmd query auth account-info shows them");
  }
  return {
    chainId: mayBeUnknown ? context.client["chain-id"] : chainIdOf(context),
    accountNumber: accountNumber ?? 0n,
    sequence: sequence ?? 0n,
  };
}

/** Account number and sequence from the chain; flags go first. */
export async function onlineAccount(context: Context, rpc: Rpc, address: string): Promise<SignerData> {
  const { flags } = context;
  const chainId = chainIdOf(context);
  const path = "/cosmos.auth.v1beta1.Query/AccountInfo";
  try {
    const request = QueryAccountInfoRequest.fromPartial({ address });
    const { info } = await queryNode(rpc, path, QueryAccountInfoRequest, QueryAccountInfoResponse, request);
    return {
      chainId,
      accountNumber: flags.count("account-number") ?? info?.accountNumber ?? 0n,
      sequence: flags.count("sequence") ?? info?.sequence ?? 0n,
    };
  } catch (cause) {
    if (!(cause instanceof QueryRefused)) throw cause;
    throw new Error(`account ${address} is not on the chain (${cause.message}): send it some coins first`, { cause });
  }
}

/** What a node says would come of the transaction. Signatures may be empty, but must be there. */
export function simulate(rpc: Rpc, tx: Tx): Promise<SimulateResponse> {
  const request = SimulateRequest.fromPartial({ txBytes: encodeTx(tx) });
  return queryNode(rpc, "/cosmos.tx.v1beta1.Service/Simulate", SimulateRequest, SimulateResponse, request);
}

function adjust(gas: bigint, factor: string): bigint {
  const adjustment = parseDec(factor);
  if (adjustment === 0n) throw new Error("--gas-adjustment is 0, want more than 0");
  return (gas * adjustment) / ONE;
}

/**
 * Sends the bytes and prints what the node said. As in the SDK the exit code is 0 when the node refused: the answer's `code`
 * and `raw_log` say so, and scripts read them; a line on stderr says it to people.
 */
export async function broadcast(context: Context, rpc: Rpc, bytes: Uint8Array): Promise<void> {
  const answer = await broadcastTx(rpc, bytes, context.client["broadcast-mode"] === "async" ? "async" : "sync");
  const json = broadcastJson(answer);
  context.answer(json, () => toYaml(json));
  if (answer.code !== 0) {
    const { InterfirmError } = await import("@interfirm/client/errors");
    const { codespace, code, log } = answer;
    const { hint } = new InterfirmError({ codespace, code, rawLog: log });
    context.io.err(`the node refused the transaction: ${codespace}/${code}: ${log}${hint ? ` (${hint})` : ""}`);
  } else if (!context.json) context.io.err(`interfirmd query wait-tx ${answer.hash} waits until it is in a block`);
}

/** JSON to stdout, or to the file that `--output-document` names. */
export async function writeDocument({ flags, io }: Context, json: JsonObject): Promise<void> {
  const path = flags.text("output-document");
  if (path === undefined) {
    io.out(JSON.stringify(json));
    return;
  }
  const { writeFileAtomically } = await import("../config/files.ts");
  writeFileAtomically(path, `${JSON.stringify(json)}\n`, 0o644);
}

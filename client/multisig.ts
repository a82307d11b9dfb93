/**
 * Accounts that several keys hold together. One person prepares a draft, k of n sign it wherever they are, anyone
 * combines the signatures and hands the transaction in.
 */
import {
  createMultisigThresholdPubkey,
  encodeSecp256k1Pubkey,
  type MultisigThresholdPubkey,
  makeSignDoc,
  type OfflineAminoSigner,
  pubkeyToAddress,
  type StdSignDoc,
} from "@cosmjs/amino";
import { makeMultisignedTxBytes } from "@cosmjs/stargate";
import type { Coin } from "@interfirm/proto/gen/cosmos/base/v1beta1";
import { fromBase64 } from "./bytes.ts";
import type { Client } from "./client.ts";
import { clientError } from "./errors.ts";
import type { Msg } from "./msgs.ts";
import { createAminoTypes, createDefaultRegistry } from "./registry.ts";
import { prefixOf } from "./wallet.ts";

export interface Multisig {
  readonly address: string;
  readonly pubkey: MultisigThresholdPubkey;
}

export interface MultisigOptions {
  /** Signatures that are enough. */
  readonly threshold: number;
  /** Compressed secp256k1 keys of the members. Their order does not matter. */
  readonly pubkeys: readonly Uint8Array[];
  readonly prefix: string;
}

/** What members sign. Plain JSON: send it to them as it is. */
export interface MultisigDraft {
  readonly address: string;
  readonly signDoc: StdSignDoc;
}

export interface MultisigSignature {
  /** Of the member. */
  readonly address: string;
  /** 64 bytes in base64. */
  readonly signature: string;
}

export interface DraftOptions {
  readonly gas: bigint;
  readonly fee: readonly Coin[];
  readonly memo?: string;
}

/** Throws a plain Error when the threshold is over the number of keys. */
export function createMultisig({ threshold, pubkeys, prefix }: MultisigOptions): Multisig {
  const pubkey = createMultisigThresholdPubkey(pubkeys.map(encodeSecp256k1Pubkey), threshold);
  return { pubkey, address: pubkeyToAddress(pubkey, prefix) };
}

/** Reads account number and sequence from the chain: a draft is good for the account's next transaction only. */
export async function draftMultisig(
  client: Client,
  { address }: Multisig,
  messages: readonly Msg[],
  { gas, fee, memo = "" }: DraftOptions,
): Promise<MultisigDraft> {
  const { info } = await client.query.auth.accountInfo({ address });
  if (!info) throw clientError("badResponse", `account ${address} has no information`);
  const amino = createAminoTypes();
  const amount = fee.map((coin) => ({ denom: coin.denom, amount: String(coin.amount) }));
  const signDoc = makeSignDoc(
    messages.map((message) => amino.toAmino(message)),
    { amount, gas: String(gas) },
    client.chain.chainId,
    memo,
    info.accountNumber,
    Number(info.sequence),
  );
  return { address, signDoc };
}

/** One member's signature under a draft. */
export async function signMultisig(
  { signDoc }: MultisigDraft,
  signer: OfflineAminoSigner,
  member: string,
): Promise<MultisigSignature> {
  const { signature } = await signer.signAmino(member, signDoc);
  return { address: member, signature: signature.signature };
}

/** Bytes for `client.broadcast`. Throws a plain Error when there are fewer signatures than the threshold. */
export function combineMultisig(
  { pubkey, address }: Multisig,
  { signDoc }: MultisigDraft,
  signatures: readonly MultisigSignature[],
): Uint8Array {
  const threshold = Number(pubkey.value.threshold);
  const given = new Map(signatures.map((one) => [one.address, fromBase64(one.signature)]));
  const prefix = prefixOf(address);
  const members = pubkey.value.pubkeys.map((key) => pubkeyToAddress(key, prefix));
  const used = members.filter((member) => given.has(member)).slice(0, threshold);
  if (used.length < threshold) throw new Error(`signed by ${used.length} members, want ${threshold}`);
  const amino = createAminoTypes();
  const body = { messages: signDoc.msgs.map((message) => amino.fromAmino(message)), memo: signDoc.memo };
  return makeMultisignedTxBytes(
    pubkey,
    Number(signDoc.sequence),
    signDoc.fee,
    createDefaultRegistry().encode({ typeUrl: "/cosmos.tx.v1beta1.TxBody", value: body }),
    new Map(used.map((member) => [member, given.get(member)!])),
  );
}

/** Transactions in files: read, signed by one or by the members of a multisig, checked. */

import { addressBytes, type MultisigKey, type PubKey, pubKeyFromAny } from "@interfirm/modules/auth/pubkey";
import { readSignature, verifySignature } from "@interfirm/modules/auth/signature";
import { bytesToAddress } from "@interfirm/modules/kernel/address";
import { MultiSignature } from "@interfirm/proto/gen/cosmos/crypto/multisig/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import type { SignerInfo, Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { readJson, readText } from "../config/files.ts";
import type { JsonObject } from "../config/genesis.ts";
import { createVerify } from "../crypto/verify.ts";
import { pubKeyFromJson, pubKeyToJson } from "../keyring/pubkey-json.ts";
import { txFromJson } from "./tx-json.ts";
import { multiSigner, type SignerData, type SignModeName, signBytes, signersOf } from "./tx-sign.ts";

/** A transaction in a file as JSON; `-` is stdin. */
export const readTx = (path: string): Tx => parseTx(readText(path), path);

/** Transactions in a file, one a line. */
export const readTxs = (path: string): readonly Tx[] => linesOf(path).map(({ line, from }) => parseTx(line, from));

function linesOf(path: string): readonly { readonly line: string; readonly from: string }[] {
  return readText(path)
    .split("\n")
    .map((line, at) => ({ line, from: `line ${at + 1} of ${path}` }))
    .filter(({ line }) => line.trim() !== "");
}

/** Throws an Error that names where the text is from. */
function parseTx(source: string, from: string): Tx {
  try {
    return txFromJson(JSON.parse(source));
  } catch (cause) {
    throw new Error(`${from} holds no transaction: ${(cause as Error).message}`, { cause });
  }
}

export interface Signature {
  readonly info: SignerInfo;
  readonly bytes: Uint8Array;
}

const withSignatures = (tx: Tx, signatures: readonly Signature[]): Tx =>
  ({
    ...tx,
    authInfo: { ...tx.authInfo, signerInfos: signatures.map(({ info }) => info) },
    signatures: signatures.map(({ bytes }) => bytes),
  }) as Tx;

/** Address of whose signature it is; empty when the public key is left out. */
export const ownerOf = ({ info }: Signature, prefix: string): string =>
  info.publicKey ? bytesToAddress(addressBytes(pubKeyFromAny(info.publicKey)), prefix) : "";

/** Signatures that a transaction has already. */
export const signaturesOf = ({ authInfo, signatures }: Tx): readonly Signature[] =>
  (authInfo?.signerInfos ?? []).map((info, at) => ({ info, bytes: signatures[at] ?? new Uint8Array() }));

/** What a signer's own signature covers in direct mode: with another signer beside it, all of `signer_infos` first. */
export function checkMode(tx: Tx, mode: SignModeName, prefix: string): void {
  const signers = signersOf(tx, prefix);
  if (mode === "direct" && signers.length > 1) {
    throw new Error(
      `the transaction has ${signers.length} signers, and in direct mode each would have to know all others' keys first: give --sign-mode amino-json`,
    );
  }
}

/** The transaction with the signature among the others, in the order of the signers; an older one of the same signer goes. */
export function addSignature(tx: Tx, signature: Signature, prefix: string): Tx {
  const order = signersOf(tx, prefix);
  const owner = ownerOf(signature, prefix);
  const others = signaturesOf(tx).filter((other) => ownerOf(other, prefix) !== owner);
  const rank = (one: Signature) => order.indexOf(ownerOf(one, prefix));
  return withSignatures(
    tx,
    [...others, signature].sort((a, b) => rank(a) - rank(b)),
  );
}

/** The transaction with this signature and no other. */
export const onlySignature = (tx: Tx, signature: Signature): Tx => withSignatures(tx, [signature]);

/** A member's signature of a multisig transaction, in the SDK's form, which `multisign` takes. */
export function memberSignatureJson({ info, bytes }: Signature): JsonObject {
  const mode = info.modeInfo?.single?.mode;
  const [name] = Object.entries(SignMode).find(([, number]) => number === mode) ?? ["SIGN_MODE_UNSPECIFIED"];
  const publicKey = info.publicKey ? pubKeyToJson(pubKeyFromAny(info.publicKey)) : null;
  return {
    signatures: [
      {
        public_key: publicKey as unknown as JsonObject,
        data: { single: { mode: name, signature: Buffer.from(bytes).toString("base64") } },
        sequence: String(info.sequence),
      },
    ],
  };
}

export interface MemberSignature {
  readonly pubKey: PubKey;
  readonly mode: SignMode;
  readonly bytes: Uint8Array;
}

interface MemberSignatureJson {
  readonly public_key: unknown;
  readonly data?: { readonly single?: { readonly mode?: string; readonly signature?: string } };
}

/** The signatures in a file that `tx sign --multisig` wrote. */
export const readMemberSignatures = (path: string): readonly MemberSignature[] =>
  memberSignatures(readJson(path), path, "sign");

/** The signatures in a file that `tx sign-batch --multisig` wrote, one a line, as many as there are transactions. */
export function readSignatureLines(path: string, wanted: number): readonly MemberSignature[] {
  const signatures = linesOf(path).flatMap(({ line, from }) => {
    try {
      return memberSignatures(JSON.parse(line), from, "sign-batch");
    } catch (cause) {
      throw new Error(`${from} holds no signature: ${(cause as Error).message}`, { cause });
    }
  });
  if (signatures.length === wanted) return signatures;
  throw new Error(`${path} has ${signatures.length} signatures, want ${wanted}, one for each transaction`);
}

function memberSignatures(json: unknown, from: string, command: string): readonly MemberSignature[] {
  const { signatures } = (json ?? {}) as { readonly signatures?: unknown };
  if (!Array.isArray(signatures)) {
    throw new Error(`${from} holds no signatures, want what interfirmd tx ${command} --multisig wrote`);
  }
  return (signatures as readonly MemberSignatureJson[]).map(({ public_key, data }) => ({
    pubKey: pubKeyFromJson(public_key),
    mode: (SignMode as Readonly<Record<string, SignMode>>)[data?.single?.mode ?? ""] ?? SignMode.SIGN_MODE_UNSPECIFIED,
    bytes: new Uint8Array(Buffer.from(data?.single?.signature ?? "", "base64")),
  }));
}

/** Joins members' signatures to that of their key. Throws when they are too few. */
export function joinSignatures(key: MultisigKey, given: readonly MemberSignature[], sequence: bigint): Signature {
  const same = (a: PubKey, b: PubKey) => Buffer.compare(addressBytes(a), addressBytes(b)) === 0;
  const signing = key.keys.map((member) => given.find(({ pubKey }) => same(pubKey, member)));
  const present = signing.filter((entry) => entry !== undefined);
  if (present.length < key.threshold) {
    throw new Error(`${present.length} members have signed, want at least ${key.threshold}`);
  }
  const info = multiSigner(
    key,
    signing.map((entry) => entry !== undefined),
    present.map(({ mode }) => mode),
    sequence,
  );
  return { info, bytes: MultiSignature.encode({ signatures: present.map(({ bytes }) => bytes) }).finish() };
}

/** What is wrong with a signature, or nothing. */
export function problemOf(tx: Tx, { info, bytes }: Signature, account: SignerData): string | undefined {
  if (!info.publicKey) return "the public key is missing";
  return verifySignature(createVerify(), pubKeyFromAny(info.publicKey), readSignature(info.modeInfo, bytes), (mode) =>
    signBytes(tx, mode === SignMode.SIGN_MODE_DIRECT ? "direct" : "amino-json", account),
  );
}

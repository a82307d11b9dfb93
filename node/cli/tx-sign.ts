/** Transactions as the command line makes them: bodies, sign bytes, signatures. */
import { type PubKey, pubKeyToAny } from "@interfirm/modules/auth/pubkey";
import { signBytes as chainSignBytes, type Document } from "@interfirm/modules/auth/sign-bytes";
import { signersOf as chainSignersOf } from "@interfirm/modules/auth/signers";
import { MultiSignature } from "@interfirm/proto/gen/cosmos/crypto/multisig/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, type SignerInfo, type Tx, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { unpackAny } from "@interfirm/proto/registry";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { registry } from "./tx-json.ts";

/** `direct` and `amino-json`, as `--sign-mode` has them. */
export type SignModeName = "direct" | "amino-json";

export interface SignerData {
  readonly chainId: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

/** Throws an Error for a mode that we do not sign in. */
export function readSignMode(text: string | undefined): SignModeName {
  if (text === undefined || text === "" || text === "direct") return "direct";
  if (text === "amino-json") return text;
  throw new Error(`--sign-mode is ${text}, want direct or amino-json`);
}

const modeNumber = (mode: SignModeName): SignMode =>
  mode === "direct" ? SignMode.SIGN_MODE_DIRECT : SignMode.SIGN_MODE_LEGACY_AMINO_JSON;

export const packAny = <T>(type: MessageType<T>, message: DeepPartial<T>): Any => ({
  typeUrl: type.typeUrl,
  value: type.encode(type.fromPartial(message)).finish(),
});

/** A signer whose signature a simulation has to imagine: for a multisig, that of as many members as must sign. */
export function imaginedSigner(pubKey: PubKey, mode: SignModeName, sequence: bigint): SignerInfo {
  if (pubKey.type !== "multisig") return singleSigner(pubKey, mode, sequence);
  const set = pubKey.keys.map((_, at) => at < pubKey.threshold);
  return multiSigner(pubKey, set, Array(pubKey.threshold).fill(modeNumber("amino-json")), sequence);
}

/** `set` says which members signed, `modes` how, in the same order. */
export const multiSigner = (
  pubKey: PubKey,
  set: readonly boolean[],
  modes: readonly SignMode[],
  sequence: bigint,
): SignerInfo => ({
  publicKey: pubKeyToAny(pubKey),
  modeInfo: { multi: { bitarray: bitsOf(set), modeInfos: modes.map((mode) => ({ single: { mode } })) } },
  sequence,
});

/** One bit a member, from the highest. */
function bitsOf(set: readonly boolean[]) {
  const elems = new Uint8Array(Math.ceil(set.length / 8));
  for (const [at, on] of set.entries()) if (on) elems[at >> 3] = (elems[at >> 3] as number) | (0x80 >> (at & 7));
  return { extraBitsStored: set.length % 8, elems };
}

/** What stands for a signature that is not there yet. */
export const imaginedSignature = (pubKey: PubKey): Uint8Array =>
  pubKey.type === "multisig"
    ? MultiSignature.encode({ signatures: Array.from({ length: pubKey.threshold }, () => new Uint8Array()) }).finish()
    : new Uint8Array();

export const singleSigner = (pubKey: PubKey, mode: SignModeName, sequence: bigint): SignerInfo => ({
  publicKey: pubKeyToAny(pubKey),
  modeInfo: { single: { mode: modeNumber(mode) } },
  sequence,
});

/** The transaction as the chain's own code takes it. */
function toChainTx({ body, authInfo, signatures }: Tx): Document {
  if (!body || !authInfo) throw new Error("the transaction has no body or no auth_info, want both");
  return {
    body,
    authInfo,
    bodyBytes: TxBody.encode(body).finish(),
    authInfoBytes: AuthInfo.encode(authInfo).finish(),
    signatures,
    messages: body.messages.map((any) => {
      const { type, message } = unpackAny(any, registry);
      return { type, value: message };
    }),
    registry,
    hasNonCritical: false,
    memoBytes: Buffer.byteLength(body.memo),
  };
}

/** The bytes that a key signs: the chain computes the same. */
export const signBytes = (tx: Tx, mode: SignModeName, signer: SignerData): Uint8Array =>
  chainSignBytes(toChainTx(tx), modeNumber(mode), signer);

/** Addresses that must sign, in order. Throws `sdk/7` when one of them is not of this chain. */
export const signersOf = (tx: Tx, prefix: string): readonly string[] => chainSignersOf(toChainTx(tx), prefix);

/** A signature of 64 bytes: r and s, s in its lower half. */
export const signSecp256k1 = (privateKey: Uint8Array, bytes: Uint8Array): Uint8Array =>
  secp256k1.sign(sha256(bytes), privateKey, { prehash: false, lowS: true });

/** The form that goes over the wire. */
export const encodeTx = ({ body, authInfo, signatures }: Tx): Uint8Array =>
  TxRaw.encode({
    bodyBytes: TxBody.encode(TxBody.fromPartial(body ?? {})).finish(),
    authInfoBytes: AuthInfo.encode(AuthInfo.fromPartial(authInfo ?? {})).finish(),
    signatures,
  }).finish();

export function decodeTx(bytes: Uint8Array): Tx {
  const raw = TxRaw.decode(bytes);
  return {
    body: TxBody.decode(raw.bodyBytes),
    authInfo: AuthInfo.decode(raw.authInfoBytes),
    signatures: raw.signatures,
  };
}

/** Keys and signed transactions for tests. */
import { aminoSignBytes, toAmino } from "@interfirm/proto/amino";
import type { Coin } from "@interfirm/proto/gen/cosmos/base/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, SignDoc, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry, unpackAny } from "@interfirm/proto/registry";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Address, bytesToAddress } from "../kernel/address.ts";
import { toUtf8 } from "../kernel/bytes.ts";
import { TEST_PREFIX } from "../kernel/testing.ts";
import { addressBytes, type PubKey, pubKeyToAny } from "./pubkey.ts";
import type { Verifier } from "./signature.ts";

/** Somebody with a key. */
export interface TestSigner {
  readonly pubKey: PubKey;
  readonly address: Address;
  sign(message: Uint8Array): Uint8Array;
}

const address = (pubKey: PubKey): Address => bytesToAddress(addressBytes(pubKey), TEST_PREFIX);

/** The same name gives the same key. */
export function secpSigner(name: string): TestSigner {
  const secret = sha256(toUtf8(`key of ${name}`));
  const pubKey: PubKey = { type: "secp256k1", key: secp256k1.getPublicKey(secret) };
  return { pubKey, address: address(pubKey), sign: (message) => secp256k1.sign(message, secret) };
}

export function ed25519Signer(name: string): TestSigner {
  const secret = sha256(toUtf8(`key of ${name}`));
  const pubKey: PubKey = { type: "ed25519", key: ed25519.getPublicKey(secret) };
  return { pubKey, address: address(pubKey), sign: (message) => ed25519.sign(message, secret) };
}

/** In pure JavaScript: for tests. */
export const testVerifier: Verifier = {
  secp256k1: (key, message, signature) => refuse(() => secp256k1.verify(signature, message, key)),
  ed25519: (key, message, signature) => refuse(() => ed25519.verify(signature, message, key)),
};

function refuse(verify: () => boolean): boolean {
  try {
    return verify();
  } catch {
    return false;
  }
}

/** A message in an `Any`. */
export const pack = <T>(type: MessageType<T>, message: DeepPartial<T>): Any => ({
  typeUrl: type.typeUrl,
  value: type.encode(type.fromPartial(message)).finish(),
});

export interface TxOfSigner {
  readonly signer: TestSigner;
  readonly accountNumber?: bigint;
  readonly sequence?: bigint;
  readonly mode?: SignMode;
  /** Left out of the signer info when the chain knows it. */
  readonly omitKey?: boolean;
}

export interface TxOptions {
  readonly messages: readonly Any[];
  readonly signers: readonly TxOfSigner[];
  readonly chainId?: string;
  readonly fee?: readonly Coin[];
  readonly gasLimit?: bigint;
  readonly payer?: Address;
  readonly granter?: Address;
  readonly body?: DeepPartial<TxBody>;
  /** Changes what is signed. */
  readonly authInfo?: (authInfo: AuthInfo) => AuthInfo;
  /** Changes the signatures. */
  readonly signatures?: (signatures: readonly Uint8Array[]) => readonly Uint8Array[];
}

const registry = createRegistry(allTypes);

const documentOf = (body: TxBody, { fee }: AuthInfo) => ({
  fee: { amount: fee?.amount ?? [], gas: fee?.gasLimit ?? 0n, payer: fee?.payer ?? "", granter: fee?.granter ?? "" },
  memo: body.memo,
  timeoutHeight: body.timeoutHeight,
  msgs: body.messages.map((any) => {
    const { type, message } = unpackAny(any, registry);
    return toAmino(type, message, registry);
  }),
});

/** A signed transaction, or one that is wrong in one respect. */
export function buildTx(options: TxOptions): Uint8Array {
  const { messages, signers, chainId = "test-1", fee = [], gasLimit = 200_000n } = options;
  const { payer = "" as Address, granter = "" as Address } = options;
  const body = TxBody.fromPartial({ ...options.body, messages });
  const bodyBytes = TxBody.encode(body).finish();
  const plain: AuthInfo = {
    signerInfos: signers.map(({ signer, sequence = 0n, mode = SignMode.SIGN_MODE_DIRECT, omitKey }) => ({
      publicKey: omitKey ? undefined : pubKeyToAny(signer.pubKey),
      modeInfo: { single: { mode } },
      sequence,
    })),
    fee: { amount: fee, gasLimit, payer, granter },
    tip: undefined,
  };
  const authInfo = options.authInfo?.(plain) ?? plain;
  const authInfoBytes = AuthInfo.encode(authInfo).finish();
  const signatures = signers.map(({ signer, accountNumber = 0n, sequence = 0n, mode }) => {
    const document =
      mode === SignMode.SIGN_MODE_LEGACY_AMINO_JSON
        ? aminoSignBytes({ ...documentOf(body, authInfo), chainId, accountNumber, sequence })
        : SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish();
    return signer.sign(document);
  });
  return TxRaw.encode({
    bodyBytes,
    authInfoBytes,
    signatures: options.signatures?.(signatures) ?? signatures,
  }).finish();
}

/** The transactions of the benchmark, signed before the clock starts. */
import { hash } from "node:crypto";
import { bytesToAddress } from "@interfirm/modules/kernel/address";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/secp256k1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, SignDoc, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Address } from "@interfirm/proto/types";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { loadNativeSecp256k1 } from "../crypto/native.ts";

/** The binding can more than the node asks of it. */
interface NativeSigner {
  publicKeyCreate(output: Uint8Array, secret: Uint8Array): number;
  ecdsaSign(output: { signature: Uint8Array; recid: number }, digest: Uint8Array, secret: Uint8Array): number;
}
const signer = loadNativeSecp256k1() as unknown as NativeSigner;

export interface Account {
  readonly address: Address;
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

const sha256 = (data: Uint8Array | string): Uint8Array => new Uint8Array(hash("sha256", data, "buffer"));

/** The same account for the same number, every time. Worth nothing anywhere. */
export function benchAccount(number: number, prefix: string): Account {
  const secret = sha256(`interfirm benchmark account ${number}`);
  const publicKey = new Uint8Array(33);
  signer.publicKeyCreate(publicKey, secret);
  return { address: bytesToAddress(ripemd160(sha256(publicKey)), prefix), secret, publicKey };
}

export interface SendOptions {
  readonly chainId: string;
  readonly denom: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
  readonly to: Address;
  readonly gas: bigint;
  readonly fee: bigint;
}

/** A signed transaction that sends one unit. */
export function signedSend({ address, secret, publicKey }: Account, options: SendOptions): Uint8Array {
  const { chainId, denom, accountNumber, sequence, to, gas, fee } = options;
  const send = MsgSend.encode(
    MsgSend.fromPartial({ fromAddress: address, toAddress: to, amount: [{ denom, amount: 1n }] }),
  );
  const body = TxBody.fromPartial({ messages: [{ typeUrl: MsgSend.typeUrl, value: send.finish() }] });
  const bodyBytes = TxBody.encode(body).finish();
  const key = { typeUrl: PubKey.typeUrl, value: PubKey.encode({ key: publicKey }).finish() };
  const authInfo = AuthInfo.fromPartial({
    signerInfos: [{ publicKey: key, modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } }, sequence }],
    fee: { amount: [{ denom, amount: fee }], gasLimit: gas },
  });
  const authInfoBytes = AuthInfo.encode(authInfo).finish();
  const document = SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish();
  const signed = { signature: new Uint8Array(64), recid: 0 };
  signer.ecdsaSign(signed, sha256(document), secret);
  return TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [signed.signature] }).finish();
}

const KVSTORE_TX_BYTES = 314;

/** A transaction of CometBFT's `kvstore`, as long as a send. */
export const kvstoreTx = (account: number, sequence: number): Uint8Array =>
  Buffer.from(`bench-${account}-${sequence}=`.padEnd(KVSTORE_TX_BYTES, "x"));

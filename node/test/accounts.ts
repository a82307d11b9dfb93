/** Accounts of the tests and their signed transactions. */
import { addressBytes } from "@interfirm/modules/auth/pubkey";
import { type Address, bytesToAddress } from "@interfirm/modules/kernel/address";
import type { Coin } from "@interfirm/modules/kernel/coins";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/secp256k1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, SignDoc, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { DeepPartial, MessageType } from "@interfirm/proto/types";
import { loadNativeSecp256k1, type NativeSecp256k1 } from "../crypto/native.ts";
import { createVerify, sha256 } from "../crypto/verify.ts";

/** The parts of the binding that only tests need; it writes into what it is given. */
interface NativeSigner extends NativeSecp256k1 {
  publicKeyCreate(output: Uint8Array, privateKey: Uint8Array): number;
  ecdsaSign(output: { signature: Uint8Array; recid: number }, digest: Uint8Array, privateKey: Uint8Array): number;
}

const native = loadNativeSecp256k1() as NativeSigner;

/** One for all chains of a test file. */
export const verifier = createVerify(native);

export interface TestAccount {
  readonly name: string;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly address: Address;
}

/** The same name always gives the same account. */
export function account(name: string, prefix = "firm"): TestAccount {
  const privateKey = sha256(new TextEncoder().encode(`interfirm test account ${name}`));
  const publicKey = new Uint8Array(33);
  native.publicKeyCreate(publicKey, privateKey);
  const address = bytesToAddress(addressBytes({ type: "secp256k1", key: publicKey }), prefix);
  return { name, privateKey, publicKey, address };
}

export interface TxOptions {
  readonly chainId: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
  readonly fee?: readonly Coin[];
  readonly gas?: bigint;
  readonly memo?: string;
  readonly timeoutHeight?: bigint;
  /** Pays the fee by a grant. */
  readonly granter?: Address;
}

export interface AnyMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

export const message = <T>(type: MessageType<T>, value: DeepPartial<T>): AnyMessage => ({
  typeUrl: type.typeUrl,
  value: type.encode(type.fromPartial(value)).finish(),
});

export const send = (from: Address, to: Address, amount: bigint, denom = "ufirm"): AnyMessage =>
  message(MsgSend, { fromAddress: from, toAddress: to, amount: [{ denom, amount }] });

export const FEE: readonly Coin[] = [{ denom: "ufirm", amount: 5_000n }];
export const GAS = 200_000n;

/** A transaction signed by one account in SIGN_MODE_DIRECT. */
export function signTx(signer: TestAccount, messages: readonly AnyMessage[], options: TxOptions): Uint8Array {
  const {
    chainId,
    accountNumber,
    sequence,
    fee = FEE,
    gas = GAS,
    memo = "",
    timeoutHeight = 0n,
    granter = "",
  } = options;
  const bodyBytes = TxBody.encode(TxBody.fromPartial({ messages, memo, timeoutHeight })).finish();
  const authInfoBytes = AuthInfo.encode(
    AuthInfo.fromPartial({
      signerInfos: [
        {
          publicKey: message(PubKey, { key: signer.publicKey }),
          modeInfo: { single: { mode: SignMode.SIGN_MODE_DIRECT } },
          sequence,
        },
      ],
      fee: { amount: fee, gasLimit: gas, granter },
    }),
  ).finish();
  const document = SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish();
  const output = { signature: new Uint8Array(64), recid: 0 };
  native.ecdsaSign(output, sha256(document), signer.privateKey);
  return TxRaw.encode({ bodyBytes, authInfoBytes, signatures: [output.signature] }).finish();
}

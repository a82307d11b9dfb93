import {
  type AminoSignResponse,
  encodeSecp256k1Signature,
  type OfflineAminoSigner,
  rawSecp256k1PubkeyToRawAddress,
  type StdSignDoc,
  serializeSignDoc,
} from "@cosmjs/amino";
import { Bip39, EnglishMnemonic, Random, Slip10, Slip10Curve, stringToPath } from "@cosmjs/crypto";
import { fromBech32, toBech32 } from "@cosmjs/encoding";
import {
  type AccountData,
  type DirectSignResponse,
  makeSignBytes,
  type OfflineDirectSigner,
  type OfflineSigner,
} from "@cosmjs/proto-signing";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { fromUtf8, sha256, toUtf8 } from "./bytes.ts";

export type { OfflineAminoSigner, OfflineDirectSigner, OfflineSigner };

export interface WalletOptions {
  /** Human-readable part of the chain's addresses: `firm`, unless genesis names another. */
  readonly prefix: string;
}

export interface MnemonicOptions extends WalletOptions {
  /** BIP-44 account and address index of `m/44'/118'/account'/0/index`. Both 0 unless told. */
  readonly account?: number;
  readonly index?: number;
  /** A whole derivation path instead. */
  readonly hdPath?: string;
  readonly bip39Password?: string;
}

/** One secp256k1 key in memory. Signs protobuf documents and, as a Ledger would, amino JSON ones. */
export interface Wallet extends OfflineDirectSigner, OfflineAminoSigner {
  readonly address: string;
  /** Compressed, 33 bytes. */
  readonly pubkey: Uint8Array;
  getAccounts(): Promise<readonly (AccountData & { readonly algo: "secp256k1" })[]>;
}

/** A fresh BIP-39 mnemonic of 24 words, or 12. */
export const generateMnemonic = (words: 12 | 24 = 24): string =>
  Bip39.encode(Random.getBytes(words === 24 ? 32 : 16)).toString();

/** Throws a plain Error when the words are no BIP-39 mnemonic. */
export async function walletFromMnemonic(mnemonic: string, options: MnemonicOptions): Promise<Wallet> {
  const { account = 0, index = 0, hdPath = `m/44'/118'/${account}'/0/${index}`, bip39Password } = options;
  const seed = await Bip39.mnemonicToSeed(new EnglishMnemonic(mnemonic), bip39Password);
  return walletFromKey(Slip10.derivePath(Slip10Curve.Secp256k1, seed, stringToPath(hdPath)).privkey, options);
}

/** `privateKey` has 32 bytes. Throws a plain Error when it is no secp256k1 key. */
export function walletFromKey(privateKey: Uint8Array, { prefix }: WalletOptions): Wallet {
  const pubkey = secp256k1.getPublicKey(privateKey, true);
  const address = toBech32(prefix, rawSecp256k1PubkeyToRawAddress(pubkey));
  const sign = (signer: string, bytes: Uint8Array) => {
    if (signer !== address) throw new Error(`signer is ${signer}, want ${address}`);
    return encodeSecp256k1Signature(pubkey, secp256k1.sign(sha256(bytes), privateKey, { prehash: false, lowS: true }));
  };
  return {
    address,
    pubkey,
    getAccounts: async () => [{ address, pubkey, algo: "secp256k1" }],
    signDirect: async (signer, signDoc): Promise<DirectSignResponse> => ({
      signed: signDoc,
      signature: sign(signer, makeSignBytes(signDoc)),
    }),
    signAmino: async (signer: string, signDoc: StdSignDoc): Promise<AminoSignResponse> => ({
      signed: signDoc,
      signature: sign(signer, aminoBytes(signDoc)),
    }),
  };
}

/** CosmJS' bytes, with the two line separators escaped as Go's JSON has them: chains sign and verify those. */
const aminoBytes = (signDoc: StdSignDoc): Uint8Array =>
  toUtf8(
    fromUtf8(serializeSignDoc(signDoc)).replace(/[\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16)}`),
  );

/** The same wallet, made to sign amino JSON only: for Ledgers, multisigs and tests of that mode. */
export const aminoOnly = (wallet: OfflineAminoSigner): OfflineAminoSigner => ({
  getAccounts: () => wallet.getAccounts(),
  signAmino: (signer, signDoc) => wallet.signAmino(signer, signDoc),
});

/** Human-readable part of an address. Throws a plain Error when it is not bech32. */
export const prefixOf = (address: string): string => fromBech32(address).prefix;

/** Mnemonics (BIP-39) and the keys derived from them (BIP-32, BIP-44). */
import { HDKey } from "@scure/bip32";
import { generateMnemonic, mnemonicToSeedSync, validateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";

export interface HdPathParts {
  /** SLIP-44 number; 118 is Cosmos'. */
  readonly coinType?: number | undefined;
  readonly account?: number | undefined;
  readonly index?: number | undefined;
}

/** `m/44'/118'/0'/0/0` */
export const hdPath = ({ coinType = 118, account = 0, index = 0 }: HdPathParts = {}): string =>
  `m/44'/${coinType}'/${account}'/0/${index}`;

/** 24 words of 256 bits from the system's random numbers. */
export const newMnemonic = (): string => generateMnemonic(wordlist, 256);

/** Words in lower case with single spaces. Throws an Error, which never shows the words, unless they are a BIP-39 mnemonic. */
export function readMnemonic(text: string): string {
  const words = text.trim().toLowerCase().split(/\s+/);
  const mnemonic = words.join(" ");
  if (!validateMnemonic(mnemonic, wordlist)) {
    throw new Error(
      `the ${words.length} words given are not a BIP-39 mnemonic, want 12, 15, 18, 21 or 24 English words with a right checksum`,
    );
  }
  return mnemonic;
}

const PATH = /^m(\/[0-9]{1,10}'?){1,10}$/;

/** The 32 bytes of a secp256k1 private key. Throws an Error for a path that is none. */
export function deriveSecp256k1(mnemonic: string, path: string, bip39Passphrase = ""): Uint8Array {
  const full = path.startsWith("m/") ? path : `m/${path}`;
  if (full.length > 128 || !PATH.test(full))
    throw new Error(`hd path is ${JSON.stringify(path)}, want m/44'/118'/0'/0/0`);
  const { privateKey } = HDKey.fromMasterSeed(mnemonicToSeedSync(mnemonic, bip39Passphrase)).derive(full);
  if (!privateKey) throw new Error(`hd path ${path} has no private key, want another index`);
  return privateKey;
}

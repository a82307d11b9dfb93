import type { Address } from "@interfirm/proto/types";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { quote, toLatin1, toUtf8 } from "./bytes.ts";
import { BoundedCache } from "./cache.ts";
import { sdkError } from "./sdk-errors.ts";

export type { Address } from "@interfirm/proto/types";

/** Longest address in bytes, as in the SDK. Accounts of keys have 20, some derived accounts 32. */
const ADDRESS_BYTES_MAX = 255;
/** Longest text that is looked at: that of 255 bytes with a prefix of 83 characters, as the SDK's decoder allows. */
const TEXT_MAX = 1023;
const CACHE_SIZE = 16_384;

interface Decoded {
  readonly prefix: string;
  readonly bytes: Uint8Array;
}

const decoded = new BoundedCache<string, Decoded>(CACHE_SIZE);
const encoded = new BoundedCache<string, Address>(CACHE_SIZE);

function decode(text: string): Decoded {
  const known = decoded.get(text);
  if (known) return known;
  if (text.length === 0) throw sdkError.invalidAddress("address is empty, want bech32 text");
  if (text.length > TEXT_MAX) {
    throw sdkError.invalidAddress(`address has ${text.length} characters, want at most ${TEXT_MAX}`);
  }
  if (text !== text.toLowerCase())
    throw sdkError.invalidAddress(`address ${quote(text)} has capitals, want lower case`);
  let parsed: Decoded;
  try {
    const { prefix, words } = bech32.decode(text as `${string}1${string}`, TEXT_MAX);
    parsed = { prefix, bytes: bech32.fromWords(words) };
  } catch (cause) {
    throw sdkError.invalidAddress(`address ${quote(text)} is not bech32 (${(cause as Error).message})`);
  }
  if (parsed.bytes.length === 0 || parsed.bytes.length > ADDRESS_BYTES_MAX) {
    throw sdkError.invalidAddress(`address has ${parsed.bytes.length} bytes, want 1 to ${ADDRESS_BYTES_MAX}`);
  }
  decoded.set(text, parsed);
  return parsed;
}

/**
 * Raw bytes of an account address. They belong to a cache: do not change them.
 * Throws `sdk/7` unless `text` is lower-case bech32 of 1 to 255 bytes with this prefix.
 */
export function addressToBytes(text: string, prefix: string): Uint8Array {
  const { prefix: seen, bytes } = decode(text);
  if (seen !== prefix) throw sdkError.invalidAddress(`address prefix is ${quote(seen)}, want "${prefix}"`);
  return bytes;
}

/** Throws `sdk/7` unless there are 1 to 255 bytes. */
export function bytesToAddress(bytes: Uint8Array, prefix: string): Address {
  const key = `${prefix}/${toLatin1(bytes)}`;
  const known = encoded.get(key);
  if (known) return known;
  if (bytes.length === 0 || bytes.length > ADDRESS_BYTES_MAX) {
    throw sdkError.invalidAddress(`address has ${bytes.length} bytes, want 1 to ${ADDRESS_BYTES_MAX}`);
  }
  const text = bech32.encode(prefix, bech32.toWords(bytes), TEXT_MAX) as string as Address;
  encoded.set(key, text);
  return text;
}

/** The door: untrusted text in, `Address` out. Throws `sdk/7`. */
export function parseAddress(text: string, prefix: string): Address {
  addressToBytes(text, prefix);
  return text as Address;
}

/** The account of a module: the first 20 bytes of SHA-256 of its name, as the SDK's `authtypes.NewModuleAddress`. */
export function moduleAddress(name: string, prefix: string): Address {
  return bytesToAddress(sha256(toUtf8(name)).subarray(0, 20), prefix);
}

/** Prefix of operators' addresses: `firmvaloper`. */
export const validatorPrefix = (prefix: string): string => `${prefix}valoper`;
/** The account of an operator, whose address has the same bytes. Throws `sdk/7` unless `operator` is an operator's address. */
export const operatorAccount = (operator: string, prefix: string): Address =>
  bytesToAddress(addressToBytes(operator, validatorPrefix(prefix)), prefix);
/** Prefix of consensus addresses: `firmvalcons`. */
export const consensusPrefix = (prefix: string): string => `${prefix}valcons`;

/** Whether `prefix` can be a chain's: 1 to 20 lower-case letters and digits, first a letter, as Cosmos registries have them. */
export function isAddressPrefix(prefix: string): boolean {
  return prefix.length <= 20 && /^[a-z][a-z0-9]*$/.test(prefix);
}

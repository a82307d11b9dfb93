import { PubKey as Ed25519PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { LegacyAminoPubKey } from "@interfirm/proto/gen/cosmos/crypto/multisig";
import { PubKey as Secp256k1PubKey } from "@interfirm/proto/gen/cosmos/crypto/secp256k1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { Reader, WireError } from "@interfirm/proto/runtime";
import type { MessageType } from "@interfirm/proto/types";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { sdkError } from "../kernel/sdk-errors.ts";

/** A public key that an account may have. */
export type PubKey = SingleKey | MultisigKey;

export interface SingleKey {
  readonly type: "secp256k1" | "ed25519";
  /** 33 bytes of a compressed point for secp256k1, 32 bytes for ed25519. */
  readonly key: Uint8Array;
}

/** `threshold` of `keys` must sign. A key that is listed twice has two votes and must sign twice. */
export interface MultisigKey {
  readonly type: "multisig";
  /** From 1 to the number of keys. */
  readonly threshold: number;
  readonly keys: readonly PubKey[];
}

/** Types of keys in an `Any`, nested ones in a multisig included. */
export const isPubKeyType = (typeUrl: string): boolean =>
  typeUrl === Secp256k1PubKey.typeUrl || typeUrl === Ed25519PubKey.typeUrl || typeUrl === LegacyAminoPubKey.typeUrl;

/** Whether it says secp256k1 and no more. */
export const isBlankKey = ({ typeUrl, value }: Any): boolean =>
  typeUrl === Secp256k1PubKey.typeUrl && value.length === 0;

/** How deep multisig keys may nest: SDK `MaxUnpackAnyRecursionDepth`. */
const NESTING_MAX = 10;
/** Keys in one multisig, those of nested ones included: SDK `MaxUnpackAnySubCalls`. */
const KEYS_MAX = 100;

/** The key in an `Any`. Throws `sdk/8` when the type is not a public key or its bytes are not a key of that type. */
export function pubKeyFromAny(any: Any): PubKey {
  try {
    return unpack(any, NESTING_MAX, { keys: KEYS_MAX });
  } catch (cause) {
    if (cause instanceof WireError) throw sdkError.invalidPubKey(`key does not parse: ${cause.message}`);
    throw cause;
  }
}

function unpack({ typeUrl, value }: Any, depth: number, budget: { keys: number }): PubKey {
  if (depth === 0) throw sdkError.invalidPubKey(`multisig keys nest deeper than ${NESTING_MAX}`);
  if (budget.keys-- === 0) throw sdkError.invalidPubKey(`multisig has more than ${KEYS_MAX} keys`);
  switch (typeUrl) {
    case Secp256k1PubKey.typeUrl: {
      const { key } = Secp256k1PubKey.decode(Reader.over(value));
      if (key.length !== 33) throw sdkError.invalidPubKey(`secp256k1 key has ${key.length} bytes, want 33`);
      // A compressed point starts with the parity of y. Anything else could never verify a signature.
      if (key[0] !== 2 && key[0] !== 3)
        throw sdkError.invalidPubKey(`secp256k1 key starts with ${key[0]}, want 2 or 3`);
      return { type: "secp256k1", key };
    }
    case Ed25519PubKey.typeUrl: {
      const { key } = Ed25519PubKey.decode(Reader.over(value));
      if (key.length !== 32) throw sdkError.invalidPubKey(`ed25519 key has ${key.length} bytes, want 32`);
      return { type: "ed25519", key };
    }
    case LegacyAminoPubKey.typeUrl: {
      const { threshold, publicKeys } = LegacyAminoPubKey.decode(value);
      if (threshold < 1 || threshold > publicKeys.length) {
        throw sdkError.invalidPubKey(`multisig threshold is ${threshold}, want 1 to ${publicKeys.length}`);
      }
      const keys: PubKey[] = [];
      for (const member of publicKeys) keys.push(unpack(member, depth - 1, budget));
      return { type: "multisig", threshold, keys };
    }
    default:
      throw sdkError.invalidPubKey(`type is ${typeUrl}, want secp256k1, ed25519 or multisig`);
  }
}

export function pubKeyToAny(pubKey: PubKey): Any {
  const pack = <T>(type: MessageType<T>, message: T): Any => ({
    typeUrl: type.typeUrl,
    value: type.encode(message).finish(),
  });
  switch (pubKey.type) {
    case "secp256k1":
      return pack(Secp256k1PubKey, { key: pubKey.key });
    case "ed25519":
      return pack(Ed25519PubKey, { key: pubKey.key });
    case "multisig":
      return pack(LegacyAminoPubKey, { threshold: pubKey.threshold, publicKeys: pubKey.keys.map(pubKeyToAny) });
  }
}

/** Signatures that the key may need: what `tx_sig_limit` bounds. */
export function keyCount(pubKey: PubKey): number {
  if (pubKey.type !== "multisig") return 1;
  let count = 0;
  for (const member of pubKey.keys) count += keyCount(member);
  return count;
}

/**
 * The 20 bytes of the key's account: RIPEMD-160 of SHA-256 for secp256k1, the first 20 bytes of SHA-256 for ed25519
 * and, over the amino encoding, for multisig.
 */
export function addressBytes(pubKey: PubKey): Uint8Array {
  switch (pubKey.type) {
    case "secp256k1":
      return ripemd160(sha256(pubKey.key));
    case "ed25519":
      return sha256(pubKey.key).subarray(0, 20);
    case "multisig":
      return sha256(Uint8Array.from(aminoBytes(pubKey))).subarray(0, 20);
  }
}

/** Length of a key in amino's binary form, which the gas of a simulated signature counts. */
export const aminoLength = (pubKey: PubKey): number => aminoBytes(pubKey).length;

/**
 * Amino's binary form of a key: four bytes that stand for its registered name, then its content.
 * Source: tendermint v0.33 docs/spec/blockchain/encoding.md, "Public Key Cryptography"; SDK crypto/keys/multisig/amino.go.
 */
function aminoBytes(pubKey: PubKey): number[] {
  switch (pubKey.type) {
    case "secp256k1":
      return [0xeb, 0x5a, 0xe9, 0x87, 33, ...pubKey.key];
    case "ed25519":
      return [0x16, 0x24, 0xde, 0x64, 32, ...pubKey.key];
    case "multisig": {
      const out = [0x22, 0xc1, 0xf7, 0xe2, 0x08, ...uvarint(pubKey.threshold)];
      for (const member of pubKey.keys) {
        const bytes = aminoBytes(member);
        out.push(0x12, ...uvarint(bytes.length));
        for (const byte of bytes) out.push(byte);
      }
      return out;
    }
  }
}

function uvarint(value: number): number[] {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...out, rest];
    out.push((rest % 128) + 128);
  }
}

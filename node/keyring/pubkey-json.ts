/** Public keys in the JSON form of the SDK: `{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"…"}`. */
import type { PubKey } from "@interfirm/modules/auth/pubkey";

export type PubKeyJson =
  | { readonly "@type": string; readonly key: string }
  | { readonly "@type": string; readonly threshold: number; readonly public_keys: readonly PubKeyJson[] };

const SECP256K1 = "/cosmos.crypto.secp256k1.PubKey";
const ED25519 = "/cosmos.crypto.ed25519.PubKey";
const MULTISIG = "/cosmos.crypto.multisig.LegacyAminoPubKey";

/** Deepest nesting of multisig keys that the chain takes. */
const NESTING_MAX = 10;
const KEYS_MAX = 100;

export function pubKeyToJson(pubKey: PubKey): PubKeyJson {
  if (pubKey.type === "multisig") {
    return { "@type": MULTISIG, threshold: pubKey.threshold, public_keys: pubKey.keys.map(pubKeyToJson) };
  }
  return {
    "@type": pubKey.type === "secp256k1" ? SECP256K1 : ED25519,
    key: Buffer.from(pubKey.key).toString("base64"),
  };
}

/** The same from the JSON text that a flag or an argument gives. Throws an Error that says what is wrong. */
export function pubKeyFromText(text: string): PubKey {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const wanted = `{"@type":"${SECP256K1}","key":"…"}`;
    throw new Error(`public key is ${JSON.stringify(text.slice(0, 100))}, want JSON such as ${wanted}`, { cause });
  }
  return pubKeyFromJson(value);
}

/** Throws an Error that says what is wrong. */
export function pubKeyFromJson(value: unknown, depth = NESTING_MAX): PubKey {
  if (typeof value !== "object" || value === null) {
    throw new Error(`public key is ${JSON.stringify(value)}, want an object with "@type" and "key"`);
  }
  const { "@type": type, key, threshold, public_keys } = value as Record<string, unknown>;
  if (type === SECP256K1) {
    const bytes = keyBytes(key, 33);
    if (bytes[0] !== 2 && bytes[0] !== 3) throw new Error(`secp256k1 key starts with ${bytes[0]}, want 2 or 3`);
    return { type: "secp256k1", key: bytes };
  }
  if (type === ED25519) return { type: "ed25519", key: keyBytes(key, 32) };
  if (type !== MULTISIG)
    throw new Error(`public key has @type ${JSON.stringify(type)}, want ${SECP256K1} or ${MULTISIG}`);
  if (depth === 0) throw new Error(`multisig keys nest deeper than ${NESTING_MAX}`);
  if (!Array.isArray(public_keys) || public_keys.length > KEYS_MAX) {
    throw new Error(`public_keys of a multisig is not a list of at most ${KEYS_MAX} keys`);
  }
  return multisigOf(
    Number(threshold),
    public_keys.map((member) => pubKeyFromJson(member, depth - 1)),
  );
}

/** Throws an Error unless the threshold is from 1 to the number of keys. */
export function multisigOf(threshold: number, keys: readonly PubKey[]): PubKey {
  if (!Number.isSafeInteger(threshold) || threshold < 1 || threshold > keys.length) {
    throw new Error(`multisig threshold is ${threshold}, want 1 to ${keys.length}, the number of keys`);
  }
  return { type: "multisig", threshold, keys };
}

function keyBytes(text: unknown, length: number): Uint8Array {
  const bytes = typeof text === "string" ? new Uint8Array(Buffer.from(text, "base64")) : new Uint8Array();
  if (bytes.length !== length) throw new Error(`key has ${bytes.length} bytes, want ${length} in base64`);
  return bytes;
}

import { createPublicKey, hash, verify as verifyWithKey } from "node:crypto";
import { loadNativeSecp256k1, type NativeSecp256k1 } from "./native.ts";

/** Signature checks over bytes that nobody has looked at: every answer is true or false, nothing throws. */
export interface Verify {
  /** ECDSA over SHA-256 of `message`: a 33-byte compressed key and a 64-byte `r | s` with s at most half the order. */
  secp256k1(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Ed25519 (RFC 8032) over `message`: a 32-byte key, canonical and not of small order, and a 64-byte signature. */
  ed25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Half the order of secp256k1, rounded down, big-endian: the largest s that is accepted. */
const HALF_ORDER = Uint8Array.from(
  Buffer.from("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0", "hex"),
);

/**
 * Checks signatures natively. A high s is refused, for it would let anybody change a transaction's hash (malleability).
 * Throws a plain Error when the machine has no native secp256k1.
 */
export function createVerify(native: NativeSecp256k1 = loadNativeSecp256k1()): Verify {
  // V8 keeps short arrays in its heap and moves each one out when native code looks at it, at 0.6 µs: these are out already.
  const [signed, digest, key] = [Buffer.allocUnsafeSlow(64), Buffer.allocUnsafeSlow(32), Buffer.allocUnsafeSlow(33)];
  return {
    secp256k1(publicKey, message, signature) {
      if (publicKey.length !== 33 || (publicKey[0] !== 2 && publicKey[0] !== 3)) return false;
      if (signature.length !== 64 || !isLowS(signature)) return false;
      signed.set(signature);
      digest.write(hash("sha256", message, "binary"), "latin1");
      key.set(publicKey);
      return native.ecdsaVerify(signed, digest, key) === 0;
    },
    ed25519(publicKey, message, signature) {
      if (publicKey.length !== 32 || signature.length !== 64 || !isSafeEd25519Key(publicKey)) return false;
      return verifyWithKey(null, message, ed25519Key(publicKey), signature);
    },
  };
}

export const sha256 = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");

function isLowS(signature: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) {
    const s = signature[32 + i]!;
    const bound = HALF_ORDER[i]!;
    if (s !== bound) return s < bound;
  }
  return true;
}

/** DER header of an Ed25519 SubjectPublicKeyInfo (RFC 8410), before the 32 bytes of the key. */
const SPKI_HEADER = Buffer.from("302a300506032b6570032100", "hex");

const ed25519Key = (publicKey: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([SPKI_HEADER, publicKey]), format: "der", type: "spki" });

/**
 * The y coordinates, little-endian, of the points whose order divides 8: 0, 1, −1 and the two of order 8.
 * A signature under such a key can be valid for any message. Source: RFC 7748 section 6 and "Taming the many EdDSAs" (2020), table 1.
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/** Without its sign bit, a key must be below 2^255 − 19 and not of small order. */
function isSafeEd25519Key(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey);
  y[31] = y[31]! & 0x7f;
  const isCanonical = y[31] !== 0x7f || y[0]! < 0xed || y.subarray(1, 31).some((byte) => byte !== 0xff);
  return isCanonical && !SMALL_ORDER_Y.has(y.toString("hex"));
}

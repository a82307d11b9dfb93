import { generateKeyPairSync, sign as signWithKey } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { describe, expect, it } from "vitest";
import { loadNativeSecp256k1 } from "./native.ts";
import { createVerify, sha256 } from "./verify.ts";

const verify = createVerify();
const ORDER = secp256k1.Point.CURVE().n;

const be32 = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
const bytesToBigInt = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
const message = new TextEncoder().encode("pay 5 to bob");
const privateKey = be32(0xc0ffeen);
const publicKey = secp256k1.getPublicKey(privateKey);
const signature = secp256k1.sign(message, privateKey, { lowS: true });

/** A valid signature with a chosen s: since s = (z + r d) / k, the digest is chosen instead. Only for checks on the range of s. */
const replaceS = (s: bigint): Uint8Array => concat(signature.subarray(0, 32), be32(s));

/** A key and signature whose s is exactly `s`, found by taking Q = r⁻¹(s R − z G). */
function signedWithS(s: bigint): { publicKey: Uint8Array; signature: Uint8Array } {
  const R = secp256k1.Point.BASE.multiply(12345n);
  const r = R.toAffine().x % ORDER;
  const z = bytesToBigInt(sha256(message)) % ORDER;
  const inverse = secp256k1.Point.Fn.inv(r);
  const Q = R.multiply((s * inverse) % ORDER).subtract(secp256k1.Point.BASE.multiply((z * inverse) % ORDER));
  return { publicKey: Q.toBytes(true), signature: concat(be32(r), be32(s)) };
}

describe("secp256k1", () => {
  it("accepts what noble signs", () => {
    expect(verify.secp256k1(publicKey, message, signature)).toBe(true);
  });

  it("refuses another message, key or signature", () => {
    expect(verify.secp256k1(publicKey, new TextEncoder().encode("pay 6 to bob"), signature)).toBe(false);
    expect(verify.secp256k1(secp256k1.getPublicKey(be32(2n)), message, signature)).toBe(false);
    expect(verify.secp256k1(publicKey, message, secp256k1.sign(message, be32(2n)))).toBe(false);
  });

  it("accepts s = n/2 and refuses s = n/2 + 1, though both satisfy the equation", () => {
    const half = ORDER >> 1n;
    for (const [s, valid] of [
      [1n, true],
      [half, true],
      [half + 1n, false],
      [ORDER - 1n, false],
    ] as const) {
      const signed = signedWithS(s);
      expect(secp256k1.verify(signed.signature, message, signed.publicKey, { lowS: false })).toBe(true);
      expect(verify.secp256k1(signed.publicKey, message, signed.signature)).toBe(valid);
    }
  });

  it("refuses the mirrored signature (r, n − s)", () => {
    const s = bytesToBigInt(signature.subarray(32));
    expect(verify.secp256k1(publicKey, message, replaceS(ORDER - s))).toBe(false);
  });

  it("refuses r and s of 0, of the order, and of all ones", () => {
    const ones = new Uint8Array(32).fill(255);
    for (const part of [be32(0n), be32(ORDER), be32(ORDER + 1n), ones]) {
      expect(verify.secp256k1(publicKey, message, concat(part, signature.subarray(32)))).toBe(false);
      expect(verify.secp256k1(publicKey, message, concat(signature.subarray(0, 32), part))).toBe(false);
      expect(verify.secp256k1(publicKey, message, concat(part, part))).toBe(false);
    }
  });

  it("refuses a signature whose R would be the point at infinity", () => {
    // z G + r Q = infinity when Q = −z/r G.
    const r = 7n;
    const z = bytesToBigInt(sha256(message)) % ORDER;
    const d = (ORDER - ((z * secp256k1.Point.Fn.inv(r)) % ORDER)) % ORDER;
    expect(verify.secp256k1(secp256k1.getPublicKey(be32(d)), message, concat(be32(r), be32(1n)))).toBe(false);
  });

  it("refuses keys with another tag, off the curve, or of another length", () => {
    for (const tag of [0, 1, 4, 5, 6, 7, 255]) {
      expect(verify.secp256k1(concat(Uint8Array.of(tag), publicKey.subarray(1)), message, signature)).toBe(false);
    }
    expect(verify.secp256k1(concat(Uint8Array.of(2), be32(5n)), message, signature)).toBe(false);
    expect(verify.secp256k1(concat(Uint8Array.of(2), new Uint8Array(32).fill(255)), message, signature)).toBe(false);
    expect(verify.secp256k1(secp256k1.getPublicKey(privateKey, false), message, signature)).toBe(false);
    for (const length of [0, 1, 32, 34]) {
      expect(verify.secp256k1(new Uint8Array(length).fill(2), message, signature)).toBe(false);
    }
  });

  it("refuses signatures of another length", () => {
    for (const length of [0, 1, 63, 65, 72]) {
      expect(verify.secp256k1(publicKey, message, new Uint8Array(length).fill(1))).toBe(false);
    }
  });

  it("agrees with noble on random signatures, a byte of each changed in half of them", () => {
    let valid = 0;
    for (let i = 0; i < 200; i++) {
      const text = sha256(be32(BigInt(i)));
      const signed = secp256k1.sign(text, privateKey);
      const changed = Uint8Array.from(signed);
      if (i % 2 === 1) changed[(i * 7) % 64]! ^= 1 << (i % 8);
      const expected = secp256k1.verify(changed, text, publicKey, { lowS: true });
      valid += expected ? 1 : 0;
      expect(verify.secp256k1(publicKey, text, changed)).toBe(expected);
    }
    expect(valid).toBe(100);
  });
});

describe("ed25519", () => {
  const keys = generateKeyPairSync("ed25519");
  const raw = Uint8Array.from(keys.publicKey.export({ format: "der", type: "spki" }).subarray(12));
  const signed = Uint8Array.from(signWithKey(null, message, keys.privateKey));

  it("accepts a valid signature and refuses a changed byte anywhere", () => {
    expect(verify.ed25519(raw, message, signed)).toBe(true);
    expect(ed25519.verify(signed, message, raw)).toBe(true);
    for (let i = 0; i < 64; i++) {
      const changed = Uint8Array.from(signed);
      changed[i]! ^= 1;
      expect(verify.ed25519(raw, message, changed)).toBe(false);
    }
  });

  it("refuses an S that is not reduced", () => {
    const L = 2n ** 252n + 27742317777372353535851937790883648493n;
    const s = bytesToBigInt(Uint8Array.from(signed.subarray(32)).reverse()) + L;
    expect(verify.ed25519(raw, message, concat(signed.subarray(0, 32), be32(s).reverse()))).toBe(false);
  });

  it("refuses keys of small order, under which R = A with S = 0 is valid for messages nobody signed", () => {
    const identity = concat(Uint8Array.of(1), new Uint8Array(31));
    expect(verify.ed25519(identity, message, concat(identity, new Uint8Array(32)))).toBe(false);
    for (const point of ed25519Torsion()) {
      expect(verify.ed25519(point, message, concat(identity, new Uint8Array(32)))).toBe(false);
    }
  });

  it("refuses keys that are not canonical, of another length, or off the curve", () => {
    const p = 2n ** 255n - 19n;
    for (const y of [p, p + 1n, p + 18n, 2n ** 255n + p + 1n]) {
      expect(verify.ed25519(be32(y).reverse(), message, signed)).toBe(false);
    }
    expect(verify.ed25519(be32(2n).reverse(), message, signed)).toBe(false);
    for (const length of [0, 31, 33]) expect(verify.ed25519(new Uint8Array(length), message, signed)).toBe(false);
    for (const length of [0, 63, 65]) expect(verify.ed25519(raw, message, new Uint8Array(length))).toBe(false);
  });

  /** The eight points whose order divides 8. */
  function ed25519Torsion(): Uint8Array[] {
    const eighth = ed25519.Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    return Array.from({ length: 8 }, (_, i) =>
      (i === 0 ? ed25519.Point.ZERO : eighth.multiplyUnsafe(BigInt(i))).toBytes(),
    );
  }
});

describe("loadNativeSecp256k1", () => {
  it("refuses to start without the native binding and says why and what to do", () => {
    const load = () => {
      throw new Error("No native build was found");
    };
    expect(() => loadNativeSecp256k1(load)).toThrow(/no native secp256k1 for .*npm rebuild secp256k1/);
  });

  it("refuses a binding that is not one", () => {
    expect(() => loadNativeSecp256k1(() => ({}))).toThrow(/has no ecdsaVerify/);
  });
});

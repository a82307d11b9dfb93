import {
  createMultisigThresholdPubkey,
  encodeEd25519Pubkey,
  encodeSecp256k1Pubkey,
  type MultisigThresholdPubkey,
  pubkeyToRawAddress,
  type SinglePubkey,
} from "@cosmjs/amino";
import { encodePubkey } from "@cosmjs/proto-signing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressBytes, keyCount, type MultisigKey, type PubKey, pubKeyFromAny, pubKeyToAny } from "./pubkey.ts";
import { ed25519Signer, secpSigner } from "./testing.ts";

const secp = (name: string): PubKey => secpSigner(name).pubKey;
const multisig = (threshold: number, keys: readonly PubKey[]): MultisigKey => ({ type: "multisig", threshold, keys });

/** The key as CosmJS has it. */
function cosmjs(pubKey: PubKey): SinglePubkey | MultisigThresholdPubkey {
  if (pubKey.type !== "multisig") {
    return pubKey.type === "ed25519" ? encodeEd25519Pubkey(pubKey.key) : encodeSecp256k1Pubkey(pubKey.key);
  }
  return createMultisigThresholdPubkey(pubKey.keys.map(cosmjs) as SinglePubkey[], pubKey.threshold, true);
}

describe("addresses and encodings are those of CosmJS", () => {
  it.each<[string, PubKey]>([
    ["secp256k1", secp("a")],
    ["ed25519", ed25519Signer("a").pubKey],
    ["a multisig", multisig(2, [secp("a"), secp("b"), secp("c")])],
    ["a multisig of both kinds", multisig(1, [ed25519Signer("a").pubKey, secp("b")])],
    ["a multisig with a key twice", multisig(2, [secp("a"), secp("a")])],
    ["a multisig in a multisig", multisig(1, [multisig(1, [secp("a"), secp("b")]), secp("e")])],
  ])("%s", (_, pubKey) => {
    const theirs = cosmjs(pubKey);
    expect(addressBytes(pubKey)).toEqual(Uint8Array.from(pubkeyToRawAddress(theirs as SinglePubkey)));
    expect(pubKeyToAny(pubKey).value).toEqual(Uint8Array.from(encodePubkey(theirs).value));
    expect(pubKeyToAny(pubKey).typeUrl).toBe(encodePubkey(theirs).typeUrl);
  });
});

describe("pubKeyFromAny", () => {
  it("reads what pubKeyToAny writes", () => {
    const leaf = fc
      .string({ minLength: 1, maxLength: 3 })
      .map((name): PubKey => (name < "m" ? secp(name) : ed25519Signer(name).pubKey));
    const tree = fc.letrec<{ key: PubKey }>((tie) => ({
      key: fc.oneof(
        { maxDepth: 2 },
        leaf,
        fc
          .array(tie("key"), { minLength: 1, maxLength: 3 })
          .map((keys): PubKey => ({ type: "multisig", threshold: 1, keys })),
      ),
    })).key;
    fc.assert(
      fc.property(tree, (key) => void expect(pubKeyFromAny(pubKeyToAny(key))).toEqual(key)),
      { numRuns: 30 },
    );
  });

  const nested = (depth: number): PubKey => (depth === 0 ? secp("a") : multisig(1, [nested(depth - 1)]));
  it.each<[string, PubKey]>([
    ["a threshold of 0", multisig(0, [secp("a")])],
    ["a threshold above the keys", multisig(2, [secp("a")])],
    ["a multisig without keys", multisig(1, [])],
    [
      "more than 100 keys",
      multisig(
        1,
        Array.from({ length: 101 }, () => secp("a")),
      ),
    ],
    ["more than 10 levels", nested(11)],
    ["a secp256k1 key of 65 bytes", { type: "secp256k1", key: new Uint8Array(65).fill(4) }],
    ["an ed25519 key of 31 bytes", { type: "ed25519", key: new Uint8Array(31) }],
  ])("refuses %s (sdk/8)", (_, key) => {
    expect(() => pubKeyFromAny(pubKeyToAny(key))).toThrow(expect.objectContaining({ codespace: "sdk", code: 8 }));
  });
  it("refuses other types and bytes that are no key (sdk/8)", () => {
    for (const any of [
      { typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: new Uint8Array(0) },
      { typeUrl: "/cosmos.crypto.secp256k1.PubKey", value: Uint8Array.of(10, 33, 2) },
    ]) {
      expect(() => pubKeyFromAny(any)).toThrow(expect.objectContaining({ codespace: "sdk", code: 8 }));
    }
  });
});

it("counts the keys inside", () => {
  expect(keyCount(multisig(1, [multisig(1, [secp("a"), secp("b")]), secp("c")]))).toBe(3);
});

import { addressBytes } from "@interfirm/modules/auth/pubkey";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bech32 } from "@scure/base";
import { describe, expect, it } from "vitest";
import { deriveSecp256k1, hdPath, newMnemonic, readMnemonic } from "./hd.ts";

/** Published with CosmJS: packages/proto-signing, the faucet of its test chain. */
const FAUCET =
  "economy stock theory fatal elder harbor betray wasp final emotion task crumble siren bottom lizard educate guess current outdoor pair theory focus wife stone";

describe("mnemonics", () => {
  it("gives the address that other Cosmos wallets give", () => {
    const key = secp256k1.getPublicKey(deriveSecp256k1(FAUCET, hdPath()), true);
    const words = bech32.toWords(addressBytes({ type: "secp256k1", key }));
    expect(bech32.encode("cosmos", words)).toBe("cosmos1pkptre7fdkl6gfrzlesjjvhxhlc3r4gmmk8rs6");
  });

  it("has another key for every path", () => {
    expect(hdPath({ coinType: 60, account: 1, index: 2 })).toBe("m/44'/60'/1'/0/2");
    expect(deriveSecp256k1(FAUCET, hdPath({ index: 1 }))).not.toEqual(deriveSecp256k1(FAUCET, hdPath()));
    expect(deriveSecp256k1(FAUCET, "44'/118'/0'/0/0")).toEqual(deriveSecp256k1(FAUCET, hdPath()));
    expect(() => deriveSecp256k1(FAUCET, "m/x")).toThrow("want m/44'/118'/0'/0/0");
  });

  it("takes words in any spacing and case, and never shows them when they are wrong", () => {
    expect(readMnemonic(`  ${FAUCET.toUpperCase().replaceAll(" ", "\n ")} `)).toBe(FAUCET);
    expect(newMnemonic().split(" ")).toHaveLength(24);
    expect(() => readMnemonic(FAUCET.replace("economy", "stone"))).toThrow(
      /^the 24 words given are not a BIP-39 mnemonic/,
    );
  });
});

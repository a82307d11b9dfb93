import { describe, expect, it } from "vitest";
import { armorPrivateKey, unarmorPrivateKey } from "./armor.ts";

/** Made by `crypto.EncryptArmorPrivKey` of Cosmos SDK 0.53.8 for the key 01 02 … 20. */
const FROM_GO = `-----BEGIN TENDERMINT PRIVATE KEY-----
kdf: argon2
salt: 42B2D512C28FBF31E9A7AE65E2AD5AB9
type: secp256k1

hM1hiLd8hhWPDYz+YEXH4nqpEBrsnKjv9heMRwWYgZsr9VeTZ8qlGKXO7RHaSor2
0OHcY4s=
=o2Jw
-----END TENDERMINT PRIVATE KEY-----`;
const PASSPHRASE = "correct horse";
const KEY = Uint8Array.from({ length: 32 }, (_, at) => at + 1);

describe("armour", () => {
  it("reads what the Cosmos SDK writes", async () => {
    expect(await unarmorPrivateKey(FROM_GO, PASSPHRASE)).toEqual(KEY);
  });

  it("writes what it reads, never the same twice", async () => {
    const armor = await armorPrivateKey(KEY, PASSPHRASE);
    expect(await unarmorPrivateKey(armor, PASSPHRASE)).toEqual(KEY);
    expect(await armorPrivateKey(KEY, PASSPHRASE)).not.toBe(armor);
    expect(armor.split("\n").map((line) => line.replace(/:.*/, ""))).toEqual(
      expect.arrayContaining(["-----BEGIN TENDERMINT PRIVATE KEY-----", "kdf", "salt", "type", ""]),
    );
  });

  it.each([
    [FROM_GO, "wrong horse", "passphrase is wrong"],
    [FROM_GO.replace("hM1h", "hM1i"), PASSPHRASE, "checksum is wrong"],
    [FROM_GO.replace("kdf: argon2", "kdf: bcrypt"), PASSPHRASE, "want argon2"],
    [FROM_GO.replace("type: secp256k1", "type: ed25519"), PASSPHRASE, "want secp256k1"],
    ["hello", PASSPHRASE, "the text is no armour"],
  ])("refuses what it cannot open", async (armor, passphrase, message) => {
    await expect(unarmorPrivateKey(armor, passphrase)).rejects.toThrow(message);
  });
});

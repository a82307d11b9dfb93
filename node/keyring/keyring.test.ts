import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addressBytes, type PubKey } from "@interfirm/modules/auth/pubkey";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Keyring, openKeyring } from "./keyring.ts";
import { multisigOf, pubKeyFromJson, pubKeyToJson } from "./pubkey-json.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "interfirm-keyring-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const KEY_A = new Uint8Array(32).fill(1);
const KEY_B = new Uint8Array(32).fill(2);
const open = (backend: "file" | "test" | "memory", passphrase = "correct horse"): Keyring =>
  openKeyring({ backend, folder, passphrase: async () => passphrase });

describe.each(["file", "test", "memory"] as const)("keyring %s", (backend) => {
  it("keeps, finds, renames and removes keys", async () => {
    const keyring = open(backend);
    const alice = await keyring.addLocal("alice", KEY_A);
    await keyring.addLocal("bob/%", KEY_B);
    expect(keyring.list().map(({ name }) => name)).toEqual(["alice", "bob/%"]);
    expect(keyring.get("alice")).toEqual(alice);
    expect(keyring.byAddress(addressBytes(alice.pubKey))).toEqual(alice);
    expect(await keyring.privateKey("alice")).toEqual(KEY_A);
    await keyring.rename("alice", "carol");
    expect(keyring.get("alice")).toBeUndefined();
    expect(await keyring.privateKey("carol")).toEqual(KEY_A);
    expect(keyring.byAddress(addressBytes(alice.pubKey))?.name).toBe("carol");
    keyring.remove("carol");
    expect(keyring.byAddress(addressBytes(alice.pubKey))).toBeUndefined();
    expect(keyring.list()).toHaveLength(1);
  });

  it("refuses a name or a key that is taken, and names that are none", async () => {
    const keyring = open(backend);
    await keyring.addLocal("alice", KEY_A);
    await expect(keyring.addLocal("alice", KEY_B)).rejects.toThrow('key name "alice" is taken');
    await expect(keyring.addLocal("alice2", KEY_A)).rejects.toThrow('in the keyring already, as "alice"');
    await expect(keyring.addLocal("", KEY_B)).rejects.toThrow("key name has 0 characters");
    await expect(keyring.addLocal("a\nb", KEY_B)).rejects.toThrow("control character 10");
    await expect(keyring.privateKey("nobody")).rejects.toThrow("see interfirmd keys list");
  });

  it("keeps public keys and multisig keys without a private key", async () => {
    const keyring = open(backend);
    const alice = await keyring.addLocal("alice", KEY_A);
    const other: PubKey = { type: "ed25519", key: new Uint8Array(32).fill(9) };
    expect(keyring.addPublic("other", other).kind).toBe("offline");
    const multi = keyring.addPublic("both", multisigOf(2, [alice.pubKey, other]));
    expect(multi.kind).toBe("multi");
    expect(keyring.get("both")).toEqual(multi);
    await expect(keyring.privateKey("both")).rejects.toThrow("it has no private key here");
  });
});

describe("keyring file", () => {
  it("opens with its passphrase and with no other", async () => {
    await open("file").addLocal("alice", KEY_A);
    expect(await open("file").privateKey("alice")).toEqual(KEY_A);
    await expect(open("file", "wrong horse").privateKey("alice")).rejects.toThrow("passphrase is wrong");
    await expect(
      openKeyring({ backend: "file", folder: join(folder, "new"), passphrase: async () => "short" }).addLocal(
        "a",
        KEY_A,
      ),
    ).rejects.toThrow("passphrase has 5 characters, want at least 8");
  });

  it("lists without the passphrase, writes no secret in the open and lets nobody else read", async () => {
    await open("file").addLocal("alice", KEY_A);
    const blind = openKeyring({ backend: "file", folder, passphrase: () => Promise.reject(new Error("asked")) });
    expect(blind.list()).toHaveLength(1);
    const home = join(folder, "keyring-file");
    expect(statSync(home).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(home)) {
      expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
      const content = readFileSync(join(home, file), "utf8");
      expect(content).not.toContain(Buffer.from(KEY_A).toString("base64"));
      expect(content).not.toContain(Buffer.from(KEY_A).toString("hex"));
    }
    const vault = JSON.parse(readFileSync(join(home, "keyring.json"), "utf8")) as {
      kdf: { memoryKiB: number; iterations: number };
    };
    expect(vault.kdf.memoryKiB).toBeGreaterThanOrEqual(65_536);
    expect(vault.kdf.iterations).toBeGreaterThanOrEqual(3);
  });

  it("does not open a key whose public part was exchanged", async () => {
    const keyring = open("file");
    await keyring.addLocal("alice", KEY_A);
    const { pubKey } = await keyring.addLocal("bob", KEY_B);
    const path = join(folder, "keyring-file", "alice.key");
    const stored = JSON.parse(readFileSync(path, "utf8")) as object;
    writeFileSync(path, JSON.stringify({ ...stored, pubkey: pubKeyToJson(pubKey) }));
    await expect(open("file").privateKey("alice")).rejects.toThrow("was changed");
  });

  it("refuses the os backend with a way out", () => {
    expect(() => openKeyring({ backend: "os", folder, passphrase: async () => "" })).toThrow('want "file"');
  });
});

describe("public keys as JSON", () => {
  const single: PubKey = { type: "secp256k1", key: new Uint8Array([2, ...new Uint8Array(32).fill(7)]) };

  it("reads back what it writes", () => {
    const multi = multisigOf(1, [single, { type: "ed25519", key: new Uint8Array(32) }]);
    expect(pubKeyFromJson(JSON.parse(JSON.stringify(pubKeyToJson(multi))))).toEqual(multi);
  });

  it.each([
    [{ "@type": "/cosmos.crypto.secp256k1.PubKey", key: "AAAA" }, "key has 3 bytes, want 33"],
    [
      { "@type": "/cosmos.crypto.secp256k1.PubKey", key: Buffer.alloc(33).toString("base64") },
      "starts with 0, want 2 or 3",
    ],
    [{ "@type": "/x" }, 'public key has @type "/x"'],
    [
      { "@type": "/cosmos.crypto.multisig.LegacyAminoPubKey", threshold: 2, public_keys: [pubKeyToJson(single)] },
      "threshold is 2, want 1 to 1",
    ],
    ["x", "want an object"],
  ])("refuses %j", (json, message) => {
    expect(() => pubKeyFromJson(json)).toThrow(message);
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVerify } from "../crypto/verify.ts";
import {
  ed25519FromSecret,
  ed25519FromSeed,
  generateEd25519,
  lastSignedHeight,
  nodeIdOf,
  readPrivateKey,
  signEd25519,
  writeNodeKey,
  writeValidatorKey,
  writeValidatorState,
} from "./comet-keys.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "interfirm-keys-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

describe("keys of CometBFT", () => {
  it("derives and signs as RFC 8032, test 2", () => {
    const key = ed25519FromSeed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    expect(Buffer.from(key.pubKey).toString("hex")).toBe(
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    );
    const signature = signEd25519(key, hex("72"));
    expect(Buffer.from(signature).toString("hex")).toMatch(/^92a009a9f0d4cab8720e820b5f642540/);
    expect(createVerify().ed25519(key.pubKey, hex("72"), signature)).toBe(true);
  });

  it("writes files that only their owner reads, and reads them back", () => {
    const key = generateEd25519();
    for (const [name, write] of [
      ["node_key.json", writeNodeKey],
      ["priv_validator_key.json", writeValidatorKey],
    ] as const) {
      const path = join(folder, name);
      write(path, key);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(readPrivateKey(path)).toEqual(key);
    }
    expect(nodeIdOf(key.pubKey)).toMatch(/^[0-9a-f]{40}$/);
  });

  it("has one key for one mnemonic", () => {
    expect(ed25519FromSecret("a b c")).toEqual(ed25519FromSecret("a b c"));
    expect(ed25519FromSecret("a b c")).not.toEqual(ed25519FromSecret("a b d"));
  });

  it("never replaces what the validator signed last", () => {
    const path = join(folder, "state.json");
    writeValidatorState(path);
    const before = readFileSync(path);
    expect(JSON.parse(before.toString())).toMatchObject({ height: "0" });
    writeValidatorState(path);
    expect(readFileSync(path)).toEqual(before);
  });

  it("reads what the validator signed last", () => {
    const path = join(folder, "signed.json");
    expect(lastSignedHeight(path)).toBe(0n);
    writeFileSync(path, '{"height":"307","round":0,"step":3}');
    expect(lastSignedHeight(path)).toBe(307n);
    writeFileSync(path, '{"height":307}');
    expect(() => lastSignedHeight(path)).toThrow("has height 307, want decimal text");
  });

  it("says which file is missing or of another kind", () => {
    expect(() => readPrivateKey(join(folder, "none.json"))).toThrow("run interfirmd init first");
    expect(() => readPrivateKey(join(folder, "state.json"))).toThrow("want a tendermint/PrivKeyEd25519");
  });
});

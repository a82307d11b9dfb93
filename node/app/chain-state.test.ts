import { MemoryStore } from "@interfirm/modules/kernel/stores";
import { describe, expect, it } from "vitest";
import { readIdentity, readValidators, type Validator, writeIdentity, writeValidators } from "./chain-state.ts";

describe("the application's own state", () => {
  it("keeps who the chain is", () => {
    const store = new MemoryStore();
    expect(readIdentity(store)).toBeUndefined();
    const identity = { chainId: "firm-1", addressPrefix: "firm", initialHeight: 1000n };
    writeIdentity(store, identity);
    expect(readIdentity(store)).toEqual(identity);
  });

  it("keeps validators by type of key and key, and drops those without power", () => {
    const store = new MemoryStore();
    const validator = (pubKeyType: Validator["pubKeyType"], seed: number, power: bigint): Validator => ({
      pubKeyType,
      pubKey: new Uint8Array(pubKeyType === "ed25519" ? 32 : 33).fill(seed),
      power,
    });
    writeValidators(store, [
      validator("secp256k1", 1, 5n),
      validator("ed25519", 2, 3n),
      validator("ed25519", 1, 2n ** 60n),
    ]);
    writeValidators(store, [validator("ed25519", 2, 0n), validator("secp256k1", 1, 6n)]);
    expect(readValidators(store)).toEqual([validator("ed25519", 1, 2n ** 60n), validator("secp256k1", 1, 6n)]);
  });

  // Prefixes are consensus.
  it("has the layout that its documentation says", () => {
    const store = new MemoryStore();
    writeIdentity(store, { chainId: "a", addressPrefix: "b", initialHeight: 1n });
    writeValidators(store, [{ pubKeyType: "ed25519", pubKey: Uint8Array.of(255), power: 1n }]);
    const entries = [...store.range()].map(
      ([key, value]) => `${Buffer.from(key).toString("hex")}=${Buffer.from(value).toString("hex")}`,
    );
    expect(entries).toEqual(["00=61", "01=62", "0201ff=0000000000000001", "04=0000000000000001"]);
  });
});

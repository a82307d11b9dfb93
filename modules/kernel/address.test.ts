import { fromBech32, toBech32 } from "@cosmjs/encoding";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressToBytes, bytesToAddress, isAddressPrefix, moduleAddress, parseAddress } from "./address.ts";

const invalid = expect.objectContaining({ codespace: "sdk", code: 7 });

describe("address", () => {
  it("is bech32 as CosmJS has it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 255 }), (bytes) => {
        const text = bytesToAddress(bytes, "firm");
        expect(text).toBe(toBech32("firm", bytes));
        expect(addressToBytes(text, "firm")).toEqual(bytes);
        expect(fromBech32(text).data).toEqual(bytes);
      }),
    );
  });

  it("names a module's account as the SDK does", () => {
    expect(moduleAddress("gov", "cosmos")).toBe("cosmos10d07y265gmmuvt4z0w9aw880jnsr700j6zn9kn");
    expect(moduleAddress("fee_collector", "cosmos")).toBe("cosmos17xpfvakm2amg962yls6f84z3kell8c5lserqta");
  });

  const good = bytesToAddress(new Uint8Array(20), "firm");
  it.each([
    ["", "empty"],
    [good.toUpperCase(), "capitals"],
    [`${good.slice(0, -1)}q`, "not bech32"],
    [toBech32("cosmos", new Uint8Array(20)), 'prefix is "cosmos", want "firm"'],
    [toBech32("firm", new Uint8Array(0)), "0 bytes"],
    [toBech32("firm", new Uint8Array(256), 2000), "256 bytes"],
    ["firm1".repeat(1000), "5000 characters"],
    ["not an address", "not bech32"],
  ])("refuses %s", (text, why) => {
    expect(() => parseAddress(text, "firm")).toThrow(invalid);
    expect(() => parseAddress(text, "firm")).toThrow(why);
  });

  it("checks the prefix of an address that is cached", () => {
    const text = bytesToAddress(new Uint8Array([1]), "firm");
    expect(addressToBytes(text, "firm")).toEqual(new Uint8Array([1]));
    expect(() => addressToBytes(text, "cosmos")).toThrow(invalid);
  });

  it("knows prefixes of chains", () => {
    expect(["firm", "cosmos", "a1"].every(isAddressPrefix)).toBe(true);
    expect(["", "Firm", "1a", "fi-rm", "a".repeat(21)].some(isAddressPrefix)).toBe(false);
  });
});

import { describe, expect, it } from "vitest";
import { type AppState, addressPrefixOf } from "./genesis.ts";

const ADDRESS = "cosmos1qyqszqgpqyqszqgpqyqszqgpqyqszqgpjnp7du";
const account = { "@type": "/cosmos.auth.v1beta1.BaseAccount", address: ADDRESS };

describe("the prefix of addresses in a genesis", () => {
  it.each([
    ["is what it says", { chain: { bech32_prefix: "deal" }, auth: { accounts: [account] } }, "deal"],
    ["is that of the first account, where it does not say", { auth: { accounts: [account] } }, "cosmos"],
    ["is that of a module's account", { auth: { accounts: [{ name: "gov", base_account: account }] } }, "cosmos"],
    [
      "is that of a vesting account",
      { auth: { accounts: [{ base_vesting_account: { base_account: account } }] } },
      "cosmos",
    ],
    ["is that of the first balance", { auth: { accounts: [] }, bank: { balances: [{ address: ADDRESS }] } }, "cosmos"],
    ["is the usual one without any address", { auth: null, bank: { balances: [{ address: "x" }] } }, "firm"],
  ] as [string, AppState, string][])("%s", (_, state, prefix) => {
    expect(addressPrefixOf(state)).toBe(prefix);
  });

  it.each(["Deal", "1x", "a b", 5, "x".repeat(21)])("is refused as %j", (prefix) => {
    expect(() => addressPrefixOf({ chain: { bech32_prefix: prefix } })).toThrow(/want 1 to 20 lower-case letters/);
  });

  it.each([{ bech32_prefx: "deal" }, { bech32_prefix: "deal", chain_id: "deal-1" }, "deal"])(
    "is not guessed when the chain's part is %j",
    (chain) => {
      expect(() => addressPrefixOf({ chain, auth: { accounts: [account] } })).toThrow(/want bech32_prefix alone/);
    },
  );
});

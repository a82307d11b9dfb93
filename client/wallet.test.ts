import { makeSignDoc, Secp256k1HdWallet } from "@cosmjs/amino";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { aminoSignBytes } from "@interfirm/proto/amino";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { expect, test } from "vitest";
import { adr36 } from "./adr36.ts";
import { sha256, toBase64 } from "./bytes.ts";
import { aminoOnly, generateMnemonic, prefixOf, walletFromKey, walletFromMnemonic } from "./wallet.ts";

const mnemonic = "special sign fit simple patrol salute grocery chicken wheat radar tonight ceiling";

test.each(["cosmos", "firm", "wine"])("signs as CosmJS' wallets do, with prefix %s", async (prefix) => {
  const wallet = await walletFromMnemonic(mnemonic, { prefix });
  const direct = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix });
  const amino = await Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix });
  expect(await wallet.getAccounts()).toEqual(await direct.getAccounts());
  const signDoc = { bodyBytes: Uint8Array.of(1), authInfoBytes: Uint8Array.of(2), chainId: "c-1", accountNumber: 3n };
  expect(await wallet.signDirect(wallet.address, signDoc)).toEqual(await direct.signDirect(wallet.address, signDoc));
  const stdDoc = makeSignDoc([], { amount: [], gas: "1" }, "c-1", "tea & <cake>", 3, 4);
  expect(await wallet.signAmino(wallet.address, stdDoc)).toEqual(await amino.signAmino(wallet.address, stdDoc));
});

test("amino documents are signed as the chain reads them, line separators too", async () => {
  const wallet = walletFromKey(new Uint8Array(32).fill(5), { prefix: "firm" });
  const memo = "tea \u2028 & \u2029 <cake>";
  const stdDoc = makeSignDoc([], { amount: [{ denom: "ufirm", amount: "7" }], gas: "1" }, "c-1", memo, 3, 4);
  const fee = { amount: [{ denom: "ufirm", amount: 7n }], gas: 1n };
  const bytes = aminoSignBytes({ accountNumber: 3n, chainId: "c-1", fee, memo, msgs: [], sequence: 4n });
  const { signature } = await wallet.signAmino(wallet.address, stdDoc);
  const raw = Uint8Array.from(Buffer.from(signature.signature, "base64"));
  expect(secp256k1.verify(raw, sha256(bytes), wallet.pubkey, { prehash: false })).toBe(true);
});

test("derives further accounts", async () => {
  const first = await walletFromMnemonic(mnemonic, { prefix: "cosmos" });
  expect(first.address).toBe("cosmos1jhg0e7s6gn44tfc5k37kr04sznyhedtc9rzys5");
  const second = await walletFromMnemonic(mnemonic, { prefix: "cosmos", index: 1 });
  const byPath = await walletFromMnemonic(mnemonic, { prefix: "cosmos", hdPath: "m/44'/118'/0'/0/1" });
  expect(second.address).toBe(byPath.address);
  expect(second.address).not.toBe(first.address);
  expect(prefixOf(second.address)).toBe("cosmos");
});

test("makes mnemonics of 12 and of 24 words, never the same", async () => {
  expect(generateMnemonic(12).split(" ")).toHaveLength(12);
  expect(generateMnemonic().split(" ")).toHaveLength(24);
  expect(generateMnemonic()).not.toBe(generateMnemonic());
  await expect(walletFromMnemonic("no such words", { prefix: "firm" })).rejects.toThrow();
});

test("refuses to sign for somebody else; the amino form has no other mode", async () => {
  const wallet = walletFromKey(new Uint8Array(32).fill(5), { prefix: "firm" });
  const stdDoc = makeSignDoc([], { amount: [], gas: "1" }, "c-1", "", 3, 4);
  await expect(wallet.signAmino("firm1other", stdDoc)).rejects.toThrow("want firm1");
  expect(Object.keys(aminoOnly(wallet))).toEqual(["getAccounts", "signAmino"]);
});

test("ADR-036: what was signed, by whom", async () => {
  const wallet = walletFromKey(new Uint8Array(32).fill(5), { prefix: "firm" });
  const other = walletFromKey(new Uint8Array(32).fill(6), { prefix: "firm" });
  const signature = await adr36.sign(wallet, wallet.address, "log me in");
  expect(adr36.verify(wallet.address, "log me in", signature)).toBe(true);
  expect(adr36.verify(wallet.address, new TextEncoder().encode("log me in"), signature)).toBe(true);
  expect(adr36.verify(wallet.address, "log me out", signature)).toBe(false);
  expect(adr36.verify(other.address, "log me in", signature)).toBe(false);
  expect(adr36.verify("nonsense", "log me in", signature)).toBe(false);
  expect(adr36.verify(wallet.address, "log me in", { ...signature, signature: toBase64(new Uint8Array(64)) })).toBe(
    false,
  );
});

test("ADR-036: the other root of a signature is refused", async () => {
  const wallet = walletFromKey(new Uint8Array(32).fill(5), { prefix: "firm" });
  const signature = await adr36.sign(wallet, wallet.address, "x");
  const bytes = Uint8Array.from(Buffer.from(signature.signature, "base64"));
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const high = order - BigInt(`0x${Buffer.from(bytes.slice(32)).toString("hex")}`);
  bytes.set(Buffer.from(high.toString(16).padStart(64, "0"), "hex"), 32);
  expect(adr36.verify(wallet.address, "x", { ...signature, signature: toBase64(bytes) })).toBe(false);
});

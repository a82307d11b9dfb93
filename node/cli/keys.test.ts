import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";

let terminal: Terminal;
beforeEach(() => {
  terminal = createTerminal({ INTERFIRMD_BECH32_PREFIX: "cosmos" });
});
afterEach(() => terminal.remove());

const MNEMONIC =
  "economy stock theory fatal elder harbor betray wasp final emotion task crumble siren bottom lizard educate guess current outdoor pair theory focus wife stone";
const ADDRESS = "cosmos1pkptre7fdkl6gfrzlesjjvhxhlc3r4gmmk8rs6";
const json = async (...args: string[]) =>
  JSON.parse(await terminal.out(...args, "-o", "json")) as Record<string, string>;

describe("keys", () => {
  it("shows a new key in the SDK's shape, with a mnemonic that recovers it", async () => {
    const made = await json("keys", "add", "alice");
    expect(Object.keys(made)).toEqual(["name", "type", "address", "pubkey", "mnemonic"]);
    expect(made).toMatchObject({ name: "alice", type: "local" });
    expect(JSON.parse(made["pubkey"]!)).toMatchObject({ "@type": "/cosmos.crypto.secp256k1.PubKey" });
    await terminal.out("keys", "delete", "alice", "-y");
    terminal.answer(made["mnemonic"]!);
    expect(await json("keys", "add", "again", "--recover")).toEqual({
      name: "again",
      type: "local",
      address: made["address"],
      pubkey: made["pubkey"],
    });
  });

  it("recovers the address that other wallets give", async () => {
    terminal.answer(MNEMONIC);
    expect(await json("keys", "add", "faucet", "--recover")).toMatchObject({ address: ADDRESS });
    expect(await terminal.out("keys", "show", "faucet", "-a")).toBe(ADDRESS);
    expect(await terminal.out("keys", "show", ADDRESS, "-a", "--bech", "val")).toMatch(/^cosmosvaloper1/);
    expect(await terminal.out("keys", "show", "faucet", "-p")).toContain("secp256k1");
  });

  it("keeps nothing with --dry-run, and no mnemonic with --no-backup", async () => {
    await terminal.out("keys", "add", "a", "--dry-run");
    expect(await terminal.out("keys", "list", "-o", "json")).toBe("[]");
    expect(await json("keys", "add", "a", "--no-backup")).not.toHaveProperty("mnemonic");
  });

  it("makes a multisig key whose members are in one order, whoever makes it", async () => {
    for (const name of ["a", "b"]) await terminal.out("keys", "add", name);
    const one = await json("keys", "add", "ab", "--multisig", "a,b", "--multisig-threshold", "2");
    expect(one).toMatchObject({ type: "multi" });
    await terminal.out("keys", "delete", "ab", "-y");
    const other = await json("keys", "add", "ba", "--multisig", "b,a", "--multisig-threshold", "2");
    expect(other["address"]).toBe(one["address"]);
    expect((await terminal.run("keys", "add", "x", "--multisig", "a,b", "--multisig-threshold", "3")).err).toContain(
      "want 1 to 2",
    );
  });

  it("carries keys by armour, by hex and by public key", async () => {
    const { address } = await json("keys", "add", "a");
    const file = join(terminal.home, "a.armor");
    terminal.answer("correct horse");
    writeFileSync(file, await terminal.out("keys", "export", "a"));
    const hex = await terminal.out("keys", "export", "a", "--unarmored-hex", "--unsafe", "-y");
    const pubkey = await terminal.out("keys", "show", "a", "-p");
    await terminal.out("keys", "delete", "a", "-y");

    terminal.answer("wrong horse");
    expect((await terminal.run("keys", "import", "b", file)).err).toContain("passphrase is wrong");
    terminal.answer("correct horse");
    expect(await json("keys", "import", "b", file)).toMatchObject({ address });
    await terminal.out("keys", "delete", "b", "-y");
    terminal.answer(hex);
    expect(await json("keys", "import-hex", "c")).toMatchObject({ address });
    await terminal.out("keys", "delete", "c", "-y");
    expect(await json("keys", "add", "d", "--pubkey", pubkey)).toMatchObject({ address, type: "offline" });
  });

  it("asks before it deletes, and shows nothing in the open without both flags", async () => {
    await terminal.out("keys", "add", "a");
    terminal.answer("n");
    expect(await terminal.run("keys", "delete", "a")).toMatchObject({
      code: 1,
      err: "Error: key a stays: not confirmed",
    });
    expect((await terminal.run("keys", "export", "a", "--unarmored-hex")).err).toContain("--unarmored-hex --unsafe");
  });

  it("names the next step when a key is not there, and exits with 1", async () => {
    expect(await terminal.run("keys", "show", "nobody")).toMatchObject({
      code: 1,
      err: expect.stringContaining("see interfirmd keys list"),
    });
    expect(await terminal.run("keys", "frobnicate")).toMatchObject({ code: 1 });
  });

  it("parses addresses both ways", async () => {
    const { bytes } = await json("keys", "parse", ADDRESS);
    expect(JSON.parse(await terminal.out("keys", "parse", bytes!, "-o", "json"))).toMatchObject({
      formats: [ADDRESS, expect.stringMatching(/^cosmosvaloper1/), expect.stringMatching(/^cosmosvalcons1/)],
    });
  });
});

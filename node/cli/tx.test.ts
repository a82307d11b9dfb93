import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pubKeyFromAny } from "@interfirm/modules/auth/pubkey";
import { readSignature, verifySignature } from "@interfirm/modules/auth/signature";
import { QueryAccountInfoResponse } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { SimulateRequest, SimulateResponse, type Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { MsgPropose } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createVerify } from "../crypto/verify.ts";
import { createTerminal, type Terminal } from "./testing.ts";
import { decodeTx, signBytes } from "./tx-sign.ts";

const ACCOUNT = { accountNumber: 12n, sequence: 34n };
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** A node that knows one account, takes every transaction and keeps what it was sent. */
async function fakeNode() {
  const sent: Tx[] = [];
  const simulated: Tx[] = [];
  let failure: string | undefined;
  let verdict = { code: 0, codespace: "", log: "" };
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, params } = JSON.parse(Buffer.concat(chunks).toString()) as {
        method: string;
        params: Record<string, string>;
      };
      const error = failure && { code: -32603, message: "Internal error", data: failure };
      response.end(
        JSON.stringify({ jsonrpc: "2.0", id: 1, ...(error ? { error } : { result: answer(method, params) }) }),
      );
    });
  });
  function answer(method: string, params: Record<string, string>): unknown {
    if (method === "broadcast_tx_sync" || method === "broadcast_tx_async") {
      sent.push(decodeTx(new Uint8Array(Buffer.from(params["tx"]!, "base64"))));
      return { ...verdict, data: "", hash: "AB".repeat(32) };
    }
    const value = params["path"]!.endsWith("/Simulate") ? simulate(params["data"]!) : account();
    return { response: { code: 0, log: "", value: base64(value), height: "5", codespace: "" } };
  }
  const account = () =>
    QueryAccountInfoResponse.encode(QueryAccountInfoResponse.fromPartial({ info: ACCOUNT })).finish();
  function simulate(data: string): Uint8Array {
    simulated.push(decodeTx(SimulateRequest.decode(new Uint8Array(Buffer.from(data, "hex"))).txBytes));
    return SimulateResponse.encode(SimulateResponse.fromPartial({ gasInfo: { gasUsed: 80_001n } })).finish();
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    sent,
    simulated,
    refuse(code: number, codespace: string, log: string) {
      verdict = { code, codespace, log };
    },
    fail(data: string) {
      failure = data;
    },
    close: () => void server.close(),
  };
}

let terminal: Terminal;
let node: Awaited<ReturnType<typeof fakeNode>>;
let alice: string;
let bob: string;
beforeEach(async () => {
  node = await fakeNode();
  terminal = createTerminal({ INTERFIRMD_NODE: node.address, INTERFIRMD_CHAIN_ID: "deals-1" });
  for (const name of ["alice", "bob"]) await terminal.out("keys", "add", name);
  [alice, bob] = (await Promise.all(["alice", "bob"].map((name) => terminal.out("keys", "show", name, "-a")))) as [
    string,
    string,
  ];
});
afterEach(() => {
  node.close();
  terminal.remove();
});

/** What is wrong with the first signature, as the chain would see it. */
function problem(tx: Tx, mode: "direct" | "amino-json", account = ACCOUNT): string | undefined {
  const info = tx.authInfo!.signerInfos[0]!;
  const data = readSignature(info.modeInfo, tx.signatures[0]!);
  return verifySignature(createVerify(), pubKeyFromAny(info.publicKey!), data, () =>
    signBytes(tx, mode, { chainId: "deals-1", ...account }),
  );
}

describe("tx", () => {
  it.each(["direct", "amino-json"] as const)("signs in mode %s what the chain verifies, and sends it", async (mode) => {
    const out = await terminal.out(
      "tx",
      "bank",
      "send",
      "alice",
      "bob",
      "5ufirm",
      "-y",
      "--fees",
      "7ufirm",
      "--note",
      "rent & more",
      "--sign-mode",
      mode,
      "-o",
      "json",
    );
    expect(JSON.parse(out)).toEqual({
      height: "0",
      txhash: "AB".repeat(32),
      codespace: "",
      code: 0,
      data: "",
      raw_log: "",
      logs: [],
      info: "",
      gas_wanted: "0",
      gas_used: "0",
      tx: null,
      timestamp: "",
      events: [],
    });
    const [tx] = node.sent;
    expect(MsgSend.decode(tx!.body!.messages[0]!.value)).toEqual({
      fromAddress: alice,
      toAddress: bob,
      amount: [{ denom: "ufirm", amount: 5n }],
    });
    expect(tx!.authInfo!.fee).toMatchObject({ gasLimit: 200_000n, amount: [{ denom: "ufirm", amount: 7n }] });
    expect(tx!.body!.memo).toBe("rent & more");
    expect(tx!.authInfo!.signerInfos[0]!.sequence).toBe(34n);
    expect(problem(tx!, mode)).toBeUndefined();
    expect(problem(tx!, mode, { accountNumber: 13n, sequence: 34n })).toBeDefined();
  });

  it("makes a transaction of a module of ours from its descriptor", async () => {
    const hash = "ab".repeat(32);
    await terminal.out("tx", "agreements", "propose", "bob", "9ufirm", hash, "1000", "--from", "alice", "-y");
    expect(MsgPropose.decode(node.sent[0]!.body!.messages[0]!.value)).toEqual({
      payer: alice,
      payee: bob,
      price: { denom: "ufirm", amount: 9n },
      termsHash: new Uint8Array(Buffer.from(hash, "hex")),
      deadlineHeight: 1000n,
    });
  });

  it("estimates gas, adjusts it and pays its price, rounded up", async () => {
    const { code, err } = await terminal.run(
      "tx",
      "bank",
      "send",
      "alice",
      "bob",
      "5ufirm",
      "-y",
      "--gas",
      "auto",
      "--gas-adjustment",
      "1.5",
      "--gas-prices",
      "0.025ufirm",
    );
    expect([code, err.split("\n")[0]]).toEqual([0, "gas estimate: 120001"]);
    expect(node.sent[0]!.authInfo!.fee).toMatchObject({
      gasLimit: 120_001n,
      amount: [{ denom: "ufirm", amount: 3001n }],
    });
    expect(node.simulated[0]!.signatures).toEqual([new Uint8Array()]);
  });

  it("with --dry-run only estimates, with --generate-only only prints", async () => {
    expect(await terminal.run("tx", "bank", "send", "alice", "bob", "5ufirm", "--dry-run")).toMatchObject({
      code: 0,
      out: "",
      err: "gas estimate: 80001",
    });
    const tx = JSON.parse(await terminal.out("tx", "bank", "send", alice, bob, "5ufirm", "--generate-only")) as {
      body: object;
      signatures: string[];
    };
    expect(tx.body).toMatchObject({
      messages: [
        { "@type": "/cosmos.bank.v1beta1.MsgSend", from_address: alice, amount: [{ denom: "ufirm", amount: "5" }] },
      ],
    });
    expect(tx.signatures).toEqual([]);
    expect(node.sent).toEqual([]);
  });

  it("shows what would come of a transaction in a file", async () => {
    const file = join(terminal.home, "unsigned.json");
    await terminal.out("tx", "bank", "send", alice, bob, "5ufirm", "--generate-only", "--output-document", file);
    const said = await terminal.out("tx", "simulate", file, "--from", "alice", "-o", "json");
    expect(JSON.parse(said)).toEqual({ gas_info: { gas_wanted: "0", gas_used: "80001" }, result: null });
    expect(await terminal.out("tx", "simulate", file, "--from", "alice")).toContain('gas_used: "80001"');
  });

  it("asks before it signs", async () => {
    terminal.answer("n");
    expect(await terminal.run("tx", "bank", "send", "alice", "bob", "5ufirm")).toMatchObject({
      code: 1,
      err: expect.stringContaining("nothing sent: not confirmed"),
    });
    expect(node.sent).toEqual([]);
  });

  it("exits with 0 when the node refuses, as the SDK, and says so twice", async () => {
    node.refuse(5, "sdk", "spendable balance 0ufirm is smaller than 5ufirm: insufficient funds");
    const { code, out, err } = await terminal.run("tx", "bank", "send", "alice", "bob", "5ufirm", "-y", "-o", "json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ code: 5, codespace: "sdk" });
    expect(err).toContain("the node refused the transaction: sdk/5");
  });

  it.each([
    [["bank", "send", "alice", "bob", "5"], "denom"],
    [
      ["bank", "send", "alice", "bob", "5ufirm", "--gas", "lots"],
      '--gas is "lots", want auto or a whole number of gas',
    ],
    [["bank", "send", "alice", "bob", "5ufirm", "--fees", "1ufirm", "--gas-prices", "1ufirm"], "want one of them"],
    [["bank", "send", "carol", "bob", "5ufirm"], "see interfirmd keys list"],
    [["bank", "send", "alice", "bob", "5ufirm", "--offline"], "--offline needs --account-number and --sequence"],
    [["bank", "send", "alice", "bob", "5ufirm", "--sign-mode", "textual"], "want direct or amino-json"],
    [["agreements", "settle", "1"], "--from is missing"],
    [["bank", "send", "alice", "bob", "5ufirm", "--fee-payer", "bob"], "must sign, too"],
    [["bank", "send", "alice", "bob", "5ufirm", "--ledger"], "not in this release"],
  ])("refuses %j", async (args, message) => {
    const { code, err } = await terminal.run("tx", ...args, "-y");
    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(node.sent).toEqual([]);
  });

  it("signs a file offline, for a multisig, and joins the signatures", async () => {
    await terminal.out("keys", "add", "ab", "--multisig", "alice,bob", "--multisig-threshold", "2");
    const multi = await terminal.out("keys", "show", "ab", "-a");
    const file = (name: string) => join(terminal.home, name);
    await terminal.out(
      "tx",
      "bank",
      "send",
      multi,
      bob,
      "5ufirm",
      "--generate-only",
      "--output-document",
      file("unsigned"),
    );
    const offline = ["--offline", "-a", "12", "-s", "34"];
    for (const name of ["alice", "bob"]) {
      await terminal.out(
        "tx",
        "sign",
        file("unsigned"),
        "--from",
        name,
        "--multisig",
        "ab",
        "--output-document",
        file(name),
        ...offline,
      );
    }
    expect((await terminal.run("tx", "multisign", file("unsigned"), "ab", file("alice"), ...offline)).err).toContain(
      "1 members have signed, want at least 2",
    );
    writeFileSync(
      file("signed"),
      await terminal.out("tx", "multisign", file("unsigned"), "ab", file("alice"), file("bob"), ...offline),
    );
    expect(await terminal.out("tx", "validate-signatures", file("signed"), ...offline)).toContain("[OK]");
    expect(
      (await terminal.run("tx", "validate-signatures", file("signed"), "--offline", "-a", "12", "-s", "35")).code,
    ).toBe(1);
    await terminal.out("tx", "broadcast", file("signed"));
    expect(problem(node.sent[0]!, "amino-json")).toBeUndefined();
    const encoded = await terminal.out("tx", "encode", file("signed"));
    expect(JSON.parse(await terminal.out("tx", "decode", encoded))).toEqual(
      JSON.parse(readFileSync(file("signed"), "utf8")),
    );
  });

  it("signs a file of many for a multisig, and joins the signatures", async () => {
    await terminal.out("keys", "add", "ab", "--multisig", "alice,bob", "--multisig-threshold", "2");
    const multi = await terminal.out("keys", "show", "ab", "-a");
    const file = (name: string) => join(terminal.home, name);
    const one = await terminal.out("tx", "bank", "send", multi, bob, "5ufirm", "--generate-only");
    writeFileSync(file("batch"), `${one}\n${one}\n`);
    const offline = ["--offline", "-a", "12", "-s", "34"];
    for (const name of ["alice", "bob"]) {
      const sign = ["tx", "sign-batch", file("batch"), "--from", name, "--multisig", "ab"];
      writeFileSync(file(name), await terminal.out(...sign, ...offline));
    }
    const join2 = ["tx", "multisign-batch", file("batch"), "ab", file("alice"), file("bob")];
    const signed = (await terminal.out(...join2, ...offline)).split("\n");
    expect(signed).toHaveLength(2);
    for (const [at, line] of signed.entries()) {
      writeFileSync(file("signed"), line);
      await terminal.out("tx", "broadcast", file("signed"));
      const account = { ...ACCOUNT, sequence: ACCOUNT.sequence + BigInt(at) };
      expect(problem(node.sent[at]!, "amino-json", account)).toBeUndefined();
    }
    writeFileSync(file("short"), readFileSync(file("bob"), "utf8").split("\n")[0] as string);
    const { err } = await terminal.run("tx", "multisign-batch", file("batch"), "ab", file("short"), ...offline);
    expect(err).toContain("has 1 signatures, want 2, one for each transaction");
  });

  it("gives the SDK's code when the node has the transaction already", async () => {
    const file = join(terminal.home, "unsigned");
    writeFileSync(file, await terminal.out("tx", "bank", "send", alice, bob, "5ufirm", "--generate-only"));
    node.fail("tx already exists in cache");
    const { code, out } = await terminal.run("tx", "broadcast", file, "-o", "json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ code: 19, codespace: "sdk", raw_log: "tx already in mempool" });
    expect((JSON.parse(out) as { txhash: string }).txhash).toMatch(/^[0-9A-F]{64}$/);
  });

  it("puts the signatures of two signers in the chain's order, whoever signs first", async () => {
    const file = (name: string) => join(terminal.home, name);
    await terminal.out(
      "tx",
      "bank",
      "send",
      alice,
      "bob",
      "5ufirm",
      "--fee-payer",
      bob,
      "--generate-only",
      "--output-document",
      file("0"),
    );
    const offline = ["--offline", "-a", "12", "-s", "34"];
    expect((await terminal.run("tx", "sign", file("0"), "--from", "bob", ...offline)).err).toContain("has 2 signers");
    const mode = ["--sign-mode", "amino-json", ...offline];
    await terminal.out("tx", "sign", file("0"), "--from", "bob", "--output-document", file("1"), ...mode);
    expect((await terminal.run("tx", "validate-signatures", file("1"), ...offline)).code).toBe(1);
    await terminal.out("tx", "sign", file("1"), "--from", "alice", "--output-document", file("2"), ...mode);
    const said = await terminal.out("tx", "validate-signatures", file("2"), ...offline);
    expect(said.match(/\[OK\]/g)).toHaveLength(2);
    expect(said.indexOf(alice)).toBeLessThan(said.indexOf(bob));
  });

  it("signs many with ascending sequences", async () => {
    const one = await terminal.out("tx", "bank", "send", alice, bob, "5ufirm", "--generate-only");
    const file = join(terminal.home, "batch");
    writeFileSync(file, `${one}\n${one}\n`);
    const signed = (
      await terminal.out("tx", "sign-batch", file, "--from", "alice", "--offline", "-a", "12", "-s", "7")
    ).split("\n");
    expect(
      signed.map(
        (line) =>
          (JSON.parse(line) as { auth_info: { signer_infos: { sequence: string }[] } }).auth_info.signer_infos[0]!
            .sequence,
      ),
    ).toEqual(["7", "8"]);
  });

  it("refuses to sign for somebody else", async () => {
    const file = join(terminal.home, "unsigned");
    await terminal.out("tx", "bank", "send", alice, bob, "5ufirm", "--generate-only", "--output-document", file);
    expect((await terminal.run("tx", "sign", file, "--from", "bob", "--offline", "-a", "1", "-s", "1")).err).toContain(
      `${bob} signs, but the transaction wants ${alice}`,
    );
  });
});

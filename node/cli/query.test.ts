import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { QueryAllBalancesRequest, QueryAllBalancesResponse } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { QuerySigningInfoRequest, QuerySigningInfoResponse } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { QueryModuleVersionsRequest } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTerminal, type Terminal } from "./testing.ts";

interface Call {
  readonly method: string;
  readonly params: Readonly<Record<string, string>>;
}

let terminal: Terminal;
let calls: Call[];
let answers: Record<string, unknown>;
let close: () => void;
beforeEach(async () => {
  calls = [];
  answers = {};
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk;
    });
    request.on("end", () => {
      const call = JSON.parse(body) as Call;
      calls.push(call);
      const result = answers[call.method];
      const error = { code: -32603, message: "Internal error", data: "tx not found" };
      response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, ...(result === undefined ? { error } : { result }) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close = () => void server.close();
  terminal = createTerminal({ INTERFIRMD_NODE: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterEach(() => {
  close();
  terminal.remove();
});

const abci = (value: Uint8Array, code = 0, log = "") => ({
  response: {
    code,
    log,
    value: Buffer.from(value).toString("base64"),
    height: "5",
    codespace: code === 0 ? "" : "sdk",
  },
});

const PAYEE = "firm1qyqszqgpqyqszqgpqyqszqgpqyqszqgp8tj5v9";

describe("query", () => {
  it("asks the application with fields from words and flags, and prints the SDK's JSON", async () => {
    const response = { balances: [{ denom: "ufirm", amount: 7n }], pagination: { total: 1n } };
    answers["abci_query"] = abci(
      QueryAllBalancesResponse.encode(QueryAllBalancesResponse.fromPartial(response)).finish(),
    );
    const flags = ["--page-limit", "9", "--page-reverse", "--page-count-total", "--height", "3", "--resolve-denom"];
    const out = await terminal.out("q", "bank", "balances", PAYEE, ...flags, "-o", "json");
    expect(JSON.parse(out)).toEqual({
      balances: [{ denom: "ufirm", amount: "7" }],
      pagination: { total: "1" },
    });
    expect(calls[0]!.params).toMatchObject({
      path: "/cosmos.bank.v1beta1.Query/AllBalances",
      height: "3",
      prove: false,
    });
    expect(QueryAllBalancesRequest.decode(new Uint8Array(Buffer.from(calls[0]!.params["data"]!, "hex")))).toMatchObject(
      {
        address: PAYEE,
        resolveDenom: true,
        pagination: { limit: 9n, reverse: true, countTotal: true },
      },
    );
    expect(await terminal.out("query", "bank", "balances", PAYEE)).toContain('- denom: ufirm\n  amount: "7"');
  });

  it("takes the older names of a page's flags as well", async () => {
    answers["abci_query"] = abci(new Uint8Array());
    await terminal.out("q", "bank", "balances", PAYEE, "--limit", "9", "--offset", "2", "--reverse", "--count-total");
    const data = Buffer.from(calls[0]!.params["data"]!, "hex");
    expect(QueryAllBalancesRequest.decode(data).pagination).toMatchObject({
      limit: 9n,
      offset: 2n,
      reverse: true,
      countTotal: true,
    });
  });

  it("takes last arguments that may be missing, as words or as flags", async () => {
    answers["abci_query"] = abci(new Uint8Array());
    const asked = async (...words: string[]) => {
      await terminal.out("query", "upgrade", "module-versions", ...words);
      return QueryModuleVersionsRequest.decode(Buffer.from(calls.at(-1)!.params["data"]!, "hex")).moduleName;
    };
    expect(await asked()).toBe("");
    expect(await asked("bank")).toBe("bank");
    expect(await asked("--module-name", "bank", "--no-indent", "--grpc-insecure")).toBe("bank");
  });

  it("finds CometBFT's facts where the SDK has them", async () => {
    answers["abci_query"] = abci(new Uint8Array());
    await terminal.out("query", "consensus", "comet", "syncing");
    await terminal.out("query", "comet", "syncing");
    expect(calls.map(({ params }) => params["path"])).toEqual(
      Array(2).fill("/cosmos.base.tendermint.v1beta1.Service/GetSyncing"),
    );
  });

  it("finds a transaction by signer and sequence, or by signature", async () => {
    const hash = "AB".repeat(32);
    answers["tx_search"] = { txs: [{ hash }], total_count: "1" };
    for (const [kind, word, query] of [
      ["acc_seq", `${PAYEE}/3`, `tx.acc_seq='${PAYEE}/3'`],
      ["signature", "QUI=,QkE=", "tx.signature='QUI=' AND tx.signature='QkE='"],
    ] as const) {
      calls = [];
      await terminal.run("query", "tx", `--type=${kind}`, word);
      expect(calls.map(({ method }) => method)).toEqual(["tx_search", "tx"]);
      expect(calls[0]!.params["query"]).toBe(query);
      expect(Buffer.from(calls[1]!.params["hash"]!, "base64").toString("hex").toUpperCase()).toBe(hash);
    }
    for (const [kind, word, want] of [
      ["acc_seq", "x' OR tx.height>0", "want <address>/<sequence>"],
      ["signature", "a'b", "want base64"],
      ["name", "x", "--type is name"],
    ]) {
      expect((await terminal.run("query", "tx", `--type=${kind}`, word as string)).err).toContain(want);
    }
    answers["tx_search"] = { txs: [], total_count: "0" };
    const none = await terminal.run("query", "tx", "--type=acc_seq", `${PAYEE}/9`);
    expect(none.err).toContain(`0 transactions have acc_seq ${PAYEE}/9, want one`);
  });

  it("shows blocks and validators in the SDK's form", async () => {
    const block = {
      header: {
        version: { block: "11" },
        chain_id: "deals-1",
        height: "5",
        time: "2026-11-24T10:00:00.5Z",
        last_block_id: { hash: "AB".repeat(32), parts: { total: 1, hash: "CD".repeat(32) } },
        app_hash: "EF".repeat(32),
        proposer_address: "01".repeat(20),
      },
      data: { txs: ["QUI="] },
      evidence: { evidence: [] },
      last_commit: { height: "4", round: 0, block_id: {}, signatures: [] },
    };
    answers["block"] = { block };
    const shown = JSON.parse(await terminal.out("query", "block", "5", "-o", "json"));
    expect(shown).toMatchObject({
      header: {
        height: "5",
        app_hash: Buffer.alloc(32, 0xef).toString("base64"),
        last_block_id: { part_set_header: {} },
      },
      data: { txs: ["QUI="] },
    });
    answers["block_search"] = { blocks: [{ block }], total_count: "250" };
    const found = JSON.parse(await terminal.out("query", "blocks", "--query", "block.height>1", "-o", "json"));
    expect(found).toEqual({
      total_count: "250",
      count: "1",
      page_number: "1",
      page_total: "3",
      limit: "100",
      blocks: [shown],
    });
    const validator = { address: "01".repeat(20), pub_key: { type: "tendermint/PubKeyEd25519", value: "QUI=" } };
    const other = { ...validator, pub_key: { type: "tendermint/PubKeySecp256k1", value: "QUI=" } };
    answers["validators"] = { block_height: "5", validators: [validator, other], total: "2" };
    const set = JSON.parse(await terminal.out("query", "comet-validator-set", "5", "-o", "json"));
    expect(set.validators[0].address).toMatch(/^firmvalcons1/);
    expect(set.validators.map(({ pub_key }: { readonly pub_key: object }) => pub_key)).toEqual([
      { "@type": "/cosmos.crypto.ed25519.PubKey", key: "QUI=" },
      { "@type": "/cosmos.crypto.secp256k1.PubKey", key: "QUI=" },
    ]);
  });

  it("puts the address of a key for its name", async () => {
    await terminal.out("keys", "add", "alice");
    answers["abci_query"] = abci(new Uint8Array());
    await terminal.out("query", "bank", "balances", "alice");
    const { address } = QueryAllBalancesRequest.decode(new Uint8Array(Buffer.from(calls[0]!.params["data"]!, "hex")));
    expect(address).toBe(await terminal.out("keys", "show", "alice", "-a"));
  });

  it("puts the consensus address of a validator for its public key", async () => {
    answers["abci_query"] = abci(QuerySigningInfoResponse.encode(QuerySigningInfoResponse.fromPartial({})).finish());
    await terminal.run("init", "alice");
    const key = await terminal.out("comet", "show-validator");
    await terminal.out("query", "slashing", "signing-info", key, "-o", "json");
    const data = Buffer.from(calls[0]?.params["data"] ?? "", "hex");
    const address = (await terminal.out("comet", "show-address")).trim();
    expect(QuerySigningInfoRequest.decode(data).consAddress).toBe(address);
  });

  it("fails with the application's words", async () => {
    answers["abci_query"] = abci(new Uint8Array(), 7, "address is not bech32");
    expect(await terminal.run("query", "bank", "balances", PAYEE)).toMatchObject({
      code: 1,
      err: "Error: address is not bech32 (sdk/7)",
    });
  });

  it("fails with a hint when no node answers", async () => {
    close();
    const { code, err } = await terminal.run("status");
    expect(code).toBe(1);
    expect(err).toMatch(/no answer from .*is the node running\? --node names another/);
  });

  it("reads the older form of conditions on events", async () => {
    answers["tx_search"] = { txs: [], total_count: "0" };
    const out = await terminal.out("query", "txs", "--events", "message.sender=firm1x&tx.height=5", "-o", "json");
    expect(JSON.parse(out)).toMatchObject({ total_count: "0", count: "0", page_number: "1", txs: [] });
    expect(calls[0]!.params["query"]).toBe("message.sender='firm1x' AND tx.height=5");
    expect((await terminal.run("query", "txs")).err).toContain("--query is missing");
  });

  it("waits for a transaction only so long", async () => {
    const { code, err } = await terminal.run("query", "wait-tx", "ab".repeat(32), "--timeout", "250ms");
    expect(code).toBe(1);
    expect(err).toContain("is in no block after 0.25 s");
    expect((await terminal.run("query", "tx", "abc")).err).toContain("hash has 3 characters, want 64 hex digits");
  });
});

import { addressToBytes } from "@interfirm/modules/kernel/address";
import { Query as AuthQuery } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { Query as BankQuery } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { Service as NodeService } from "@interfirm/proto/gen/cosmos/base/node/v1beta1";
import { Service as CometService } from "@interfirm/proto/gen/cosmos/base/tendermint/v1beta1";
import { SimulateResponse, Service as TxService } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { account, message, send } from "./accounts.ts";
import { type ChainOptions, TestChain } from "./chain.ts";

const chains: TestChain[] = [];

async function start(options: ChainOptions = {}): Promise<TestChain> {
  const chain = await TestChain.start(options);
  chains.push(chain);
  return chain;
}

afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.close();
});

const none = new Uint8Array(0);
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const pay = (chain: TestChain, amount = 1n) =>
  chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), amount)]);

const balanceAt = async (chain: TestChain, name: string, height = 0n): Promise<bigint> =>
  (
    await chain.query(
      BankQuery.typeName,
      BankQuery.methods.balance,
      { address: chain.address(name), denom: "ufirm" },
      height,
    )
  ).balance?.amount ?? 0n;

describe("heights", () => {
  it("Q1: 0 is the latest; negative, future and unready ones are refused as in the SDK", async () => {
    const chain = await start();
    const path = `/${BankQuery.typeName}/Params`;
    expect(await chain.abciQuery(path, none)).toMatchObject({
      codespace: "sdk",
      code: 26,
      log: "interfirmd is not ready; please wait for first block: invalid height",
    });
    await chain.block();
    await chain.block([pay(chain, 100n)]);
    expect(await chain.abciQuery(path, none)).toMatchObject({ code: 0, height: 2n });
    expect(await chain.abciQuery(path, none, 1n)).toMatchObject({ code: 0, height: 1n });
    expect(await chain.abciQuery(path, none, -1n)).toMatchObject({ codespace: "sdk", code: 18, height: 0n });
    expect(await chain.abciQuery(path, none, 3n)).toMatchObject({
      codespace: "sdk",
      code: 26,
      log: "cannot query with height in the future; please provide a valid height: invalid height",
    });
    expect(await balanceAt(chain, "bob", 1n)).toBe(1_000_000_000n);
    expect(await balanceAt(chain, "bob", 2n)).toBe(1_000_000_100n);
  });

  it("Q1: a height whose state is not kept is no answer of the method, whatever the request", async () => {
    const chain = await start({ initialHeight: 100n });
    await chain.block();
    await chain.block();
    // CosmJS would take `rpc error: code = NotFound` for an account that does not exist.
    const request = AuthQuery.methods.account.input.encode({ address: chain.address("alice") }).finish();
    for (const data of [request, Uint8Array.of(0xff)]) {
      const { codespace, code, log, height } = await chain.abciQuery(`/${AuthQuery.typeName}/Account`, data, 7n);
      expect({ codespace, code, height }).toEqual({ codespace: "sdk", code: 38, height: 0n });
      expect(log).toBe("failed to load state at height 7; want 100 to 101 (latest height: 101): not found");
    }
  });

  it("Q1: only what a method says tells the height it was asked at", async () => {
    const chain = await start();
    await chain.block();
    await chain.block();
    const account = `/${AuthQuery.typeName}/Account`;
    expect(await chain.abciQuery(account, none)).toMatchObject({ code: 18, height: 2n });
    expect(await chain.abciQuery(account, none, 1n)).toMatchObject({ code: 18, height: 1n });
    expect(await chain.abciQuery("/nope", none, 1n)).toMatchObject({ code: 6, height: 0n });
  });

  it("Q2: a method has no proof at heights up to 1 either", async () => {
    const chain = await start();
    await chain.block();
    const path = `/${BankQuery.typeName}/Params`;
    for (const height of [0n, 1n]) {
      expect(await chain.abciQuery(path, none, height, true)).toMatchObject({ codespace: "sdk", code: 18, height: 0n });
    }
    await chain.block();
    expect(await chain.abciQuery(path, none, 0n, true)).toMatchObject({ code: 0, height: 2n });
  });
});

describe("store paths", () => {
  const balanceKey = (chain: TestChain, name: string): Uint8Array => {
    const raw = addressToBytes(chain.address(name), "firm");
    return Uint8Array.of(2, raw.length, ...raw, ...text("ufirm"));
  };

  it("Q2: give a key's value, and a proof up to the app hash of that height", async () => {
    const chain = await start();
    await chain.block();
    await chain.block([pay(chain)]);
    const present = await chain.abciQuery("/store/bank/key", balanceKey(chain, "bob"), 0n, true);
    expect(present).toMatchObject({ code: 0, height: 2n });
    expect(new TextDecoder().decode(present.value)).toBe("1000000001");
    expect(present.proofOps?.ops.map(({ type }) => type)).toEqual(["ics23:iavl", "ics23:simple"]);
    const absent = await chain.abciQuery("/store/bank/key", text("nothing"), 2n, true);
    expect(absent).toMatchObject({ code: 0, value: none });
    expect(absent.proofOps?.ops).toHaveLength(2);
  });

  it("Q2: refuse proofs of heights up to 1, unknown stores and odd paths", async () => {
    const chain = await start();
    await chain.block();
    expect(await chain.abciQuery("/store/bank/key", text("x"), 1n, true)).toMatchObject({ codespace: "sdk", code: 18 });
    for (const path of ["/store", "/store/bank", "/store/nope/key", "/store/bank/other", "/store/bank/key/more"]) {
      expect(await chain.abciQuery(path, text("x"))).toMatchObject({ codespace: "store", code: 4 });
    }
    for (const path of ["/store/bank/key", "/store/bank/subspace"]) {
      expect(await chain.abciQuery(path, none)).toMatchObject({ codespace: "store", code: 3 });
    }
  });

  it("give every entry below a prefix", async () => {
    const chain = await start();
    await chain.block();
    const { value } = await chain.abciQuery("/store/bank/subspace", Uint8Array.of(2));
    expect(Buffer.from(value).toString("latin1")).toContain("1000000000");
    // An entry of the index of owners has no value, and a pair then no field for one.
    const owners = Buffer.from((await chain.abciQuery("/store/bank/subspace", text("\x03ufirm"))).value);
    const key = 1 + "ufirm".length + 1 + 1 + 20;
    expect(owners.subarray(0, 4)).toEqual(Buffer.of(10, key + 2, 10, key));
    expect(owners.length % (key + 4)).toBe(0);
  });
});

describe("other paths", () => {
  it("Q3: every peer is welcome, at once", async () => {
    const chain = await start();
    expect(await chain.abciQuery("/p2p/filter/addr/127.0.0.1:26656", none)).toMatchObject({ code: 0 });
    expect(await chain.abciQuery("/p2p/filter/id/abc", none)).toMatchObject({ code: 0 });
    expect((await chain.abciQuery("/p2p/filter/colour/abc", none)).code).toBe(6);
  });

  it("Q4, T7: unknown paths and bad requests get a code, never an exception", async () => {
    const chain = await start();
    await chain.block();
    const paths = [
      "",
      "/",
      "//",
      "app",
      "/app",
      "/app/nope",
      "/custom/x",
      "/cosmos.bank.v1beta1.Query/Nope",
      "x".repeat(5000),
    ];
    for (const path of paths) {
      const { code, codespace, log } = await chain.abciQuery(path, none);
      expect({ code, codespace, known: log !== "" }).toEqual({
        code: path.length > 1024 ? 18 : 6,
        codespace: "sdk",
        known: true,
      });
    }
    const path = `/${BankQuery.typeName}/Balance`;
    for (const data of [Uint8Array.of(10), Uint8Array.of(0xff, 0xff, 0xff), Uint8Array.of(10, 1, 0xff), none]) {
      expect(await chain.abciQuery(path, data)).toMatchObject({ codespace: "sdk", code: 18 });
    }
  });

  it("Q4: random bytes on every method get a typed answer", async () => {
    const chain = await start();
    await chain.block();
    const methods = [AuthQuery, BankQuery, TxService, CometService, NodeService].flatMap(({ typeName, methods }) =>
      Object.values(methods).map(({ name }) => `/${typeName}/${name}`),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), fc.uint8Array({ maxLength: 40 }), async (path, data) => {
        const { code, codespace } = await chain.abciQuery(path, data);
        expect(codespace).not.toBe("internal");
        expect(code === 0).toBe(codespace === "");
      }),
      { numRuns: 500 },
    );
  });

  it("tell the version, and simulate", async () => {
    const chain = await start();
    await chain.block();
    const version = await chain.abciQuery("/app/version", none);
    expect(new TextDecoder().decode(version.value)).toBe("0.1.0");
    const simulated = await chain.abciQuery("/app/simulate", pay(chain));
    const json = JSON.parse(new TextDecoder().decode(simulated.value));
    expect(Number(json.gas_info.gas_used)).toBeGreaterThan(50_000);
  });

  it("answer NotFound in the words that CosmJS looks for", async () => {
    const chain = await start();
    await chain.block();
    const { code, log } = await chain.abciQuery(
      `/${AuthQuery.typeName}/Account`,
      AuthQuery.methods.account.input.encode({ address: account("nobody").address }).finish(),
    );
    expect(code).toBe(22);
    expect(log).toMatch(/^rpc error: code = NotFound desc = account firm1\w+ not found/);
  });
});

describe("simulation", () => {
  it("tells the gas that the block then takes, within the signature's cost, and leaves no trace", async () => {
    const chain = await start();
    await chain.block();
    await chain.block([pay(chain)]);
    const tx = pay(chain);
    const path = `/${TxService.typeName}/Simulate`;
    const request = TxService.methods.simulate.input.encode({ tx: undefined, txBytes: tx }).finish();
    const first = await chain.abciQuery(path, request);
    expect(first.code).toBe(0);
    expect((await chain.abciQuery(path, request)).value).toEqual(first.value);
    const { gasInfo, result } = SimulateResponse.decode(first.value);
    expect(result?.msgResponses).toHaveLength(1);
    const { gasUsed, events } = (await chain.block([tx])).txResults[0]!;
    const indexes = (of: typeof events | undefined) =>
      of?.flatMap(({ type, attributes }) => attributes.map(({ key, index }) => [type, key, index]));
    expect(indexes(events)?.every(([, , index]) => index)).toBe(true);
    expect(indexes(result?.events)).toEqual(indexes(events)?.map(([type, key]) => [type, key, false]));
    expect(Number(gasInfo!.gasUsed)).toBeGreaterThanOrEqual(Number(gasUsed) * 0.95);
    expect(Number(gasInfo!.gasUsed)).toBeLessThanOrEqual(Number(gasUsed) * 1.1);
  });

  it("says why a message would fail", async () => {
    const chain = await start();
    await chain.block();
    const request = TxService.methods.simulate.input
      .encode({ tx: undefined, txBytes: pay(chain, 10n ** 18n) })
      .finish();
    const { code, log } = await chain.abciQuery(`/${TxService.typeName}/Simulate`, request);
    expect(code).not.toBe(0);
    expect(log).toMatch(/spendable balance .* is smaller than/);
  });

  it("is bounded, since nobody pays for it", async () => {
    const chain = await start({ queryLimits: { gas: 60_000, timeMs: 500 } });
    await chain.block();
    const request = TxService.methods.simulate.input.encode({ tx: undefined, txBytes: pay(chain) }).finish();
    const { code, log } = await chain.abciQuery(`/${TxService.typeName}/Simulate`, request);
    expect(code).not.toBe(0);
    expect(log).toMatch(/out of gas/);
  });
});

describe("the node's own services", () => {
  it("tell configuration and status", async () => {
    const chain = await start({
      config: { minimumGasPrices: "0.025ufirm", pruningKeepRecent: "100", pruningInterval: "10", haltHeight: 7n },
    });
    await chain.block();
    const { methods, typeName } = NodeService;
    expect(await chain.query(typeName, methods.config, {})).toMatchObject({
      minimumGasPrice: "0.025ufirm",
      haltHeight: 7n,
    });
    expect(await chain.query(typeName, methods.status, {})).toMatchObject({ height: 1n, earliestStoreHeight: 1n });
  });

  it("answer Unavailable without CometBFT, never with an exception", async () => {
    const chain = await start();
    await chain.block();
    const { code, log } = await chain.abciQuery(`/${CometService.typeName}/GetLatestBlock`, none);
    expect(code).toBe(6);
    expect(log).toMatch(/^rpc error: code = Unavailable/);
  });
});

describe("T5: many connections", () => {
  it("queries during FinalizeBlock and Commit see one whole version, h or h + 1", async () => {
    const chain = await start();
    await chain.block();
    const total = 2_000_000_000n;
    const { app } = chain;
    for (let round = 0; round < 20; round++) {
      const txs = [pay(chain, 7n), pay(chain, 11n)];
      const seen: Promise<unknown>[] = [];
      const look = async () => {
        // Both balances in one query, so that a mix of versions would show in their sum.
        const { balances } = await chain.query(BankQuery.typeName, BankQuery.methods.allBalances, {
          address: chain.address("bob"),
        });
        const { height } = await chain.abciQuery(`/${BankQuery.typeName}/Params`, none);
        const bob = balances[0]!.amount;
        const expected = (h: bigint): bigint => total / 2n + 18n * (h - 1n);
        expect([expected(height - 1n), expected(height), expected(height + 1n)]).toContain(bob);
        const supply = await chain.query(BankQuery.typeName, BankQuery.methods.supplyOf, { denom: "ufirm" });
        expect(supply.amount?.amount).toBe(total + 1_000_000n);
      };
      seen.push(look());
      await app.handlers.finalizeBlock(chain.request(txs));
      chain.height++;
      seen.push(look());
      const committed = app.handlers.commit({});
      seen.push(look(), chain.check(message(BankQuery.methods.params.input, {}).value));
      await committed;
      seen.push(look());
      await Promise.all(seen);
      expect(await balanceAt(chain, "bob")).toBe(total / 2n + 18n * BigInt(round + 1));
    }
  });
});

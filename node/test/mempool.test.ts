import { Query as AuthQuery, BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { afterEach, describe, expect, it } from "vitest";
import { send } from "./accounts.ts";
import { type ChainOptions, PARAMS, TestChain } from "./chain.ts";

const chains: TestChain[] = [];

async function start(options: ChainOptions = {}): Promise<TestChain> {
  const chain = await TestChain.start(options);
  chains.push(chain);
  return chain;
}

afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.close();
});

const pay = (chain: TestChain, from = "alice", options = {}, amount = 1n) =>
  chain.tx(from, [send(chain.address(from), chain.address("bob"), amount)], options);

async function sequence(chain: TestChain, name: string): Promise<bigint> {
  const { account } = await chain.query(AuthQuery.typeName, AuthQuery.methods.account, {
    address: chain.address(name),
  });
  return BaseAccount.decode(account!.value).sequence;
}

describe("CheckTx", () => {
  it("takes a sender's transactions in order, and tells the sequence it expects otherwise", async () => {
    const chain = await start();
    await chain.block();
    const [first, second] = [pay(chain), pay(chain)];
    expect(await chain.check(second)).toMatchObject({
      codespace: "sdk",
      code: 32,
      log: "account sequence mismatch, expected 0, got 1: incorrect account sequence",
    });
    expect((await chain.check(first)).code).toBe(0);
    expect((await chain.check(second)).code).toBe(0);
    expect((await chain.check(second)).code).toBe(32);
  });

  it("M1, M3: recheck gives what check gave while nothing changed, and refuses what a block has overtaken", async () => {
    const chain = await start();
    await chain.block();
    const txs = [pay(chain), pay(chain), pay(chain)];
    for (const tx of txs) expect((await chain.check(tx)).code).toBe(0);
    await chain.block();
    for (const tx of txs) expect((await chain.check(tx, true)).code).toBe(0);
    await chain.block([txs[0]!]);
    expect((await chain.check(txs[0]!, true)).code).toBe(32);
    for (const tx of txs.slice(1)) expect((await chain.check(tx, true)).code).toBe(0);
  });

  it("M2: leaves committed state alone, and starts anew with each commit", async () => {
    const [chain, twin] = [await start(), await start()];
    await chain.block();
    await twin.block();
    for (let i = 0; i < 5; i++) expect((await chain.check(pay(chain))).code).toBe(0);
    expect(await sequence(chain, "alice")).toBe(0n);
    expect((await chain.block()).appHash).toEqual((await twin.block()).appHash);
    expect((await chain.check(pay(chain, "alice", { sequence: 0n }))).code).toBe(0);
  });

  it("a check that fails changes nothing, not even the fee", async () => {
    const chain = await start({ accounts: { alice: [{ denom: "ufirm", amount: 6_000n }], bob: [] } });
    await chain.block();
    expect((await chain.check(pay(chain, "alice", { memo: "m".repeat(257), sequence: 0n }))).code).toBe(12);
    expect((await chain.check(pay(chain, "alice", { sequence: 0n }))).code).toBe(0);
    expect((await chain.check(pay(chain, "alice", { sequence: 1n }))).code).toBe(5);
  });

  it("M4: a transaction that was in a block is refused", async () => {
    const chain = await start();
    const tx = pay(chain);
    expect((await chain.block([tx])).txResults[0]!.code).toBe(0);
    expect((await chain.check(tx)).code).toBe(32);
    expect((await chain.block([tx])).txResults[0]!.code).toBe(32);
  });

  it("M5: gas wanted is what the transaction says, and at most the block's", async () => {
    const chain = await start({ params: { ...PARAMS, block: { maxBytes: 4_194_304n, maxGas: 300_000n } } });
    await chain.block();
    expect(await chain.check(pay(chain, "alice", { gas: 300_000n }))).toMatchObject({ code: 0, gasWanted: 300_000n });
    expect(await chain.check(pay(chain, "alice", { gas: 300_001n }))).toMatchObject({ codespace: "sdk", code: 41 });
    for (const gas of [0n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      const { code, gasWanted } = await chain.check(pay(chain, "bob", { gas, sequence: 0n }));
      expect(code).not.toBe(0);
      expect(gasWanted).toBeGreaterThanOrEqual(0n);
    }
  });

  it("asks for the node's gas price, which a block does not", async () => {
    const chain = await start({ minGasPrices: [{ denom: "ufirm", amount: 25n * 10n ** 15n }] });
    await chain.block();
    const tx = pay(chain, "alice", { fee: [{ denom: "ufirm", amount: 4_999n }] });
    expect(await chain.check(tx)).toMatchObject({
      codespace: "sdk",
      code: 13,
      log: "insufficient fees; got: 4999ufirm required: 5000ufirm: insufficient fee",
    });
    expect((await chain.block([tx])).txResults[0]!.code).toBe(0);
  });

  it("has no events and no data, as the SDK's", async () => {
    const chain = await start();
    await chain.block();
    const result = await chain.check(pay(chain));
    expect(result).toMatchObject({ code: 0, events: [], log: "", info: "" });
    expect(result.data).toHaveLength(0);
    expect(result.gasUsed).toBeGreaterThan(40_000n);
  });
});

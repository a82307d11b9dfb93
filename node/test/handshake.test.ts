import { afterEach, describe, expect, it } from "vitest";
import { send } from "./accounts.ts";
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

const info = async (chain: TestChain) =>
  chain.app.handlers.info({ version: "0.38.26", blockVersion: 11n, p2pVersion: 8n, abciVersion: "2.0.0" });

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("handshake", () => {
  it("H1: InitChain may come again before the first commit and leaves no trace of the first time", async () => {
    const twice = await start();
    await twice.app.handlers.initChain(twice.genesis());
    const once = await start();
    expect(hex((await twice.block()).appHash)).toBe(hex((await once.block()).appHash));
  });

  it("H1: InitChain comes again after a crash between FinalizeBlock and the first commit", async () => {
    const chain = await start();
    const before = await chain.finalize();
    await chain.reopen();
    expect(chain.store.version).toBe(0n);
    await chain.app.handlers.initChain(chain.genesis());
    expect(hex((await chain.block()).appHash)).toBe(hex(before.appHash));
  });

  it("H1: after the first commit InitChain is refused", async () => {
    const chain = await start();
    await chain.block();
    await expect(async () => chain.app.handlers.initChain(chain.genesis())).rejects.toThrow(/before the first commit/);
  });

  it("H2: validators of the genesis file hold when no module names any; with none at all genesis is refused", async () => {
    const chain = await start();
    const response = await chain.app.handlers.initChain(chain.genesis());
    expect(response.validators).toEqual([]);
    expect(hex(response.appHash)).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    await expect(async () => chain.app.handlers.initChain(chain.genesis({ validators: [] }))).rejects.toThrow(
      /no validators, want some/,
    );
  });

  it("H3: the first block has the initial height, and heights go on from there", async () => {
    const chain = await start({ initialHeight: 1000n });
    await expect(async () => chain.app.handlers.finalizeBlock(chain.request([], 1n))).rejects.toThrow(
      "invalid height: 1; expected: 1000",
    );
    await chain.block();
    expect((await info(chain)).lastBlockHeight).toBe(1000n);
    await chain.block();
    await chain.reopen();
    expect((await info(chain)).lastBlockHeight).toBe(1001n);
    await chain.block();
    const tx = chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 1n)]);
    expect((await chain.block([tx])).txResults[0]).toMatchObject({ code: 0, log: "" });
  });

  it("H4: info reports the last commit, never FinalizeBlock", async () => {
    const chain = await start();
    await chain.block();
    const committed = await info(chain);
    await chain.finalize([chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 1n)])]);
    expect(await info(chain)).toEqual(committed);
    await chain.reopen();
    expect(await info(chain)).toEqual(committed);
    expect(committed.lastBlockHeight).toBe(1n);
  });

  it("H5: a replayed block gives the same app hash and results", async () => {
    const chain = await start();
    await chain.block();
    const txs = [chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 1n)])];
    const before = await chain.finalize(txs);
    await chain.reopen();
    const after = await chain.finalize(txs);
    expect(after).toEqual(before);
    await chain.app.handlers.commit({});
    expect(hex((await info(chain)).lastBlockAppHash)).toBe(hex(before.appHash));
  });

  it("H6: FinalizeBlock may come again for the same height, and for no other", async () => {
    const chain = await start();
    const txs = [chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 1n)])];
    const first = await chain.app.handlers.finalizeBlock(chain.request(txs));
    const other = await chain.app.handlers.finalizeBlock(chain.request([]));
    expect(hex(other.appHash)).not.toBe(hex(first.appHash));
    expect(await chain.app.handlers.finalizeBlock(chain.request(txs))).toEqual(first);
    chain.height = 1n;
    await chain.app.handlers.commit({});
    for (const height of [0n, 1n, 3n]) {
      await expect(async () => chain.app.handlers.finalizeBlock(chain.request([], height))).rejects.toThrow(
        `invalid height: ${height}; expected: 2`,
      );
    }
    const again = await chain.app.handlers.finalizeBlock(chain.request([], 2n));
    expect(await chain.app.handlers.finalizeBlock(chain.request([], 2n))).toEqual(again);
  });

  it("H6: commit without FinalizeBlock is refused", async () => {
    const chain = await start();
    await expect(chain.app.handlers.commit({})).rejects.toThrow(/Commit without FinalizeBlock/);
  });

  it("H7: info gives the app version of the consensus parameters", async () => {
    const chain = await start({ params: { ...(await import("./chain.ts")).PARAMS, version: { app: 3n } } });
    await chain.block();
    expect((await info(chain)).appVersion).toBe(3n);
  });
});

describe("genesis", () => {
  it("refuses what it cannot read, with a message for whoever wrote the file", async () => {
    const chain = await start();
    const init = (appState: unknown) => async () =>
      chain.app.handlers.initChain(
        chain.genesis({
          appStateBytes: typeof appState === "string" ? new TextEncoder().encode(appState) : (appState as Uint8Array),
        }),
      );
    await expect(init("{")).rejects.toThrow(/app_state is not JSON/);
    await expect(init("[]")).rejects.toThrow(/not an object/);
    await expect(init(Uint8Array.of(0xff))).rejects.toThrow(/app_state is not JSON/);
    await expect(init('{"chain":{"bech32_prefix":"Firm"}}')).rejects.toThrow(/bech32_prefix is "Firm"/);
    await expect(init('{"bank":{"balances":[{"address":"nobody","coins":[]}]}}')).rejects.toThrow(/app_state\.bank/);
  });

  it("passes over the state of modules that this chain does not have", async () => {
    const chain = await start({ appState: { crisis: { constant_fee: { denom: "ufirm", amount: "1" } } } });
    expect((await chain.block()).txResults).toEqual([]);
  });

  it("takes null, which the SDK's tools write for `consensus`, as nothing said", async () => {
    const chain = await start({ appState: { consensus: null } });
    expect((await chain.block()).txResults).toEqual([]);
  });

  it("takes the address prefix from genesis and keeps it over a restart", async () => {
    const chain = await start({ prefix: "cosmos" });
    await chain.block();
    await chain.reopen();
    expect(chain.address("alice")).toMatch(/^cosmos1/);
    const tx = chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), 1n)]);
    expect((await chain.block([tx])).txResults[0]).toMatchObject({ code: 0, log: "" });
  });

  it("exports a state from which the same state starts again", async () => {
    const chain = await start();
    await chain.block([chain.tx("alice", [send(chain.address("alice"), chain.address("carol"), 77n)])]);
    const { appState, validators } = await chain.app.export(0n);
    expect(validators).toHaveLength(1);
    const again = await start();
    const { auth } = appState;
    const { accounts } = auth as { readonly accounts: unknown[] };
    expect(accounts.length).toBeGreaterThanOrEqual(3);
    await again.app.handlers.initChain(
      again.genesis({ appStateBytes: new TextEncoder().encode(JSON.stringify(appState)) }),
    );
    await again.block();
    expect((await again.app.export(0n)).appState).toEqual(appState);
  });
});

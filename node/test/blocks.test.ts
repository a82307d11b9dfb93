import { Query as BankQuery } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { TxMsgData } from "@interfirm/proto/gen/cosmos/base/abci/v1beta1";
import { MsgUpdateParams } from "@interfirm/proto/gen/cosmos/consensus/v1";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { afterEach, describe, expect, it } from "vitest";
import { FEE, message, send } from "./accounts.ts";
import { type ChainOptions, GENESIS_TIME, PARAMS, TestChain } from "./chain.ts";

const chains: TestChain[] = [];

async function start(options: ChainOptions = {}): Promise<TestChain> {
  const chain = await TestChain.start(options);
  chains.push(chain);
  return chain;
}

afterEach(async () => {
  for (const chain of chains.splice(0)) await chain.close();
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const pay = (chain: TestChain, from = "alice", options = {}, amount = 1n) =>
  chain.tx(from, [send(chain.address(from), chain.address("bob"), amount)], options);

async function balance(chain: TestChain, name: string): Promise<bigint> {
  const { balance: coin } = await chain.query(BankQuery.typeName, BankQuery.methods.balance, {
    address: chain.address(name),
    denom: "ufirm",
  });
  return coin?.amount ?? 0n;
}

const outline = (events: readonly abci.Event[]): string[] =>
  events.map(({ type, attributes }) => `${type}(${attributes.map(({ key }) => key).join(",")})`);

describe("FinalizeBlock", () => {
  it("F1, F2: state and results are a function of the last state and the block", async () => {
    const [a, b] = [await start(), await start()];
    // One node has checked, prepared and simulated; the other sees the block for the first time.
    const txs = [pay(a), pay(a, "carol"), Uint8Array.of(9), pay(a, "carol", { sequence: 5n })];
    for (const tx of txs) await a.check(tx);
    const left = await a.block(txs);
    const right = await b.block(txs);
    expect(left).toEqual(right);
  });

  it("F3: one result a transaction, in order", async () => {
    const chain = await start();
    const txs = [Uint8Array.of(1), pay(chain), pay(chain, "alice", { sequence: 0n }), pay(chain)];
    const { txResults } = await chain.block(txs);
    expect(txResults.map(({ code }) => code)).toEqual([2, 0, 32, 0]);
  });

  it("F4: nothing is on disk before Commit, everything of the height is after it", async () => {
    const chain = await start();
    await chain.block();
    await chain.finalize([pay(chain)]);
    await chain.reopen();
    expect(chain.store.version).toBe(1n);
    expect(await balance(chain, "alice")).toBe(1_000_000_000n);
    chain.numbers("alice").sequence = 0n;
    await chain.block([pay(chain)]);
    await chain.reopen();
    expect(chain.store.version).toBe(2n);
    expect(await balance(chain, "alice")).toBe(1_000_000_000n - 5_000n - 1n);
  });

  it("F5: the app hash of the answer is the one that Info gives after Commit", async () => {
    const chain = await start();
    const { appHash } = await chain.block([pay(chain)]);
    const info = await chain.app.handlers.info(abci.RequestInfo.fromPartial({}));
    expect(hex(info.lastBlockAppHash)).toBe(hex(appHash));
    expect(hex(chain.store.appHash)).toBe(hex(appHash));
  });

  it("F6: Commit calls its listeners when the height is visible, and does not wait for them", async () => {
    const chain = await start();
    const seen: bigint[] = [];
    chain.app.onCommit(({ header }) => seen.push(header.height, chain.store.version));
    await chain.block();
    expect(seen).toEqual([1n, 1n]);
  });

  it("F7: Commit tells what CometBFT may drop", async () => {
    const evidence = { maxAgeNumBlocks: 2n, maxAgeDuration: { seconds: 10n, nanos: 0 }, maxBytes: 1000n };
    const chain = await start({ minRetainBlocks: 3n, params: { ...PARAMS, evidence } });
    const retained: bigint[] = [];
    for (let i = 0; i < 6; i++) {
      await chain.finalize();
      retained.push((await chain.app.handlers.commit({})).retainHeight);
    }
    expect(retained).toEqual([0n, 0n, 0n, 1n, 2n, 3n]);
  });

  it("F8: the time of the block is the header's", async () => {
    const chain = await start();
    await chain.block();
    expect(chain.store.latest.time).toBe(GENESIS_TIME + 1_000_000_000n);
  });

  it("halts at the configured height and time, with the words that operators look for", async () => {
    const atHeight = await start({ halt: { height: 2n, timeSeconds: 0n } });
    await atHeight.block();
    await expect(atHeight.finalize()).rejects.toThrow("halt per configuration height 2 time 0");
    const seconds = GENESIS_TIME / 1_000_000_000n + 2n;
    const atTime = await start({ halt: { height: 0n, timeSeconds: seconds } });
    await atTime.block();
    await expect(atTime.finalize()).rejects.toThrow(`halt per configuration height 0 time ${seconds}`);
  });
});

describe("validators, parameters, evidence", () => {
  it("U3: a change of parameters is for governance alone, and does not reach CometBFT otherwise", async () => {
    const chain = await start();
    const change = message(MsgUpdateParams, {
      authority: chain.address("alice"),
      block: { maxBytes: 0n, maxGas: -1n },
      evidence: PARAMS.evidence,
      validator: PARAMS.validator,
    });
    const { txResults, consensusParamUpdates } = await chain.block([chain.tx("alice", [change])]);
    expect(txResults[0]).toMatchObject({ codespace: "gov", code: 13 });
    expect(consensusParamUpdates).toBeUndefined();
  });

  it("U4, U5: evidence and votes of unknown and removed validators change nothing", async () => {
    const [chain, twin] = [await start(), await start()];
    const unknown = { address: new Uint8Array(20).fill(9), power: 5n };
    const request = abci.RequestFinalizeBlock.fromPartial({
      ...chain.request([]),
      misbehavior: Array.from({ length: 200 }, (_, i) => ({
        type: (i % 2) + 1 === 1 ? abci.MisbehaviorType.DUPLICATE_VOTE : abci.MisbehaviorType.LIGHT_CLIENT_ATTACK,
        validator: unknown,
        height: BigInt(i),
        totalVotingPower: 10n,
      })),
      decidedLastCommit: { round: 1, votes: [{ validator: unknown, blockIdFlag: 1 }] },
    });
    const left = await chain.app.handlers.finalizeBlock(request);
    expect(left.appHash).toEqual((await twin.finalize()).appHash);
  });
});

describe("results of transactions", () => {
  it("have the SDK's data, events and order", async () => {
    const chain = await start();
    await chain.block();
    const two = [
      send(chain.address("alice"), chain.address("bob"), 1n),
      send(chain.address("alice"), chain.address("carol"), 2n),
    ];
    const result = (await chain.block([chain.tx("alice", two)])).txResults[0]!;
    expect(result).toMatchObject({ code: 0, codespace: "", log: "", info: "", gasWanted: 200_000n });
    expect(TxMsgData.decode(result.data).msgResponses.map(({ typeUrl }) => typeUrl)).toEqual([
      "/cosmos.bank.v1beta1.MsgSendResponse",
      "/cosmos.bank.v1beta1.MsgSendResponse",
    ]);
    expect(outline(result.events)).toEqual([
      "coin_spent(spender,amount)",
      "coin_received(receiver,amount)",
      "transfer(recipient,sender,amount)",
      "message(sender)",
      "tx(fee,fee_payer)",
      "tx(acc_seq)",
      "tx(signature)",
      "message(action,sender,module,msg_index)",
      "coin_spent(spender,amount,msg_index)",
      "coin_received(receiver,amount,msg_index)",
      "transfer(recipient,sender,amount,msg_index)",
      "message(sender,msg_index)",
      "message(action,sender,module,msg_index)",
      "coin_spent(spender,amount,msg_index)",
      "coin_received(receiver,amount,msg_index)",
      "transfer(recipient,sender,amount,msg_index)",
      "message(sender,msg_index)",
    ]);
    expect(result.events.every(({ attributes }) => attributes.every(({ index }) => index))).toBe(true);
    const action = result.events[7]!.attributes.map(({ key, value }) => [key, value]);
    expect(action).toEqual([
      ["action", "/cosmos.bank.v1beta1.MsgSend"],
      ["sender", chain.address("alice")],
      ["module", "bank"],
      ["msg_index", "0"],
    ]);
    expect(result.events.at(-1)?.attributes.at(-1)?.value).toBe("1");
  });

  it("a failed message takes all messages back, keeps fee and sequence, and tells only the ante's events", async () => {
    const chain = await start();
    const messages = [
      send(chain.address("alice"), chain.address("bob"), 10n),
      send(chain.address("alice"), chain.address("bob"), 10n ** 15n),
    ];
    const result = (await chain.block([chain.tx("alice", messages)])).txResults[0]!;
    expect(result).toMatchObject({ codespace: "sdk", code: 5 });
    expect(result.log).toMatch(
      /^failed to execute message; message index: 1: spendable balance 999994990ufirm is smaller/,
    );
    expect(result.data).toHaveLength(0);
    expect(outline(result.events).every((event) => !event.includes("msg_index"))).toBe(true);
    expect(await balance(chain, "alice")).toBe(1_000_000_000n - FEE[0]!.amount);
    // The sequence moved on: the next one is taken.
    expect((await chain.block([pay(chain)])).txResults[0]!.code).toBe(0);
  });

  it("M6: gas that runs out costs the whole fee, and is never more than was wanted; the log shows the step too many", async () => {
    const chain = await start();
    const result = (await chain.block([pay(chain, "alice", { gas: 62_000n })])).txResults[0]!;
    expect(result).toMatchObject({ codespace: "sdk", code: 11, gasWanted: 62_000n, gasUsed: 62_000n });
    expect(result.log).toMatch(/^out of gas in location: \w+; gasWanted: 62000, gasUsed: 6[2-6]\d{3}: out of gas$/);
    expect(await balance(chain, "alice")).toBe(1_000_000_000n - FEE[0]!.amount);
  });

  it("a block's gas ends its transactions with sdk/11", async () => {
    const one = await start();
    const used = (await one.block([pay(one)])).txResults[0]!.gasUsed;
    const chain = await start({ params: { ...PARAMS, block: { maxBytes: 4_194_304n, maxGas: 200_000n } } });
    const txs = Array.from({ length: 6 }, () => pay(chain));
    const { txResults } = await chain.block(txs);
    const fitting = Number(200_000n / used);
    const codes = txResults.map(({ code }) => code);
    expect(codes).toEqual(codes.map((_, i) => (i < fitting ? 0 : 11)));
    expect(txResults[fitting]!.log).toMatch(/^out of gas in location: block gas meter/);
    expect(txResults[fitting + 1]).toMatchObject({
      log: "no block gas left to run tx: out of gas",
      gasWanted: 0n,
      gasUsed: 0n,
    });
  });

  it("indexes only the events that the operator wants", async () => {
    const chain = await start({ indexEvents: ["transfer.sender"] });
    const { events } = (await chain.block([pay(chain)])).txResults[0]!;
    const indexed = events.flatMap(({ type, attributes }) =>
      attributes.filter(({ index }) => index).map(({ key }) => `${type}.${key}`),
    );
    expect([...new Set(indexed)]).toEqual(["transfer.sender"]);
  });
});

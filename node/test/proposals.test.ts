import { BasicAllowance, MsgGrantAllowance } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { sizeInBlock } from "../app/proposals.ts";
import { message, send } from "./accounts.ts";
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

const { ACCEPT, REJECT } = abci.ResponseProcessProposal_ProposalStatus;

async function prepare(chain: TestChain, txs: readonly Uint8Array[], maxTxBytes = 1_000_000n) {
  const { height, time } = chain.request([]);
  const request = abci.RequestPrepareProposal.fromPartial({ txs, maxTxBytes, height, time });
  return (await chain.app.handlers.prepareProposal(request)).txs;
}

async function process(chain: TestChain, txs: readonly Uint8Array[]) {
  const { height, time } = chain.request([]);
  return (await chain.app.handlers.processProposal(abci.RequestProcessProposal.fromPartial({ txs, height, time })))
    .status;
}

const pay = (chain: TestChain, from = "alice", options = {}) =>
  chain.tx(from, [send(chain.address(from), chain.address("bob"), 1n)], options);

const withGas = (maxGas: bigint): ChainOptions => ({ params: { ...PARAMS, block: { maxBytes: 4_194_304n, maxGas } } });

describe("PrepareProposal", () => {
  it("P1: chooses from 4,000 transactions in one pass, most of them not checked before", async () => {
    const chain = await start();
    const txs = Array.from({ length: 4_000 }, () => pay(chain));
    for (const tx of txs.slice(0, 10)) await chain.check(tx);
    const chosen = await prepare(chain, txs);
    expect(chosen.length).toBeGreaterThan(3_000);
  });

  it("P2: keeps max_tx_bytes, tags and lengths counted", async () => {
    const chain = await start();
    const txs = Array.from({ length: 5 }, () => pay(chain));
    const three = txs.slice(0, 3).reduce((sum, tx) => sum + sizeInBlock(tx), 0);
    expect(await prepare(chain, txs, BigInt(three))).toEqual(txs.slice(0, 3));
    expect(await prepare(chain, txs, BigInt(three - 1))).toEqual(txs.slice(0, 2));
    expect(await prepare(chain, txs, 0n)).toEqual([]);
    const data = abci.RequestProcessProposal.encode(abci.RequestProcessProposal.fromPartial({ txs })).finish();
    expect(txs.reduce((sum, tx) => sum + sizeInBlock(tx), 0)).toBeLessThanOrEqual(data.length);
  });

  it("keeps the block's gas, in order, and passes over what no block can hold", async () => {
    const chain = await start(withGas(500_000n));
    const giant = pay(chain, "carol", { gas: 500_001n });
    const txs = [pay(chain), pay(chain), pay(chain)];
    expect(await prepare(chain, [giant, ...txs])).toEqual(txs.slice(0, 2));
  });

  it("drops what would fail: garbage, a wrong sequence, an unpaid fee", async () => {
    const chain = await start();
    const good = pay(chain);
    const poor = pay(chain, "carol", { fee: [{ denom: "ufirm", amount: 1_000_001n }] });
    const replay = pay(chain, "alice", { sequence: 0n });
    expect(await prepare(chain, [Uint8Array.of(1, 2, 3), good, poor, replay])).toEqual([good]);
  });

  it("leaves out what passed a check only behind one that is not proposed, and would fail in the block for free", async () => {
    const chain = await start();
    await chain.block();
    const [first, second, third] = [pay(chain), pay(chain), pay(chain)];
    const other = pay(chain, "carol");
    for (const tx of [first, second, other, third]) expect((await chain.check(tx)).code).toBe(0);
    expect(await prepare(chain, [first, second, other, third])).toEqual([first, second, other, third]);
    // `check_tx` of CometBFT's RPC checks a transaction that nobody then has.
    expect(await prepare(chain, [second, other, third])).toEqual([other]);
    expect(await prepare(chain, [first, third, other])).toEqual([first, other]);
    expect(await prepare(chain, [second, first])).toEqual([first]);
    expect(await prepare(chain, [first, first, other])).toEqual([first, other]);
    const fee = pay(chain, "bob", { sequence: 0n });
    expect(await prepare(chain, [fee, other])).toEqual([fee, other]);
  });

  it("leaves out what was in time for the check and is late for the block", async () => {
    const chain = await start();
    await chain.block();
    const late = pay(chain, "alice", { timeoutHeight: chain.height });
    const timely = pay(chain, "bob", { timeoutHeight: chain.height + 1n });
    for (const tx of [late, timely]) expect((await chain.check(tx)).code).toBe(0);
    expect(await prepare(chain, [late, timely])).toEqual([timely]);
    expect((await chain.block([timely])).txResults[0]!.code).toBe(0);
  });

  it("leaves out what an allowance paid for in the check and does not in the block", async () => {
    const chain = await start();
    const parties = { granter: chain.address("alice"), grantee: chain.address("carol") };
    const { time } = chain.request([]);
    const allowance = message(BasicAllowance, { expiration: time });
    await chain.block([chain.tx("alice", [message(MsgGrantAllowance, { ...parties, allowance })])]);
    const granted = pay(chain, "carol", { granter: parties.granter });
    const own = pay(chain, "bob");
    for (const tx of [granted, own]) expect((await chain.check(tx)).code).toBe(0);
    expect(await prepare(chain, [granted, own])).toEqual([own]);
  });

  it("P7: cuts a mempool that comes whole when max bytes are -1", async () => {
    const chain = await start();
    expect(await prepare(chain, [pay(chain)], -1n)).toHaveLength(1);
  });

  it("V2: proposals leave no trace in state", async () => {
    const chain = await start();
    const twin = await start();
    const txs = [pay(chain), pay(chain)];
    await prepare(chain, txs);
    await process(chain, txs);
    expect((await chain.block(txs)).appHash).toEqual((await twin.block(txs)).appHash);
  });
});

describe("ProcessProposal", () => {
  it("P3: every node accepts what a node prepares, however their mempools differ", async () => {
    const proposer = await start(withGas(1_000_000n));
    const fresh = await start(withGas(1_000_000n));
    const busy = await start(withGas(1_000_000n));
    for (let i = 0; i < 5; i++) await busy.check(pay(busy, "bob"));
    const kinds = ["good", "again", "garbage", "truncated", "giant", "poor", "late"] as const;
    const make = (kind: (typeof kinds)[number]): Uint8Array => {
      if (kind === "garbage") return Uint8Array.of(10, 200, 1);
      if (kind === "truncated") return pay(proposer, "bob", { sequence: 0n }).subarray(0, 100);
      if (kind === "giant") return pay(proposer, "bob", { gas: 1_000_001n, sequence: 0n });
      if (kind === "poor")
        return pay(proposer, "carol", { fee: [{ denom: "ufirm", amount: 10n ** 20n }], sequence: 0n });
      if (kind === "late") return pay(proposer, "bob", { timeoutHeight: 0n, sequence: 9n });
      return pay(proposer, "alice", kind === "again" ? { sequence: 0n } : {});
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...kinds), { maxLength: 12 }),
        fc.integer({ min: 0, max: 3000 }),
        async (mempool, maxBytes) => {
          proposer.numbers("alice").sequence = 0n;
          const txs = await prepare(proposer, mempool.map(make), BigInt(maxBytes));
          expect(txs.reduce((sum, tx) => sum + sizeInBlock(tx), 0)).toBeLessThanOrEqual(maxBytes);
          for (const node of [proposer, fresh, busy]) expect(await process(node, txs)).toBe(ACCEPT);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("P4: the verdict depends on the block and the last state alone", async () => {
    const chain = await start(withGas(500_000n));
    const cases: [Uint8Array[], number][] = [
      [[], ACCEPT],
      [[pay(chain), pay(chain)], ACCEPT],
      // It will fail in the block, and pay for it: no reason to refuse the block.
      [[pay(chain, "bob", { sequence: 99n })], ACCEPT],
      [[Uint8Array.of(1)], REJECT],
      [[pay(chain), pay(chain), pay(chain)], REJECT],
      [[pay(chain, "bob", { gas: 500_001n })], REJECT],
    ];
    for (let round = 0; round < 3; round++) {
      for (const [txs, verdict] of cases) expect(await process(chain, txs)).toBe(verdict);
      await prepare(chain, cases[1]![0]);
    }
  });

  it("P5: no answer is UNKNOWN", async () => {
    const chain = await start();
    for (const txs of [[], [Uint8Array.of(0)], [new Uint8Array(0)], [pay(chain)]]) {
      expect([ACCEPT, REJECT]).toContain(await process(chain, txs));
    }
  });

  it("P6: many proposals of one height, none of which is decided, leave no trace", async () => {
    const chain = await start();
    const twin = await start();
    for (let i = 0; i < 50; i++) await process(chain, [pay(chain, "bob", { sequence: BigInt(i) })]);
    expect((await chain.block()).appHash).toEqual((await twin.block()).appHash);
  });

  it("P8: a block that ProcessProposal would refuse is executed, its bad transactions get codes", async () => {
    const chain = await start(withGas(500_000n));
    const txs = [Uint8Array.of(1), new Uint8Array(0), pay(chain), pay(chain, "bob", { gas: 500_001n, sequence: 0n })];
    const { txResults } = await chain.block(txs);
    expect(txResults.map(({ codespace, code }) => `${codespace}/${code}`)).toEqual(["sdk/2", "sdk/18", "/0", "sdk/41"]);
  });
});

describe("vote extensions", () => {
  it("V1, V5: an empty one is given and accepted, any other refused; the answer is never UNKNOWN", async () => {
    const chain = await start();
    const { voteExtension } = await chain.app.handlers.extendVote(abci.RequestExtendVote.fromPartial({ height: 1n }));
    expect(voteExtension).toHaveLength(0);
    const verify = async (extension: Uint8Array) =>
      (
        await chain.app.handlers.verifyVoteExtension(
          abci.RequestVerifyVoteExtension.fromPartial({ voteExtension: extension, height: 1n }),
        )
      ).status;
    expect(await verify(voteExtension)).toBe(abci.ResponseVerifyVoteExtension_VerifyStatus.ACCEPT);
    expect(await verify(Uint8Array.of(0))).toBe(abci.ResponseVerifyVoteExtension_VerifyStatus.REJECT);
  });

  it("V3, V4: extensions that come with a proposal's last commit change neither proposal nor state", async () => {
    const chain = await start();
    await chain.block();
    const txs = [pay(chain), pay(chain)];
    const propose = async (votes: readonly Uint8Array[]) => {
      const { height, time } = chain.request([]);
      const localLastCommit = {
        round: 0,
        votes: votes.map((voteExtension) => ({
          validator: { address: new Uint8Array(20).fill(1), power: 10n },
          voteExtension,
          extensionSignature: new Uint8Array(64),
        })),
      };
      const request = { txs, maxTxBytes: 1_000_000n, height, time, localLastCommit };
      return (await chain.app.handlers.prepareProposal(abci.RequestPrepareProposal.fromPartial(request))).txs;
    };
    expect(await propose([Uint8Array.of(1), new Uint8Array(100)])).toEqual(await propose([]));
    const twin = await start();
    await twin.block();
    expect((await chain.block(txs)).appHash).toEqual((await twin.block(txs)).appHash);
  });
});

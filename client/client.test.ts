import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from "vitest";
import { type Client, connect, type SigningClient, type SigningOptions } from "./client.ts";
import { InterfirmError, isError } from "./errors.ts";
import { GAS_USED } from "./testing/fake-app.ts";
import { type FakeComet, startFakeComet } from "./testing/fake-comet.ts";
import { decodeTx } from "./tx.ts";
import { aminoOnly, walletFromKey } from "./wallet.ts";

const alice = walletFromKey(new Uint8Array(32).fill(1), { prefix: "firm" });
const bob = walletFromKey(new Uint8Array(32).fill(2), { prefix: "firm" });
const coins = (amount: bigint) => [{ denom: "ufirm", amount }];
const fast = { pollMs: 5, restMs: 2, websocket: false } as const;

let comet: FakeComet;
const clients: Client[] = [];
beforeEach(async () => {
  comet = await startFakeComet({ balances: { [alice.address]: 1_000_000n } });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await comet.stop();
});
async function sign(more: Partial<SigningOptions> = {}): Promise<SigningClient> {
  const client = await connect(comet.url, { signer: alice, ...fast, ...more });
  clients.push(client);
  return client;
}

describe("connect", () => {
  test("learns chain id and prefix, and gives the prefix to the wallet's maker", async () => {
    const client = await sign({ signer: ({ prefix }) => walletFromKey(new Uint8Array(32).fill(1), { prefix }) });
    expect(client.chain).toEqual({ chainId: "fake-1", prefix: "firm" });
    expect(client.address).toBe(alice.address);
  });

  test("refuses another chain and a wallet of another prefix", async () => {
    await expect(connect(comet.url, { chainId: "other-1" })).rejects.toMatchObject({ name: "chainMismatch" });
    const signer = walletFromKey(new Uint8Array(32).fill(1), { prefix: "cosmos" });
    await expect(connect(comet.url, { signer })).rejects.toMatchObject({ name: "prefixMismatch" });
  });

  test("goes to the next endpoint when one is down, but never to another chain", async () => {
    const other = await startFakeComet({ chainId: "other-1" });
    const twin = await startFakeComet({ balances: { [alice.address]: 7n } });
    const client = await connect([comet.url, other.url, twin.url], fast);
    clients.push(client);
    expect(await client.balance(alice.address, "ufirm")).toBe(1_000_000n);
    comet.goDown();
    expect(await client.balance(alice.address, "ufirm")).toBe(7n);
    await Promise.all([other.stop(), twin.stop()]);
  });

  test("says which endpoints did not answer, after a bounded number of attempts", async () => {
    comet.goDown();
    const failed = connect(comet.url, { rounds: 2, restMs: 1 });
    await expect(failed).rejects.toMatchObject({ codespace: "client", name: "connection" });
    expect(comet.requests()).toBe(2);
    await expect(connect("ftp://nowhere")).rejects.toThrow("want http:// or https://");
  });
});

describe("queries", () => {
  test("are typed by the descriptors, bigint in and out", async () => {
    const client = await sign();
    const { balance } = await client.query.bank.balance({ address: alice.address, denom: "ufirm" });
    expectTypeOf(balance?.amount).toEqualTypeOf<bigint | undefined>();
    expect(balance).toEqual({ denom: "ufirm", amount: 1_000_000n });
    // @ts-expect-error there is no such query
    expect(client.query.bank.balanceOfTheForce).toBeUndefined();
  });

  test("throw what the chain refuses, by codespace and code", async () => {
    const client = await sign();
    const refused = client.query.auth.accountInfo({ address: bob.address }).catch((error) => error);
    expect(await refused).toBeInstanceOf(InterfirmError);
    expect(await refused).toMatchObject({ codespace: "sdk", code: 22, name: "keyNotFound" });
  });
});

describe("transactions", () => {
  test("a payment: simulated, priced, signed, in a block", async () => {
    const client = await sign();
    comet.keepCommitting(10);
    const paid = await client.bank.send({ toAddress: bob.address, amount: coins(5n) }, { memo: "for tea" });
    expect(comet.balanceOf(bob.address)).toBe(5n);
    expect(paid).toMatchObject({ gasUsed: GAS_USED, txIndex: 0 });
    expect(paid.txHash).toMatch(/^[0-9A-F]{64}$/);
    const { txs } = await client.block(paid.height);
    const { messages, authInfo, body, hash } = decodeTx(txs[0]!.bytes);
    expect(hash).toBe(paid.txHash);
    expect(body.memo).toBe("for tea");
    expect(messages).toEqual([
      {
        typeUrl: "/cosmos.bank.v1beta1.MsgSend",
        value: { fromAddress: alice.address, toAddress: bob.address, amount: coins(5n) },
      },
    ]);
    // 80,000 gas × 1.3, at 0.025ufirm.
    expect(authInfo.fee).toMatchObject({ gasLimit: 104_000n, amount: coins(2_600n) });
  });

  test("the response of our own message comes typed", async () => {
    const client = await sign();
    comet.keepCommitting(10);
    const price = { denom: "ufirm", amount: 100n };
    const proposed = await client.agreements.propose({
      payee: bob.address,
      price,
      termsHash: new Uint8Array(32),
      deadlineHeight: 99n,
    });
    expectTypeOf(proposed.id).toEqualTypeOf<bigint>();
    expect(proposed.id).toBe(1n);
  });

  test("several messages in one transaction give their responses in order", async () => {
    const client = await sign();
    comet.keepCommitting(10);
    const { send } = client.msgs.bank;
    const price = { denom: "ufirm", amount: 100n };
    const { responses } = await client.submit([
      send({ toAddress: bob.address, amount: coins(1n) }),
      client.msgs.agreements.propose({ payee: bob.address, price }),
    ]);
    expectTypeOf(responses[1].id).toEqualTypeOf<bigint>();
    expect(responses).toEqual([{}, { id: 1n }]);
  });

  test("gas, gas price and fee may be given", async () => {
    const client = await sign({ gasPrice: "0.5ufirm" });
    comet.keepCommitting(10);
    const to = { toAddress: bob.address, amount: coins(1n) };
    const feeOf = async (height: bigint) => decodeTx((await client.block(height)).txs[0]!.bytes).authInfo.fee;
    expect(await feeOf((await client.bank.send(to, { gas: 1_001 })).height)).toMatchObject({
      gasLimit: 1_001n,
      amount: coins(501n),
    });
    expect(await feeOf((await client.bank.send(to, { fee: coins(9n) })).height)).toMatchObject({ amount: coins(9n) });
  });

  test("a refusal in the block is an error with hash and height", async () => {
    const client = await sign();
    comet.keepCommitting(10);
    const failed = await client.bank
      .send({ toAddress: bob.address, amount: coins(10n ** 12n) })
      .catch((error) => error);
    expect(isError(failed, "sdk", "insufficientFunds")).toBe(true);
    expect(failed.txHash).toMatch(/^[0-9A-F]{64}$/);
    expect(failed.height).toBeGreaterThan(1n);
    await client.bank.send({ toAddress: bob.address, amount: coins(1n) });
    expect(comet.sequenceOf(alice.address)).toBe(2n);
  });

  test("500 parallel payments from one account, no mismatch", async () => {
    const client = await sign({ inFlightMax: 500 });
    comet.keepCommitting(50);
    const results = await Promise.all(
      Array.from({ length: 500 }, () =>
        client.bank.send({ toAddress: bob.address, amount: coins(1n) }, { gas: 100_000n }),
      ),
    );
    expect(new Set(results.map(({ txHash }) => txHash)).size).toBe(500);
    expect(comet.balanceOf(bob.address)).toBe(500n);
    expect(comet.failures()).toBe(0);
  });

  test("two programs that send from one account at the same time", async () => {
    const [one, two] = await Promise.all([sign(), sign()]);
    comet.keepCommitting(20);
    const pay = (client: SigningClient) =>
      client.bank.send({ toAddress: bob.address, amount: coins(1n) }, { gas: 100_000n });
    await Promise.all(Array.from({ length: 40 }, (_, i) => pay(i % 2 ? one : two)));
    expect(comet.balanceOf(bob.address)).toBe(40n);
    expect(comet.failures()).toBe(0);
  });

  test("parallel payments whose gas is simulated while others are under way", async () => {
    const client = await sign();
    comet.keepCommitting(30);
    await Promise.all(
      Array.from({ length: 30 }, () => client.bank.send({ toAddress: bob.address, amount: coins(1n) })),
    );
    expect(comet.balanceOf(bob.address)).toBe(30n);
  });

  test("a crash of the node that loses the mempool costs nothing", async () => {
    const client = await sign({ resendMs: 20 });
    const paid = Promise.all(
      Array.from({ length: 5 }, () => client.bank.send({ toAddress: bob.address, amount: coins(1n) }, { gas: 1n })),
    );
    while (comet.mempoolSize() < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    comet.goDown();
    setTimeout(() => {
      comet.goUp();
      comet.keepCommitting(20);
    }, 50);
    await paid;
    expect(comet.balanceOf(bob.address)).toBe(5n);
  });

  test("dispatch resolves before the block", async () => {
    const client = await sign();
    const { txHash, result } = await client.dispatch([
      client.msgs.bank.send({ toAddress: bob.address, amount: coins(1n) }),
    ]);
    expect(comet.mempoolSize()).toBe(1);
    comet.commit();
    expect((await result).txHash).toBe(txHash);
  });

  test("a transaction that enters no block in time is a timeout that names its hash", async () => {
    const client = await sign();
    const lost = client.bank.send({ toAddress: bob.address, amount: coins(1n) }, { timeoutMs: 50 });
    await expect(lost).rejects.toMatchObject({ codespace: "client", name: "timeout", txHash: expect.any(String) });
  });

  test("bytes handed in twice are one payment, also when the first is long in a block", async () => {
    const client = await sign();
    comet.keepCommitting(10);
    const { txHash } = await client.bank.send({ toAddress: bob.address, amount: coins(1n) });
    const status = await client.tx(txHash);
    expect(status).toMatchObject({ code: 0, txHash });
    expect(await client.broadcast(status!.bytes)).toMatchObject({ txHash, height: status!.height });
    expect(comet.balanceOf(bob.address)).toBe(1n);
    expect(await client.tx("00".repeat(32))).toBeUndefined();
  });

  test("a wallet that signs amino JSON only", async () => {
    const client = await sign({ signer: aminoOnly(alice) });
    comet.keepCommitting(10);
    await client.bank.send({ toAddress: bob.address, amount: coins(3n) });
    expect(comet.balanceOf(bob.address)).toBe(3n);
  });
});

describe("watch", () => {
  test("every event once and in order, over a cut websocket and a node that was away", async () => {
    const client = await sign({ websocket: true });
    const seen: string[] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const { height, index, raw } of client.watch({ fromHeight: 1n, signal: stop.signal })) {
        seen.push(`${height}/${index} ${raw.type}`);
        if (height === 12n && raw.type === "ended") break;
      }
    })();
    const rest = () => new Promise((resolve) => setTimeout(resolve, 15));
    for (let block = 0; block < 3; block++) {
      await rest();
      comet.commit();
    }
    comet.websocket.cut();
    for (let block = 0; block < 4; block++) comet.commit();
    await rest();
    comet.goDown();
    for (let block = 0; block < 4; block++) comet.commit();
    await rest();
    comet.goUp();
    await watching;
    const all = Array.from({ length: 12 }, (_, i) => [`${i + 1}/0 begun`, `${i + 1}/1 ended`]).flat();
    expect(seen).toEqual(all);
  });

  test("goes on behind a position", async () => {
    const client = await sign();
    comet.commit();
    const seen: string[] = [];
    for await (const { height, index } of client.watch({ after: { height: 1n, index: 0 }, toHeight: 2n })) {
      seen.push(`${height}/${index}`);
    }
    expect(seen).toEqual(["1/1", "2/0", "2/1"]);
  });

  test("gives typed events of the types asked for", async () => {
    const client = await sign();
    comet.keepCommitting(10);
    await client.bank.send({ toAddress: bob.address, amount: coins(1n) });
    await client.agreements.propose({ payee: bob.address, price: { denom: "ufirm", amount: 1n } });
    for await (const { event, tx } of client.watch({
      fromHeight: 1n,
      types: ["interfirm.agreements.v1.EventStatusChanged"],
    })) {
      expectTypeOf(event.value.id).toEqualTypeOf<bigint>();
      expect(event).toEqual({ type: "interfirm.agreements.v1.EventStatusChanged", value: { id: 1n, from: 0, to: 1 } });
      expect(tx?.code).toBe(0);
      break;
    }
  });

  test("ends when the client is closed, and whoever waits for a block is told", async () => {
    const client = await sign({ websocket: true });
    const pay = client.msgs.bank.send({ toAddress: bob.address, amount: coins(1n) });
    const { result } = await client.dispatch([pay]);
    const lost = result.catch((error) => error);
    setTimeout(() => client.close(), 10);
    for await (const _ of client.watch());
    expect(await lost).toMatchObject({ name: "connection", message: "the client is closed" });
  });

  test("ends without an error when aborted", async () => {
    const client = await sign();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    for await (const _ of client.watch({ signal: stop.signal }));
    expect(stop.signal.aborted).toBe(true);
  });
});

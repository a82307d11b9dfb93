import { moduleAddress } from "@interfirm/modules/kernel/address";
import { Query as BankQuery, MsgMultiSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type AnyMessage, account, FEE, message, send, signTx, type TxOptions } from "./accounts.ts";
import { CHAIN_ID, realModules, TestChain } from "./chain.ts";

const pay = (chain: TestChain, options: Partial<TxOptions> = {}, amount = 1n) =>
  chain.tx("alice", [send(chain.address("alice"), chain.address("bob"), amount)], options);

async function balance(chain: TestChain, name: string): Promise<bigint> {
  const request = { address: chain.address(name), denom: "ufirm" };
  return (await chain.query(BankQuery.typeName, BankQuery.methods.balance, request)).balance?.amount ?? 0n;
}

const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

describe("hostile transactions", async () => {
  const chain = await TestChain.start();
  await chain.block();
  afterAll(() => chain.close());
  const alice = chain.address("alice");
  const bob = chain.address("bob");
  const stranger = account("stranger");
  const fee = FEE[0]!.amount;

  /** Name, transaction, wanted code, and whether alice pays the fee. */
  const cases: readonly (readonly [string, () => Uint8Array, string, "free" | "paid"])[] = [
    ["nothing", () => new Uint8Array(0), "sdk/18", "free"],
    ["garbage", () => Uint8Array.of(255, 255, 255), "sdk/2", "free"],
    ["a cut transaction", () => pay(chain, same()).subarray(0, 60), "sdk/2", "free"],
    ["an appended byte", () => concat(pay(chain, same()), Uint8Array.of(0)), "sdk/2", "free"],
    ["an unknown field", () => concat(pay(chain, same()), Uint8Array.of(0x22, 0)), "sdk/2", "free"],
    ["another chain's", () => pay(chain, { ...same(), chainId: "other-1" }), "sdk/4", "free"],
    ["another account number's", () => pay(chain, { ...same(), accountNumber: 9n }), "sdk/4", "free"],
    ["an old sequence", () => pay(chain, { sequence: 0n }), "sdk/32", "free"],
    ["a future sequence", () => pay(chain, { sequence: 10n ** 9n }), "sdk/32", "free"],
    ["somebody else's key", () => forged(chain), "sdk/8", "free"],
    ["an account that does not exist", () => unknownSender(), "sdk/9", "free"],
    ["no signature", () => withSignatures(pay(chain, same()), []), "sdk/15", "free"],
    ["two signatures for one signer", () => doubled(pay(chain, same())), "sdk/4", "free"],
    ["a changed signature", () => changed(pay(chain, same())), "sdk/4", "free"],
    ["no gas", () => pay(chain, { ...same(), gas: 0n }), "sdk/11", "free"],
    ["too little gas for the ante", () => pay(chain, { ...same(), gas: 20_000n }), "sdk/11", "free"],
    ["a fee of nobody's coin", () => pay(chain, { ...same(), fee: [{ denom: "nope", amount: 1n }] }), "sdk/5", "free"],
    [
      "a fee above the balance",
      () => pay(chain, { ...same(), fee: [{ denom: "ufirm", amount: 10n ** 30n }] }),
      "sdk/5",
      "free",
    ],
    ["a negative fee", () => pay(chain, { ...same(), fee: [{ denom: "ufirm", amount: -1n }] }), "sdk/13", "free"],
    ["a long memo", () => pay(chain, { ...same(), memo: "m".repeat(257) }), "sdk/12", "free"],
    ["a memo of long characters", () => pay(chain, { ...same(), memo: "😀".repeat(65) }), "sdk/12", "free"],
    ["a passed timeout", () => pay(chain, { ...same(), timeoutHeight: 1n }), "sdk/30", "free"],
    ["no message", () => chain.tx("alice", [], same()), "sdk/18", "free"],
    [
      "an unknown message",
      () => chain.tx("alice", [{ typeUrl: "/x.y.Z", value: new Uint8Array(0) }], same()),
      "sdk/2",
      "free",
    ],
    ["a type that is no message", () => chain.tx("alice", [message(TxRaw, {})], same()), "sdk/2", "free"],
    ["a message of somebody else", () => chain.tx("alice", [send(bob, alice, 1n)], same()), "sdk/8", "free"],
    ["more than there is", () => pay(chain, {}, 10n ** 18n), "sdk/5", "paid"],
    ["nothing to send", () => pay(chain, {}, 0n), "sdk/10", "paid"],
    ["a negative amount", () => pay(chain, {}, -5n), "sdk/10", "paid"],
    ["a bad recipient", () => chain.tx("alice", [send(alice, "bob" as typeof bob, 1n)]), "sdk/7", "paid"],
    ["another prefix", () => chain.tx("alice", [send(alice, account("bob", "cosmos").address, 1n)]), "sdk/7", "paid"],
    ["a module's account", () => chain.tx("alice", [send(alice, moduleAccount("fee_collector"), 1n)]), "sdk/4", "paid"],
    ["the escrow's account", () => chain.tx("alice", [send(alice, moduleAccount("agreements"), 1n)]), "sdk/4", "paid"],
    ["outputs that exceed inputs", () => chain.tx("alice", [unbalanced()]), "bank/4", "paid"],
    ["gas that runs out in the message", () => pay(chain, { gas: 63_000n }), "sdk/11", "paid"],
  ];

  /** The next sequence, without counting it: for what must leave the account as it is. */
  function same(): { sequence: bigint } {
    return { sequence: chain.numbers("alice").sequence };
  }

  function forged(of: TestChain): Uint8Array {
    return signTx({ ...of.of("carol"), name: "alice" }, [send(alice, bob, 1n)], {
      chainId: CHAIN_ID,
      accountNumber: 0n,
      ...same(),
    });
  }

  function unknownSender(): Uint8Array {
    const options = { chainId: CHAIN_ID, accountNumber: 0n, sequence: 0n };
    return signTx(stranger, [send(stranger.address, bob, 1n)], options);
  }

  function unbalanced(): AnyMessage {
    const coins = (amount: bigint) => [{ denom: "ufirm", amount }];
    return message(MsgMultiSend, {
      inputs: [{ address: alice, coins: coins(1n) }],
      outputs: [{ address: bob, coins: coins(2n) }],
    });
  }

  function moduleAccount(name: string) {
    return moduleAddress(name, "firm");
  }

  for (const [name, make, wanted, cost] of cases) {
    it(`${name}: ${wanted}, ${cost}`, async () => {
      const before = await balance(chain, "alice");
      const tx = make();
      const check = await chain.check(tx);
      const { txResults } = await chain.block([tx]);
      const [result] = txResults;
      expect({ code: `${result!.codespace}/${result!.code}`, log: result!.log }).toMatchObject({ code: wanted });
      expect(result!.log).not.toBe("");
      // What the ante refuses never enters the mempool; what a message refuses is told by the block.
      expect(check.code === 0).toBe(cost === "paid");
      expect(await balance(chain, "alice")).toBe(before - (cost === "paid" ? fee : 0n));
      expect(await balance(chain, "bob")).toBe(1_000_000_000n);
      const next = await chain.block([chain.tx("alice", [send(alice, alice, 1n)])]);
      expect(next.txResults[0]!.code).toBe(0);
    });
  }

  it("no transaction can be changed and still be taken (ADR-020, ADR-027)", async () => {
    const tx = pay(chain, same());
    const pristine = await chain.app.handlers.checkTx({ tx, type: 0 });
    expect(pristine.code).toBe(0);
    await chain.block();
    for (let at = 0; at < tx.length; at++) {
      const mutant = Uint8Array.from(tx);
      mutant[at] = mutant[at]! ^ (1 << (at % 8));
      const { code, codespace } = await chain.check(mutant);
      expect(code, `byte ${at}`).not.toBe(0);
      expect(codespace).not.toBe("internal");
    }
  });

  it("X2: 3,000 random and mutated byte strings get a typed code each, in blocks and in checks", async () => {
    const seed = pay(chain, same());
    const mutate = fc
      .tuple(fc.nat(seed.length), fc.nat(seed.length), fc.uint8Array({ maxLength: 12 }))
      .map(([from, length, bytes]) =>
        concat(seed.subarray(0, from), bytes, seed.subarray(Math.min(seed.length, from + (length % 20)))),
      );
    const inputs = fc.sample(fc.oneof(fc.uint8Array({ maxLength: 80 }), mutate), { numRuns: 3_000, seed: 20_261_124 });
    const { txResults } = await chain.block(inputs.filter((tx) => Buffer.compare(tx, seed) !== 0));
    for (const { code, codespace } of txResults) {
      expect(code).not.toBe(0);
      expect(codespace).not.toBe("internal");
    }
    for (const tx of inputs.slice(0, 500)) expect((await chain.check(tx)).codespace).not.toBe("internal");
  });

  it("X3: depth that would overflow a recursive decoder gets the same code cold and warm", async () => {
    let nested = new Uint8Array(0);
    for (let i = 0; i < 3_000; i++)
      nested = concat(Uint8Array.of(0x0a), varint(nested.length), nested) as typeof nested;
    const groups = new Uint8Array(22_000).fill(0x0b);
    for (const bytes of [nested, groups]) {
      const bodies = [bytes, TxRaw.encode({ bodyBytes: bytes, authInfoBytes: bytes, signatures: [bytes] }).finish()];
      for (const tx of bodies) {
        const first = (await chain.block([tx])).txResults[0]!;
        for (let i = 0; i < 300; i++) await chain.check(pay(chain, same()));
        expect((await chain.block([tx])).txResults[0]).toEqual(first);
        expect(first).toMatchObject({ codespace: "sdk", code: 2 });
      }
    }
  });
});

describe("X1, X3: what is no fault of a transaction", () => {
  const withHandler = (throwing: () => never) => () => {
    const real = realModules();
    const [accounts, money, ...rest] = real.modules;
    const send = { ...money!.msgs![0]!.handlers, send: throwing };
    const broken = { ...money!, msgs: [{ ...money!.msgs![0]!, handlers: send }] };
    return { ...real, modules: [accounts!, broken, ...rest] };
  };
  const run = async (throwing: () => never) => {
    const chain = await TestChain.start({ composition: withHandler(throwing) });
    try {
      return await chain.block([pay(chain)]);
    } finally {
      await chain.close();
    }
  };

  it("a bug is code 1 with nothing told, and the fee stays paid", async () => {
    const { txResults } = await run(() => {
      throw new TypeError("secret of /home/operator");
    });
    expect(txResults[0]).toMatchObject({ codespace: "internal", code: 1, log: "internal error" });
    expect(txResults[0]!.events.some(({ type }) => type === "tx")).toBe(true);
  });

  it("a stack overflow stops the process: when it happens differs between machines", async () => {
    const overflow = (): never => overflow();
    await expect(run(() => overflow())).rejects.toThrow(RangeError);
    await expect(run(() => (1n / 0n) as never)).rejects.toThrow(RangeError);
  });
});

const parts = (tx: Uint8Array): TxRaw => TxRaw.decode(tx);
const withSignatures = (tx: Uint8Array, signatures: Uint8Array[]): Uint8Array =>
  TxRaw.encode({ ...parts(tx), signatures }).finish();
const doubled = (tx: Uint8Array): Uint8Array => withSignatures(tx, [...parts(tx).signatures, ...parts(tx).signatures]);
const changed = (tx: Uint8Array): Uint8Array => {
  const signature = Uint8Array.from(parts(tx).signatures[0]!);
  signature[5] = signature[5]! ^ 1;
  return withSignatures(tx, [signature]);
};

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}

import { BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { MsgMultiSend, MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bank } from "../bank/module.ts";
import { type Address, moduleAddress } from "../kernel/address.ts";
import { concat } from "../kernel/bytes.ts";
import type { Coin } from "../kernel/coins.ts";
import type { Event } from "../kernel/context.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { type AnteMode, createAnte, setUpGas } from "./ante.ts";
import type { GasPrice } from "./fee.ts";
import { auth } from "./module.ts";
import { buildTx, ed25519Signer, pack, secpSigner, type TxOptions, testVerifier } from "./testing.ts";
import { createTxDecoder } from "./tx.ts";

const alice = secpSigner("alice");
const bob = secpSigner("bob");
const carol = ed25519Signer("carol");
const stranger = secpSigner("stranger");
const coin = (amount: bigint, denom = "ufirm"): Coin => ({ denom, amount });
const FEE = [coin(10n)];

const decode = createTxDecoder({
  messages: new Map([MsgSend, MsgMultiSend].map((type) => [type.typeUrl, type])),
  registry: createRegistry(allTypes),
});

const pay = (from: Address = alice.address) =>
  pack(MsgSend, { fromAddress: from, toAddress: addr("shop"), amount: [coin(1n)] });

/** Alice has account number 0, Bob 1, Carol 2; each holds 1,000 ufirm. The block is 5, its gas 1,000,000. */
function setup() {
  const accounts = auth({ moduleAccounts: { fee_collector: [] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: ["fee_collector"] });
  const world = createWorld([accounts, money], { height: 5n });
  const owners = [alice, bob, carol].map(({ address }) => address);
  world.init({
    auth: { ...accounts.genesis.empty, accounts: owners.map((address) => pack(BaseAccount, { address })) },
    bank: { ...money.genesis.empty, balances: owners.map((address) => ({ address, coins: [coin(1000n)] })) },
  });
  let verifications = 0;
  const ante = createAnte({
    accounts: accounts.keeper,
    bank: money.keeper,
    verifier: {
      ...testVerifier,
      secp256k1(...args) {
        verifications++;
        return testVerifier.secp256k1(...args);
      },
    },
  });
  /** Returns the gas used. */
  function run(bytes: Uint8Array, mode: AnteMode = "deliver", minGasPrices: readonly GasPrice[] = []): number {
    const tx = decode(bytes);
    const { limit } = setUpGas(tx, mode, world.height, 1_000_000n);
    return world.tx((ctx) => {
      ante(ctx, tx, { mode, minGasPrices });
      return ctx.gas.used;
    }, limit);
  }
  return {
    world,
    run,
    verifications: () => verifications,
    account: (address: Address) => world.query((ctx) => accounts.keeper.get(ctx, address))?.base,
    balance: (address: Address) => world.query((ctx) => money.keeper.balance(ctx, address, "ufirm")),
  };
}

const byAlice = (options: Partial<TxOptions> = {}): Uint8Array =>
  buildTx({ messages: [pay()], signers: [{ signer: alice }], fee: FEE, ...options });

const refusal = (codespace: string, code: number) => expect.objectContaining({ name: "ChainError", codespace, code });
const texts = (events: readonly Event[]) =>
  events.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)].join(" "));

describe("a sound transaction", () => {
  it("pays its fee, shows its key, counts, and tells it in the SDK's events and order", () => {
    const { world, run, account, balance } = setup();
    world.events.length = 0;
    const bytes = byAlice();
    run(bytes);
    const fees = moduleAddress("fee_collector", TEST_PREFIX);
    expect(balance(alice.address)).toBe(990n);
    expect(balance(fees)).toBe(10n);
    expect(account(alice.address)).toMatchObject({ sequence: 1n, accountNumber: 0n });
    expect(account(alice.address)?.pubKey?.typeUrl).toBe("/cosmos.crypto.secp256k1.PubKey");
    const signature = Buffer.from(decode(bytes).signatures[0]!).toString("base64");
    expect(texts(world.events)).toEqual([
      `coin_spent spender=${alice.address} amount=10ufirm`,
      `coin_received receiver=${fees} amount=10ufirm`,
      `transfer recipient=${fees} sender=${alice.address} amount=10ufirm`,
      `message sender=${alice.address}`,
      `tx fee=10ufirm fee_payer=${alice.address}`,
      `tx acc_seq=${alice.address}/0`,
      `tx signature=${signature}`,
    ]);
  });

  it("may come from an ed25519 key, in amino JSON, without the key once it is known, from several signers", () => {
    const { run, account } = setup();
    run(buildTx({ messages: [pay(carol.address)], signers: [{ signer: carol, accountNumber: 2n }], fee: FEE }));
    const mode = SignMode.SIGN_MODE_LEGACY_AMINO_JSON;
    run(byAlice({ signers: [{ signer: alice, mode }] }));
    run(byAlice({ signers: [{ signer: alice, sequence: 1n, omitKey: true }] }));
    run(
      buildTx({
        messages: [pay(bob.address), pay(alice.address), pay(bob.address)],
        signers: [
          { signer: bob, accountNumber: 1n },
          { signer: alice, sequence: 2n },
        ],
      }),
    );
    expect([alice, bob, carol].map(({ address }) => account(address)?.sequence)).toEqual([3n, 1n, 1n]);
  });

  it("may let another pay, who signs too", () => {
    const { run, balance, account } = setup();
    run(
      byAlice({
        payer: bob.address,
        signers: [{ signer: alice }, { signer: bob, accountNumber: 1n }],
      }),
    );
    expect([balance(alice.address), balance(bob.address)]).toEqual([1000n, 990n]);
    expect(account(bob.address)?.sequence).toBe(1n);
  });

  it("is verified in check and in the block, not in a recheck", () => {
    const { run, verifications } = setup();
    run(byAlice(), "recheck");
    expect(verifications()).toBe(0);
    run(byAlice({ signers: [{ signer: alice, sequence: 1n }] }), "check");
    expect(verifications()).toBe(1);
  });
});

describe("a signature found valid once", () => {
  it("is not verified again, which changes neither gas nor state", () => {
    const tx = decode(byAlice());
    const results = [0, 1].map(() => {
      const accounts = auth({ moduleAccounts: { fee_collector: [] } });
      const money = bank({ accounts: accounts.keeper, blockedModules: [] });
      const world = createWorld([accounts, money], { height: 5n });
      world.init({
        auth: { ...accounts.genesis.empty, accounts: [pack(BaseAccount, { address: alice.address })] },
        bank: { ...money.genesis.empty, balances: [{ address: alice.address, coins: [coin(1000n)] }] },
      });
      let verifications = 0;
      const verifier = { ...testVerifier, secp256k1: () => verifications++ >= 0 };
      const ante = createAnte({ accounts: accounts.keeper, bank: money.keeper, verifier });
      const used = world.tx((ctx) => {
        ante(ctx, tx, { mode: "deliver", minGasPrices: [] });
        return ctx.gas.used;
      });
      return { used, verifications, dump: world.dump() };
    });
    expect(results.map(({ verifications }) => verifications)).toEqual([1, 0]);
    expect(results[0]!.used).toBe(results[1]!.used);
    expect(results[0]!.dump).toBe(results[1]!.dump);
  });

  it("counts for the account number it was made for alone", () => {
    const { facts } = decode(byAlice());
    expect(facts.isVerified(0, 0n)).toBe(false);
    facts.setVerified(0, 7n);
    expect([facts.isVerified(0, 7n), facts.isVerified(0, 8n), facts.isVerified(1, 7n)]).toEqual([true, false, false]);
  });
});

describe("simulation", () => {
  /** What SDK clients send before they have their key. */
  const BLANK_KEY: Any = { typeUrl: "/cosmos.crypto.secp256k1.PubKey", value: new Uint8Array(0) };
  const withKey =
    (publicKey: Any | undefined): NonNullable<TxOptions["authInfo"]> =>
    (info) => ({ ...info, signerInfos: [{ ...info.signerInfos[0]!, publicKey }] });

  it.each([
    ["no key", undefined],
    ["a key of no bytes", BLANK_KEY],
  ])("needs neither signature nor gas limit and takes %s, and counts what they will cost", (_, key) => {
    const { run, account } = setup();
    const signed = setup().run(byAlice({ gasLimit: 200_000n }));
    const blank = byAlice({ gasLimit: 0n, authInfo: withKey(key), signatures: () => [new Uint8Array(0)] });
    const simulated = run(blank, "simulate");
    expect(Math.abs(simulated - signed) / signed).toBeLessThan(0.1);
    expect(account(alice.address)?.sequence).toBe(1n);
  });

  it("is the only one that takes a key of no bytes (sdk/8)", () => {
    expect(() => setup().run(byAlice({ authInfo: withKey(BLANK_KEY) }))).toThrow("secp256k1 key has 0 bytes, want 33");
  });

  it("still tells a wrong sequence (sdk/32)", () => {
    expect(() => setup().run(byAlice({ signers: [{ signer: alice, sequence: 7n }] }), "simulate")).toThrow(
      "account sequence mismatch, expected 0, got 7",
    );
  });
});

const highS = ([signature]: readonly Uint8Array[]): readonly Uint8Array[] => {
  const s = secp256k1.Point.Fn.fromBytes(signature!.subarray(32));
  const high = (secp256k1.Point.Fn.ORDER - s).toString(16).padStart(64, "0");
  return [Uint8Array.from([...signature!.subarray(0, 32), ...Buffer.from(high, "hex")])];
};
const flipped = ([signature]: readonly Uint8Array[]) => [
  Uint8Array.from(signature!, (byte, i) => (i === 40 ? byte ^ 1 : byte)),
];
const withInfo =
  (change: (info: AuthInfo["signerInfos"][number]) => Partial<AuthInfo["signerInfos"][number]>) =>
  (authInfo: AuthInfo): AuthInfo => ({
    ...authInfo,
    signerInfos: authInfo.signerInfos.map((info) => ({ ...info, ...change(info) })),
  });
const badKey = (key: Uint8Array) =>
  withInfo(() => ({
    publicKey: { typeUrl: "/cosmos.crypto.secp256k1.PubKey", value: Uint8Array.of(10, key.length, ...key) },
  }));

describe("a hostile transaction is refused", () => {
  const amino = SignMode.SIGN_MODE_LEGACY_AMINO_JSON;
  it.each<[string, string, number, () => Uint8Array]>([
    [
      "replayed later: sequence below",
      "sdk",
      32,
      () => byAlice({ signers: [{ signer: bob, accountNumber: 1n, sequence: 1n }], messages: [pay(bob.address)] }),
    ],
    ["signed for another chain", "sdk", 4, () => byAlice({ chainId: "test-2" })],
    [
      "signed for another chain, in amino JSON",
      "sdk",
      4,
      () => byAlice({ chainId: "test-2", signers: [{ signer: alice, mode: amino }] }),
    ],
    ["signed for another account number", "sdk", 4, () => byAlice({ signers: [{ signer: alice, accountNumber: 9n }] })],
    ["with a high s", "sdk", 4, () => byAlice({ signatures: highS })],
    ["with a bit of its signature turned", "sdk", 4, () => byAlice({ signatures: flipped })],
    ["with a short signature", "sdk", 4, () => byAlice({ signatures: ([s]) => [s!.subarray(0, 63)] })],
    ["with an empty signature", "sdk", 4, () => byAlice({ signatures: () => [new Uint8Array(0)] })],
    ["without signatures", "sdk", 15, () => byAlice({ signatures: () => [] })],
    ["with a signature too many", "sdk", 4, () => byAlice({ signatures: (all) => [...all, ...all] })],
    [
      "with a signer info too many",
      "sdk",
      2,
      () => byAlice({ authInfo: (info) => ({ ...info, signerInfos: [...info.signerInfos, ...info.signerInfos] }) }),
    ],
    ["without signer infos", "sdk", 2, () => byAlice({ authInfo: (info) => ({ ...info, signerInfos: [] }) })],
    ["signed by a stranger with his own key", "sdk", 8, () => byAlice({ signers: [{ signer: stranger }] })],
    [
      "signed by a stranger with Alice's key",
      "sdk",
      4,
      () => byAlice({ signers: [{ signer: { ...stranger, pubKey: alice.pubKey } }] }),
    ],
    ["without a key that nobody knows yet", "sdk", 8, () => byAlice({ signers: [{ signer: alice, omitKey: true }] })],
    ["with a key of 32 bytes", "sdk", 8, () => byAlice({ authInfo: badKey(new Uint8Array(32).fill(2)) })],
    ["with a key that starts with 4", "sdk", 8, () => byAlice({ authInfo: badKey(new Uint8Array(33).fill(4)) })],
    ["with a message for a key", "sdk", 2, () => byAlice({ authInfo: withInfo(() => ({ publicKey: pay() })) })],
    ["without mode info", "sdk", 4, () => byAlice({ authInfo: withInfo(() => ({ modeInfo: undefined })) })],
    ["with an empty mode info", "sdk", 4, () => byAlice({ authInfo: withInfo(() => ({ modeInfo: {} })) })],
    [
      "in textual mode",
      "sdk",
      4,
      () => byAlice({ authInfo: withInfo(() => ({ modeInfo: { single: { mode: SignMode.SIGN_MODE_TEXTUAL } } })) }),
    ],
    [
      "with a multisig mode for a single key",
      "sdk",
      4,
      () =>
        byAlice({
          authInfo: withInfo(() => ({ modeInfo: { multi: { bitarray: undefined, modeInfos: [] } } })),
          signatures: () => [new Uint8Array(0)],
        }),
    ],
    [
      "from an account that does not exist",
      "sdk",
      9,
      () => buildTx({ messages: [pay(stranger.address)], signers: [{ signer: stranger }] }),
    ],
    [
      "from an account that does not exist, with a fee",
      "sdk",
      9,
      () => buildTx({ messages: [pay(stranger.address)], signers: [{ signer: stranger }], fee: FEE }),
    ],
    ["without messages", "sdk", 18, () => byAlice({ messages: [] })],
    ["with a signer of another chain", "sdk", 7, () => byAlice({ messages: [pay(addr("alice", "cosmos"))] })],
    ["with a multi-send that nobody signs", "sdk", 4, () => byAlice({ messages: [pack(MsgMultiSend, {})] })],
    ["with an extension option", "sdk", 31, () => byAlice({ body: { extensionOptions: [pay()] } })],
    [
      "with a non-critical extension option",
      "sdk",
      31,
      () => byAlice({ body: { nonCriticalExtensionOptions: [pay()] } }),
    ],
    ["unordered", "sdk", 37, () => byAlice({ body: { unordered: true } })],
    ["past its height", "sdk", 30, () => byAlice({ body: { timeoutHeight: 4n } })],
    ["past its time", "sdk", 42, () => byAlice({ body: { timeoutTimestamp: { seconds: 1_600_000_000n, nanos: 0 } } })],
    ["with a memo of 65 emoji: 260 bytes", "sdk", 12, () => byAlice({ body: { memo: "🧾".repeat(65) } })],
    ["without fee message", "sdk", 18, () => byAlice({ authInfo: (info) => ({ ...info, fee: undefined }) })],
    ["with a fee one does not hold", "sdk", 5, () => byAlice({ fee: [coin(1001n)] })],
    ["with a fee in an unknown denomination", "sdk", 5, () => byAlice({ fee: [coin(1n, "unknown")] })],
    ["with a fee in one denomination twice", "sdk", 13, () => byAlice({ fee: [coin(1n), coin(1n)] })],
    ["with an unsorted fee", "sdk", 13, () => byAlice({ fee: [coin(1n, "uusd"), coin(1n)] })],
    [
      "with a fee of a denomination and nothing of another",
      "sdk",
      13,
      () => byAlice({ fee: [coin(0n, "aaa"), coin(1n)] }),
    ],
    ["with a fee in no denomination", "sdk", 13, () => byAlice({ fee: [coin(1n, "!")] })],
    ["with a granter, which is not enabled", "sdk", 18, () => byAlice({ granter: bob.address })],
    ["with a granter that is no address", "sdk", 7, () => byAlice({ granter: "bob" as Address })],
    ["with a payer that is no address", "sdk", 7, () => byAlice({ payer: "bob" as Address })],
    ["with a payer who did not sign", "sdk", 4, () => byAlice({ payer: bob.address })],
    ["with gas for nothing", "sdk", 11, () => byAlice({ gasLimit: 0n })],
    ["with gas for half of it", "sdk", 11, () => byAlice({ gasLimit: 30_000n })],
    ["with more gas than a block has", "sdk", 41, () => byAlice({ gasLimit: 1_000_001n })],
    ["with more gas than fits", "sdk", 41, () => byAlice({ gasLimit: 2n ** 64n - 1n })],
  ])("%s (%s/%i)", (_, codespace, code, build) => {
    const { world, run } = setup();
    const before = world.dump();
    expect(() => run(build())).toThrow(refusal(codespace, code));
    expect(world.dump()).toBe(before);
  });

  it("a second time (sdk/32), with the words that clients read", () => {
    const { run } = setup();
    run(byAlice());
    expect(() => run(byAlice())).toThrow("account sequence mismatch, expected 1, got 0: incorrect account sequence");
  });

  it("with a bad signature in words that help", () => {
    const words = "signature verification failed; please verify account number (0)";
    expect(() => setup().run(byAlice({ chainId: "x" }))).toThrow(`${words} and chain-id (test-1): (unable to verify`);
    const amino = [{ signer: alice, mode: SignMode.SIGN_MODE_LEGACY_AMINO_JSON }];
    expect(() => setup().run(byAlice({ chainId: "x", signers: amino }))).toThrow(
      `${words}, sequence (0) and chain-id (test-1)`,
    );
  });

  it("with more signers than are allowed (sdk/14)", () => {
    const accounts = auth({ moduleAccounts: { fee_collector: [] } });
    const money = bank({ accounts: accounts.keeper, blockedModules: [] });
    const world = createWorld([accounts, money], { height: 5n });
    const signers = Array.from({ length: 8 }, (_, index) => secpSigner(`signer ${index}`));
    world.init({
      auth: { ...accounts.genesis.empty, accounts: signers.map(({ address }) => pack(BaseAccount, { address })) },
    });
    const ante = createAnte({
      accounts: accounts.keeper,
      bank: money.keeper,
      verifier: testVerifier,
    });
    const bytes = buildTx({
      messages: signers.map(({ address }) => pay(address)),
      signers: signers.map((signer, index) => ({ signer, accountNumber: BigInt(index) })),
    });
    expect(() => world.tx((ctx) => ante(ctx, decode(bytes), { mode: "deliver", minGasPrices: [] }))).toThrow(
      refusal("sdk", 14),
    );
  });
});

describe("a signed transaction is of one piece", () => {
  const amino = SignMode.SIGN_MODE_LEGACY_AMINO_JSON;
  it.each([
    ["in direct mode", byAlice({ body: { memo: "paid" } })],
    ["in amino JSON", byAlice({ body: { memo: "paid" }, signers: [{ signer: alice, mode: amino }] })],
  ])("%s: whatever is changed in it, it is refused by a ChainError", (_, sound) => {
    const change = fc.oneof(
      fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 })).map(([at, bits]) => {
        const bytes = Uint8Array.from(sound);
        bytes[at]! ^= bits;
        return bytes;
      }),
      fc
        .tuple(fc.nat(sound.length - 1), fc.uint8Array({ minLength: 1, maxLength: 4 }))
        .map(([at, extra]) => Uint8Array.from([...sound.subarray(0, at), ...extra, ...sound.subarray(at)])),
      fc
        .tuple(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 4 }))
        .map(([at, length]) => Uint8Array.from([...sound.subarray(0, at), ...sound.subarray(at + length)])),
    );
    fc.assert(
      fc.property(change, (bytes) => {
        expect(() => setup().run(bytes)).toThrow(expect.objectContaining({ name: "ChainError" }));
      }),
      { numRuns: 300 },
    );
  });

  it("in amino JSON, which shows nothing of the encoding, only one encoding is accepted (sdk/4)", () => {
    const sound = byAlice({ signers: [{ signer: alice, mode: amino }] });
    const raw = TxRaw.decode(sound);
    const { signerInfos, fee } = AuthInfo.decode(raw.authInfoBytes);
    const reordered = concat(
      AuthInfo.encode({ signerInfos: [], fee, tip: undefined }).finish(),
      AuthInfo.encode({ signerInfos, fee: undefined, tip: undefined }).finish(),
    );
    const forged = TxRaw.encode({ ...raw, authInfoBytes: reordered }).finish();
    expect(() => setup().run(forged)).toThrow(refusal("sdk", 4));
    setup().run(sound);
  });
});

describe("fee grants", () => {
  it("pay from the granter's account, after the allowance was asked", () => {
    const accounts = auth({ moduleAccounts: { fee_collector: [] } });
    const money = bank({ accounts: accounts.keeper, blockedModules: [] });
    const world = createWorld([accounts, money], { height: 5n });
    world.init({
      auth: {
        ...accounts.genesis.empty,
        accounts: [alice, bob].map(({ address }) => pack(BaseAccount, { address })),
      },
      bank: { ...money.genesis.empty, balances: [{ address: bob.address, coins: [coin(10n)] }] },
    });
    const asked: unknown[] = [];
    const feeGrants = { use: (_: unknown, ...args: unknown[]) => void asked.push(args.slice(0, 3)) };
    const ante = createAnte({
      accounts: accounts.keeper,
      bank: money.keeper,
      feeGrants,
      verifier: testVerifier,
    });
    const options = { mode: "deliver", minGasPrices: [] } as const;
    world.tx((ctx) => ante(ctx, decode(byAlice({ granter: bob.address })), options));
    expect(asked).toEqual([[bob.address, alice.address, FEE]]);
    expect(world.query((ctx) => money.keeper.balance(ctx, bob.address, "ufirm"))).toBe(0n);
    expect(texts(world.events)).toContain(`tx fee=10ufirm fee_payer=${bob.address}`);
  });
});

describe("the fee a node asks for", () => {
  const prices = (amount: bigint, denom = "ufirm"): GasPrice[] => [{ denom, amount }];
  const MILLI = 10n ** 15n;
  it("counts in check and recheck only, rounded up", () => {
    // 200,000 gas at 0.0001 is 20 ufirm, of which 10 are offered.
    for (const mode of ["check", "recheck"] as const) {
      expect(() => setup().run(byAlice(), mode, prices(MILLI / 10n))).toThrow(
        "insufficient fees; got: 10ufirm required: 20ufirm: insufficient fee",
      );
    }
    setup().run(byAlice(), "deliver", prices(MILLI));
    setup().run(byAlice(), "simulate", prices(MILLI));
    setup().run(byAlice(), "check", prices(MILLI / 20n));
    expect(() => setup().run(byAlice(), "check", prices(MILLI / 20n + 1n))).toThrow("required: 11ufirm");
  });
  it("may be paid in any of several denominations", () => {
    setup().run(byAlice(), "check", [...prices(MILLI, "uusd"), ...prices(MILLI / 20n)]);
    expect(() => setup().run(byAlice(), "check", prices(1n, "uusd"))).toThrow(refusal("sdk", 13));
    setup().run(byAlice({ fee: [] }), "check", prices(0n));
  });
});

describe("memo", () => {
  it("has up to 256 bytes", () => {
    setup().run(byAlice({ body: { memo: "🧾".repeat(64) } }));
  });
});

describe("setUpGas", () => {
  it("limits nothing in simulation and at genesis", () => {
    const tx = decode(byAlice());
    expect(setUpGas(tx, "deliver", 1n, -1n).limit).toBe(200_000);
    expect(setUpGas(tx, "simulate", 1n, -1n).limit).toBe(Number.POSITIVE_INFINITY);
    expect(setUpGas(tx, "deliver", 0n, -1n).limit).toBe(Number.POSITIVE_INFINITY);
    const huge = decode(byAlice({ gasLimit: 2n ** 63n }));
    expect(setUpGas(huge, "deliver", 1n, -1n).limit).toBe(Number.MAX_SAFE_INTEGER);
  });
});

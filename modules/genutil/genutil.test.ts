import { PubKey as Ed25519PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { PubKey as Secp256k1PubKey } from "@interfirm/proto/gen/cosmos/crypto/secp256k1";
import { MsgCreateValidator, MsgDelegate } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { WireError } from "@interfirm/proto/runtime";
import type { MessageType } from "@interfirm/proto/types";
import { describe, expect, it } from "vitest";
import { addressToBytes, bytesToAddress, validatorPrefix } from "../kernel/address.ts";
import { fromUtf8, toUtf8 } from "../kernel/bytes.ts";
import type { Ctx } from "../kernel/context.ts";
import { moduleLaws } from "../kernel/laws/module.ts";
import { readmeLaws } from "../kernel/laws/readme.ts";
import type { ValidatorUpdate } from "../kernel/module.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { fail } from "./errors.ts";
import type { GenTx } from "./gentx.ts";
import { genutil } from "./module.ts";

const alice = addr("alice");
const bob = addr("bob");
const valoper = (who: typeof alice): string =>
  bytesToAddress(addressToBytes(who, TEST_PREFIX), validatorPrefix(TEST_PREFIX));
const consensusKey = (byte: number, length = 32) => ({
  typeUrl: Ed25519PubKey.typeUrl,
  value: Ed25519PubKey.encode({ key: new Uint8Array(length).fill(byte) }).finish(),
});

const create = (who = alice, key = 1): MsgCreateValidator =>
  MsgCreateValidator.fromPartial({
    description: { moniker: "first" },
    commission: { rate: 10n ** 17n, maxRate: 2n * 10n ** 17n, maxChangeRate: 10n ** 16n },
    minSelfDelegation: 1n,
    validatorAddress: valoper(who),
    pubkey: consensusKey(key),
    value: { denom: "ufirm", amount: 100_000_000n },
  });

/** Transactions stand under a name, which is what their JSON is here: reading JSON and verifying are the application's. */
function setup(txs: Readonly<Record<string, readonly MsgCreateValidator[] | GenTx>>) {
  const verified: string[] = [];
  const made: ValidatorUpdate[] = [];
  const module = genutil({
    read(json): GenTx {
      const tx = txs[fromUtf8(json)];
      if (tx === undefined) throw new WireError("no such transaction");
      if ("messages" in tx) return tx as GenTx;
      const type = MsgCreateValidator as MessageType<unknown>;
      return { messages: (tx as readonly MsgCreateValidator[]).map((value) => ({ type, value })) };
    },
    verify(tx, signer, { chainId }) {
      if (signer === addr("mallory")) throw sdkError.unauthorized("signature is wrong");
      verified.push(`${signer} on ${chainId}, ${tx.messages.length}`);
    },
    deliver(_, tx, signer) {
      if (signer === addr("poor")) throw sdkError.insufficientFunds("failed to delegate");
      const { pubkey, value } = tx.messages[0]!.value as MsgCreateValidator;
      made.push({ pubKeyType: "ed25519", pubKey: Ed25519PubKey.decode(pubkey!.value).key, power: value.amount });
    },
    validators: () => made,
  });
  const genesis = (...names: string[]) => ({ genutil: { genTxs: names.map(toUtf8) } });
  const world = createWorld([module]);
  return { module, world, verified, genesis };
}

describe("genutil", () => {
  it("makes the first validators of signed genesis transactions", () => {
    const s = setup({ a: [create()], b: [{ ...create(bob, 2), delegatorAddress: bob }] });
    expect(s.world.init(s.genesis("a", "b"))).toEqual([
      { pubKeyType: "ed25519", pubKey: new Uint8Array(32).fill(1), power: 100_000_000n },
      { pubKeyType: "ed25519", pubKey: new Uint8Array(32).fill(2), power: 100_000_000n },
    ]);
    expect(s.verified).toEqual([`${alice} on test-1, 1`, `${bob} on test-1, 1`]);
  });

  it("names no validators without transactions", () => {
    expect(setup({}).world.init()).toEqual([]);
  });

  const good = create();
  const { description, commission } = good;
  it.each<[string, string, readonly MsgCreateValidator[] | GenTx]>([
    ["no message", "it has 0 messages, want one", []],
    ["two messages", "it has 2 messages, want one", [good, create(bob, 2)]],
    [
      "another message",
      "want MsgCreateValidator",
      { messages: [{ type: MsgDelegate as MessageType<unknown>, value: MsgDelegate.fromPartial({}) }] },
    ],
    ["an account as operator", 'prefix is "firm", want "firmvaloper"', [{ ...good, validatorAddress: alice }]],
    ["another delegator", "delegator and operator differ", [{ ...good, delegatorAddress: bob }]],
    ["no moniker", "moniker is empty", [{ ...good, description: { ...description, moniker: "" } }]],
    [
      "a long moniker",
      "moniker has 72 bytes, want at most 70",
      [{ ...good, description: { ...description, moniker: "é".repeat(36) } }],
    ],
    [
      "a commission above the highest",
      "commission is",
      [{ ...good, commission: { ...commission, rate: 3n * 10n ** 17n } }],
    ],
    [
      "a commission above 1",
      "highest commission",
      [{ ...good, commission: { ...commission, maxRate: 10n ** 18n + 1n } }],
    ],
    ["a negative commission", "commission is", [{ ...good, commission: { ...commission, rate: -1n } }]],
    [
      "a change above the highest",
      "daily change",
      [{ ...good, commission: { ...commission, maxChangeRate: 10n ** 18n } }],
    ],
    ["no minimum", "minimum self-delegation is 0", [{ ...good, minSelfDelegation: 0n }]],
    ["a minimum above the delegation", "want at least the minimum", [{ ...good, minSelfDelegation: 100_000_001n }]],
    ["no power", "one unit of power", [{ ...good, value: { denom: "ufirm", amount: 999_999n } }]],
    ["an unsound coin", "denom is", [{ ...good, value: { denom: "$", amount: 1_000_000n } }]],
    ["no key", "a missing one", [{ ...good, pubkey: undefined }]],
    ["a short key", "31 bytes", [{ ...good, pubkey: consensusKey(1, 31) }]],
    [
      "a key of another kind",
      "/cosmos.crypto.secp256k1.PubKey",
      [
        {
          ...good,
          pubkey: {
            typeUrl: Secp256k1PubKey.typeUrl,
            value: Secp256k1PubKey.encode({ key: new Uint8Array(33) }).finish(),
          },
        },
      ],
    ],
  ])("refuses a genesis transaction with %s", (_, why, tx) => {
    const s = setup({ bad: tx });
    const validate = () => s.module.genesis.validate({ genTxs: [toUtf8("bad")] }, TEST_PREFIX);
    expect(validate).toThrow(expect.objectContaining({ codespace: "genutil", code: 2 }));
    expect(validate).toThrow("genesis transaction 0: ");
    expect(validate).toThrow(why);
  });

  it("names a transaction that does not parse, is signed wrongly or is refused", () => {
    const s = setup({ a: [create()], forged: [create(addr("mallory"), 2)], poor: [create(addr("poor"), 3)] });
    const code2 = expect.objectContaining({ codespace: "genutil", code: 2 });
    expect(() => s.world.init(s.genesis("a", "missing"))).toThrow("genesis transaction 1: no such transaction");
    expect(() => s.world.init(s.genesis("a", "forged"))).toThrow("genesis transaction 1: signature is wrong");
    expect(() => s.world.init(s.genesis("poor"))).toThrow("genesis transaction 0: failed to delegate");
    expect(() => s.world.init(s.genesis("poor"))).toThrow(code2);
  });

  it("refuses an operator or a consensus key that comes twice", () => {
    const s = setup({ a: [create()], again: [create(alice, 2)], sameKey: [create(bob, 1)] });
    const twice = expect.objectContaining({ codespace: "genutil", code: 3 });
    expect(() => s.world.init(s.genesis("a", "again"))).toThrow(twice);
    expect(() => s.world.init(s.genesis("a", "sameKey"))).toThrow(twice);
  });

  it("refuses more power than CometBFT can add up", () => {
    const value = { denom: "ufirm", amount: 10n ** 24n };
    const s = setup({ a: [{ ...create(), value }], b: [{ ...create(bob, 2), value }] });
    expect(() => s.world.init(s.genesis("a", "b"))).toThrow(expect.objectContaining({ codespace: "genutil", code: 4 }));
  });

  it("lets a bug in reading through", () => {
    const s = setup({ a: [create()] });
    const broken = genutil({
      read() {
        throw new TypeError("bug");
      },
      verify() {},
      deliver() {},
      validators: () => [],
    });
    expect(() => s.world.tx((ctx: Ctx) => broken.genesis.init(ctx, { genTxs: [toUtf8("a")] }))).toThrow(TypeError);
  });
});

moduleLaws("genutil", () => ({ module: setup({}).module, fill() {} }));

readmeLaws({
  module: setup({}).module,
  readme: new URL("./README.md", import.meta.url),
  errors: fail,
  events: [],
});

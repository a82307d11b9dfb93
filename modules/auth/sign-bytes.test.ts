import { makeSignDoc as makeAminoDoc, serializeSignDoc } from "@cosmjs/amino";
import { makeSignBytes, makeSignDoc } from "@cosmjs/proto-signing";
import { AminoTypes, createDefaultAminoConverters } from "@cosmjs/stargate";
import { MsgMultiSend, MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import { fromDigits } from "@interfirm/proto/wire";
import { describe, expect, it } from "vitest";
import { addr } from "../kernel/testing.ts";
import { signBytes } from "./sign-bytes.ts";
import { buildTx, pack, secpSigner } from "./testing.ts";
import { createTxDecoder } from "./tx.ts";

const alice = secpSigner("alice");
const bob = addr("bob");
const decode = createTxDecoder({
  messages: new Map([MsgSend, MsgMultiSend].map((type) => [type.typeUrl, type])),
  registry: createRegistry(allTypes),
});

const signer = { chainId: "interfirm-1", accountNumber: 18_446_744_073_709_551_615n, sequence: 7n };
const memo = 'für <Müller & Söhne> 🧾 "quoted" \u2028';
const amount = [
  { denom: "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", amount: "1" },
  { denom: "ufirm", amount: "340282366920938463463374607431768211456" },
];
const coins = amount.map((coin) => ({ ...coin, amount: fromDigits(coin.amount) }));

const bytes = buildTx({
  messages: [
    pack(MsgSend, { fromAddress: alice.address, toAddress: bob, amount: coins }),
    pack(MsgMultiSend, {
      inputs: [{ address: alice.address, coins }],
      outputs: [{ address: bob, coins }],
    }),
  ],
  signers: [{ signer: alice, sequence: 7n }],
  fee: coins,
  gasLimit: 250_000n,
  payer: alice.address,
  granter: bob,
  body: { memo, timeoutHeight: 99n },
});
const tx = decode(bytes);

describe("sign bytes are those of CosmJS", () => {
  it("in direct mode", () => {
    const theirs = makeSignBytes(makeSignDoc(tx.bodyBytes, tx.authInfoBytes, signer.chainId, signer.accountNumber));
    expect(signBytes(tx, SignMode.SIGN_MODE_DIRECT, signer)).toEqual(Uint8Array.from(theirs));
  });

  it("in amino JSON", () => {
    const types = new AminoTypes(createDefaultAminoConverters());
    const messages = [
      { typeUrl: MsgSend.typeUrl, value: { fromAddress: alice.address, toAddress: bob, amount } },
      {
        typeUrl: MsgMultiSend.typeUrl,
        value: { inputs: [{ address: alice.address, coins: amount }], outputs: [{ address: bob, coins: amount }] },
      },
    ].map((message) => types.toAmino(message));
    const fee = { amount, gas: "250000", payer: alice.address, granter: bob };
    const document = makeAminoDoc(messages, fee, signer.chainId, memo, signer.accountNumber, "7", 99n);
    // CosmJS leaves U+2028 as it is; Go, which verifies, escapes it.
    const theirs = Buffer.from(serializeSignDoc(document)).toString().replaceAll("\u2028", "\\u2028");
    expect(Buffer.from(signBytes(tx, SignMode.SIGN_MODE_LEGACY_AMINO_JSON, signer)).toString()).toBe(theirs);
  });
});

it.each([0, 2, 3, 191, 4_711])("refuses mode %i (sdk/4)", (mode) => {
  expect(() => signBytes(tx, mode, signer)).toThrow(expect.objectContaining({ codespace: "sdk", code: 4 }));
});

it("refuses unknown fields in amino JSON, which would not show them (sdk/4)", () => {
  expect(() => signBytes({ ...tx, hasNonCritical: true }, SignMode.SIGN_MODE_LEGACY_AMINO_JSON, signer)).toThrow(
    expect.objectContaining({ codespace: "sdk", code: 4 }),
  );
});

it("shows a timeout time in amino JSON as the SDK 0.53 does", () => {
  const body = { timeoutTimestamp: { seconds: 1_800_000_000n, nanos: 500_000_000 } };
  const timed = decode(buildTx({ messages: [], signers: [{ signer: alice }], body }));
  expect(Buffer.from(signBytes(timed, SignMode.SIGN_MODE_LEGACY_AMINO_JSON, signer)).toString()).toBe(
    '{"account_number":"18446744073709551615","chain_id":"interfirm-1","fee":{"amount":[],"gas":"200000"},"memo":"",' +
      '"msgs":[],"sequence":"7","timeout_timestamp":"2027-01-15T08:00:00.5Z"}',
  );
});

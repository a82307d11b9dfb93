import type { Verifier } from "@interfirm/modules/auth/signature";
import type { Address } from "@interfirm/modules/kernel/address";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { AuthInfo, Tx, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { toJson } from "@interfirm/proto/json";
import { createRegistry } from "@interfirm/proto/registry";
import { describe, expect, it } from "vitest";
import { account, message, signTx, type TxOptions, verifier } from "../test/accounts.ts";
import { createGenTxReader, createGenTxVerifier } from "./gentx.ts";

const registry = createRegistry(allTypes);
const read = createGenTxReader(registry);
const verify = createGenTxVerifier(verifier);
const chain = { chainId: "firm-1", addressPrefix: "firm" };
const alice = account("alice");
const create = message(MsgCreateValidator, {
  validatorAddress: "firmvaloper1x",
  value: { denom: "ufirm", amount: 1n },
});

/** A genesis transaction as `gentx` writes it. */
function genTx(options: Partial<TxOptions> = {}, signer = alice, change = (tx: Tx): Tx => tx): Uint8Array {
  const bytes = signTx(signer, [create], { chainId: "firm-1", accountNumber: 0n, sequence: 0n, ...options });
  const { bodyBytes, authInfoBytes, signatures } = TxRaw.decode(bytes);
  const tx = change({ body: TxBody.decode(bodyBytes), authInfo: AuthInfo.decode(authInfoBytes), signatures });
  return new TextEncoder().encode(JSON.stringify(toJson(Tx, tx, registry)));
}

describe("genesis transactions", () => {
  it("are read from JSON and verified as an account's first", () => {
    const tx = read(genTx());
    expect(tx.messages.map(({ type }) => type.typeName)).toEqual([MsgCreateValidator.typeName]);
    expect(() => verify(tx, alice.address, chain)).not.toThrow();
  });

  it.each([
    ["another chain", () => genTx({ chainId: "firm-2" }), /unable to verify .* chain-id firm-1/],
    ["an account number", () => genTx({ accountNumber: 1n }), /unable to verify/],
    ["a sequence", () => genTx({ sequence: 1n }), /expected 0, got 1/],
    ["somebody else's key", () => genTx({}, account("bob")), /public key is not that of/],
    ["no signature", () => genTx({}, alice, (tx) => ({ ...tx, signatures: [] })), /has no signature/],
    [
      "two signatures",
      () => genTx({}, alice, (tx) => ({ ...tx, signatures: [...tx.signatures, ...tx.signatures] })),
      /has 2 signatures/,
    ],
  ])("are refused with %s", (_, make, reason) => {
    expect(() => verify(read(make()), alice.address, chain)).toThrow(reason);
  });

  it("are refused when they hold no body, another message, or no JSON", () => {
    expect(() => read(genTx({}, alice, (tx) => ({ ...tx, body: undefined })))).toThrow(/no body/);
    expect(() => read(new TextEncoder().encode("{"))).toThrow(SyntaxError);
    const other = (tx: Tx): Tx => ({ ...tx, body: { ...tx.body!, messages: [message(TxRaw, {})] } });
    expect(() => read(genTx({}, alice, other))).toThrow(/type URL is .*want a message of this chain/);
  });

  it("do not reach the verifier when their key is another's", () => {
    const never: Verifier = {
      secp256k1: () => {
        throw new Error("asked");
      },
      ed25519: () => false,
    };
    const stranger = account("stranger").address as Address;
    expect(() => createGenTxVerifier(never)(read(genTx()), stranger, chain)).toThrow(/public key is not that of/);
  });
});

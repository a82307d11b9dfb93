import { createMultisigThresholdPubkey, encodeSecp256k1Pubkey, makeSignDoc, serializeSignDoc } from "@cosmjs/amino";
import { AminoTypes, createDefaultAminoConverters, makeMultisignedTxBytes } from "@cosmjs/stargate";
import { BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { type CompactBitArray, MultiSignature } from "@interfirm/proto/gen/cosmos/crypto/multisig/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import { describe, expect, it } from "vitest";
import { bank } from "../bank/module.ts";
import { bytesToAddress } from "../kernel/address.ts";
import { addr, createWorld, TEST_PREFIX } from "../kernel/testing.ts";
import { createAnte } from "./ante.ts";
import { auth } from "./module.ts";
import { addressBytes, type MultisigKey } from "./pubkey.ts";
import { pack, secpSigner, testVerifier } from "./testing.ts";
import { createTxDecoder } from "./tx.ts";

const members = ["a", "b", "c"].map(secpSigner);
const firm: MultisigKey = { type: "multisig", threshold: 2, keys: members.map(({ pubKey }) => pubKey) };
const firmAddress = bytesToAddress(addressBytes(firm), TEST_PREFIX);

const decode = createTxDecoder({
  messages: new Map([[MsgSend.typeUrl, MsgSend]]),
  registry: createRegistry(allTypes),
});

const message = { fromAddress: firmAddress, toAddress: addr("shop"), amount: [{ denom: "ufirm", amount: "1" }] };
const fee = { amount: [{ denom: "ufirm", amount: "10" }], gas: "200000" };
const signDoc = makeSignDoc(
  [new AminoTypes(createDefaultAminoConverters()).toAmino({ typeUrl: MsgSend.typeUrl, value: message })],
  fee,
  "test-1",
  "",
  0,
  0,
);

/** A transaction of the firm as CosmJS puts it together, signed by some of its members. */
function bySome(indexes: readonly number[]): Uint8Array {
  const pubkey = createMultisigThresholdPubkey(
    members.map(({ pubKey }) => encodeSecp256k1Pubkey((pubKey as { key: Uint8Array }).key)),
    2,
    true,
  );
  const body = TxBody.fromPartial({
    messages: [pack(MsgSend, { ...message, amount: [{ denom: "ufirm", amount: 1n }] })],
  });
  const signatures = new Map(
    indexes.map((index) => {
      const { address, sign } = members[index]!;
      return [address as string, sign(serializeSignDoc(signDoc))];
    }),
  );
  return makeMultisignedTxBytes(pubkey, 0, fee, TxBody.encode(body).finish(), signatures);
}

/** What the ante says of it. */
function run(bytes: Uint8Array): void {
  const accounts = auth({ moduleAccounts: { fee_collector: [] } });
  const money = bank({ accounts: accounts.keeper, blockedModules: [] });
  const world = createWorld([accounts, money], { height: 5n });
  world.init({
    auth: { ...accounts.genesis.empty, accounts: [pack(BaseAccount, { address: firmAddress })] },
    bank: {
      ...money.genesis.empty,
      balances: [{ address: firmAddress, coins: [{ denom: "ufirm", amount: 100n }] }],
    },
  });
  const ante = createAnte({
    accounts: accounts.keeper,
    bank: money.keeper,
    verifier: testVerifier,
  });
  world.tx((ctx) => ante(ctx, decode(bytes), { mode: "deliver", minGasPrices: [] }), 200_000);
}

interface Parts {
  bits: CompactBitArray | undefined;
  modes: AuthInfo["signerInfos"][number]["modeInfo"][];
  signatures: Uint8Array[];
  trailing: Uint8Array;
}

/** The transaction of members 0 and 2 with its multisig changed. */
function forged(change: (parts: Parts) => void): Uint8Array {
  const raw = TxRaw.decode(bySome([0, 2]));
  const authInfo = AuthInfo.decode(raw.authInfoBytes);
  const info = authInfo.signerInfos[0]!;
  const parts: Parts = {
    bits: info.modeInfo!.multi!.bitarray,
    modes: [...info.modeInfo!.multi!.modeInfos],
    signatures: [...MultiSignature.decode(raw.signatures[0]!).signatures],
    trailing: new Uint8Array(0),
  };
  change(parts);
  const modeInfo = { multi: { bitarray: parts.bits, modeInfos: parts.modes.map((mode) => mode!) } };
  const signature = MultiSignature.encode({ signatures: parts.signatures }).finish();
  return TxRaw.encode({
    bodyBytes: raw.bodyBytes,
    authInfoBytes: AuthInfo.encode({ ...authInfo, signerInfos: [{ ...info, modeInfo }] }).finish(),
    signatures: [Uint8Array.from([...signature, ...parts.trailing])],
  }).finish();
}

describe("a multisig", () => {
  it.each([[[0, 1]], [[0, 2]], [[1, 2]], [[0, 1, 2]]])("of CosmJS passes, signed by %j", (indexes) => {
    run(bySome(indexes));
  });

  it("passes unchanged through the forge", () => run(forged(() => {})));

  it("is refused below its threshold (sdk/4)", () => {
    expect(() => run(bySome([1]))).toThrow("not enough signatures set, have 1, expected 2");
  });

  it.each<[string, number, (parts: Parts) => void]>([
    [
      "no bit array",
      4,
      (p) => {
        p.bits = undefined;
      },
    ],
    [
      "a bit array without bytes",
      4,
      (p) => {
        p.bits = { extraBitsStored: 3, elems: new Uint8Array(0) };
      },
    ],
    [
      "a bit array of 8 bits",
      4,
      (p) => {
        p.bits = { extraBitsStored: 0, elems: Uint8Array.of(0xa0) };
      },
    ],
    [
      "a bit array of 4,000 bits",
      4,
      (p) => {
        p.bits = { extraBitsStored: 0, elems: new Uint8Array(500).fill(255) };
      },
    ],
    [
      "more extra bits than a byte has",
      4,
      (p) => {
        p.bits = { extraBitsStored: 4_294_967_295, elems: Uint8Array.of(0xa0) };
      },
    ],
    [
      "bits past the end",
      4,
      (p) => {
        p.bits = { extraBitsStored: 3, elems: Uint8Array.of(0xa1) };
      },
    ],
    [
      "a bit more than signatures",
      4,
      (p) => {
        p.bits = { extraBitsStored: 3, elems: Uint8Array.of(0xe0) };
      },
    ],
    [
      "a bit less than signatures",
      4,
      (p) => {
        p.bits = { extraBitsStored: 3, elems: Uint8Array.of(0x80) };
      },
    ],
    [
      "the bits of others",
      4,
      (p) => {
        p.bits = { extraBitsStored: 3, elems: Uint8Array.of(0xc0) };
      },
    ],
    [
      "its signatures in another order",
      4,
      (p) => {
        p.signatures.reverse();
      },
    ],
    [
      "one signature for two",
      4,
      (p) => {
        p.signatures[1] = p.signatures[0]!;
      },
    ],
    [
      "a mode less than signatures",
      4,
      (p) => {
        p.modes.pop();
      },
    ],
    [
      "an unknown field behind its signatures",
      4,
      (p) => {
        p.trailing = Uint8Array.of(0x12, 1, 0);
      },
    ],
    [
      "bytes that are no signatures",
      4,
      (p) => {
        p.trailing = Uint8Array.of(0xff);
      },
    ],
    [
      "33 signatures",
      14,
      (p) => {
        p.modes = Array.from({ length: 33 }, () => p.modes[0]);
        p.signatures = Array.from({ length: 33 }, () => p.signatures[0]!);
      },
    ],
    [
      "signatures four levels deep",
      14,
      (p) => {
        p.modes = nest(3, p.modes);
        p.signatures = nestBytes(3, p.signatures);
      },
    ],
    [
      "another mode",
      4,
      (p) => {
        p.modes = p.modes.map(() => ({ single: { mode: SignMode.SIGN_MODE_DIRECT } }));
      },
    ],
  ])("is refused with %s (sdk/%i)", (_, code, change) => {
    expect(() => run(forged(change))).toThrow(expect.objectContaining({ codespace: "sdk", code }));
  });
});

function nest(depth: number, modes: Parts["modes"]): Parts["modes"] {
  const bitarray = { extraBitsStored: 3, elems: Uint8Array.of(0xa0) };
  return depth === 0 ? modes : [{ multi: { bitarray, modeInfos: nest(depth - 1, modes).map((mode) => mode!) } }];
}

const nestBytes = (depth: number, signatures: readonly Uint8Array[]): Uint8Array[] =>
  depth === 0 ? [...signatures] : [MultiSignature.encode({ signatures: nestBytes(depth - 1, signatures) }).finish()];

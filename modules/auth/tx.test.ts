import { BaseAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { LegacyAminoPubKey } from "@interfirm/proto/gen/cosmos/crypto/multisig";
import { AuthInfo, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import { allTypes } from "@interfirm/proto/gen/index";
import { createRegistry } from "@interfirm/proto/registry";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat } from "../kernel/bytes.ts";
import { addr } from "../kernel/testing.ts";
import { pubKeyToAny } from "./pubkey.ts";
import { buildTx, pack, secpSigner } from "./testing.ts";
import { createTxDecoder } from "./tx.ts";

const alice = secpSigner("alice");
const decode = createTxDecoder({
  messages: new Map([[MsgSend.typeUrl, MsgSend]]),
  registry: createRegistry(allTypes),
});
const message = pack(MsgSend, {
  fromAddress: alice.address,
  toAddress: addr("bob"),
  amount: [{ denom: "ufirm", amount: 5n }],
});
const sound = buildTx({ messages: [message], signers: [{ signer: alice }], body: { memo: "é" } });
const raw = TxRaw.decode(sound);

const field = (no: number, bytes: Uint8Array): Uint8Array => concat(uvarint(no * 8 + 2), uvarint(bytes.length), bytes);
function uvarint(value: number): Uint8Array {
  const out: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Uint8Array.from([...out, rest]);
    out.push((rest % 128) + 128);
  }
}
const txOf = (change: Partial<TxRaw>): Uint8Array => TxRaw.encode({ ...raw, ...change }).finish();
const withBody = (extra: Uint8Array): Uint8Array => txOf({ bodyBytes: concat(raw.bodyBytes, extra) });
const withAuthInfo = (extra: Uint8Array): Uint8Array => txOf({ authInfoBytes: concat(raw.authInfoBytes, extra) });
const withMessage = (any: Any): Uint8Array =>
  txOf({ bodyBytes: TxBody.encode(TxBody.fromPartial({ messages: [any] })).finish() });

it("decodes a transaction and keeps what was signed", () => {
  const tx = decode(sound);
  expect(tx.memoBytes).toBe(2);
  expect(tx.messages).toHaveLength(1);
  expect(tx.messages[0]?.value).toMatchObject({ fromAddress: alice.address, amount: [{ denom: "ufirm", amount: 5n }] });
  expect([tx.bodyBytes, tx.authInfoBytes, tx.signatures]).toEqual([raw.bodyBytes, raw.authInfoBytes, raw.signatures]);
});

it("passes over unknown fields of the body that are not critical, and says so", () => {
  expect(decode(withBody(field(1024, Uint8Array.of(1)))).hasNonCritical).toBe(true);
  expect(decode(sound).hasNonCritical).toBe(false);
});

describe("refuses as sdk/2", () => {
  const nested = (depth: number): Any =>
    depth === 0
      ? pubKeyToAny(alice.pubKey)
      : pack(LegacyAminoPubKey, { threshold: 1, publicKeys: [nested(depth - 1)] });
  it.each<[string, () => Uint8Array]>([
    ["nothing but garbage", () => Uint8Array.of(0xff, 0xff, 0xff)],
    ["text", () => new TextEncoder().encode("hello=world")],
    ["a transaction that is cut off", () => sound.subarray(0, sound.length - 1)],
    ["an unknown field", () => concat(sound, field(4, Uint8Array.of(1)))],
    ["a non-critical unknown field outside of the body", () => concat(sound, field(1024, Uint8Array.of(1)))],
    [
      "fields in another order",
      () => concat(field(3, raw.signatures[0]!), field(1, raw.bodyBytes), field(2, raw.authInfoBytes)),
    ],
    [
      "a length that is not as short as possible",
      () =>
        concat(
          Uint8Array.of(10, 0x80 | (raw.bodyBytes.length % 128), 0x80 | (raw.bodyBytes.length >> 7), 0),
          raw.bodyBytes,
          field(2, raw.authInfoBytes),
        ),
    ],
    ["a body twice", () => concat(field(1, raw.bodyBytes), field(1, raw.bodyBytes), field(2, raw.authInfoBytes))],
    ["another wire type", () => Uint8Array.of(8, 1)],
    ["a critical unknown field of the body", () => withBody(field(5, Uint8Array.of(1)))],
    ["an unknown field of the auth info", () => withAuthInfo(field(9, Uint8Array.of(1)))],
    ["a non-critical unknown field of the auth info", () => withAuthInfo(field(1024, Uint8Array.of(1)))],
    ["a group", () => withBody(Uint8Array.of(0x0b, 0x0c))],
    ["a message that nobody knows", () => withMessage({ typeUrl: "/evil.v1.Msg", value: new Uint8Array(0) })],
    ["a type that is no message", () => withMessage(pack(BaseAccount, {}))],
    ["a prototype for a message", () => withMessage({ typeUrl: "__proto__", value: new Uint8Array(0) })],
    ["a message that is cut off", () => withMessage({ ...message, value: message.value.subarray(0, 5) })],
    [
      "a message with an unknown field",
      () => withMessage({ ...message, value: concat(message.value, field(9, Uint8Array.of(1))) }),
    ],
    [
      "an amount that is no number",
      () =>
        withMessage({
          ...message,
          value: field(3, concat(field(1, Uint8Array.of(97, 97, 97)), field(2, Uint8Array.of(48, 120, 49)))),
        }),
    ],
    ["text that is not UTF-8", () => withBody(field(2, Uint8Array.of(0xff)))],
    ["an extension option of unknown type", () => withBody(field(1023, field(1, new TextEncoder().encode("/x"))))],
    [
      "keys that nest 12 deep",
      () =>
        txOf({
          authInfoBytes: AuthInfo.encode(AuthInfo.fromPartial({ signerInfos: [{ publicKey: nested(12) }] })).finish(),
        }),
    ],
  ])("%s", (_, build) => {
    expect(() => decode(build())).toThrow(expect.objectContaining({ name: "ChainError", codespace: "sdk", code: 2 }));
  });

  it("10,000 levels of groups, without a stack overflow", () => {
    const groups = new Uint8Array(20_000).fill(0x0b, 0, 10_000).fill(0x0c, 10_000);
    expect(() => decode(withBody(groups))).toThrow(expect.objectContaining({ code: 2 }));
  });
});

it("answers any bytes with a transaction or sdk/2", () => {
  const mutated = fc.tuple(fc.nat(sound.length - 1), fc.nat(255), fc.boolean()).map(([at, byte, cut]) => {
    const bytes = Uint8Array.from(sound);
    bytes[at] = byte;
    return cut ? bytes.subarray(0, at) : bytes;
  });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toMatchObject({ name: "ChainError", codespace: "sdk", code: 2 });
      }
    }),
    { numRuns: 2_000 },
  );
});

import { describe, expect, it } from "vitest";
import { isCanonical } from "./canonical.ts";
import { MsgExec } from "./gen/cosmos/authz/v1beta1.ts";
import { MsgSend } from "./gen/cosmos/bank/v1beta1.ts";
import { TxBody } from "./gen/cosmos/tx/v1beta1.ts";
import { allTypes } from "./gen/index.ts";
import { createRegistry, packAny } from "./registry.ts";
import type { Address } from "./types.ts";

const registry = createRegistry(allTypes);
const send = packAny(MsgSend, MsgSend.fromPartial({ fromAddress: "a", amount: [{ denom: "ufirm", amount: 1n }] }));
/** The same message with its first length in two bytes. */
const longer = { ...send, value: Uint8Array.of(0x0a, 0x81, 0x00, ...send.value.subarray(2)) };

const bodyOf = (inner: typeof send): Uint8Array =>
  TxBody.encode(
    TxBody.fromPartial({ messages: [packAny(MsgExec, { grantee: "b" as Address, msgs: [inner] })] }),
  ).finish();

describe("isCanonical", () => {
  it("takes what the codec writes", () => {
    expect(isCanonical(TxBody, bodyOf(send), registry)).toBe(true);
  });

  it("refuses another encoding of the same, however deep", () => {
    expect(MsgSend.decode(longer.value)).toEqual(MsgSend.decode(send.value));
    expect(isCanonical(MsgSend, longer.value, registry)).toBe(false);
    expect(isCanonical(TxBody, bodyOf(longer), registry)).toBe(false);
  });
});

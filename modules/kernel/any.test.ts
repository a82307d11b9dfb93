import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { expect, it } from "vitest";
import { decodeAny } from "./any.ts";

it("reads the message in an Any", () => {
  const value = MsgSend.encode(MsgSend.fromPartial({ fromAddress: "a", toAddress: "b" })).finish();
  expect(decodeAny(MsgSend, { value })).toMatchObject({ fromAddress: "a", toAddress: "b" });
});

it("refuses bytes that are no such message", () => {
  expect(() => decodeAny(MsgSend, { value: Uint8Array.of(10, 200) })).toThrow(
    expect.objectContaining({ codespace: "sdk", code: 34 }),
  );
});

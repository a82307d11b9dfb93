import { MsgSend, MsgSetSendEnabled, MsgUpdateParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { MsgPropose, QueryAgreementRequest } from "@interfirm/proto/gen/interfirm/agreements/v1";
import type { MessageType } from "@interfirm/proto/types";
import { describe, expect, it } from "vitest";
import { readField } from "./field-values.ts";

const read = <T>(type: MessageType<T>, name: string, text: string) =>
  readField(type.fields.find(({ protoName }) => protoName === name)!, text, async (who) =>
    who === "alice" ? "firm1alice" : who,
  );

describe("values of fields", () => {
  it("reads coins, numbers, bytes, addresses and messages", async () => {
    expect(await read(MsgSend, "amount", "5uusd,3ufirm")).toEqual([
      { denom: "ufirm", amount: 3n },
      { denom: "uusd", amount: 5n },
    ]);
    expect(await read(MsgPropose, "price", "7ufirm")).toEqual({ denom: "ufirm", amount: 7n });
    expect(await read(QueryAgreementRequest, "id", "18446744073709551615")).toBe(2n ** 64n - 1n);
    expect(await read(MsgPropose, "terms_hash", "00ff")).toEqual(Uint8Array.of(0, 255));
    expect(await read(MsgPropose, "terms_hash", "/+==")).toEqual(Uint8Array.of(255));
    expect(await read(MsgSend, "to_address", "alice")).toBe("firm1alice");
    expect(await read(MsgUpdateParams, "params", '{"default_send_enabled":true}')).toMatchObject({
      defaultSendEnabled: true,
    });
    expect(await read(MsgSetSendEnabled, "send_enabled", '[{"denom":"ufirm","enabled":true}]')).toEqual([
      { denom: "ufirm", enabled: true },
    ]);
    expect(await read(MsgSetSendEnabled, "use_default_for", "a, b")).toEqual(["a", "b"]);
  });

  it.each([
    ["id", "18446744073709551616", "want less than 2^64"],
    ["id", "-1", "want a whole number from 0"],
    ["id", "01", "want a whole number"],
  ])("refuses %s %s", async (name, text, message) => {
    await expect(read(QueryAgreementRequest, name, text)).rejects.toThrow(`id: value is`);
    await expect(read(QueryAgreementRequest, name, text)).rejects.toThrow(message);
  });

  it("refuses what is no coin, no bytes and no JSON, and names the field", async () => {
    await expect(read(MsgPropose, "price", "ufirm")).rejects.toThrow("price: ");
    await expect(read(MsgPropose, "terms_hash", "xyz")).rejects.toThrow(
      'terms-hash: value is "xyz", want bytes in hex or base64',
    );
    await expect(read(MsgUpdateParams, "params", "{")).rejects.toThrow('params: value is "{", want JSON or @file');
  });
});

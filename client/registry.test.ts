import { coins, Registry } from "@cosmjs/proto-signing";
import { AminoTypes, createDefaultAminoConverters } from "@cosmjs/stargate";
import * as bank from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import * as agreements from "@interfirm/proto/gen/interfirm/agreements/v1";
import type { Field, MessageType } from "@interfirm/proto/types";
import fc from "fast-check";
import { expect, test } from "vitest";
import { msgMethods } from "./msgs.ts";
import { aminoConverters, createAminoTypes, createDefaultRegistry, registryTypes, typeOf } from "./registry.ts";

const send = {
  typeUrl: bank.MsgSend.typeUrl,
  value: {
    fromAddress: "firm1a",
    toAddress: "firm1b",
    amount: coins("340282366920938463463374607431768211456", "ufirm"),
  },
};

test("amounts may be text, as CosmJS has them, or bigint", () => {
  const registry = createDefaultRegistry();
  const ours = registry.encode({ ...send, value: { ...send.value, amount: [{ denom: "ufirm", amount: 2n ** 128n }] } });
  expect(registry.encode(send)).toEqual(ours);
  expect(new Registry().encode(send)).toEqual(ours);
  expect(() => registry.encode({ ...send, value: { ...send.value, amount: coins("1.5", "ufirm") } })).toThrow();
});

test("amino JSON of standard messages is that of CosmJS", () => {
  const theirs = new AminoTypes(createDefaultAminoConverters());
  expect(createAminoTypes().toAmino(send)).toEqual(theirs.toAmino(send));
  const { fromAddress, toAddress, amount } = send.value;
  const multiSend = {
    typeUrl: bank.MsgMultiSend.typeUrl,
    value: { inputs: [{ address: fromAddress, coins: amount }], outputs: [{ address: toAddress, coins: amount }] },
  };
  expect(createAminoTypes().toAmino(multiSend)).toEqual(theirs.toAmino(multiSend));
});

test("amino names fit a Ledger: ours are at most 39 characters", () => {
  const ours = Object.entries(aminoConverters).filter(([typeUrl]) => typeUrl.startsWith("/interfirm."));
  expect(ours.length).toBeGreaterThan(0);
  expect(ours.filter(([, converter]) => converter.aminoType.length > 39)).toEqual([]);
  expect(typeOf("/interfirm.agreements.v1.MsgPropose")).toBe(agreements.MsgPropose);
  expect(typeOf("/nothing")).toBeUndefined();
  expect(registryTypes.length).toBeGreaterThan(100);
});

/** Any value of a field whose amino form can be read back. */
function anyOf(field: Field, depth: number): fc.Arbitrary<unknown> {
  const one = (): fc.Arbitrary<unknown> => {
    if (field.message) return messageOf(field.message(), depth + 1);
    if (field.enum) return fc.constantFrom(...Object.values(field.enum().values));
    if (field.cosmos === "cosmos.Int" || field.cosmos === "cosmos.Dec") return fc.bigInt({ min: 0n, max: 2n ** 128n });
    switch (field.scalar) {
      case "string":
        return fc.string({ maxLength: 12 });
      case "bytes":
        return fc.uint8Array({ minLength: 1, maxLength: 12 });
      case "bool":
        return fc.boolean();
      case "int64":
        return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
      case "uint64":
        return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
      case "uint32":
        return fc.nat();
      default:
        return fc.integer();
    }
  };
  return field.repeated ? fc.array(one(), { maxLength: 3 }) : one();
}

function messageOf(type: MessageType<unknown>, depth = 0): fc.Arbitrary<unknown> {
  if (type.typeName === "google.protobuf.Any") {
    const value = bank.MsgSend.encode(bank.MsgSend.fromPartial({ fromAddress: "x" })).finish();
    return fc.constant({ typeUrl: bank.MsgSend.typeUrl, value });
  }
  if (type.typeName === "google.protobuf.Timestamp" || type.typeName === "google.protobuf.Duration") {
    return fc.record({ seconds: fc.bigInt({ min: 0n, max: 10n ** 9n }), nanos: fc.nat(999_999_999) });
  }
  const fields = Object.fromEntries(type.fields.map((field) => [field.name, anyOf(field, depth)]));
  return fc.record(fields).map((partial) => type.fromPartial(partial));
}

const inputs = [...msgMethods.values()].map(({ input }) => input).filter(({ aminoName }) => aminoName !== undefined);
test.each(inputs.map((input) => [input.typeName, input] as const))("law: %s survives amino JSON", (_name, input) => {
  const amino = createAminoTypes();
  fc.assert(
    fc.property(messageOf(input), (value) => {
      const there = amino.toAmino({ typeUrl: input.typeUrl, value });
      const back = amino.fromAmino(JSON.parse(JSON.stringify(there)));
      expect(back).toEqual({ typeUrl: input.typeUrl, value });
    }),
    { numRuns: 30 },
  );
});

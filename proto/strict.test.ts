import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MsgSend } from "./gen/cosmos/bank/v1beta1.ts";
import { LegacyAminoPubKey } from "./gen/cosmos/crypto/multisig.ts";
import { MsgUpdateParams } from "./gen/cosmos/slashing/v1beta1.ts";
import { CommissionRates, MsgCreateValidator, MsgEditValidator } from "./gen/cosmos/staking/v1beta1.ts";
import { AuthInfo, ModeInfo, Tx, TxBody, TxRaw } from "./gen/cosmos/tx/v1beta1.ts";
import { allTypes } from "./gen/index.ts";
import { createRegistry, packAny } from "./registry.ts";
import { WireError, Writer } from "./runtime.ts";
import { checkWire } from "./strict.ts";
import { arbitraryMessage } from "./testing/arbitrary.ts";

const registry = createRegistry(allTypes);
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const body = (options = {}) => ({ registry, allowNonCritical: true, ...options });

const send = MsgSend.fromPartial({ fromAddress: "a", toAddress: "b", amount: [{ denom: "ufirm", amount: 5n }] });
const sendBody = TxBody.encode(TxBody.fromPartial({ messages: [packAny(MsgSend, send)], memo: "hello" })).finish();

describe.each(allTypes.map((type) => [type.typeName, type] as const))("%s", (_, type) => {
  it("accepts what the encoder writes, in the canonical form too", () => {
    fc.assert(
      fc.property(arbitraryMessage(type), (message) => {
        const bytes = type.encode(message).finish();
        expect(checkWire(type, bytes, { registry })).toStrictEqual({ hasNonCritical: false });
        if (!writesDefaults(type.typeName)) checkWire(type, bytes, { canonical: true });
      }),
      { numRuns: 10, seed: 1 },
    );
  });
});

/** Elements of a packed list and members of a oneof are written with their default too. */
const writesDefaults = (typeName: string): boolean => typeName.startsWith("cosmos.ics23");

describe("times", () => {
  const jail = (seconds: bigint, nanos: number) =>
    MsgUpdateParams.encode(
      MsgUpdateParams.fromPartial({ params: { downtimeJailDuration: { seconds, nanos } } }),
    ).finish();
  const until = (seconds: bigint, nanos: number) =>
    TxBody.encode(TxBody.fromPartial({ timeoutTimestamp: { seconds, nanos } })).finish();

  it.each([
    [1n, 1_000_000_000],
    [5n, -1],
    [-1n, 1],
    [0n, -1_000_000_000],
    [9_223_372_037n, 0],
    [1n << 62n, 0],
  ])("refuses a duration of %s s and %s ns", (seconds, nanos) => {
    expect(() => checkWire(MsgUpdateParams, jail(seconds, nanos))).toThrow(WireError);
  });

  it.each([
    [253_402_300_800n, 0],
    [-62_135_596_801n, 0],
    [0n, 1_000_000_000],
    [0n, -1],
  ])("refuses a time of %s s and %s ns", (seconds, nanos) => {
    expect(() => checkWire(TxBody, until(seconds, nanos), body())).toThrow(WireError);
  });

  it("accepts the longest and the last", () => {
    checkWire(MsgUpdateParams, jail(9_223_372_036n, 854_775_807));
    checkWire(MsgUpdateParams, jail(-1n, -999_999_999));
    checkWire(TxBody, until(253_402_300_799n, 999_999_999), body());
  });
});

describe("decimals that are left out", () => {
  const rates = "0a 01 30 12 01 30 1a 01 30";
  const slashing = "0a 01 61 12";

  it("are refused, at whatever depth", () => {
    checkWire(CommissionRates, hex(rates));
    expect(() => checkWire(CommissionRates, hex("0a 01 30 1a 01 30"))).toThrow("CommissionRates.max_rate is missing");
    checkWire(MsgUpdateParams, hex(`${slashing} 0f 12 01 30 1a 04 08 01 10 01 22 01 30 2a 01 30`));
    expect(() => checkWire(MsgUpdateParams, hex(`${slashing} 0c 12 01 30 1a 04 08 01 10 01 2a 01 30`))).toThrow(
      "Params.slash_fraction_double_sign is missing",
    );
  });

  it("are refused when they are empty", () => {
    expect(() => checkWire(CommissionRates, hex("0a 01 30 12 00 1a 01 30"))).toThrow(
      "CommissionRates.max_rate is empty",
    );
    expect(() => checkWire(MsgEditValidator, hex("1a 00"))).toThrow("MsgEditValidator.commission_rate is empty");
  });

  it("are refused with the whole message that has them", () => {
    expect(() => checkWire(MsgUpdateParams, hex("0a 01 61"))).toThrow("MsgUpdateParams.params is missing");
    expect(() => checkWire(MsgCreateValidator, new Uint8Array(0))).toThrow("MsgCreateValidator.commission is missing");
  });

  it("are as good as any other absent field where they need not be there", () => {
    checkWire(MsgEditValidator, new Uint8Array(0));
    checkWire(MsgSend, new Uint8Array(0));
  });
});

describe("unknown fields (ADR-020)", () => {
  const field = (no: number, wire = 0, value = "01") =>
    Uint8Array.from([...new Writer().uint64(BigInt(no) * 8n + BigInt(wire)).finish(), ...hex(value)]);
  const withField = (no: number, wire?: number, value?: string) =>
    Uint8Array.from([...sendBody, ...field(no, wire, value)]);

  it.each([6, 15, 1022, 2048, 3071, 4096])("refuses critical field %s", (no) => {
    expect(() => checkWire(TxBody, withField(no), body())).toThrow(`TxBody has unknown field ${no}`);
  });

  it.each([1024, 1500, 2046, 3072, 4095, 536_870_911, 2_147_483_647])(
    "passes over non-critical field %s in a body",
    (no) => {
      expect(checkWire(TxBody, withField(no), body())).toStrictEqual({ hasNonCritical: true });
      expect(() => checkWire(TxBody, withField(no), { registry })).toThrow(`unknown field ${no}`);
    },
  );

  it.each([
    [1, "0000000000000000"],
    [2, "03 010203"],
    [5, "00000000"],
  ])("passes over non-critical fields of wire type %s", (wire, value) => {
    expect(checkWire(TxBody, withField(1024, wire, value), body()).hasNonCritical).toBe(true);
  });

  it("finds them in the message of an Any, critical or not", () => {
    const inner = (no: number) => ({
      typeUrl: MsgSend.typeUrl,
      value: Uint8Array.from([...MsgSend.encode(send).finish(), ...field(no)]),
    });
    const bytes = (no: number) => TxBody.encode(TxBody.fromPartial({ messages: [inner(no)] })).finish();
    expect(() => checkWire(TxBody, bytes(9), body())).toThrow("MsgSend has unknown field 9");
    expect(checkWire(TxBody, bytes(1024), body())).toStrictEqual({ hasNonCritical: true });
    expect(() => checkWire(TxBody, bytes(1024), { registry })).toThrow("MsgSend has unknown field 1024");
  });

  it.each(["/unknown.Msg", "", "cosmos.bank.v1beta1.MsgSend", "https://x/cosmos.bank.v1beta1.MsgSend", "/constructor"])(
    "refuses an Any of type %j",
    (typeUrl) => {
      const bytes = TxBody.encode(TxBody.fromPartial({ messages: [{ typeUrl, value: new Uint8Array() }] })).finish();
      expect(() => checkWire(TxBody, bytes, body())).toThrow(`type URL is "${typeUrl}", want a registered one`);
      expect(checkWire(TxBody, bytes)).toStrictEqual({ hasNonCritical: false });
    },
  );
});

describe("malformed bytes", () => {
  it.each([
    ["a wrong wire type", "08 01", "TxBody.messages has wire type 0, want 2"],
    ["a group", "0b 0c", "TxBody.messages has wire type 3, want 2"],
    ["an unknown group", "83 40 84 40", "field 1024 of cosmos.tx.v1beta1.TxBody has wire type 3"],
    ["an unknown field of wire type 6", "86 40", "has wire type 6"],
    ["field number 0", "02 00", "has field number 0"],
    ["field number 2^31", "80 80 80 80 40 01", "has field number 2147483648"],
    ["a truncated varint", "18 80", "ends inside a varint"],
    ["a truncated tag", "80", "ends inside a varint"],
    ["a truncated string", "12 05 61", "has 1 bytes left, want 5"],
    ["a length of 2^63", "12 ff ff ff ff ff ff ff ff 7f", "bytes left, want"],
    ["a varint of eleven bytes", "18 80 80 80 80 80 80 80 80 80 80 01", "more than 64 bits"],
    ["a varint of 65 bits", "18 ff ff ff ff ff ff ff ff ff 03", "more than 64 bits"],
    ["a nested field that reaches past its message", "0a 02 0a 04 00 00 00 00", "has 0 bytes left, want 4"],
    ["a repeated message as a number", "f8 3f 00", "extension_options has wire type 0, want 2"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => checkWire(TxBody, hex(bytes), body())).toThrow(message);
    expect(() => checkWire(TxBody, hex(bytes), body())).toThrow(WireError);
  });

  it("accepts varints that are longer than they must be, outside TxRaw, as the SDK does", () => {
    expect(() => checkWire(TxBody, hex("18 85 80 00"), body())).not.toThrow();
  });

  it("gives no verdict but WireError on random bytes and random changes", () => {
    const bytes = fc.uint8Array({ maxLength: 60 });
    const change = fc.tuple(fc.nat(sendBody.length - 1), fc.nat(255));
    fc.assert(
      fc.property(bytes, fc.array(change, { maxLength: 4 }), (random, changes) => {
        const changed = Uint8Array.from(sendBody);
        for (const [at, value] of changes) changed[at] = value;
        for (const input of [random, changed]) {
          for (const type of [TxBody, AuthInfo, Tx, TxRaw]) {
            try {
              checkWire(type, input, body());
              type.decode(input);
            } catch (error) {
              expect(error).toBeInstanceOf(WireError);
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("TxRaw (ADR-027)", () => {
  const check = (bytes: string) => checkWire(TxRaw, hex(bytes), { canonical: true });

  it.each(["", "0a 01 61 12 01 62 1a 01 63", "0a 01 61 12 01 62 1a 01 63 1a 01 64", "12 01 62", "1a 00 1a 00"])(
    "accepts %j",
    (bytes) => {
      expect(() => check(bytes)).not.toThrow();
    },
  );

  it.each([
    ["descending fields", "12 01 62 0a 01 61", "has field 1 after field 2, want ascending fields"],
    ["a field twice", "0a 01 61 0a 01 61", "has field 1 after field 1, want ascending fields"],
    ["a length that is too long", "0a 81 00 61", "has a varint of 2 bytes, want the shortest"],
    ["a tag that is too long", "8a 00 01 61", "has a varint of 2 bytes, want the shortest"],
    ["an empty body", "0a 00 12 01 62", "is written with its default, want it left out"],
    ["an unknown field", "0a 01 61 22 01 62", "has unknown field 4"],
    ["a non-critical field", "0a 01 61 82 40 01 62", "has unknown field 1024"],
    ["a wrong wire type", "08 01", "has wire type 0, want 2"],
  ])("refuses %s", (_, bytes, message) => {
    expect(() => check(bytes)).toThrow(message);
  });

  it("leaves exactly one encoding of a transaction", () => {
    const change = fc.record({ at: fc.nat(), value: fc.nat(255), kind: fc.constantFrom("set", "insert", "remove") });
    const raw = fc.record({
      bodyBytes: fc.uint8Array({ maxLength: 9 }),
      authInfoBytes: fc.uint8Array({ maxLength: 9 }),
      signatures: fc.array(fc.uint8Array({ maxLength: 5 }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(raw, change, (tx, { at, value, kind }) => {
        const bytes = [...TxRaw.encode(tx).finish()];
        bytes.splice(at % (bytes.length + 1), kind === "insert" ? 0 : 1, ...(kind === "remove" ? [] : [value]));
        const changed = Uint8Array.from(bytes);
        try {
          checkWire(TxRaw, changed, { canonical: true });
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
          return;
        }
        expect(TxRaw.encode(TxRaw.decode(changed)).finish()).toStrictEqual(changed);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("depth (hazards L8, ASA-2024-0012)", () => {
  const wrap = (bytes: Uint8Array, tag: number) => new Writer().tag(tag).bytes(bytes).finish();

  /** ModeInfo.multi and Multi.mode_infos have number 2: each level is one message. */
  function nested(depth: number): Uint8Array {
    let bytes: Uint8Array = new Uint8Array();
    for (let done = 0; done < depth; done++) bytes = wrap(bytes, 18);
    return bytes;
  }

  it("accepts 64 messages inside one another and refuses 65", () => {
    expect(() => checkWire(ModeInfo, nested(63))).not.toThrow();
    expect(() => checkWire(ModeInfo, nested(64))).toThrow("is too deep, want at most 64");
  });

  /** A multisig key in a multisig key, and so on. */
  function nestedKeys(depth: number): Uint8Array {
    let key = packAny(LegacyAminoPubKey, LegacyAminoPubKey.fromPartial({ threshold: 1 }));
    for (let done = 1; done < depth; done++) key = packAny(LegacyAminoPubKey, { threshold: 1, publicKeys: [key] });
    return AuthInfo.encode(AuthInfo.fromPartial({ signerInfos: [{ publicKey: key }] })).finish();
  }

  it("accepts 10 Anys inside one another and refuses 11", () => {
    expect(() => checkWire(AuthInfo, nestedKeys(10), { registry })).not.toThrow();
    expect(() => checkWire(AuthInfo, nestedKeys(11), { registry })).toThrow("Any depth is 11, want at most 10");
  });

  it("accepts 100 Anys in one Any and refuses 101, and does not count across messages", () => {
    const keys = (count: number) =>
      packAny(LegacyAminoPubKey, {
        threshold: 1,
        publicKeys: Array.from({ length: count }, () => packAny(MsgSend, send)),
      });
    const bytes = (count: number) =>
      AuthInfo.encode(
        AuthInfo.fromPartial({ signerInfos: [{ publicKey: keys(count) }, { publicKey: keys(count) }] }),
      ).finish();
    expect(() => checkWire(AuthInfo, bytes(99), { registry })).not.toThrow();
    expect(() => checkWire(AuthInfo, bytes(100), { registry })).toThrow("more than 100 Anys in one Any");
    const many = TxBody.fromPartial({ messages: Array.from({ length: 500 }, () => packAny(MsgSend, send)) });
    expect(() => checkWire(TxBody, TxBody.encode(many).finish(), body())).not.toThrow();
  });

  const bombs: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    ["nested groups", new Uint8Array(100_000).fill(0x0b)],
    ["nested unknown groups", Uint8Array.from({ length: 100_000 }, (_, index) => (index % 2 === 0 ? 0x83 : 0x40))],
    ["groups that close", Uint8Array.from({ length: 21_200 }, (_, index) => (index < 10_600 ? 0x0b : 0x0c))],
    ["many empty Anys", Uint8Array.from({ length: 100_000 }, (_, index) => (index % 2 === 0 ? 0x0a : 0x00))],
  ];

  it.each(bombs)("refuses %s, cold and warm", (_, bytes) => {
    const verdict = (): string => {
      try {
        checkWire(TxBody, bytes, body());
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
        return (error as Error).message;
      }
      return "accepted";
    };
    const cold = verdict();
    expect(cold).not.toBe("accepted");
    for (let times = 0; times < 3000; times++) {
      checkWire(TxBody, sendBody, body());
      TxBody.decode(sendBody);
    }
    expect(verdict()).toBe(cold);
  });

  it("gives one verdict whatever the engine's stack and compiler", () => {
    const module = new URL("./strict.ts", import.meta.url).href;
    const types = new URL("./gen/cosmos/tx/v1beta1.ts", import.meta.url).href;
    const script = `
      import { checkWire } from ${JSON.stringify(module)};
      import { ModeInfo, TxBody } from ${JSON.stringify(types)};
      const nested = Uint8Array.from(${JSON.stringify([...nested(2000)])});
      const groups = new Uint8Array(21_200).fill(0x0b);
      for (const [type, bytes] of [[TxBody, groups], [ModeInfo, nested]]) {
        try { checkWire(type, bytes); console.log("accepted"); } catch (error) { console.log(error.name, error.message); }
      }`;
    const run = (...flags: string[]) =>
      execFileSync(process.execPath, [...flags, "--input-type=module", "-e", script], { encoding: "utf8" });
    const want =
      "WireError cosmos.tx.v1beta1.TxBody.messages has wire type 3, want 2\n" +
      "WireError cosmos.tx.v1beta1.ModeInfo is too deep, want at most 64\n";
    expect([run(), run("--no-opt", "--no-maglev", "--no-sparkplug"), run("--stack-size=400")]).toStrictEqual([
      want,
      want,
      want,
    ]);
  });

  it("takes time in proportion to the bytes: a quadratic check of 100,000 messages would run into the time limit", () => {
    const messages = Array.from({ length: 100_000 }, () => packAny(MsgSend, send));
    const bytes = TxBody.encode(TxBody.fromPartial({ messages })).finish();
    expect(() => checkWire(TxBody, bytes, body())).not.toThrow();
  });
});

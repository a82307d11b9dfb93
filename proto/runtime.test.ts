import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Coin } from "./gen/cosmos/base/v1beta1.ts";
import { ModeInfo, TxBody } from "./gen/cosmos/tx/v1beta1.ts";
import { Duration } from "./gen/google/protobuf.ts";
import { ResponseApplySnapshotChunk } from "./gen/tendermint/abci.ts";
import { BlockID } from "./gen/tendermint/types.ts";
import { formatAtto, formatInteger, parseAtto, parseInteger, Reader, WireError, Writer } from "./runtime.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const EDGES = [0n, 1n, 127n, 128n, (1n << 31n) - 1n, 1n << 31n, (1n << 32n) - 1n, 1n << 32n];
const WIDE = [(1n << 53n) - 1n, 1n << 53n, (1n << 53n) + 1n, (1n << 63n) - 1n];

describe("64-bit integers", () => {
  it.each([...EDGES, ...WIDE, 1n << 63n, (1n << 64n) - 1n])("keeps the unsigned %s", (value) => {
    expect(new Reader(new Writer().uint64(value).finish()).uint64()).toBe(value);
    expect(new Reader(new Writer().fixed64(value).finish()).fixed64()).toBe(value);
  });

  it.each([...EDGES, ...WIDE].flatMap((value) => [value, -value, -value - 1n]))("keeps the signed %s", (value) => {
    expect(new Reader(new Writer().int64(value).finish()).int64()).toBe(value);
    expect(new Reader(new Writer().sint64(value).finish()).sint64()).toBe(value);
    expect(new Reader(new Writer().sfixed64(value).finish()).sfixed64()).toBe(value);
  });

  it("writes varints as short as they can be", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), (value) => {
        const length = Math.max(1, Math.ceil(value.toString(2).length / 7));
        expect(new Writer().uint64(value).finish()).toHaveLength(length);
      }),
    );
  });

  it.each([
    ["uint64", -1n],
    ["uint64", 1n << 64n],
    ["int64", 1n << 63n],
    ["int64", -(1n << 63n) - 1n],
    ["sint64", 1n << 63n],
    ["fixed64", 1n << 64n],
    ["sfixed64", 1n << 63n],
  ] as const)("refuses a %s of %s", (method, value) => {
    expect(() => new Writer()[method](value)).toThrow(WireError);
  });

  it("refuses a number where a bigint belongs, which protobufjs would take", () => {
    expect(() => new Writer().uint64(5 as never)).toThrow("value is 5 of type number, want a uint64");
  });
});

describe("32-bit integers", () => {
  it("keeps every value", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (value) => {
        expect(new Reader(new Writer().int32(value).finish()).int32()).toBe(value);
        expect(new Reader(new Writer().sint32(value).finish()).sint32()).toBe(value);
        expect(new Reader(new Writer().sfixed32(value).finish()).sfixed32()).toBe(value);
        expect(new Reader(new Writer().uint32(value >>> 0).finish()).uint32()).toBe(value >>> 0);
        expect(new Reader(new Writer().fixed32(value >>> 0).finish()).fixed32()).toBe(value >>> 0);
      }),
    );
  });

  it.each([
    ["uint32", -1],
    ["uint32", 2 ** 32],
    ["uint32", 0.5],
    ["int32", 2 ** 31],
    ["sint32", Number.NaN],
    ["fixed32", -1],
    ["sfixed32", 2 ** 31],
  ] as const)("refuses a %s of %s", (method, value) => {
    expect(() => new Writer()[method](value)).toThrow(WireError);
  });
});

describe("reader", () => {
  it.each([
    ["a varint of eleven bytes", "80 80 80 80 80 80 80 80 80 80 01"],
    ["a varint of more than 64 bits", "ff ff ff ff ff ff ff ff ff 02"],
    ["a varint that ends early", "80 80"],
  ])("refuses %s", (_, bytes) => {
    expect(() => new Reader(hex(bytes)).uint64()).toThrow(WireError);
  });

  it("reads the largest varint", () => {
    expect(new Reader(hex("ff ff ff ff ff ff ff ff ff 01")).uint64()).toBe((1n << 64n) - 1n);
  });

  it.each([
    ["a length past the end", "0a 05 61"],
    ["a length of 2^40", "0a 80 80 80 80 80 20"],
    ["field number 0", "02 00"],
    ["a message that ends inside a field", "0a"],
    ["a known field of another wire type", "08 01"],
    ["a group", "1b 1c"],
    ["an end of group", "1c"],
    ["a fixed field cut off", "19 00"],
  ])("refuses %s in a message", (_, bytes) => {
    expect(() => Coin.decode(hex(bytes))).toThrow(WireError);
  });

  it("does not let a field reach past its message", () => {
    // BlockID.part_set_header of 2 bytes whose hash claims 4.
    expect(() => BlockID.decode(hex("12 02 12 04 00 00 00 00"))).toThrow("message ends at byte 8, want 4");
  });

  it("passes over unknown fields of every wire type", () => {
    const coin = Coin.decode(hex("0a 01 61 58 05 61 0000000000000000 6a 02 0000 75 00000000 12 01 37"));
    expect(coin).toStrictEqual({ denom: "a", amount: 7n });
  });

  it("takes packed and unpacked numbers, and refuses a packed list that ends inside a number", () => {
    expect(ResponseApplySnapshotChunk.decode(hex("12 03 01 ac 02 10 05")).refetchChunks).toStrictEqual([1, 300, 5]);
    expect(() => ResponseApplySnapshotChunk.decode(hex("12 01 ac 02"))).toThrow(WireError);
  });

  it("takes the last of several scalars, as Go does, and refuses a second message", () => {
    expect(Coin.decode(hex("0a 01 61 0a 01 62")).denom).toBe("b");
    expect(() => BlockID.decode(hex("12 00 12 00"))).toThrow("part_set_header comes twice, want once");
  });

  it("keeps the last member of a oneof", () => {
    expect(ModeInfo.decode(hex("0a 02 08 01 12 00"))).toStrictEqual({
      single: undefined,
      multi: { bitarray: undefined, modeInfos: [] },
    });
  });

  it("bounds messages inside themselves", () => {
    let bytes: Uint8Array = new Uint8Array();
    // ModeInfo.multi and Multi.mode_infos both have number 2.
    const wrap = (times: number) => {
      for (let done = 0; done < times; done++) bytes = new Writer().tag(18).bytes(bytes).finish();
    };
    wrap(62);
    expect(() => ModeInfo.decode(bytes)).not.toThrow();
    wrap(1000);
    expect(() => ModeInfo.decode(bytes)).toThrow("message depth is 65, want at most 64");
  });

  it("copies bytes, also out of a Buffer, and gives plain arrays", () => {
    const input = Buffer.from(new Writer().bytes(hex("01 02 03")).finish());
    const read = new Reader(input).bytes();
    input.fill(9);
    expect(read).toStrictEqual(hex("01 02 03"));
    expect(read.constructor).toBe(Uint8Array);
  });
});

describe("strings", () => {
  it("keeps what is well-formed, a byte order mark included", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.constant("\ufefffirm"),
      fc.constant("€".repeat(60)),
    );
    fc.assert(
      fc.property(text, (value) => {
        const bytes = new Writer().string(value).finish();
        expect(new Reader(bytes).string()).toBe(value);
        expect(bytes).toStrictEqual(new Writer().bytes(new TextEncoder().encode(value)).finish());
      }),
    );
  });

  it.each(["ff", "c0 80", "ed a0 80", "f4 90 80 80", "61 c3"])("refuses %s, which is not UTF-8", (bytes) => {
    expect(() => new Reader(new Writer().bytes(hex(bytes)).finish()).string()).toThrow("is not UTF-8");
    const long = Uint8Array.from([...new Uint8Array(100).fill(0x61), ...hex(bytes)]);
    expect(() => new Reader(new Writer().bytes(long).finish()).string()).toThrow("is not UTF-8");
  });

  it.each(["\ud800", "a\udc00", "\ud800\ud800", `${"a".repeat(200)}\udfff`])(
    "refuses half a surrogate pair",
    (value) => {
      expect(() => new Writer().string(value)).toThrow("half a surrogate pair");
    },
  );
});

describe("writer", () => {
  it("gives bytes of its own, and the same again", () => {
    const writer = new Writer().string("first");
    const first = writer.finish();
    const other = new Writer().string("other").finish();
    expect(writer.finish()).toBe(first);
    expect(first.buffer).not.toBe(other.buffer);
    expect(first).toStrictEqual(new Writer().string("first").finish());
    expect(() => writer.tag(8)).toThrow(RangeError);
  });

  it("keeps writers apart that are open at the same time, and after one that failed", () => {
    expect(() => new Writer().string("left open").uint64(-1n)).toThrow(WireError);
    const [a, b] = [new Writer().string("a"), new Writer().string("b")];
    a.string("c".repeat(500));
    b.string("d");
    expect(b.finish()).toStrictEqual(hex("01 62 01 64"));
    expect(new Reader(a.finish()).string()).toBe("a");
  });

  it("shifts long messages to make room for their length", () => {
    const body = TxBody.fromPartial({
      messages: [{ typeUrl: "/a", value: new Uint8Array(20_000).fill(1) }],
      memo: "m",
    });
    expect(TxBody.decode(TxBody.encode(body).finish())).toStrictEqual(body);
  });
});

describe("amounts", () => {
  const LIMIT = 1n << 256n;
  it("reads what it writes", () => {
    fc.assert(
      fc.property(fc.bigInt(1n - LIMIT, LIMIT - 1n), (value) => {
        expect(parseInteger(formatInteger(value))).toBe(value);
        expect(parseAtto(formatAtto(value))).toBe(value);
      }),
    );
  });

  it.each(["01", "+1", " 1", "1 ", "0x10", "1e3", "1.0", "-0", "-", "1_000", "١", "00", `1${"0".repeat(200)}`])(
    "refuses %j",
    (text) => {
      expect(() => parseInteger(text)).toThrow(WireError);
      expect(() => Coin.decode(new Writer().tag(18).string(text).finish())).toThrow(WireError);
    },
  );

  it("takes an absent amount for 0 and keeps the SDK's limits", () => {
    expect(Coin.decode(new Uint8Array()).amount).toBe(0n);
    expect(() => parseInteger(LIMIT.toString())).toThrow("want less than 2^256");
    expect(() => formatInteger(-LIMIT)).toThrow("want less than 2^256");
    expect(() => parseAtto((1n << 315n).toString())).toThrow("want less than 2^315");
  });

  it("writes an amount of 0, as gogoproto does", () => {
    expect(Coin.encode({ denom: "", amount: 0n }).finish()).toStrictEqual(hex("12 01 30"));
  });
});

it("leaves defaults to fromPartial", () => {
  expect(Duration.fromPartial({})).toStrictEqual({ seconds: 0n, nanos: 0 });
  expect(BlockID.fromPartial({})).toStrictEqual({
    hash: new Uint8Array(),
    partSetHeader: { total: 0, hash: new Uint8Array() },
  });
});

describe("texts that come again", () => {
  const texts = ["firm1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "firm1pqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "ü".repeat(20)];
  it("are read as they are, those with the same end and those that are not ASCII too", () => {
    for (const text of [...texts, ...texts]) expect(new Reader(new Writer().string(text).finish()).string()).toBe(text);
  });

  it("are checked each time", () => {
    const bytes = new Writer().string(texts[0]!).finish();
    expect(new Reader(bytes).string()).toBe(texts[0]);
    bytes[5] = 0xff;
    expect(() => new Reader(bytes).string()).toThrow(WireError);
  });
});

describe("a reader over bytes", () => {
  it("hands out views of them, and any other reader copies", () => {
    const bytes = new Writer().bytes(Uint8Array.of(1, 2, 3)).finish();
    const [view, copy] = [Reader.over(bytes).bytes(), new Reader(bytes).bytes()];
    bytes[1] = 9;
    expect([...view]).toEqual([9, 2, 3]);
    expect([...copy]).toEqual([1, 2, 3]);
  });
});

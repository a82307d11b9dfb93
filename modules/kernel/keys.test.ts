import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToAddress } from "./address.ts";
import { compare, toUtf8 } from "./bytes.ts";
import * as keys from "./keys.ts";
import { keyCodecLaws } from "./laws/keys.ts";

const ctx = { addressPrefix: "firm" };
const someBytes = fc
  .array(fc.constantFrom(0, 1, 2, 0x61, 0xfe, 0xff), { maxLength: 5 })
  .map((list) => Uint8Array.from(list));
const someText = fc.string({ unit: fc.constantFrom("\0", "\u0001", "a", "é", "\uffff", "😀"), maxLength: 5 });
const byText = (a: string, b: string) => compare(toUtf8(a), toUtf8(b));
const byLength = (a: Uint8Array, b: Uint8Array) => a.length - b.length || compare(a, b);
const someAddress = fc
  .oneof(someBytes, fc.uint8Array({ minLength: 20, maxLength: 20 }))
  .filter((raw) => raw.length > 0)
  .map((raw) => bytesToAddress(raw, "firm"));
const rawOf = (a: string) => keys.addressLast.encode(a as never, ctx);
const numbers = fc.bigInt(0n, (1n << 64n) - 1n);

keyCodecLaws(keys.u8, fc.integer({ min: 0, max: 255 }));
keyCodecLaws(keys.u32, fc.integer({ min: 0, max: 2 ** 32 - 1 }));
keyCodecLaws(keys.u64, numbers);
keyCodecLaws(keys.i64, fc.bigInt(-(1n << 63n), (1n << 63n) - 1n));
keyCodecLaws(keys.timeNs, fc.bigInt(-(1n << 63n), (1n << 63n) - 1n));
keyCodecLaws(keys.bool, fc.boolean());
keyCodecLaws(keys.sortableTime, fc.bigInt(-62_135_596_800n * 10n ** 9n, 253_402_300_799n * 10n ** 9n));
keyCodecLaws(keys.bytes, someBytes, compare);
keyCodecLaws(keys.bytesLast, someBytes, compare);
keyCodecLaws(keys.bytesLength, someBytes, byLength);
keyCodecLaws(keys.text, someText, byText);
keyCodecLaws(keys.textLast, someText, byText);
keyCodecLaws(
  keys.textNul,
  someText.map((t) => t.replaceAll("\0", "0")),
  byText,
);
keyCodecLaws(keys.address, someAddress, (a, b) => byLength(rawOf(a), rawOf(b)));
keyCodecLaws(keys.addressLast, someAddress, (a, b) => compare(rawOf(a), rawOf(b)));
keyCodecLaws(
  keys.pair(keys.text, keys.u64),
  fc.tuple(someText, numbers),
  ([a, m], [b, n]) => byText(a, b) || Number(m > n) - Number(m < n),
);
keyCodecLaws(
  keys.triple(keys.bool, keys.address, keys.textLast),
  fc.tuple(fc.boolean(), someAddress, someText),
  (a, b) => Number(a[0]) - Number(b[0]) || byLength(rawOf(a[1]), rawOf(b[1])) || byText(a[2], b[2]),
);

describe("key codecs", () => {
  it.each<[string, number, () => unknown]>([
    ["u64 below", 18, () => keys.u64.encode(-1n, ctx)],
    ["u64 above", 18, () => keys.u64.encode(1n << 64n, ctx)],
    ["i64 above", 18, () => keys.i64.encode(1n << 63n, ctx)],
    ["u8 above", 18, () => keys.u8.encode(256, ctx)],
    ["u8 of a fraction", 18, () => keys.u8.encode(1.5, ctx)],
    ["too many bytes", 18, () => keys.bytesLength.encode(new Uint8Array(256), ctx)],
    ["a 0 byte", 18, () => keys.textNul.encode("a\0b", ctx)],
    ["another prefix", 7, () => keys.address.encode(bytesToAddress(new Uint8Array(20), "cosmos"), ctx)],
  ])("refuse with a typed error: %s", (_, code, act) => {
    expect(act).toThrow(expect.objectContaining({ codespace: "sdk", code }));
  });

  it("refuse a last part that is not last", () => {
    expect(() => keys.pair(keys.textLast, keys.u64)).toThrow("want it last");
  });

  it("are the SDK's where the SDK has them", () => {
    const who = bytesToAddress(Uint8Array.of(7, 8), "firm");
    const balance = keys.pair(keys.address, keys.textLast);
    expect(balance.encode([who, "uaa"], ctx)).toEqual(Uint8Array.of(2, 7, 8, 0x75, 0x61, 0x61));
    expect(keys.pair(keys.textNul, keys.addressLast).encode(["uaa", who], ctx)).toEqual(
      Uint8Array.of(0x75, 0x61, 0x61, 0, 7, 8),
    );
    expect(keys.u64.encode(258n, ctx)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2));
  });
});

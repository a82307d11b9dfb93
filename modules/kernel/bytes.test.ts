import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as bytes from "./bytes.ts";

const invalid = expect.objectContaining({ codespace: "sdk", code: 18 });

describe("bytes", () => {
  it("are written and read as Node's Buffer does", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 70 }), (a, b) => {
        expect(bytes.toHex(a)).toBe(Buffer.from(a).toString("hex"));
        expect(bytes.fromHex(bytes.toHex(a).toUpperCase())).toEqual(a);
        expect(bytes.toBase64(a)).toBe(Buffer.from(a).toString("base64"));
        expect(bytes.fromBase64(bytes.toBase64(a))).toEqual(a);
        expect(bytes.toLatin1(a)).toBe(Buffer.from(a).toString("latin1"));
        expect(Math.sign(bytes.compare(a, b))).toBe(Buffer.compare(a, b));
        expect(bytes.equal(a, b)).toBe(Buffer.from(a).equals(b));
        expect(bytes.concat(a, b, a)).toEqual(Uint8Array.from(Buffer.concat([a, b, a])));
        expect(bytes.startsWith(bytes.concat(a, b), a)).toBe(true);
      }),
    );
    const long = new Uint8Array(10_000).map((_, i) => i);
    expect(bytes.toLatin1(long)).toBe(Buffer.from(long).toString("latin1"));
  });

  it("end a prefix just above everything that starts with it", () => {
    expect(bytes.prefixEnd(Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 3));
    expect(bytes.prefixEnd(Uint8Array.of(1, 255, 255))).toEqual(Uint8Array.of(2));
    expect(bytes.prefixEnd(Uint8Array.of(255, 255))).toBeUndefined();
    expect(bytes.prefixEnd(new Uint8Array(0))).toBeUndefined();
  });

  it.each(["0", "0g", "é0", " 00"])("refuse %j as hex", (text) => expect(() => bytes.fromHex(text)).toThrow(invalid));
  it.each(["A", "AA=", "AAA", "A===", "AB==", "AA==AA==", "AA-_", "AAA\n", "AA=A"])("refuse %j as base64", (text) =>
    expect(() => bytes.fromBase64(text)).toThrow(invalid),
  );
  it.each([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]])(
    "refuse %j… as UTF-8",
    (...list) => expect(() => bytes.fromUtf8(Uint8Array.from(list))).toThrow(invalid),
  );

  it("turn any text into UTF-8 and back as Node's Buffer does", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "\u007f", "\u0080", "é", "\uffff", "😀"), maxLength: 80 }),
        (text) => {
          expect(bytes.toUtf8(text)).toEqual(Uint8Array.from(Buffer.from(text, "utf8")));
          expect(bytes.fromUtf8(bytes.toUtf8(text))).toBe(text);
        },
      ),
    );
  });

  it("keep a byte order mark", () => {
    const marked = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61);
    expect(bytes.toUtf8(bytes.fromUtf8(marked))).toEqual(marked);
  });

  it("quote untrusted text short and without control characters", () => {
    expect(bytes.quote("a")).toBe('"a"');
    expect(bytes.quote('a"\n\u0000é')).toBe('"a\\u{22}\\u{a}\\u{0}é"');
    expect(bytes.quote("x".repeat(1000))).toBe(`"${"x".repeat(80)}" (1000 characters)`);
    expect(bytes.quote("\ud800")).toBe('"\\u{d800}"');
  });
});

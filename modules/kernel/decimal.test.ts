import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as dec from "./decimal.ts";

const vectors: {
  readonly binary: readonly Record<"a" | "b" | "mulRoundUp", string>[];
  readonly power: readonly { readonly a: string; readonly n: number; readonly power: string }[];
} = JSON.parse(readFileSync(new URL("./testdata/decimal.json", import.meta.url), "utf8"));

describe("decimal", () => {
  it("gives the results of cosmossdk.io/math", () => {
    expect(vectors.binary.length).toBe(300);
    // No module rounds products up.
    for (const { mulRoundUp: _, ...v } of vectors.binary) {
      const a = dec.parse(v.a);
      const b = dec.parse(v.b);
      expect({
        a: dec.format(a),
        b: dec.format(b),
        ceil: dec.format(dec.ceil(a)),
        mul: dec.format(dec.multiply(a, b)),
        mulTruncate: dec.format(dec.multiplyTruncate(a, b)),
        ...(b !== 0n && {
          quo: dec.format(dec.divide(a, b)),
          quoRoundUp: dec.format(dec.divideRoundUp(a, b)),
          quoTruncate: dec.format(dec.divideTruncate(a, b)),
        }),
        roundInt: dec.roundInt(a).toString(),
        truncateInt: dec.truncateInt(a).toString(),
      }).toEqual(v);
    }
    for (const v of vectors.power) expect(dec.format(dec.power(dec.parse(v.a), BigInt(v.n)))).toBe(v.power);
  });

  it("rounds halves to even", () => {
    expect([5n, 15n, 25n, -5n, -15n, -25n].map((tenths) => dec.roundInt((tenths * dec.ONE) / 10n))).toEqual([
      0n,
      2n,
      2n,
      0n,
      -2n,
      -2n,
    ]);
  });

  it.each(["", ".", "1.", ".5", "+1", "1e3", "01", "1,5", " 1", "0x1", "1.0000000000000000001", "9".repeat(99)])(
    "refuses %j",
    (text) => expect(() => dec.parse(text)).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 })),
  );

  it("answers overflow and division by zero with a typed error", () => {
    const most = (1n << 315n) - 1n;
    const typed = expect.objectContaining({ codespace: "sdk", code: 18 });
    expect(() => dec.add(most, 1n)).toThrow(typed);
    expect(() => dec.multiply(most, most)).toThrow(typed);
    expect(() => dec.power(dec.fromInt(2n), 1_000_000n)).toThrow(typed);
    expect(() => dec.divide(1n, 0n)).toThrow(typed);
    expect(() => dec.divideTruncate(1n, 0n)).toThrow(typed);
    expect(() => dec.divideRoundUp(1n, 0n)).toThrow(typed);
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 90n), 10n ** 90n), (a) => {
        expect(dec.parse(dec.format(a))).toBe(a);
      }),
    );
  });
});

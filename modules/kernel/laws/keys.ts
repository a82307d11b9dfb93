import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, concat, startsWith } from "../bytes.ts";
import { decodeKey, type KeyCodec, type KeyCtx } from "../keys.ts";

/**
 * What every key codec must do. `order` is the order of keys that ranges give; without it, that of `<` and `>`.
 */
export function keyCodecLaws<K>(
  codec: KeyCodec<K>,
  arbitrary: fc.Arbitrary<K>,
  order: (a: K, b: K) => number = (a, b) => (a < b ? -1 : a > b ? 1 : 0),
  ctx: KeyCtx = { addressPrefix: "firm" },
): void {
  describe(`key codec ${codec.form} obeys the laws of a key codec`, () => {
    it("reads back what it writes, alone and inside a longer key", () => {
      fc.assert(
        fc.property(arbitrary, fc.uint8Array({ maxLength: 3 }), (key, other) => {
          const bytes = codec.encode(key, ctx);
          expect(decodeKey(codec, bytes, ctx)).toEqual(key);
          const around = concat(other, bytes, codec.last ? new Uint8Array(0) : other);
          expect(codec.read(around, other.length, ctx)).toEqual([key, other.length + bytes.length]);
        }),
      );
    });

    it("keeps order", () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (a, b) => {
          expect(Math.sign(compare(codec.encode(a, ctx), codec.encode(b, ctx)))).toBe(Math.sign(order(a, b)));
        }),
      );
    });

    if (codec.last) return;

    it("writes no key that another starts with", () => {
      fc.assert(
        fc.property(arbitrary, arbitrary, (a, b) => {
          fc.pre(order(a, b) !== 0);
          expect(startsWith(codec.encode(a, ctx), codec.encode(b, ctx))).toBe(false);
        }),
      );
    });

    it("refuses a key that was cut off", () => {
      fc.assert(
        fc.property(arbitrary, (key) => {
          const bytes = codec.encode(key, ctx);
          fc.pre(bytes.length > 0);
          expect(() => codec.read(bytes.subarray(0, -1), 0, ctx)).toThrow();
        }),
      );
    });
  });
}

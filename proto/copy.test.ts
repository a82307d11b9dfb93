import { expect, test } from "vitest";
import { copyBytes } from "./copy.ts";

const source = Uint8Array.from({ length: 5000 }, (_, index) => index % 251);

test("copies of any length have the bytes and none of the memory of their source", () => {
  const copies = [0, 1, 64, 65, 300, 512, 513, 4096, 4900].map((length) => {
    const given = new Uint8Array(source);
    const copy = copyBytes(given, 7, 7 + length);
    given.fill(0xff);
    return { copy, length };
  });
  for (const { copy, length } of copies) {
    expect(copy.constructor).toBe(Uint8Array);
    expect(copy).toEqual(source.slice(7, 7 + length));
  }
});

test("copies do not overlap", () => {
  const copies = Array.from({ length: 100 }, (_, index) => copyBytes(source, index, index + 100));
  for (const [index, copy] of copies.entries()) {
    expect(copy).toEqual(source.slice(index, index + 100));
    copy.fill(0);
  }
});

import type { Tx } from "@interfirm/modules/auth/tx";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { describe, expect, it } from "vitest";
import { cacheDecoded } from "./decoded.ts";

function counting(size: number) {
  const calls: number[] = [];
  const { decode, take, peek } = cacheDecoded((bytes) => {
    calls.push(bytes[0]!);
    if (bytes[0] === 9) throw sdkError.txDecode("nine");
    if (bytes[0] === 8) throw new TypeError("eight");
    return { bytes } as Tx;
  }, size);
  return { calls, decode, take, peek };
}

describe("cacheDecoded", () => {
  it("decodes the same bytes once, refusals included", () => {
    const { calls, decode } = counting(10);
    expect(decode(Uint8Array.of(1))).toBe(decode(Uint8Array.of(1)));
    for (let i = 0; i < 2; i++) expect(() => decode(Uint8Array.of(9))).toThrow("nine: tx parse error");
    expect(calls).toEqual([1, 9]);
  });

  it("does not remember a bug", () => {
    const { calls, decode } = counting(10);
    for (let i = 0; i < 2; i++) expect(() => decode(Uint8Array.of(8))).toThrow(TypeError);
    expect(calls).toEqual([8, 8]);
  });

  it("holds at most twice its size, long transactions counting as several", () => {
    const { calls, decode } = counting(2);
    for (const id of [1, 2, 3, 4, 5, 1]) decode(Uint8Array.of(id));
    expect(calls).toEqual([1, 2, 3, 4, 5, 1]);
    const long = (bytes: number) => new Uint8Array(bytes).fill(7);
    for (const bytes of [2048, 2048, 2049, 2049]) decode(long(bytes));
    expect(calls.filter((id) => id === 7)).toHaveLength(3);
  });

  it("forgets what is taken", () => {
    const { calls, decode, take } = counting(10);
    expect(take(Uint8Array.of(1))).toEqual(decode(Uint8Array.of(1)));
    expect(take(Uint8Array.of(1))).toEqual(take(Uint8Array.of(1)));
    expect(calls).toEqual([1, 1, 1]);
  });

  it("never takes one transaction for another with the same end", () => {
    const { calls, decode, take, peek } = counting(10);
    const [a, b] = [1, 2].map((first) => Uint8Array.of(first, ...new Array(20).fill(6)));
    const tx = decode(a!);
    expect(peek(a!.slice())).toBe(tx);
    expect(peek(b!)).toBeUndefined();
    expect(decode(b!)).not.toBe(tx);
    expect(take(a!.slice())).toEqual(tx);
    expect(calls).toEqual([1, 2, 1]);
  });

  it("peeks without decoding, and at no refusal", () => {
    const { calls, decode, peek } = counting(10);
    expect(peek(Uint8Array.of(1))).toBeUndefined();
    expect(() => decode(Uint8Array.of(9))).toThrow("nine");
    expect(peek(Uint8Array.of(9))).toBeUndefined();
    expect(calls).toEqual([9]);
  });
});

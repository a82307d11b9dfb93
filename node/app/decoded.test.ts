import type { Tx } from "@interfirm/modules/auth/tx";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { describe, expect, it } from "vitest";
import { cacheDecoded } from "./decoded.ts";

function counting(size: number) {
  const calls: number[] = [];
  const { decode, take } = cacheDecoded((bytes) => {
    calls.push(bytes[0]!);
    if (bytes[0] === 9) throw sdkError.txDecode("nine");
    if (bytes[0] === 8) throw new TypeError("eight");
    return { bytes } as Tx;
  }, size);
  return { calls, decode, take };
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

  it("holds at most twice its size, and no long transactions", () => {
    const { calls, decode } = counting(2);
    for (const id of [1, 2, 3, 4, 5, 1]) decode(Uint8Array.of(id));
    expect(calls).toEqual([1, 2, 3, 4, 5, 1]);
    const long = new Uint8Array(8193).fill(7);
    decode(long);
    decode(long);
    expect(calls.filter((id) => id === 7)).toHaveLength(2);
  });

  it("forgets what is taken", () => {
    const { calls, decode, take } = counting(10);
    expect(take(Uint8Array.of(1))).toEqual(decode(Uint8Array.of(1)));
    expect(take(Uint8Array.of(1))).toEqual(take(Uint8Array.of(1)));
    expect(calls).toEqual([1, 1, 1]);
  });

  it("hands the transaction's hash to the decoder", () => {
    const ids: string[] = [];
    const { decode } = cacheDecoded((bytes, id) => {
      ids.push(id);
      return { bytes } as Tx;
    }, 10);
    decode(new TextEncoder().encode("abc"));
    expect(ids).toEqual(["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]);
  });
});

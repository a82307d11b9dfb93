import { describe, expect, it } from "vitest";
import { HaltError, haltsAt } from "./halt.ts";

describe("halt", () => {
  const at = (height: bigint, timeSeconds: bigint) => (blockHeight: bigint, seconds: bigint) =>
    haltsAt({ height, timeSeconds }, blockHeight, seconds * 1_000_000_000n);

  it("never happens unless asked for", () => {
    expect(at(0n, 0n)(10n ** 12n, 10n ** 10n)).toBe(false);
  });

  it("happens at the height, at the time, and after either", () => {
    expect([9n, 10n, 11n].map((height) => at(10n, 0n)(height, 0n))).toEqual([false, true, true]);
    expect([9n, 10n, 11n].map((seconds) => at(0n, 10n)(1n, seconds))).toEqual([false, true, true]);
  });

  it("has the SDK's words", () => {
    expect(new HaltError({ height: 5n, timeSeconds: 0n }).message).toBe("halt per configuration height 5 time 0");
  });
});

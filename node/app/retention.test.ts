import { describe, expect, it } from "vitest";
import { retainHeight } from "./retention.ts";

describe("F7: retain_height", () => {
  const base = {
    height: 1000n,
    minRetainBlocks: 100n,
    evidenceMaxAgeBlocks: 0n,
    snapshotBlocks: 0n,
    persistedHeight: 1000n,
  };

  it("is 0, which keeps all, unless the operator asks for pruning", () => {
    expect(retainHeight({ ...base, minRetainBlocks: 0n, evidenceMaxAgeBlocks: 10n })).toBe(0n);
  });

  it("is the least that any rule asks for", () => {
    expect(retainHeight(base)).toBe(900n);
    expect(retainHeight({ ...base, evidenceMaxAgeBlocks: 300n })).toBe(700n);
    expect(retainHeight({ ...base, snapshotBlocks: 500n, evidenceMaxAgeBlocks: 300n })).toBe(500n);
    expect(retainHeight({ ...base, snapshotBlocks: 50n })).toBe(900n);
    expect(retainHeight({ ...base, persistedHeight: 10n })).toBe(10n);
  });

  it("keeps all while the chain is younger than a rule", () => {
    expect(retainHeight({ ...base, evidenceMaxAgeBlocks: 100_000n })).toBe(0n);
    expect(retainHeight({ ...base, height: 50n, persistedHeight: 50n })).toBe(0n);
  });

  it("is never above the height", () => {
    for (const height of [1n, 99n, 100n, 101n, 5000n]) {
      expect(retainHeight({ ...base, height, persistedHeight: height })).toBeLessThanOrEqual(height);
    }
  });
});

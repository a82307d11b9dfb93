import { GasMeter } from "@interfirm/modules/kernel/gas";
import { describe, expect, it } from "vitest";
import { BlockGas } from "./block-gas.ts";

function meter(limit: number, used: number): GasMeter {
  const gas = new GasMeter(limit);
  try {
    gas.use(used, "test");
  } catch {
    // It ran out, as a transaction may.
  }
  return gas;
}

describe("BlockGas", () => {
  it("counts each transaction once, and at most up to its limit", () => {
    const gas = new BlockGas(100n);
    const first = meter(50, 70);
    gas.spend(first);
    gas.spend(first);
    expect(gas.isSpent).toBe(false);
    gas.spend(meter(60, 50));
    expect(gas.isSpent).toBe(true);
  });

  it("refuses what does not fit, and everything after it", () => {
    const gas = new BlockGas(100n);
    gas.spend(meter(99, 99));
    expect(() => gas.spend(meter(5, 2))).toThrow(
      "out of gas in location: block gas meter; gasWanted: 100, gasUsed: 101",
    );
    expect(gas.isSpent).toBe(true);
  });

  it("has no limit below 1", () => {
    for (const limit of [-1n, 0n]) {
      const gas = new BlockGas(limit);
      gas.spend(meter(Number.MAX_SAFE_INTEGER, 10 ** 15));
      expect(gas.isSpent).toBe(false);
    }
  });
});

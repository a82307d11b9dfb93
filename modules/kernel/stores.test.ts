import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Branch } from "./branch.ts";
import { GasMeter } from "./gas.ts";
import { GasStore } from "./gas-store.ts";
import { storeLaws } from "./laws/store.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { MemoryStore } from "./stores.ts";

storeLaws("MemoryStore", () => ({ store: new MemoryStore() }));
storeLaws("a store of a Branch", () => ({ store: new Branch(() => new MemoryStore()).store("s") }));
storeLaws("a store of a Branch over a Branch", () => {
  const lower = new Branch(() => new MemoryStore());
  return { store: new Branch((name) => lower.store(name)).store("s") };
});
storeLaws("GasStore", () => ({ store: new GasStore(new MemoryStore(), new GasMeter(Number.POSITIVE_INFINITY)) }));

const key = (n: number): Uint8Array => Uint8Array.of(n);

describe("SortedKeys", () => {
  it("stays sorted over many chunks", () => {
    const keys = new SortedKeys();
    const numbers = Array.from({ length: 5000 }, (_, i) => (i * 7919) % 5000);
    for (const n of numbers) keys.add(n.toString().padStart(4, "0"));
    for (const n of numbers) if (n % 3 === 0) keys.remove(n.toString().padStart(4, "0"));
    const left = numbers.filter((n) => n % 3 !== 0).sort((a, b) => a - b);
    expect([...keys.range(undefined, undefined, false)].map(Number)).toEqual(left);
    expect([...keys.range("1000", "2000", true)].map(Number)).toEqual(
      left.filter((n) => n >= 1000 && n < 2000).reverse(),
    );
  });
});

describe("GasStore", () => {
  /** Charges as gaskv of store v1.1 makes them, by hand. */
  it.each<[string, number, (store: GasStore) => void]>([
    ["an absent read", 1000 + 3, (s) => s.get(key(9))],
    ["a read", 1000 + 3 * 1 + 3 * 4, (s) => s.get(key(1))],
    ["has", 1000, (s) => s.has(key(1))],
    ["a write", 2000 + 30 * 1 + 30 * 4, (s) => s.set(key(5), new Uint8Array(4))],
    ["a deletion", 1000, (s) => s.delete(key(1))],
    ["an empty range", 30, (s) => [...s.range(key(7), key(8))]],
    ["a range of three", 4 * (3 * 5 + 30), (s) => [...s.range()]],
    ["the first of a range", 3 * 5 + 30, (s) => s.range()[Symbol.iterator]().next()],
    [
      "two of a range",
      2 * (3 * 5 + 30),
      (s) => {
        const range = s.range()[Symbol.iterator]();
        range.next();
        range.next();
      },
    ],
  ])("charges %s", (_, cost, act) => {
    const inner = new MemoryStore();
    for (const n of [1, 2, 3]) inner.set(key(n), new Uint8Array(4));
    const meter = new GasMeter(1e9);
    act(new GasStore(inner, meter));
    expect(meter.used).toBe(cost);
  });

  it("stops before the write that is not paid", () => {
    const inner = new MemoryStore();
    const store = new GasStore(inner, new GasMeter(2029));
    expect(() => store.set(key(1), key(1))).toThrow(
      "out of gas in location: WritePerByte; gasWanted: 2029, gasUsed: 2030",
    );
    expect(inner.has(key(1))).toBe(false);
  });

  it("never charges more with a limit than without", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (limit) => {
        const meter = new GasMeter(limit);
        const store = new GasStore(new MemoryStore(), meter);
        const run = () => {
          for (let n = 1; n < 5; n++) store.set(key(n), key(n));
          for (const _ of store.range());
        };
        const whole = 4 * (2000 + 60) + 5 * (6 + 30);
        if (limit < whole) expect(run).toThrow(expect.objectContaining({ code: 11 }));
        else expect(run).not.toThrow();
      }),
    );
  });
});

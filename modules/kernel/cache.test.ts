import { describe, expect, it } from "vitest";
import { BoundedCache } from "./cache.ts";

const SIZE = 8;

describe("BoundedCache", () => {
  it("gives what was set, or nothing", () => {
    const cache = new BoundedCache<string, number>(2);
    cache.set("a", 1);
    cache.set("a", 2);
    expect([cache.get("a"), cache.get("b")]).toEqual([2, undefined]);
    cache.delete("a");
    expect(cache.get("a")).toBeUndefined();
  });

  it("keeps what is asked for while others come and go", () => {
    const cache = new BoundedCache<number, number>(SIZE);
    cache.set(-1, -1);
    for (let key = 0; key < 10 * SIZE; key++) {
      cache.set(key, key);
      expect(cache.get(-1)).toBe(-1);
    }
    expect(cache.get(0)).toBeUndefined();
  });

  it("holds at most twice its size in weight, whatever is asked for again", () => {
    const cache = new BoundedCache<number, number>(SIZE, () => SIZE / 2);
    const keys = Array.from({ length: 2 * SIZE }, (_, key) => key);
    const held = () => keys.filter((key) => cache.get(key) !== undefined);
    for (const key of keys) {
      cache.set(key, key);
      expect(held().length).toBeLessThanOrEqual(4);
    }
  });

  it("does not hold what weighs more than its size", () => {
    const cache = new BoundedCache<string, number>(SIZE, (value) => value);
    cache.set("a", SIZE);
    cache.set("b", SIZE + 1);
    expect([cache.get("a"), cache.get("b")]).toEqual([SIZE, undefined]);
  });
});

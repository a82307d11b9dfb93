import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Branch } from "./branch.ts";
import type { Entry, KVStore } from "./store.ts";

/** A store on a plain map, in byte order, that records the order of writes. */
function plainStore(entries: Iterable<readonly [number, number]> = []) {
  const map = new Map<number, number>(entries);
  const writes: number[] = [];
  const store: KVStore = {
    get: (key) => {
      const value = map.get(key[0]!);
      return value === undefined ? undefined : Uint8Array.of(value);
    },
    has: (key) => map.has(key[0]!),
    set(key, value) {
      writes.push(key[0]!);
      map.set(key[0]!, value[0]!);
    },
    delete(key) {
      writes.push(key[0]!);
      map.delete(key[0]!);
    },
    *range(from, to, reverse = false): Generator<Entry> {
      const keys = [...map.keys()].filter((k) => k >= (from?.[0] ?? 0) && k < (to?.[0] ?? 256)).sort((a, b) => a - b);
      for (const key of reverse ? keys.reverse() : keys) yield [Uint8Array.of(key), Uint8Array.of(map.get(key)!)];
    },
  };
  return { map, store, writes };
}

const dump = (store: KVStore, from?: number, to?: number, reverse = false): number[][] =>
  [...store.range(bound(from), bound(to), reverse)].map(([key, value]) => [key[0]!, value[0]!]);
const bound = (key: number | undefined) => (key === undefined ? undefined : Uint8Array.of(key));

const key = fc.integer({ min: 0, max: 20 });
const step = fc.oneof(
  fc.record({ op: fc.constant("set" as const), key, value: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ op: fc.constant("delete" as const), key, value: fc.constant(0) }),
  fc.record({ op: fc.constant("open" as const), key, value: fc.constant(0) }),
  fc.record({ op: fc.constant("drop" as const), key, value: fc.constant(0) }),
  fc.record({ op: fc.constant("range" as const), key, value: fc.constant(0) }),
);

describe("Branch", () => {
  it("behaves as a copy of the parent, whose writes since a mark can be undone", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, key), { maxLength: 10 }),
        fc.array(step, { maxLength: 60 }),
        (start, steps) => {
          const parent = plainStore(start);
          const branch = new Branch(() => parent.store);
          const store = branch.store("s");
          let model = plainStore(parent.map);
          const marks: { mark: number; model: typeof model }[] = [];
          for (const { op, key, value } of steps) {
            if (op === "set") {
              store.set(Uint8Array.of(key), Uint8Array.of(value));
              model.store.set(Uint8Array.of(key), Uint8Array.of(value));
            } else if (op === "delete") {
              store.delete(Uint8Array.of(key));
              model.store.delete(Uint8Array.of(key));
            } else if (op === "open") {
              marks.push({ mark: branch.mark(), model: plainStore(model.map) });
            } else if (op === "drop") {
              const last = marks.pop();
              if (last) {
                branch.rollback(last.mark);
                model = last.model;
              }
            } else {
              expect(dump(store, key, key + 5)).toEqual(dump(model.store, key, key + 5));
              expect(dump(store, undefined, key, true)).toEqual(dump(model.store, undefined, key, true));
            }
            expect(store.get(Uint8Array.of(key))).toEqual(model.store.get(Uint8Array.of(key)));
            expect(store.has(Uint8Array.of(key))).toBe(model.store.has(Uint8Array.of(key)));
          }
          expect(dump(store)).toEqual(dump(model.store));
          expect(parent.writes).toEqual([]);
          branch.flush(() => parent.store);
          expect(dump(parent.store)).toEqual(dump(model.store));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("flushes stores by name and keys in byte order, each once", () => {
    const a = plainStore();
    const b = plainStore([[7, 7]]);
    const order: string[] = [];
    const branch = new Branch((name) => (name === "a" ? a : b).store);
    for (const k of [200, 9, 100, 9]) branch.store("b").set(Uint8Array.of(k), Uint8Array.of(k));
    branch.store("b").delete(Uint8Array.of(7));
    branch.store("a").set(Uint8Array.of(1), Uint8Array.of(1));
    expect(
      branch.flush((name) => {
        order.push(name);
        return (name === "a" ? a : b).store;
      }),
    ).toBe(5);
    expect(order).toEqual(["a", "b"]);
    expect(b.writes).toEqual([7, 9, 100, 200]);
  });

  it("writes nothing that was rolled back, not even the old value", () => {
    const parent = plainStore([[1, 1]]);
    const branch = new Branch(() => parent.store);
    const mark = branch.mark();
    branch.store("s").set(Uint8Array.of(1), Uint8Array.of(2));
    branch.rollback(mark);
    expect(branch.flush(() => parent.store)).toBe(0);
  });

  it("asks the parent once for a key, and gives the same array each time", () => {
    let asked = 0;
    const { store } = plainStore([[1, 1]]);
    const counting: KVStore = {
      ...store,
      get(key) {
        asked++;
        return store.get(key);
      },
    };
    const branch = new Branch(() => counting);
    const read = (key: number) => branch.store("s").get(Uint8Array.of(key));
    expect(read(1)).toBe(read(1));
    expect([read(2), read(2), branch.store("s").has(Uint8Array.of(2))]).toEqual([undefined, undefined, false]);
    expect(asked).toBe(2);
    expect(branch.flush(() => counting)).toBe(0);
  });

  it("remembers a bounded number of reads", () => {
    let asked = 0;
    const counting: KVStore = {
      ...plainStore().store,
      get() {
        asked++;
        return undefined;
      },
    };
    const store = new Branch(() => counting).store("s");
    const key = (i: number) => Uint8Array.of(i >> 16, i >> 8, i);
    for (let round = 0; round < 2; round++) for (let i = 0; i < 100_010; i++) store.get(key(i));
    expect(asked).toBe(100_010 + 10);
  });
});

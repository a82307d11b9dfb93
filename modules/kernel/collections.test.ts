import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "./bytes.ts";
import { defineState, index, layoutOf } from "./collections.ts";
import type { Ctx, QueryCtx } from "./context.ts";
import { GasMeter } from "./gas.ts";
import { bool, pair, textLast, textNul, u64 } from "./keys.ts";
import { PAGE_LIMIT_MAX, type PageRequest, paginate } from "./pagination.ts";
import type { KVStore } from "./store.ts";
import { MemoryStore } from "./stores.ts";
import { intText, textValue, u64Value } from "./values.ts";

/** Words, by length and, when they have one, by first letter: one, and none or one, index keys. */
const state = defineState("words", (store) => ({
  next: store.sequence(0x00),
  words: store.indexedMap(0x01, u64, textValue, {
    length: index(0x02, u64, (word: string) => [BigInt(word.length)]),
    letter: index(0x03, textNul, (word: string) => [...new Set(word)]),
  }),
  flags: store.keySet(0x04, pair(textNul, u64)),
  counts: store.map("counts", pair(textNul, textLast), intText),
  on: store.item(0x05, u64Value),
}));

/** A bare context over one store: what collections need and no more. */
function open(store: KVStore = new MemoryStore()): Ctx & { readonly log: string[] } {
  const log: string[] = [];
  const logged: KVStore = {
    get: (k) => store.get(k),
    has: (k) => store.has(k),
    range: (...args) => store.range(...args),
    set(k, v) {
      log.push(`set ${toHex(k)}`);
      store.set(k, v);
    },
    delete(k) {
      log.push(`delete ${toHex(k)}`);
      store.delete(k);
    },
  };
  const refuse = (): never => {
    throw new Error("not in this test");
  };
  return {
    chainId: "test-1",
    height: 1n,
    time: 0n,
    addressPrefix: "firm",
    gas: new GasMeter(Number.POSITIVE_INFINITY),
    store: () => logged,
    emit: refuse,
    emitRaw: refuse,
    atomically: refuse,
    log,
  };
}

const lengths = (ctx: QueryCtx, options = {}) => [...state.words.by.length.keys(ctx, options)];

describe("collections", () => {
  it("keep indexes in step with values", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 4 });
    const step = fc.tuple(fc.bigInt(0n, 5n), fc.option(word, { nil: undefined }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const ctx = open();
        const model = new Map<bigint, string>();
        for (const [id, value] of steps) {
          if (value === undefined) {
            state.words.delete(ctx, id);
            model.delete(id);
          } else {
            state.words.set(ctx, id, value);
            model.set(id, value);
          }
        }
        const rows = [...model].sort(([a], [b]) => Number(a - b));
        expect([...state.words.entries(ctx)]).toEqual(rows);
        const byLength = [...rows].sort(([, a], [, b]) => a.length - b.length).map(([id, w]) => [BigInt(w.length), id]);
        expect([...state.words.by.length.entries(ctx)]).toEqual(byLength);
        for (const letter of "abc") {
          const ids = rows.filter(([, w]) => w.includes(letter)).map(([id]) => id);
          expect([...state.words.by.letter.keys(ctx, { from: letter, to: letter })]).toEqual(ids);
        }
      }),
    );
  });

  it("touch only the index entries that change", () => {
    const ctx = open();
    state.words.set(ctx, 1n, "ab");
    ctx.log.length = 0;
    state.words.set(ctx, 1n, "ac");
    const id = "0000000000000001";
    expect(ctx.log).toEqual([`delete 036200${id}`, `set 036300${id}`, `set 01${id}`]);
  });

  it("give ranges with inclusive bounds, a limit, and in reverse", () => {
    const ctx = open();
    for (const [id, w] of ["", "a", "aa", "aaa", "b"].entries()) state.words.set(ctx, BigInt(id), w);
    expect(lengths(ctx, { from: 1n })).toEqual([1n, 4n, 2n, 3n]);
    expect(lengths(ctx, { to: 1n })).toEqual([0n, 1n, 4n]);
    expect(lengths(ctx, { from: 1n, to: 2n, reverse: true, limit: 2 })).toEqual([2n, 4n]);
    expect(lengths(ctx, { from: 3n, to: 2n })).toEqual([]);
    expect(lengths(ctx, { limit: 0 })).toEqual([]);
    expect([...state.words.keys(ctx, { from: 2n, to: 3n })]).toEqual([2n, 3n]);
    expect([...state.words.values(ctx, { to: 1n })]).toEqual(["", "a"]);
  });

  it("give the keys that start with given parts", () => {
    const ctx = open();
    for (const [a, b] of [
      ["a", "x"],
      ["a", "y"],
      ["aa", "x"],
      ["b", ""],
    ] as const)
      state.counts.set(ctx, [a, b], 7n);
    expect([...state.counts.keys(ctx, { prefix: ["a"] })]).toEqual([
      ["a", "x"],
      ["a", "y"],
    ]);
    expect([...state.counts.keys(ctx, { toPrefix: ["a"] })]).toEqual([...state.counts.keys(ctx, { prefix: ["a"] })]);
    expect([...state.counts.keys(ctx, { toPrefix: ["A"] })]).toEqual([]);
    expect([...state.counts.keys(ctx, { prefix: ["a"], from: ["a", "y"] })]).toEqual([["a", "y"]]);
    expect([...state.counts.keys(ctx, { to: ["a", "y"] })]).toEqual([
      ["a", "x"],
      ["a", "y"],
    ]);
    expect(paginate(state.counts.slice(ctx, ["a"]), undefined).items).toEqual([
      [["a", "x"], 7n],
      [["a", "y"], 7n],
    ]);
  });

  it("count from 1 and answer undefined for what is absent", () => {
    const ctx = open();
    expect([state.next.peek(ctx), state.next.next(ctx), state.next.next(ctx), state.next.peek(ctx)]).toEqual([
      1n,
      1n,
      2n,
      3n,
    ]);
    expect(state.on.get(ctx)).toBeUndefined();
    state.on.set(ctx, 0n);
    expect(state.on.get(ctx)).toBe(0n);
    state.on.delete(ctx);
    expect(state.on.get(ctx)).toBeUndefined();
    state.flags.add(ctx, ["a", 1n]);
    expect([state.flags.has(ctx, ["a", 1n]), state.flags.has(ctx, ["a", 2n])]).toEqual([true, false]);
  });

  it("describe their layout", () => {
    expect(layoutOf(state)).toEqual([
      { name: "next", prefix: "0x00", key: "", value: "u64" },
      { name: "words", prefix: "0x01", key: "u64:8", value: "text" },
      { name: "words.by.length", prefix: "0x02", key: "u64:8 | u64:8", value: "01" },
      { name: "words.by.letter", prefix: "0x03", key: "text|00 | u64:8", value: "01" },
      { name: "flags", prefix: "0x04", key: "text|00 | u64:8", value: "∅" },
      { name: "counts", prefix: "0x636f756e7473", key: "text|00 | text", value: "Int text" },
      { name: "on", prefix: "0x05", key: "", value: "u64" },
    ]);
  });

  it("refuse prefixes that overlap", () => {
    expect(() =>
      defineState("x", (store) => ({ a: store.item(0x63, u64Value), b: store.item("counts", u64Value) })),
    ).toThrow("x: prefixes of a (63) and b (636f756e7473) overlap");
    expect(() =>
      defineState("x", (store) => ({
        a: store.item(0x01, u64Value),
        b: store.indexedMap(0x02, u64, u64Value, { c: index(0x01, bool, () => []) }),
      })),
    ).toThrow("overlap");
  });

  it("refuse an index key that swallows the primary key", () => {
    expect(() =>
      defineState("x", (store) => ({
        a: store.indexedMap(0x00, u64, textValue, { b: index(0x01, textLast, (w: string) => [w]) }),
      })),
    ).toThrow("followed by the primary key");
  });
});

describe("paginate", () => {
  const page = (parts: Partial<PageRequest>): PageRequest => ({
    key: new Uint8Array(0),
    offset: 0n,
    limit: 0n,
    countTotal: false,
    reverse: false,
    ...parts,
  });
  const filled = (count: number): Ctx => {
    const ctx = open();
    for (let i = 0; i < count; i++) state.words.set(ctx, BigInt(i), "w");
    return ctx;
  };

  it("walks all entries once, whatever the limit and direction", () => {
    const ctx = filled(23);
    fc.assert(
      fc.property(fc.bigInt(1n, 30n), fc.boolean(), fc.boolean(), (limit, reverse, countTotal) => {
        const ids: bigint[] = [];
        let key = new Uint8Array(0);
        let total: bigint | undefined;
        do {
          const request = page({ limit, reverse, countTotal, key });
          const { items, pagination } = paginate(state.words.by.length.slice(ctx, 1n), request);
          expect(items.length).toBeLessThanOrEqual(Number(limit));
          ids.push(...items);
          total ??= pagination.total;
          key = Uint8Array.from(pagination.nextKey);
        } while (key.length > 0);
        const all = Array.from({ length: 23 }, (_, i) => BigInt(i));
        expect(ids).toEqual(reverse ? all.reverse() : all);
        expect(total).toBe(countTotal ? 23n : 0n);
      }),
    );
  });

  it("gives 100 and the total when nothing is asked for, and caps what is asked for", () => {
    const ctx = filled(Number(PAGE_LIMIT_MAX) + 5);
    const first = paginate(state.words.slice(ctx), undefined);
    expect([first.items.length, first.pagination.total]).toEqual([100, PAGE_LIMIT_MAX + 5n]);
    const most = paginate(state.words.slice(ctx), page({ limit: (1n << 64n) - 1n }));
    expect([most.items.length, most.pagination.nextKey.length]).toEqual([Number(PAGE_LIMIT_MAX), 8]);
  });

  it("skips an offset, also one beyond the end", () => {
    const ctx = filled(5);
    const at = paginate(state.words.slice(ctx), page({ offset: 3n, limit: 1n, countTotal: true }));
    expect([at.items.map(([id]) => id), at.pagination.total]).toEqual([[3n], 5n]);
    const beyond = paginate(state.words.slice(ctx), page({ offset: 9n, limit: 1n, countTotal: true }));
    expect([beyond.items, beyond.pagination]).toEqual([[], { nextKey: new Uint8Array(0), total: 0n }]);
  });

  it("refuses a key with an offset", () => {
    expect(() => paginate(state.words.slice(open()), page({ key: Uint8Array.of(1), offset: 1n }))).toThrow(
      expect.objectContaining({ codespace: "sdk", code: 18 }),
    );
  });

  it("fills pages with the entries that pass a filter", () => {
    const ctx = filled(10);
    const even = ([id]: readonly [bigint, string]) => id % 2n === 0n;
    const first = paginate(state.words.slice(ctx), page({ limit: 3n }), even);
    expect(first.items.map(([id]) => id)).toEqual([0n, 2n, 4n]);
    const second = paginate(state.words.slice(ctx), page({ limit: 3n, key: first.pagination.nextKey }), even);
    expect(second.items.map(([id]) => id)).toEqual([6n, 8n]);
    expect(second.pagination.nextKey.length).toBe(0);
  });

  it("survives any key", () => {
    const ctx = filled(5);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.boolean(), (key, reverse) => {
        expect(paginate(state.words.slice(ctx), page({ key, reverse })).items.length).toBeLessThanOrEqual(5);
      }),
    );
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare, toHex } from "../bytes.ts";
import type { Entry, KVStore } from "../store.ts";

const bytes = (minLength: number) =>
  fc.array(fc.constantFrom(0, 1, 0x61, 0xff), { minLength, maxLength: 4 }).map((list) => Uint8Array.from(list));
const operation = fc.oneof(
  fc.record({ do: fc.constant("set" as const), key: bytes(1), value: bytes(0) }),
  fc.record({ do: fc.constant("delete" as const), key: bytes(1) }),
);
const bound = fc.option(bytes(0), { nil: undefined });

const show = (entries: Iterable<Entry>): string[] =>
  [...entries].map(([key, value]) => `${toHex(key)}=${toHex(value)}`);

/**
 * What every `KVStore` must do, checked against the plainest model there is. `create` returns an empty store;
 * `settle`, if given, is called between operations at random: a branch may write itself to its parent there.
 */
export function storeLaws(name: string, create: () => { readonly store: KVStore; readonly settle?: () => void }): void {
  describe(`${name} obeys the laws of a store`, () => {
    it("answers as a sorted list does", () => {
      const steps = fc.array(fc.tuple(operation, fc.boolean()), { maxLength: 40 });
      fc.assert(
        fc.property(steps, bound, bound, fc.boolean(), (list, from, to, reverse) => {
          const { store, settle } = create();
          const model = new Map<string, Entry>();
          for (const [step, pause] of list) {
            if (step.do === "set") {
              store.set(step.key, step.value);
              model.set(toHex(step.key), [step.key, step.value]);
            } else {
              store.delete(step.key);
              model.delete(toHex(step.key));
            }
            if (pause) settle?.();
            expect(store.get(step.key)).toEqual(model.get(toHex(step.key))?.[1]);
            expect(store.has(step.key)).toBe(model.has(toHex(step.key)));
          }
          const sorted = [...model.values()].sort(([a], [b]) => compare(a, b));
          const within = sorted.filter(([key]) => (!from || compare(key, from) >= 0) && (!to || compare(key, to) < 0));
          expect(show(store.range(from, to, reverse))).toEqual(show(reverse ? within.reverse() : within));
          expect(show(store.range(undefined, undefined))).toEqual(show(sorted));
        }),
      );
    });

    it("keeps empty values apart from absent ones", () => {
      const { store } = create();
      const key = Uint8Array.of(1);
      store.set(key, new Uint8Array(0));
      expect(store.get(key)).toEqual(new Uint8Array(0));
      expect(store.has(key)).toBe(true);
      store.delete(key);
      expect(store.get(key)).toBeUndefined();
      expect(store.has(key)).toBe(false);
    });

    it("refuses an empty key, which is a bug", () => {
      expect(() => create().store.set(new Uint8Array(0), new Uint8Array(0))).toThrow("key is empty");
    });

    it("can be left in the middle of a range", () => {
      const { store } = create();
      for (let i = 0; i < 2000; i++) store.set(Uint8Array.of(i >> 8, i & 255), Uint8Array.of(1));
      for (const [key] of store.range(Uint8Array.of(3), undefined)) {
        expect(key).toEqual(Uint8Array.of(3, 0));
        break;
      }
      for (const [key] of store.range(undefined, Uint8Array.of(3), true)) {
        expect(key).toEqual(Uint8Array.of(2, 255));
        break;
      }
    });
  });
}

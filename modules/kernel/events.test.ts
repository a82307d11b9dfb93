import { expect, it } from "vitest";
import { defineState } from "./collections.ts";
import { collectEvents } from "./events.ts";
import { createWorld } from "./testing.ts";
import { u64Value } from "./values.ts";

const state = defineState("probe", (store) => ({ count: store.item(0x00, u64Value) }));
const probe = {
  name: "probe",
  storeKey: "probe",
  version: 1,
  keeper: undefined,
  genesis: { type: undefined, empty: undefined, validate() {}, init() {}, export() {} } as never,
};

it("keeps events for the caller, and drops those of a part that fails with its writes", () => {
  const world = createWorld([probe]);
  world.tx((ctx) => {
    const { result, events } = collectEvents(ctx, (inner) => {
      inner.emitRaw("a", [["k", "v"]]);
      expect(() =>
        inner.atomically((deep) => {
          state.count.set(deep, 1n);
          deep.emitRaw("b", []);
          throw new Error("stop");
        }),
      ).toThrow("stop");
      expect(state.count.get(inner)).toBeUndefined();
      inner.atomically((deep) => state.count.set(deep, 2n));
      return 7;
    });
    expect(result).toBe(7);
    expect(events).toEqual([{ type: "a", attributes: [{ key: "k", value: "v", index: true }] }]);
  });
  expect(world.events).toEqual([]);
  expect(world.query((ctx) => state.count.get(ctx))).toBe(2n);
});

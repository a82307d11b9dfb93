import { describe, expect, it } from "vitest";
import { QueryMeter } from "./query-meter.ts";

const charge = (meter: QueryMeter, times: number): void => {
  for (let i = 0; i < times; i++) meter.use(1, "ReadFlat");
};

describe("QueryMeter", () => {
  it("bounds gas where there is a limit", () => {
    expect(() => charge(new QueryMeter({ gas: 100, timeMs: 10_000 }), 101)).toThrow(/out of gas in location: ReadFlat/);
    expect(() => charge(new QueryMeter({ gas: 0, timeMs: 10_000 }), 10_000)).not.toThrow();
  });

  it("bounds time, and says what to do about it", () => {
    const meter = new QueryMeter({ gas: 0, timeMs: 0 });
    const started = performance.now();
    while (performance.now() - started < 2);
    expect(() => charge(meter, 1000)).toThrow(/query ran for 0 ms, want less: ask for fewer entries a page/);
  });
});

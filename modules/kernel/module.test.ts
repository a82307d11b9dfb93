import { Empty } from "@interfirm/proto/gen/google/protobuf";
import { describe, expect, it } from "vitest";
import { checkGovAuthority, govAuthority } from "./authority.ts";
import { BoundedCache } from "./cache.ts";
import { ChainError, defineErrors, errorCodes } from "./errors.ts";
import { GasMeter } from "./gas.ts";
import { brokenInvariants } from "./invariants.ts";
import { defineModule } from "./module.ts";
import { sdkError } from "./sdk-errors.ts";
import { addr, createWorld } from "./testing.ts";

const bare = {
  name: "bare",
  version: 1,
  keeper: undefined,
  genesis: { type: Empty, empty: {}, validate() {}, init() {}, export: () => ({}) },
};

describe("defineModule", () => {
  it("refuses a version that no migration leads to", () => {
    expect(() => defineModule({ ...bare, version: 3, migrations: { 2: () => {} } })).toThrow(
      "bare: no migration to version 3",
    );
    expect(defineModule({ ...bare, version: 2, migrations: { 2: () => {} } }).version).toBe(2);
  });
});

describe("defineErrors", () => {
  const fail = defineErrors("shop", {
    closed: [2, (day: string) => `day is ${day}, want another`],
    broke: [3, () => "x"],
  });

  it("makes errors of a codespace and tells their codes", () => {
    const error = fail.closed("sunday");
    expect(error).toBeInstanceOf(ChainError);
    expect([error.codespace, error.code, error.message]).toEqual(["shop", 2, "day is sunday, want another"]);
    expect(errorCodes(fail)).toEqual({
      codespace: "shop",
      rows: [
        { name: "closed", code: 2 },
        { name: "broke", code: 3 },
      ],
    });
  });

  it("refuses codes that are reserved or taken", () => {
    expect(() => defineErrors("shop", { a: [1, () => ""] })).toThrow("reserved or taken");
    expect(() => defineErrors("shop", { a: [2, () => ""], b: [2, () => ""] })).toThrow("reserved or taken");
  });

  it("has the SDK's codes, one after the other", () => {
    expect(errorCodes(sdkError).rows.map(({ code }) => code)).toEqual(Array.from({ length: 41 }, (_, i) => i + 2));
    expect(sdkError.wrongSequence(5n, 4n).message).toBe(
      "account sequence mismatch, expected 5, got 4: incorrect account sequence",
    );
  });
});

describe("GasMeter", () => {
  it("bounds a part, and gives what follows the whole limit again", () => {
    const meter = new GasMeter(100);
    meter.use(10, "before");
    expect(() => meter.within(20, () => meter.use(21, "part"))).toThrow(/part; gasWanted: 20, gasUsed: 21/);
    expect(meter.used).toBe(31);
    expect(meter.within(1000, () => meter.use(60, "part"))).toBeUndefined();
    expect(() => meter.use(10, "after")).toThrow(/after; gasWanted: 100, gasUsed: 101/);
  });

  it("takes nothing for what is free, also after it threw", () => {
    const meter = new GasMeter(10);
    expect(meter.free(() => meter.free(() => meter.use(50, "free")))).toBeUndefined();
    expect(() =>
      meter.free(() => {
        throw new Error("thrown");
      }),
    ).toThrow("thrown");
    meter.use(7, "paid");
    expect(meter.used).toBe(7);
  });

  it("counts what was tried, also when it is too much, and gives back", () => {
    const meter = new GasMeter(10);
    meter.use(10, "work");
    expect(() => meter.use(1, "more")).toThrow(
      expect.objectContaining({
        codespace: "sdk",
        code: 11,
        message: "out of gas in location: more; gasWanted: 10, gasUsed: 11: out of gas",
      }),
    );
    expect(meter.used).toBe(11);
    meter.refund(100);
    expect(meter.used).toBe(0);
  });
});

describe("BoundedCache", () => {
  it("never holds more than two generations and keeps what is used", () => {
    const cache = new BoundedCache<number, number>(10);
    cache.set(-1, 0);
    for (let i = 0; i < 1000; i++) {
      cache.set(i, i);
      expect(cache.get(-1)).toBe(0);
    }
    expect(Array.from({ length: 1000 }, (_, i) => cache.get(i)).filter((v) => v !== undefined).length).toBeLessThan(21);
    expect(cache.get(999)).toBe(999);
  });
});

describe("authority", () => {
  it("is governance's account and nobody else's", () => {
    expect(govAuthority("cosmos")).toBe("cosmos10d07y265gmmuvt4z0w9aw880jnsr700j6zn9kn");
    checkGovAuthority(govAuthority("firm"), "firm");
    expect(() => checkGovAuthority(addr("mallory"), "firm")).toThrow(
      expect.objectContaining({ codespace: "gov", code: 13 }),
    );
  });
});

describe("brokenInvariants", () => {
  it("names those that do not hold", () => {
    const shaky = defineModule({ ...bare, invariants: { fine: () => undefined, broken: () => "it is" } });
    const world = createWorld([shaky]);
    expect(world.query((ctx) => brokenInvariants([shaky], ctx))).toEqual([
      { module: "bare", invariant: "broken", why: "it is" },
    ]);
  });
});

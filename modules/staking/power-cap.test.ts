import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capPowers, type Member } from "./power-cap.ts";

const members = (...powers: readonly (readonly [owner: string, power: bigint])[]): Member[] =>
  powers.map(([owner, power]) => ({ owner, power }));
const sum = (powers: readonly bigint[]): bigint => powers.reduce((a, b) => a + b, 0n);
const byOwner = (list: readonly Member[], powers: readonly bigint[]): ReadonlyMap<string, bigint> => {
  const totals = new Map<string, bigint>();
  for (const [i, { owner }] of list.entries()) totals.set(owner, (totals.get(owner) ?? 0n) + powers[i]!);
  return totals;
};

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** One to three members an owner, each with enough power that a level is never below the number of members. */
const set = fc
  .array(fc.array(fc.bigInt(10n, 10n ** 15n), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((owners) => owners.flatMap((powers, i) => powers.map((power) => ({ owner: `owner ${i}`, power }))));
const cap = fc.integer({ min: 1, max: 10_000 });

describe("power cap", () => {
  it("cuts nobody when it is off", () => {
    expect(capPowers(members(["a", 90n], ["b", 10n]), 0)).toEqual([90n, 10n]);
  });

  it("cuts the strongest to their share of the new total", () => {
    // 25 of 25 + 75.
    expect(capPowers(members(["a", 900n], ["b", 25n], ["c", 25n], ["d", 25n]), 2500)).toEqual([25n, 25n, 25n, 25n]);
    expect(capPowers(members(["a", 900n], ["b", 60n], ["c", 40n]), 5000)).toEqual([100n, 60n, 40n]);
    expect(capPowers(members(["a", 900n], ["b", 800n], ["c", 50n], ["d", 50n]), 4000)).toEqual([200n, 200n, 50n, 50n]);
  });

  it("gives all owners the same where the share cannot be kept", () => {
    expect(capPowers(members(["a", 900n], ["b", 60n], ["c", 40n]), 3000)).toEqual([40n, 40n, 40n]);
    expect(capPowers(members(["a", 900n]), 1)).toEqual([900n]);
  });

  it("parts an owner's votes among its validators in proportion", () => {
    expect(capPowers(members(["a", 600n], ["a", 300n], ["b", 100n], ["c", 50n]), 5000)).toEqual([100n, 50n, 100n, 50n]);
  });

  it("leaves every owner at most the share of the new total wherever there are owners enough", () => {
    fc.assert(
      fc.property(set, cap, (list, capBp) => {
        const powers = capPowers(list, capBp);
        const totals = byOwner(list, powers);
        const total = sum(powers);
        if (totals.size * capBp >= 10_000) {
          for (const power of totals.values()) expect(power * 10_000n).toBeLessThanOrEqual(BigInt(capBp) * total);
        } else {
          expect(new Set(totals.values()).size).toBe(1);
        }
      }),
    );
  });

  it("keeps 1 for everybody, raises nobody and cuts only the strongest, all to one level", () => {
    fc.assert(
      fc.property(set, cap, (list, capBp) => {
        const powers = capPowers(list, capBp);
        for (const [i, { power }] of list.entries()) {
          expect(powers[i]).toBeGreaterThanOrEqual(1n);
          expect(powers[i]).toBeLessThanOrEqual(power);
        }
        const before = byOwner(
          list,
          list.map(({ power }) => power),
        );
        const after = byOwner(list, powers);
        const level = [...after].find(([owner, power]) => power < before.get(owner)!)?.[1];
        if (level === undefined) return;
        for (const [owner, power] of after) expect(power).toBe(least(before.get(owner)!, level));
      }),
    );
  });

  it("cuts no more than it must: one more for those who are cut would break the share", () => {
    fc.assert(
      fc.property(set, cap, (list, capBp) => {
        const before = byOwner(
          list,
          list.map(({ power }) => power),
        );
        if (before.size * capBp < 10_000) return;
        const after = byOwner(list, capPowers(list, capBp));
        const level = [...after].find(([owner, power]) => power < before.get(owner)!)?.[1];
        if (level === undefined) return;
        const higher = [...before.values()].map((power) => least(power, level + 1n));
        expect((level + 1n) * 10_000n).toBeGreaterThan(BigInt(capBp) * sum(higher));
      }),
    );
  });

  it("does not depend on the order of members", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt(1n, 10n ** 12n), { minLength: 1, maxLength: 20 }), cap, (powers, capBp) => {
        const list = powers.map((power, i) => ({ owner: `${i}`, power }));
        const forward = byOwner(list, capPowers(list, capBp));
        const reversed = [...list].reverse();
        expect(new Map([...byOwner(reversed, capPowers(reversed, capBp))].sort())).toEqual(
          new Map([...forward].sort()),
        );
      }),
    );
  });

  it("keeps 1 for each of an owner's many small validators", () => {
    const list = [...members(["big", 100n]), ...Array.from({ length: 30 }, () => ({ owner: "many", power: 1n }))];
    expect(capPowers(list, 1000)).toEqual([30n, ...Array.from({ length: 30 }, () => 1n)]);
  });
});

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addCoins, type Coin, checkCoins, formatCoins, isDenom, parseCoins, subtractCoins, sumCoins } from "./coins.ts";

const invalid = expect.objectContaining({ codespace: "sdk", code: 10 });
const coins = fc
  .array(
    fc.record({ denom: fc.constantFrom("uaa", "ubb", "ucc", "Udd", "ibc/27AB"), amount: fc.bigInt(0n, 10n ** 30n) }),
  )
  .map(sumCoins);

describe("coins", () => {
  it("are sorted, unique and positive after every operation", () => {
    fc.assert(
      fc.property(coins, coins, (a, b) => {
        const sum = addCoins(a, b);
        checkCoins(sum);
        expect(sum).toEqual(sumCoins([...a, ...b]));
        expect(subtractCoins(sum, b)).toEqual(a);
        expect(parseCoins(formatCoins(sum))).toEqual(sum);
      }),
    );
  });

  it("says when there is not enough", () => {
    expect(subtractCoins(parseCoins("5uaa"), parseCoins("6uaa"))).toBeUndefined();
    expect(subtractCoins([], parseCoins("1uaa"))).toBeUndefined();
    expect(subtractCoins(parseCoins("5uaa"), parseCoins("5uaa"))).toEqual([]);
  });

  it("knows denoms as the SDK does", () => {
    const shape = /^[a-zA-Z][a-zA-Z0-9/:._-]{2,127}$/;
    fc.assert(
      fc.property(
        fc.string({ maxLength: 6, unit: fc.constantFrom("a", "Z", "0", "/", ":", ".", "_", "-", " ", "é") }),
        (text) => {
          expect(isDenom(text)).toBe(shape.test(text));
        },
      ),
    );
    expect(isDenom("a".repeat(128))).toBe(true);
    expect(isDenom("a".repeat(129))).toBe(false);
  });

  it.each<readonly Coin[]>([
    [{ denom: "uaa", amount: 0n }],
    [{ denom: "uaa", amount: -1n }],
    [{ denom: "uaa", amount: 1n << 256n }],
    [{ denom: "a", amount: 1n }],
    [
      { denom: "ubb", amount: 1n },
      { denom: "uaa", amount: 1n },
    ],
    [
      { denom: "uaa", amount: 1n },
      { denom: "uaa", amount: 1n },
    ],
  ] as unknown as readonly Coin[][])("refuses an unsound list", (...list) => {
    expect(() => checkCoins(list)).toThrow(invalid);
  });

  it.each(["1", "uaa", "-1uaa", "1uaa,", "01uaa", "1.5uaa", "1uaa,2uaa", `${"9".repeat(79)}uaa`])(
    "refuses %j",
    (text) => expect(() => parseCoins(text)).toThrow(invalid),
  );

  it("keeps sums within 256 bits", () => {
    const most = [{ denom: "uaa", amount: (1n << 256n) - 1n }];
    checkCoins(most);
    expect(() => addCoins(most, parseCoins("1uaa"))).toThrow(invalid);
  });
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { formatCoin, parseCoin, parseCoins } from "./coins.ts";
import { adjustGas, feeOf, parseGasPrice } from "./fees.ts";
import { toKeplrChainInfo } from "./keplr.ts";

test("gas prices as nodes and people write them", () => {
  expect(parseGasPrice("0.025ufirm")).toEqual({ amount: 25n * 10n ** 15n, denom: "ufirm" });
  expect(parseGasPrice("2ibc/27394FB0")).toEqual({ amount: 2n * 10n ** 18n, denom: "ibc/27394FB0" });
  expect(parseGasPrice("0.000000000000000001uusd,1ufirm", "ufirm")).toEqual({ amount: 10n ** 18n, denom: "ufirm" });
  expect(parseGasPrice("")).toBeUndefined();
  for (const bad of ["ufirm", "-1ufirm", "1.ufirm", "1 ufirm", "1u", "1,ufirm"]) {
    expect(() => parseGasPrice(bad)).toThrow("want one like");
  }
  expect(() => parseGasPrice("1ufirm", "uusd")).toThrow("want one in uusd");
});

test("fees round up, never down", () => {
  expect(feeOf(1n, { amount: 1n, denom: "ufirm" })).toBe(1n);
  expect(feeOf(200_000n, parseGasPrice("0.025ufirm")!)).toBe(5_000n);
  expect(adjustGas(100_001n, 1.3)).toBe(130_002n);
  expect(() => adjustGas(1n, 0)).toThrow("want more than 0");
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.bigInt({ min: 0n, max: 10n ** 20n }), (gas, amount) => {
      const fee = feeOf(gas, { amount, denom: "ufirm" });
      expect(fee * 10n ** 18n >= gas * amount && (fee - 1n) * 10n ** 18n < gas * amount).toBe(true);
    }),
  );
});

test("chain information for Keplr", () => {
  const currency = { coinDenom: "FIRM", coinMinimalDenom: "ufirm", coinDecimals: 6 };
  const options = {
    chainId: "interfirm-1",
    prefix: "firm",
    rpc: "https://rpc",
    rest: "https://rest",
    currency,
    gasPrice: 0.025,
  };
  const info = toKeplrChainInfo(options);
  expect(info).toMatchObject({
    chainName: "interfirm-1",
    bip44: { coinType: 118 },
    bech32Config: { bech32PrefixAccAddr: "firm", bech32PrefixConsPub: "firmvalconspub" },
    feeCurrencies: [{ coinMinimalDenom: "ufirm", gasPriceStep: { low: 0.025 } }],
    stakeCurrency: currency,
  });
  expect(() => toKeplrChainInfo({ ...options, chainName: "x".repeat(37) })).toThrow("want at most 36");
  expect(() => toKeplrChainInfo({ ...options, currency: { ...currency, coinDecimals: 19 } })).toThrow("want 0 to 18");
});

test("coins as text", () => {
  expect(parseCoin("5ufirm")).toEqual({ denom: "ufirm", amount: 5n });
  expect(parseCoins("7uusd, 5ufirm").map(formatCoin)).toEqual(["5ufirm", "7uusd"]);
  for (const bad of ["", "5", "ufirm", "05ufirm", "-5ufirm", "1.5ufirm", "5 ufirm", "5uf", `${"9".repeat(79)}ufirm`]) {
    expect(() => parseCoin(bad)).toThrow("want one like 5ufirm");
  }
});

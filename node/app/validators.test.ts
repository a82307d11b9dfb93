import type { ValidatorUpdate } from "@interfirm/modules/kernel/module";
import { describe, expect, it } from "vitest";
import { mergeUpdates, TOTAL_POWER_MAX, validateUpdates } from "./validators.ts";

const validator = (seed: number, power: bigint): ValidatorUpdate => ({
  pubKeyType: "ed25519",
  pubKey: new Uint8Array(32).fill(seed),
  power,
});

describe("mergeUpdates", () => {
  it("keeps the last of two updates for a key, in the place of the last", () => {
    expect(
      mergeUpdates([
        [validator(1, 5n), validator(2, 6n)],
        [validator(1, 0n), validator(3, 1n)],
      ]),
    ).toEqual([validator(2, 6n), validator(1, 0n), validator(3, 1n)]);
  });
});

describe("validateUpdates", () => {
  const current = [validator(1, 10n), validator(2, 10n)];
  const check = (...updates: ValidatorUpdate[]) => validateUpdates(current, updates, ["ed25519"]);

  it("takes an addition, a change and a removal", () => {
    expect(check(validator(3, 1n), validator(1, 7n), validator(2, 0n))).toBeUndefined();
    expect(check()).toBeUndefined();
  });

  it("U2: refuses what CometBFT halts on", () => {
    expect(check(validator(3, 1n), validator(3, 2n))).toMatch(/twice/);
    expect(check(validator(3, -1n))).toMatch(/power .* is -1/);
    expect(check(validator(3, 0n))).toMatch(/not in the set/);
    expect(check(validator(1, 0n), validator(2, 0n))).toMatch(/no validator would be left/);
    expect(check(validator(3, TOTAL_POWER_MAX))).toMatch(/together/);
    expect(check(validator(3, TOTAL_POWER_MAX - 20n))).toBeUndefined();
    expect(check({ pubKeyType: "secp256k1", pubKey: new Uint8Array(33), power: 1n })).toMatch(/want one of ed25519/);
    expect(check({ pubKeyType: "ed25519", pubKey: new Uint8Array(31), power: 1n })).toMatch(/31 bytes, want 32/);
  });

  it("keeps the same bytes of another key type apart", () => {
    const bytes = new Uint8Array(32).fill(1);
    expect(validateUpdates(current, [{ pubKeyType: "secp256k1", pubKey: bytes, power: 0n }], ["ed25519"])).toBeTruthy();
  });
});

import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { describe, expect, it } from "vitest";
import { toAmino } from "./amino.ts";
import { Params } from "./gen/cosmos/slashing/v1beta1.ts";
import { GenesisState } from "./gen/cosmos/staking/v1beta1.ts";
import { fromJson, toJson } from "./json.ts";
import { createRegistry } from "./registry.ts";

const registry = createRegistry([]);
const HALF = 500_000_000_000_000_000n;

/** Field 2 of slashing's parameters holds one half: the digits of 0.5 × 10¹⁸ in ASCII. */
const half = `1212${bytesToHex(new TextEncoder().encode("500000000000000000"))}`;
/** The fields after it, always written. */
const zeros = "1a00" + "220130" + "2a0130";

describe("a number in a bytes field", () => {
  const params = Params.fromPartial({ minSignedPerWindow: HALF });

  it("is a bigint in memory and its digits on the wire", () => {
    expect(bytesToHex(Params.encode(params).finish())).toBe(half + zeros);
    expect(Params.decode(hexToBytes(half + zeros))).toStrictEqual(params);
    expect(GenesisState.decode(GenesisState.encode(GenesisState.fromPartial({ lastTotalPower: 7n })).finish())).toEqual(
      GenesisState.fromPartial({ lastTotalPower: 7n }),
    );
  });

  it("is 0 when the field is absent", () => {
    expect(Params.decode(new Uint8Array()).minSignedPerWindow).toBe(0n);
  });

  it.each([
    ["letters", "12017a", 'cosmos.Dec is "z"'],
    ["a point", "1203302e35", 'cosmos.Dec is "0.5"'],
    ["bytes that are no text", "1201ff", "number is not UTF-8"],
  ])("is refused when it is %s", (_, bytes, message) => {
    expect(() => Params.decode(hexToBytes(bytes))).toThrow(message);
  });

  it("has 18 decimals in JSON and in amino JSON", () => {
    const json = toJson(Params, params, registry);
    expect(json).toMatchObject({
      min_signed_per_window: "0.500000000000000000",
      slash_fraction_downtime: "0.000000000000000000",
    });
    expect(fromJson(Params, json, registry)).toStrictEqual(params);
    expect(toAmino(Params, params, registry)).toStrictEqual({
      type: "cosmos-sdk/x/slashing/Params",
      value: {
        min_signed_per_window: "0.500000000000000000",
        downtime_jail_duration: "0",
        slash_fraction_double_sign: "0.000000000000000000",
        slash_fraction_downtime: "0.000000000000000000",
      },
    });
  });
});

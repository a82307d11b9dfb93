import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nsToRfc3339, nsToTimestamp, rfc3339ToNs, timestampToNs } from "./time.ts";

describe("time", () => {
  it("writes and reads RFC 3339 as the calendar has it", () => {
    const seconds = fc.integer({ min: -62_135_596_800, max: 253_402_300_799 });
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (s, nanos) => {
        const ns = BigInt(s) * 1_000_000_000n + BigInt(nanos);
        const text = nsToRfc3339(ns);
        expect(text.slice(0, 19)).toBe(new Date(s * 1000).toISOString().slice(0, 19));
        expect(rfc3339ToNs(text)).toBe(ns);
        expect(timestampToNs(nsToTimestamp(ns))).toBe(ns);
      }),
    );
  });

  it("shows 0, 3, 6 or 9 digits of a second", () => {
    expect([0n, 500_000_000n, 1_000n, 1n].map(nsToRfc3339)).toEqual([
      "1970-01-01T00:00:00Z",
      "1970-01-01T00:00:00.500Z",
      "1970-01-01T00:00:00.000001Z",
      "1970-01-01T00:00:00.000000001Z",
    ]);
  });

  it("reads offsets", () => {
    expect(rfc3339ToNs("2026-11-24T13:00:00.25+02:00")).toBe(rfc3339ToNs("2026-11-24T11:00:00.250Z"));
    expect(rfc3339ToNs("2026-11-24T05:30:00-05:30")).toBe(rfc3339ToNs("2026-11-24T11:00:00Z"));
  });

  it.each([
    "",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T00:00:60Z",
    "2026-01-01 00:00:00Z",
    "2026-01-01T00:00:00",
    "0000-01-01T00:00:00Z",
    "2026-01-01T00:00:00.1234567890Z",
    "2026-01-01T00:00:00+24:00",
    "0001-01-01T00:00:00+01:00",
  ])("refuses %j", (text) => {
    expect(() => rfc3339ToNs(text)).toThrow(expect.objectContaining({ codespace: "sdk", code: 18 }));
  });
});

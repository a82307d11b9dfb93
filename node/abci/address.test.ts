import { describe, expect, test } from "vitest";
import { formatAbciAddress, parseAbciAddress } from "./address.ts";

describe("parseAbciAddress", () => {
  test.each([
    ["unix:///run/app.sock", { kind: "unix", path: "/run/app.sock" }],
    ["tcp://127.0.0.1:26658", { kind: "tcp", host: "127.0.0.1", port: 26658 }],
    ["tcp://localhost:0", { kind: "tcp", host: "localhost", port: 0 }],
    ["tcp://[::1]:1", { kind: "tcp", host: "::1", port: 1 }],
  ] as const)("reads %s", (text, address) => {
    expect(parseAbciAddress(text)).toEqual(address);
    expect(formatAbciAddress(parseAbciAddress(text))).toBe(text);
  });

  test("reads an address without a scheme as TCP", () => {
    expect(formatAbciAddress(parseAbciAddress("127.0.0.1:9"))).toBe("tcp://127.0.0.1:9");
  });

  test("S12: refuses what others can reach, unless told", () => {
    expect(() => parseAbciAddress("tcp://0.0.0.0:26658")).toThrow("want a loopback address");
    expect(() => parseAbciAddress("tcp://[::]:26658")).toThrow("want a loopback address");
    expect(() => parseAbciAddress("tcp://127.0.0.1.evil.example:1")).toThrow("want a loopback address");
    expect(parseAbciAddress("tcp://0.0.0.0:26658", true)).toEqual({ kind: "tcp", host: "0.0.0.0", port: 26658 });
  });

  test.each([
    "",
    "unix://",
    "tcp://127.0.0.1",
    "tcp://127.0.0.1:70000",
    "http://127.0.0.1:1",
    `unix:///${"x".repeat(200)}`,
  ])("refuses %j", (text) => expect(() => parseAbciAddress(text)).toThrow());
});

import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { goRuntime } from "./go-runtime.ts";

test("CometBFT gets at least eight of Go's processors, and rarer collections", () => {
  const { GOMAXPROCS, GOGC } = goRuntime({});
  expect(Number(GOMAXPROCS)).toBeGreaterThanOrEqual(8);
  expect(Number(GOMAXPROCS)).toBeGreaterThanOrEqual(availableParallelism());
  expect(GOGC).toBe("400");
});

test("what the operator's environment says wins", () => {
  expect(goRuntime({ GOMAXPROCS: "3", GOGC: "off" })).toEqual({ GOMAXPROCS: "3", GOGC: "off" });
  expect(goRuntime({ GOMAXPROCS: "", GOGC: "50" })).toMatchObject({ GOGC: "50", GOMAXPROCS: goRuntime({}).GOMAXPROCS });
});

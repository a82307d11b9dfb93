import { ChainError } from "@interfirm/modules/kernel/errors";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { describe, expect, it } from "vitest";
import { methodFailure, plainFailure } from "./query-errors.ts";

const METHOD = "/cosmos.staking.v1beta1.Query/Validator";

describe("methodFailure", () => {
  it("says NotFound in the words that CosmJS looks for", () => {
    expect(methodFailure(sdkError.keyNotFound("account firm1x not found"), METHOD)).toEqual({
      codespace: "sdk",
      code: 22,
      log: "rpc error: code = NotFound desc = account firm1x not found: key not found",
    });
    expect(methodFailure(sdkError.notFound("denom x"), METHOD)).toEqual({
      codespace: "sdk",
      code: 22,
      log: "rpc error: code = NotFound desc = denom x: not found: key not found",
    });
  });

  it("says InvalidArgument for a bad address or request", () => {
    expect(methodFailure(sdkError.invalidAddress("address is empty"), METHOD)).toEqual({
      codespace: "sdk",
      code: 18,
      log: "rpc error: code = InvalidArgument desc = address is empty: invalid address: invalid request",
    });
  });

  it("makes unknown requests of the errors of modules, whose codes gRPC has no place for", () => {
    const failure = new ChainError("staking", 3, "validator does not exist");
    expect(methodFailure(failure, METHOD)).toEqual({
      codespace: "sdk",
      code: 6,
      log: "validator does not exist: unknown request",
    });
    expect(plainFailure(failure)).toEqual({ codespace: "staking", code: 3, log: "validator does not exist" });
  });

  it("leaves the errors of services that the SDK does not have as they are", () => {
    const failure = { codespace: "agreements", code: 2, log: "agreement 7 does not exist" };
    const path = "/interfirm.agreements.v1.Query/Agreement";
    expect(methodFailure(new ChainError("agreements", 2, "agreement 7 does not exist"), path)).toEqual(failure);
  });

  it("passes on what is a bug", () => {
    expect(() => methodFailure(new TypeError("x is undefined"), METHOD)).toThrow(TypeError);
  });
});

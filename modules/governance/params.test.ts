import { describe, expect, it } from "vitest";
import { fromInt, ONE } from "../kernel/decimal.ts";
import { TEST_PREFIX } from "../kernel/testing.ts";
import { checkOwnParams, checkParams, DEFAULT_OWN_PARAMS, defaultParams } from "./params.ts";
import { DENOM } from "./testing.ts";

describe("parameters", () => {
  const value = defaultParams(DENOM);
  it.each([
    ["quorum", "-0.1"],
    ["quorum", "x"],
    ["threshold", "0"],
    ["threshold", "1.000000000000000001"],
    ["vetoThreshold", "0"],
    ["expeditedThreshold", "0.5"],
    ["minInitialDepositRatio", "1.1"],
    ["proposalCancelRatio", "-1"],
    ["minDepositRatio", "0.0000000000000000001"],
    ["proposalCancelDest", "cosmos1x"],
    ["minDeposit", []],
    ["minDeposit", [{ denom: DENOM, amount: 2n ** 256n }]],
    ["expeditedMinDeposit", value.minDeposit],
    ["votingPeriod", undefined],
    ["votingPeriod", { seconds: 0n, nanos: 0 }],
    ["votingPeriod", { seconds: 2n ** 40n, nanos: 0 }],
    ["votingPeriod", value.expeditedVotingPeriod],
    ["maxDepositPeriod", { seconds: -1n, nanos: 0 }],
  ])("are refused with a %s of %s", (name, wrong) => {
    expect(() => checkParams({ ...value, [name]: wrong }, TEST_PREFIX)).toThrow();
    expect(() => checkParams(value, TEST_PREFIX)).not.toThrow();
  });

  it.each([
    ["retryWindow", { seconds: 0n, nanos: 0 }],
    ["choiceThreshold", -1n],
    ["choiceThreshold", ONE + 1n],
    ["optimisticRejectThreshold", 0n],
    ["optimisticVotingPeriod", { seconds: -5n, nanos: 0 }],
    ["optimisticProposers", ["nobody"]],
    ["optimisticMessages", ["no slash"]],
    ["optimisticMessages", ["/a.B", "/a.B"]],
    ["optimisticMessages", ["/interfirm.governance.v1.MsgUpdateParams"]],
    ["optimisticMessages", ["/cosmos.authz.v1beta1.MsgExec"]],
    ["messageRules", [{ msgTypeUrl: "/a.B", quorum: 2n * ONE, threshold: 0n }]],
    ["messageRules", [{ msgTypeUrl: "/a.B", quorum: 0n, threshold: ONE }]],
    ["messageRules", [{ msgTypeUrl: "", quorum: 0n, threshold: 0n }]],
  ])("of ours are refused with a %s of %o", (name, wrong) => {
    expect(() => checkOwnParams({ ...DEFAULT_OWN_PARAMS, [name]: wrong }, TEST_PREFIX)).toThrow();
    expect(fromInt(1n)).toBe(ONE);
  });
});

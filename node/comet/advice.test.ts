import { describe, expect, test } from "vitest";
import { nextStepFor } from "./advice.ts";

describe("nextStepFor", () => {
  test.each([
    [
      "panic: state.AppHash does not match. Did you reset CometBFT without resetting your application's data?",
      "not of one node",
    ],
    [
      "ERROR: failed to create node: error on replay: app block height (300) is higher than core (250)",
      "not of one node",
    ],
    ["panic: StoreBlockHeight (1000) > StateBlockHeight + 1 (1)", "comet reset-state"],
    ["CONSENSUS FAILURE!!!: wrong Block.Header.AppHash.  Expected 00, got 11", "interfirmd rollback"],
    ["ERROR: failed to listen on 127.0.0.1:26657: bind: address already in use", "--rpc.laddr"],
    ["ERROR: failed to initialize database: resource temporarily unavailable", "another cometbft"],
    ["ERROR: light client: expected header's hash BB55, but got 2755", "statesync.trust_hash"],
  ])("%s", (said, step) => {
    expect(nextStepFor(said)).toContain(step);
  });

  test("knows nothing of what needs no advice", () => {
    expect(nextStepFor("goroutine 1 [running]:")).toBeUndefined();
  });
});

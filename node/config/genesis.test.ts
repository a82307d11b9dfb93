import { describe, expect, it } from "vitest";
import { DEFAULT_CONSENSUS_PARAMS, formatGenesis, type Genesis, hazardsOf, parseGenesis } from "./genesis.ts";

const genesis: Genesis = {
  app_name: "interfirmd",
  genesis_time: "2026-01-31T12:00:00Z",
  chain_id: "deals-1",
  initial_height: "1",
  consensus_params: DEFAULT_CONSENSUS_PARAMS,
  app_hash: "",
  app_state: { bank: { balances: [] } },
};
const text = (changes: object) => JSON.stringify({ ...genesis, ...changes });

describe("genesis file", () => {
  it("reads back what it writes", () => {
    expect(parseGenesis(formatGenesis(genesis))).toEqual({ genesis, foreign: false });
  });

  it("takes the SDK's form, whose consensus part wins, with numbers where CometBFT has text", () => {
    const params = { ...DEFAULT_CONSENSUS_PARAMS, block: { max_bytes: "1000000", max_gas: "-1" } };
    const validator = {
      address: "AB",
      pub_key: { type: "tendermint/PubKeyEd25519", value: "x" },
      power: "10",
      name: "a",
    };
    const read = parseGenesis(
      text({ initial_height: 5, app_hash: null, consensus: { params, validators: [validator] } }),
    );
    expect(read.foreign).toBe(true);
    expect(read.genesis).toEqual({
      ...genesis,
      initial_height: "5",
      consensus_params: params,
      validators: [validator],
    });
    expect(parseGenesis(formatGenesis(read.genesis))).toEqual({ genesis: read.genesis, foreign: false });
  });

  it.each([
    [{ chain_id: "" }, "chain_id is"],
    [{ chain_id: "x".repeat(51) }, "chain id has 51 characters, want 1 to 50"],
    [{ genesis_time: "soon" }, "want a time such as"],
    [{ app_state: [] }, "app_state is \\[\\], want an object"],
    [{ initial_height: "1.5" }, "initial_height is .*, want a whole number"],
    [
      { initial_height: "9223372036854775808" },
      "initial_height is 9223372036854775808, want at most 9223372036854775807",
    ],
    [{ validators: [{ power: "1" }] }, "pub_key of a validator"],
  ])("refuses %j", (changes, message) => {
    expect(() => parseGenesis(text(changes))).toThrow(new RegExp(message));
  });

  it("tells of parameters that endanger a network", () => {
    expect(hazardsOf(genesis)).toEqual([]);
    const block = { max_bytes: "22020096", max_gas: "-1" };
    const found = hazardsOf({ ...genesis, consensus_params: { ...DEFAULT_CONSENSUS_PARAMS, block } });
    expect(found.join("\n")).toMatch(/max_bytes is 22020096.*\n.*max_gas is -1/);
  });
});

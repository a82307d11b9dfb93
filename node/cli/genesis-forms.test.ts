import { describe, expect, it } from "vitest";
import { DEFAULT_CONSENSUS_PARAMS } from "../config/genesis.ts";
import { fromGenesisParams, toGenesisParams, toGenesisValidator } from "./genesis-forms.ts";

describe("forms of a genesis file", () => {
  it("has parameters both ways", () => {
    const params = {
      ...DEFAULT_CONSENSUS_PARAMS,
      evidence: { ...DEFAULT_CONSENSUS_PARAMS.evidence, max_age_duration: "1500000001" },
      abci: { vote_extensions_enable_height: "7" },
    };
    const chain = fromGenesisParams(params);
    expect(chain.evidence?.maxAgeDuration).toEqual({ seconds: 1n, nanos: 500_000_001 });
    expect(toGenesisParams(chain)).toEqual(params);
  });

  // Addresses of CometBFT 0.38.26 for these keys.
  it.each([
    ["ed25519", "00".repeat(32), "tendermint/PubKeyEd25519", "66687AADF862BD776C8FC18B8E9F8E2008971485"],
    ["secp256k1", `02${"11".repeat(32)}`, "tendermint/PubKeySecp256k1", "ADFCE54F529B2154E3C361BBE3F7D41DB0635717"],
  ] as const)("names a validator by its %s key", (pubKeyType, key, type, address) => {
    const pubKey = new Uint8Array(Buffer.from(key, "hex"));
    expect(toGenesisValidator({ pubKeyType, pubKey, power: 5n })).toEqual({
      address,
      pub_key: { type, value: Buffer.from(pubKey).toString("base64") },
      power: "5",
      name: "",
    });
  });
});

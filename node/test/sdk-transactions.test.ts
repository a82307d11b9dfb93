/**
 * The same transactions on Cosmos SDK 0.53.8 and here. `testdata/sdk-transactions.json` was recorded from the SDK's own baseapp with
 * auth, bank, consensus and staking, chain id "", a block a transaction: result, gas and events of each, the malformed ones included.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestChain } from "./chain.ts";
import { startRecordedChain } from "./recorded-chain.ts";

interface Vector {
  readonly name: string;
  readonly tx: string;
  readonly codespace: string;
  readonly code: number;
  readonly checkCode: number;
  readonly gasWanted: string;
  readonly gasUsed: string;
  readonly data: string;
  readonly events: readonly (readonly [type: string, ...attributes: readonly (readonly [string, string])[]])[];
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "testdata", "sdk-transactions.json"), "utf8"),
) as readonly Vector[];

/** Where we mean to differ, and to what. A panic of the SDK, or a bare error, is a typed error here. */
const OURS: Readonly<
  Record<string, { readonly result: readonly [codespace: string, code: number]; readonly why: string }>
> = {
  "no fee": { result: ["sdk", 18], why: "the SDK panics on a missing fee" },
  "raw: no auth info": { result: ["sdk", 18], why: "the SDK panics on a missing fee" },
  "extension option": { result: ["sdk", 31], why: "the type resolves here, and is refused as an extension" },
  "non-critical extension option": {
    result: ["sdk", 31],
    why: "the type resolves here, and is refused as an extension",
  },
  "no mode info": { result: ["sdk", 4], why: "the SDK panics" },
  "granter without a grant": { result: ["sdk", 38], why: "it was recorded without x/feegrant" },
  "granter invalid": { result: ["sdk", 7], why: "the SDK panics" },
  "secp256k1 key of 32 bytes": { result: ["sdk", 8], why: "the SDK panics" },
  "from invalid": { result: ["sdk", 7], why: "an untyped error there" },
  "from empty": { result: ["sdk", 7], why: "an untyped error there" },
  "to upper case": { result: ["sdk", 7], why: "an address has one spelling" },
  "multisig bit array too long": { result: ["sdk", 4], why: "an untyped error there" },
  "multisig bit array empty": { result: ["sdk", 4], why: "an untyped error there" },
  "multisig more bits than signatures": { result: ["sdk", 4], why: "an untyped error there" },
  "multisig extra bits 4000000000": { result: ["sdk", 4], why: "an untyped error there" },
  "multisig single mode": { result: ["sdk", 4], why: "an untyped error there" },
  "single key with multi mode": { result: ["sdk", 4], why: "an untyped error there" },
};

/** Refused here before anything is paid for that mode; the SDK reads denominations for its text first. */
const UNLIKE_GAS: readonly string[] = ["mode textual"];

describe("transactions recorded from Cosmos SDK 0.53.8", () => {
  let chain: TestChain;

  beforeAll(async () => {
    chain = await startRecordedChain(["auth", "bank", "consensus", "staking", "feegrant", "genutil"]);
  });

  afterAll(() => chain.close());

  it.each(vectors.map((vector) => [vector.name, vector] as const))("%s", async (name, vector) => {
    const tx = new Uint8Array(Buffer.from(vector.tx, "base64"));
    const ours = OURS[name];
    const [codespace, code] = ours?.result ?? [vector.codespace, vector.code];
    const checked = await chain.check(tx);
    const result = (await chain.block([tx])).txResults[0]!;
    expect([result.codespace, result.code], result.log).toEqual([codespace, code]);
    if (ours) return;
    expect(checked.code, checked.log).toBe(vector.checkCode);
    expect(
      result.events.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => [key, value])]),
    ).toEqual(vector.events);
    expect(Buffer.from(result.data).toString("base64")).toBe(vector.data);
    // What the SDK says of a transaction that does not come as far as the ante is the gas of its last begin of a block.
    const reachedAnte = result.gasUsed > 0n;
    const [wanted, used] = [BigInt(vector.gasWanted), BigInt(vector.gasUsed)];
    // M6: the SDK counts the step that passed the limit, we do not.
    if (reachedAnte && !UNLIKE_GAS.includes(name)) expect(result.gasUsed).toBe(used < wanted ? used : wanted);
  });
});

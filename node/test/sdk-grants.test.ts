/**
 * Transactions of feegrant, authz and vesting on Cosmos SDK 0.53.8 and here. `testdata/sdk-grants.json` was recorded from the SDK's
 * own baseapp with auth, bank, consensus, staking, x/feegrant 0.2.0, authz and vesting, chain id "", one transaction a block. Codes, gas,
 * data, events and what is stored in the end agree.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestChain } from "./chain.ts";
import { startRecordedChain } from "./recorded-chain.ts";

interface Step {
  readonly name: string;
  /** Since the recording began. */
  readonly seconds: number;
  readonly tx: string;
  readonly codespace: string;
  readonly code: number;
  readonly gasUsed: number;
  readonly data: string;
  readonly events: readonly { readonly type: string; readonly attrs: readonly (readonly [string, string])[] }[];
}

type Entries = Readonly<Record<string, string>>;

const { steps, stores } = JSON.parse(
  readFileSync(join(import.meta.dirname, "testdata", "sdk-grants.json"), "utf8"),
) as { readonly steps: readonly Step[]; readonly stores: Readonly<Record<"acc" | "authz" | "feegrant", Entries>> };

const START = 1_700_000_000n;

/** What is otherwise here on purpose: gas more than the SDK's. */
const OURS: Readonly<Record<string, number>> = {
  // Types that end together are kept in order, not in the order of history: this one is found earlier.
  "revoke grant with an end": -20,
};

/** Bytes of a key before the two accounts, in hex digits: a prefix and a time. */
const BEFORE_ACCOUNTS = 2 * (1 + 29);

/**
 * What the SDK left, without its leftovers: queue entries of types that end together when there are none any more, and of
 * allowances that were revoked or used up.
 */
function tidied(name: "authz" | "feegrant"): Entries {
  const isLeft = ([key, value]: readonly [string, string]): boolean => {
    if (name === "authz") return key.startsWith("01") || value !== "";
    return key.startsWith("00") || Object.hasOwn(stores.feegrant, `00${key.slice(BEFORE_ACCOUNTS)}`);
  };
  return Object.fromEntries(Object.entries(stores[name]).filter(isLeft));
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

describe("grants and vesting recorded from Cosmos SDK 0.53.8", () => {
  let chain: TestChain;

  beforeAll(async () => {
    const modules = ["auth", "bank", "consensus", "staking", "feegrant", "authz", "vesting", "genutil"];
    chain = await startRecordedChain(modules);
  });

  afterAll(() => chain.close());

  it.each(steps.map((step) => [step.name, step] as const))("%s", async (_, step) => {
    const time = nsToTimestamp((START + BigInt(step.seconds)) * 1_000_000_000n);
    const request = { ...chain.request([Buffer.from(step.tx, "base64")]), time };
    const { txResults } = await chain.app.handlers.finalizeBlock(request);
    await chain.app.handlers.commit({});
    chain.height++;
    const result = txResults[0]!;
    expect([result.codespace, result.code], result.log).toEqual([step.codespace, step.code]);
    expect(
      result.events.map(({ type, attributes }) => ({ type, attrs: attributes.map(({ key, value }) => [key, value]) })),
    ).toEqual(step.events);
    expect(base64(result.data)).toBe(step.data);
    const used = Number(result.gasUsed);
    if (step.code === 0) expect(used).toBe(step.gasUsed + (OURS[step.name] ?? 0));
    // Where we refuse earlier than the SDK we charge less.
    else expect(used).toBeLessThanOrEqual(step.gasUsed * 1.1);
  });

  it("leave the same in the stores", () => {
    const stored = (name: string): Entries =>
      Object.fromEntries(
        // What is from 0x90 on is ours.
        Array.from(chain.store.latest.store(name).range(undefined, Uint8Array.of(0x90)), ([key, value]) => [
          Buffer.from(key).toString("hex"),
          Buffer.from(value).toString("hex"),
        ]),
      );
    expect(stored("acc")).toEqual(stores.acc);
    expect(stored("authz")).toEqual(tidied("authz"));
    expect(stored("feegrant")).toEqual(tidied("feegrant"));
  });
});

/**
 * 150 blocks of random transactions on Cosmos SDK 0.53.8 and here: proposals of many messages and parameters, deposits, votes,
 * cancelling, grants, executions in executions, allowances, vesting accounts, stake and jails between votes. Recorded from the SDK's
 * own baseapp, chain id "". For each block: what every transaction gave, all events, what changed in the stores of gov, authz and
 * feegrant, and answers to random queries and pages; left out are those at which the SDK panics (a page in reverse from the last key)
 * and module accounts, whose numbers go by the order of genesis.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { Proposal, QueryProposalResponse, QueryProposalsResponse } from "@interfirm/proto/gen/cosmos/gov/v1";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { BlockIDFlag } from "@interfirm/proto/gen/tendermint/types";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Application } from "../app/application.ts";
import type { MultiStore } from "../store/multistore.ts";
import { realModules } from "./chain.ts";
import { type RecordedApp, startRecordedApp } from "./recorded-chain.ts";

interface RecordedEvent {
  readonly type: string;
  readonly attrs: readonly (readonly [key: string, value: string])[];
}

interface RecordedBlock {
  readonly height: number;
  readonly time: number;
  readonly proposer: string;
  readonly votes: readonly { readonly address: string; readonly power: number; readonly flag: "commit" | "absent" }[];
  readonly txs: readonly {
    readonly name: string;
    readonly tx: string;
    readonly code: number;
    readonly codespace: string;
    readonly gasUsed: number;
    readonly data: string;
    readonly events: readonly RecordedEvent[];
  }[];
  readonly events: readonly RecordedEvent[];
  /** Changed values by store and key; "-" for a key that went. */
  readonly stores: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly queries:
    | readonly { readonly path: string; readonly data: string; readonly code: number; readonly value: string }[]
    | null;
}

const { genesis, blocks } = JSON.parse(
  gunzipSync(readFileSync(join(import.meta.dirname, "testdata", "sdk-decisions.json.gz"))).toString(),
) as { readonly genesis: Readonly<Record<string, object>>; readonly blocks: readonly RecordedBlock[] };

const bytes = (text: string, encoding: "hex" | "base64"): Uint8Array => new Uint8Array(Buffer.from(text, encoding));
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");
const at = (seconds: number) => nsToTimestamp(BigInt(seconds) * 1_000_000_000n);
const FLAGS = { commit: BlockIDFlag.BLOCK_ID_FLAG_COMMIT, absent: BlockIDFlag.BLOCK_ID_FLAG_ABSENT } as const;
/** Why a message of a proposal failed is told in words of our own. */
const plain = (text: string): string => text.replace(/failed on execution: .*/s, "failed on execution");
const plainProposal = (proposal: Proposal): Proposal => ({
  ...proposal,
  failedReason: proposal.failedReason.startsWith("proposal did not") ? proposal.failedReason : "",
});

const ours = (events: readonly abci.Event[]) =>
  events
    .filter(({ type }) => !type.startsWith("interfirm."))
    .map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${plain(value)}`)]);
const theirs = (events: readonly RecordedEvent[]) =>
  events.map(({ type, attrs }) => [type, ...attrs.map(([key, value]) => `${key}=${plain(value)}`)]);

/** Where what is ours begins in the stores. */
const OURS: Readonly<Record<string, number>> = { gov: 0x80, authz: 0x90, feegrant: 0x90 };
/** What the SDK leaves behind: queue entries without types, and those of allowances that are gone. */
const isLeftover = (store: string, key: string, value: string): boolean =>
  (store === "authz" && key.startsWith("02") && value === "") || (store === "feegrant" && key.startsWith("01"));
const comparable = (store: string, entries: ReadonlyMap<string, string>) =>
  [...entries]
    .filter(([key, value]) => !isLeftover(store, key, value))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [
      key,
      store === "gov" && key.startsWith("00") ? plainProposal(Proposal.decode(bytes(value, "hex"))) : value,
    ]);

function answer(path: string, value: Uint8Array): unknown {
  if (path === "/cosmos.gov.v1.Query/Proposal") {
    const { proposal } = QueryProposalResponse.decode(value);
    return proposal && plainProposal(proposal);
  }
  if (path !== "/cosmos.gov.v1.Query/Proposals") return hex(value);
  const page = QueryProposalsResponse.decode(value);
  return { ...page, proposals: page.proposals.map(plainProposal) };
}

describe("random blocks recorded from Cosmos SDK 0.53.8", () => {
  const want = new Map(Object.keys(OURS).map((name) => [name, new Map<string, string>()]));
  let chain: RecordedApp;
  let app: Application;
  let store: MultiStore;

  beforeAll(async () => {
    chain = await startRecordedApp(realModules(), genesis);
    ({ app, store } = chain);
  });

  afterAll(() => chain.close());

  it.each(blocks.map((block) => [block.height, block] as const))("block %i", async (_, block) => {
    const { height, time, proposer, votes, txs } = block;
    const response = await app.handlers.finalizeBlock(
      abci.RequestFinalizeBlock.fromPartial({
        height: BigInt(height),
        time: at(time),
        proposerAddress: bytes(proposer, "hex"),
        txs: txs.map(({ tx }) => bytes(tx, "base64")),
        decidedLastCommit: {
          round: 0,
          votes: votes.map(({ address, power, flag }) => ({
            validator: { address: bytes(address, "hex"), power: BigInt(power) },
            blockIdFlag: FLAGS[flag],
          })),
        },
        hash: new Uint8Array(32),
        nextValidatorsHash: Uint8Array.of(1),
      }),
    );
    for (const [i, { name, code, codespace, gasUsed, data, events }] of txs.entries()) {
      const result = response.txResults[i]!;
      // Errors that the SDK never registered have no code of their own there.
      if (codespace === "undefined") expect.soft(result.code, name).not.toBe(0);
      else expect.soft([name, result.codespace, result.code], result.log).toEqual([name, codespace, code]);
      expect.soft(ours(result.events), name).toEqual(theirs(events));
      expect.soft([name, Buffer.from(result.data).toString("base64")]).toEqual([name, data]);
      if (code === 0) expect.soft([name, Number(result.gasUsed)]).toEqual([name, gasUsed]);
    }
    expect.soft(ours(response.events)).toEqual(theirs(block.events));
    await app.handlers.commit({});

    for (const [name, end] of Object.entries(OURS)) {
      const entries = want.get(name)!;
      for (const [key, value] of Object.entries(block.stores[name]!)) {
        if (value === "-") entries.delete(key);
        else entries.set(key, value);
      }
      const range = store.latest.store(name).range(undefined, Uint8Array.of(end), false);
      const have = new Map([...range].map(([key, value]) => [hex(key), hex(value)]));
      expect.soft(comparable(name, have)).toEqual(comparable(name, entries));
    }

    for (const { path, data, code, value } of block.queries ?? []) {
      const result = await app.handlers.query({ path, data: bytes(data, "base64"), height: 0n, prove: false });
      expect.soft([path, result.code === 0], result.log).toEqual([path, code === 0]);
      if (code === 0)
        expect.soft([path, answer(path, result.value)]).toEqual([path, answer(path, bytes(value, "base64"))]);
    }
  });
});

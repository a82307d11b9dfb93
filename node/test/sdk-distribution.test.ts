/**
 * The same blocks on Cosmos SDK 0.53.8 and here, recorded from the SDK's own baseapp with auth, bank, staking, slashing, evidence, mint and
 * distribution, chain id "". Chosen: 48 blocks of validators that come, miss votes, are slashed, jailed and leave, with delegations,
 * redelegations, rewards, commission and the community pool. Random: 160 blocks of seeded random transactions, absences and double
 * signatures. For each block: what every transaction gave, all events, the validator updates, what changed in the stores of mint and
 * distribution, byte for byte, and answers of their queries.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { BlockIDFlag } from "@interfirm/proto/gen/tendermint/types";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../abci/testing/silent-logger.ts";
import { type Application, createApplication, storeKeysOf } from "../app/application.ts";
import { MultiStore } from "../store/multistore.ts";
import { PRUNING } from "../store/pruning.ts";
import { realModules } from "./chain.ts";

interface RecordedEvent {
  readonly type: string;
  readonly attrs: readonly (readonly [key: string, value: string])[];
}

interface RecordedTx {
  readonly name: string;
  readonly tx: string;
  readonly code: number;
  readonly codespace: string;
  readonly gasUsed: number;
  readonly data: string;
  readonly events: readonly RecordedEvent[];
}

interface RecordedBlock {
  readonly height: number;
  readonly time: number;
  readonly proposer: string;
  readonly votes: readonly { readonly address: string; readonly power: number; readonly flag: "commit" | "absent" }[];
  readonly txs: readonly RecordedTx[];
  readonly events: readonly RecordedEvent[];
  readonly updates: readonly (readonly [key: string, power: string])[];
  /** Changed values by store and key; "-" for a key that went. */
  readonly stores: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly queries:
    | readonly {
        readonly path: string;
        readonly data: string;
        readonly code: number;
        readonly codespace: string;
        readonly value: string;
      }[]
    | null;
  readonly misbehavior:
    | readonly { readonly address: string; readonly power: number; readonly height: number; readonly time: number }[]
    | null;
}

interface Recording {
  readonly genesis: Readonly<Record<string, unknown>>;
  readonly updates: readonly (readonly [key: string, power: string])[];
  readonly blocks: readonly RecordedBlock[];
}

const read = (name: string): Buffer => readFileSync(join(import.meta.dirname, "testdata", name));
const chosen = JSON.parse(read("sdk-distribution.json").toString()) as Recording;
const random = JSON.parse(gunzipSync(read("sdk-random.json.gz")).toString()) as Recording;

const bytes = (text: string, encoding: "hex" | "base64"): Uint8Array => new Uint8Array(Buffer.from(text, encoding));
const hex = (value: Uint8Array): string => Buffer.from(value).toString("hex");
const at = (seconds: number) => nsToTimestamp(BigInt(seconds) * 1_000_000_000n);
const FLAGS = { commit: BlockIDFlag.BLOCK_ID_FLAG_COMMIT, absent: BlockIDFlag.BLOCK_ID_FLAG_ABSENT } as const;

const eventsOf = (events: readonly abci.Event[]) =>
  events.map(({ type, attributes }) => [type, ...attributes.map(({ key, value }) => `${key}=${value}`)]);
const recorded = (events: readonly RecordedEvent[]) =>
  events.map(({ type, attrs }) => [type, ...attrs.map(([key, value]) => `${key}=${value}`)]);
const updatesOf = (updates: readonly abci.ValidatorUpdate[]) =>
  updates.map(({ pubKey, power }) => [hex(pubKey.ed25519 ?? new Uint8Array(0)), `${power}`]);

function request({ height, time, proposer, votes, txs, misbehavior }: RecordedBlock): abci.RequestFinalizeBlock {
  return abci.RequestFinalizeBlock.fromPartial({
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
    misbehavior: (misbehavior ?? []).map((of) => ({
      type: abci.MisbehaviorType.DUPLICATE_VOTE,
      validator: { address: bytes(of.address, "hex"), power: BigInt(of.power) },
      height: BigInt(of.height),
      time: at(of.time),
      totalVotingPower: 20n,
    })),
    hash: new Uint8Array(32),
    nextValidatorsHash: Uint8Array.of(1),
  });
}

describe.each([
  ["chosen", chosen],
  ["random", random],
])("%s blocks recorded from Cosmos SDK 0.53.8", (_, recording) => {
  const home = mkdtempSync(join(tmpdir(), "interfirm-distribution-"));
  const seen: Record<string, Map<string, string>> = { distribution: new Map(), mint: new Map() };
  let store: MultiStore;
  let app: Application;

  beforeAll(async () => {
    const composition = realModules();
    store = await MultiStore.open({
      path: join(home, "application.db"),
      storeKeys: storeKeysOf(composition),
      pruning: PRUNING.nothing,
    });
    app = createApplication({
      logger: silentLogger,
      minGasPrices: [],
      version: { name: "interfirm", appName: "interfirmd", version: "0.1.0", gitCommit: "", cosmosSdkVersion: "" },
      config: { minimumGasPrices: "", pruningKeepRecent: "0", pruningInterval: "0", haltHeight: 0n },
      composition,
      store,
      invariantPeriod: 1n,
    });
    const { consensus: _consensus, runtime: _runtime, ...state } = recording.genesis as Record<string, object>;
    const response = await app.handlers.initChain(
      abci.RequestInitChain.fromPartial({
        time: at(1_700_000_000),
        chainId: "",
        consensusParams: {
          block: { maxBytes: 200_000n, maxGas: 100_000_000n },
          evidence: { maxAgeNumBlocks: 302_400n, maxAgeDuration: { seconds: 1_814_400n, nanos: 0 }, maxBytes: 10_000n },
          validator: { pubKeyTypes: ["ed25519"] },
        },
        appStateBytes: new TextEncoder().encode(JSON.stringify(state)),
        initialHeight: 1n,
      }),
    );
    expect(updatesOf(response.validators)).toEqual(recording.updates);
  });

  afterAll(async () => {
    await store.close();
    rmSync(home, { recursive: true, force: true });
  });

  it.each(recording.blocks.map((block) => [block.height, block] as const))("block %i", async (__, block) => {
    const response = await app.handlers.finalizeBlock(request(block));
    for (const [i, { name, code, codespace, gasUsed, data, events }] of block.txs.entries()) {
      const ours = response.txResults[i]!;
      expect.soft([name, ours.codespace, ours.code], ours.log).toEqual([name, codespace, code]);
      expect.soft(eventsOf(ours.events), name).toEqual(recorded(events));
      expect.soft([name, Number(ours.gasUsed)]).toEqual([name, gasUsed]);
      expect.soft([name, Buffer.from(ours.data).toString("base64")]).toEqual([name, data]);
    }
    expect.soft(eventsOf(response.events)).toEqual(recorded(block.events));
    expect.soft(updatesOf(response.validatorUpdates)).toEqual(block.updates);
    await app.handlers.commit({});

    for (const [name, changes] of Object.entries(block.stores)) {
      const want = seen[name]!;
      for (const [key, value] of Object.entries(changes)) {
        if (value === "-") want.delete(key);
        else want.set(key, value);
      }
      const have = new Map(
        [...store.latest.store(name).range(undefined, undefined, false)].map(([key, value]) => [hex(key), hex(value)]),
      );
      expect
        .soft([...have].sort(([a], [b]) => (a < b ? -1 : 1)))
        .toEqual([...want].sort(([a], [b]) => (a < b ? -1 : 1)));
    }

    for (const { path, data, code, codespace, value } of block.queries ?? []) {
      const ours = await app.handlers.query({ path, data: bytes(data, "base64"), height: 0n, prove: false });
      expect.soft([path, ours.code === 0], ours.log).toEqual([path, code === 0]);
      if (code === 0) expect.soft([path, Buffer.from(ours.value).toString("base64")]).toEqual([path, value]);
      else expect.soft([path, codespace]).toEqual([path, codespace]);
    }
  });
});

/**
 * 45 blocks of staking on Cosmos SDK 0.53.8 and here. `testdata/sdk-staking.json` was recorded from the SDK's own baseapp with auth,
 * bank, consensus and staking, chain id "": up to 4 validators of 3 that may be bonded, awkward amounts, slashes and jails before
 * blocks. Gas, events, validator updates and every byte of the staking store agree.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createAnte } from "@interfirm/modules/auth/ante";
import { auth } from "@interfirm/modules/auth/module";
import { bank } from "@interfirm/modules/bank/module";
import { consensus } from "@interfirm/modules/consensus/module";
import { parse } from "@interfirm/modules/kernel/decimal";
import { ChainError } from "@interfirm/modules/kernel/errors";
import { type AnyModule, defineModule } from "@interfirm/modules/kernel/module";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import { staking } from "@interfirm/modules/staking/module";
import { upgrade } from "@interfirm/modules/upgrade/module";
import { HistoricalInfo } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { Empty } from "@interfirm/proto/gen/google/protobuf";
import { allTypes } from "@interfirm/proto/gen/index";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { createRegistry } from "@interfirm/proto/registry";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Composition } from "../app/composition.ts";
import { verifier } from "./accounts.ts";
import { TestChain } from "./chain.ts";

interface RecordedEvent {
  readonly type: string;
  readonly attrs: readonly (readonly [string, string])[];
}

interface Act {
  readonly kind: "slash" | "jail" | "unjail";
  /** Consensus address of the validator, in hex. */
  readonly address: string;
  readonly height?: number;
  readonly power?: number;
  readonly fraction?: string;
  readonly burnt?: string;
  readonly error?: boolean;
}

interface Block {
  readonly height: number;
  readonly acts: readonly Act[];
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
  readonly updates: readonly { readonly key: string; readonly power: number }[];
  /** Changed entries of the store; null for those that went. */
  readonly staking: Readonly<Record<string, string | null>>;
  readonly supply: string;
}

const { appState, blocks } = JSON.parse(
  readFileSync(join(import.meta.dirname, "testdata", "sdk-staking.json"), "utf8"),
) as { readonly appState: Readonly<Record<string, object>>; readonly blocks: readonly Block[] };

const START = 1_700_000_000_000_000_000n;
const POOLS = { bonded_tokens_pool: ["burner", "staking"], not_bonded_tokens_pool: ["burner", "staking"] } as const;

const burnt: string[] = [];

/** Slashes and jails what the recording does before blocks. */
function warden(keeper: ReturnType<typeof staking>["keeper"]): AnyModule {
  function run(ctx: Parameters<typeof keeper.slash>[0], act: Act): void {
    const address = Buffer.from(act.address, "hex");
    try {
      const { kind, height = 0, power = 0, fraction = "0" } = act;
      if (kind === "jail") keeper.jail(ctx, address);
      else if (kind === "unjail") keeper.unjail(ctx, address);
      else burnt.push(keeper.slash(ctx, address, BigInt(height), BigInt(power), parse(fraction)).toString());
    } catch (error) {
      if (!(error instanceof ChainError) || !act.error) throw error;
    }
  }
  return defineModule({
    name: "warden",
    version: 1,
    keeper: undefined,
    genesis: { type: Empty, empty: {}, validate() {}, init() {}, export: () => ({}) },
    beginBlock(ctx) {
      for (const act of blocks[Number(ctx.height) - 1]?.acts ?? []) run(ctx, act);
    },
  });
}

function compose(): Composition {
  const accounts = auth({ moduleAccounts: { fee_collector: [], ...POOLS } });
  const money = bank({ accounts: accounts.keeper, blockedModules: Object.keys(POOLS) });
  const params = consensus();
  const stake = staking({ accounts: accounts.keeper, bank: money.keeper, consensus: params.keeper, hooks: [] });
  const plans = upgrade({ staking: stake.keeper });
  return {
    modules: [accounts, money, params, plans, warden(stake.keeper), stake],
    ante: createAnte({ accounts: accounts.keeper, bank: money.keeper, verifier }),
    consensusParams: params.keeper,
    upgrade: plans.keeper,
    upgrades: [],
    registry: createRegistry(allTypes),
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const recorded = (events: readonly abci.Event[]): readonly RecordedEvent[] =>
  events.map(({ type, attributes }) => ({ type, attrs: attributes.map(({ key, value }) => [key, value] as const) }));

/** History names the app hash, which is another one here: there are other stores. */
function comparable(key: string, value: string | null): string | null {
  if (value === null || !key.startsWith("50")) return value;
  const info = HistoricalInfo.decode(Buffer.from(value, "hex"));
  const header = { ...info.header, appHash: new Uint8Array(0) };
  return hex(HistoricalInfo.encode({ ...info, header }).finish());
}

describe("staking recorded from Cosmos SDK 0.53.8", () => {
  let chain: TestChain;

  beforeAll(async () => {
    chain = await TestChain.start({
      prefix: "cosmos",
      accounts: {},
      composition: compose,
      params: {
        block: { maxBytes: 200_000n, maxGas: 100_000_000n },
        evidence: { maxAgeNumBlocks: 302_400n, maxAgeDuration: { seconds: 1_814_400n, nanos: 0 }, maxBytes: 10_000n },
        validator: { pubKeyTypes: ["ed25519"] },
      },
    });
    const text = JSON.stringify(appState);
    await chain.app.handlers.initChain(
      chain.genesis({
        chainId: "",
        time: nsToTimestamp(START),
        validators: [],
        appStateBytes: new TextEncoder().encode(text),
      }),
    );
  });
  afterAll(() => chain.close());

  const state = new Map<string, string | null>();

  it.each(blocks.map((block) => [block.height, block] as const))("block %i", async (height, block) => {
    burnt.length = 0;
    follow(block);
    const response = await chain.app.handlers.finalizeBlock(
      abci.RequestFinalizeBlock.fromPartial({
        txs: block.txs.map(({ tx }) => Buffer.from(tx, "hex")),
        height: BigInt(height),
        time: nsToTimestamp(START + BigInt(height) * 1_000_000_000n),
        proposerAddress: new Uint8Array(20).fill(1),
        nextValidatorsHash: new Uint8Array(32).fill(1),
        decidedLastCommit: { round: 0, votes: [] },
      }),
    );
    await chain.app.handlers.commit({});
    expect(burnt).toEqual(block.acts.flatMap(({ kind, error, burnt }) => (kind === "slash" && !error ? [burnt] : [])));
    for (const [i, want] of block.txs.entries()) {
      const { code, codespace, gasUsed, data, events } = response.txResults[i]!;
      const { name } = want;
      expect({ name, code, codespace }).toEqual({ name, code: want.code, codespace: want.codespace });
      expect({ name, gasUsed }).toEqual({ name, gasUsed: BigInt(want.gasUsed) });
      expect(hex(data)).toBe(want.data);
      expect(recorded(events)).toEqual(want.events);
    }
    expect(response.validatorUpdates.map(({ pubKey, power }) => [hex(pubKey.ed25519!), Number(power)])).toEqual(
      block.updates.map(({ key, power }) => [key, power]),
    );
    const ownEvents = recorded(response.events).filter(({ attrs }) =>
      attrs.every(([, value]) => value !== "BeginBlock"),
    );
    expect(ownEvents).toEqual(block.events);
    expect(ownStore()).toEqual(wanted());
    const supply = chain.store.latest.store("bank").get(Buffer.from("\0stake"));
    expect(Buffer.from(supply!).toString()).toBe(block.supply);
  });

  function follow({ staking: changes }: Block): void {
    for (const [key, value] of Object.entries(changes)) state.set(key, comparable(key, value));
  }

  const wanted = () => [...state].filter(([, value]) => value !== null).sort(([a], [b]) => (a < b ? -1 : 1));

  /** Without what the SDK does not have: our prefixes begin with 0x90. */
  const ownStore = () =>
    Array.from(
      chain.store.latest.store("staking").range(undefined, undefined),
      ([key, value]) => [hex(key), hex(value)] as const,
    )
      .filter(([key]) => key < "90")
      .map(([key, value]) => [key, comparable(key, value)] as const);
});

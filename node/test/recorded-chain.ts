/** The chain on which transactions were recorded from the SDK's own baseapp: four accounts with two coins each, chain id "". */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nsToTimestamp } from "@interfirm/modules/kernel/time";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { silentLogger } from "../abci/testing/silent-logger.ts";
import { type Application, createApplication, storeKeysOf } from "../app/application.ts";
import type { Composition } from "../app/composition.ts";
import { MultiStore } from "../store/multistore.ts";
import { PRUNING } from "../store/pruning.ts";
import { realModules, TestChain } from "./chain.ts";

const address = [
  "cosmos1j979cycwdwtsluw52x4w382su2p9du76a4sdzf",
  "cosmos1xxzyz6z3tjxsjpnj7tjkyunrcykuy0mn0m9qq2",
  "cosmos1ztpcqfzma5lw56xsengq2djruhpqkaztcf8vm3",
  "cosmos175vmjkyp4yctd8vedqe7t2qxd0y509gxpsxcm0",
];

const appState = {
  auth: {
    accounts: address.map((text, number) => ({
      "@type": "/cosmos.auth.v1beta1.BaseAccount",
      address: text,
      pub_key: null,
      account_number: `${number}`,
      sequence: "0",
    })),
    params: {
      max_memo_characters: "256",
      tx_sig_limit: "7",
      tx_size_cost_per_byte: "10",
      sig_verify_cost_ed25519: "590",
      sig_verify_cost_secp256k1: "1000",
    },
  },
  bank: {
    params: { send_enabled: [], default_send_enabled: true },
    balances: address.map((text) => ({
      address: text,
      coins: ["stake", "uusd"].map((denom) => ({ denom, amount: "1000000000" })),
    })),
    supply: [],
    denom_metadata: [],
    send_enabled: [],
  },
};

/** The chain with these modules alone: others would take account numbers, mint, and move fees. */
export async function startRecordedChain(recorded: readonly string[]): Promise<TestChain> {
  const composition = (): Composition => {
    const all = realModules();
    // Without plans of upgrades nothing is recorded of them; the application wants the module.
    return { ...all, modules: all.modules.filter(({ name }) => name === "upgrade" || recorded.includes(name)) };
  };
  const chain = await TestChain.start({
    composition,
    prefix: "cosmos",
    accounts: {},
    params: {
      block: { maxBytes: 200_000n, maxGas: 100_000_000n },
      evidence: { maxAgeNumBlocks: 100n, maxAgeDuration: { seconds: 100n, nanos: 0 }, maxBytes: 100n },
      validator: { pubKeyTypes: ["ed25519"] },
    },
    appState,
  });
  await chain.app.handlers.initChain(chain.genesis({ chainId: "" }));
  return chain;
}

/** An application that is given recorded blocks one by one, after a genesis that the SDK exported. */
export interface RecordedApp {
  readonly app: Application;
  readonly store: MultiStore;
  readonly response: abci.ResponseInitChain;
  close(): Promise<void>;
}

/** Starts it from `app_state`, of which the SDK's `consensus` and `runtime` have no part here. Checks invariants at every block. */
export async function startRecordedApp(
  composition: Composition,
  { consensus: _consensus, runtime: _runtime, ...state }: Readonly<Record<string, object>>,
): Promise<RecordedApp> {
  const home = mkdtempSync(join(tmpdir(), "interfirm-recorded-"));
  const store = await MultiStore.open({
    path: join(home, "application.db"),
    storeKeys: storeKeysOf(composition),
    pruning: PRUNING.nothing,
  });
  const app = createApplication({
    logger: silentLogger,
    minGasPrices: [],
    version: { name: "interfirm", appName: "interfirmd", version: "0.1.0", gitCommit: "", cosmosSdkVersion: "" },
    config: { minimumGasPrices: "", pruningKeepRecent: "0", pruningInterval: "0", haltHeight: 0n },
    composition,
    store,
    invariantPeriod: 1n,
  });
  const response = await app.handlers.initChain(
    abci.RequestInitChain.fromPartial({
      time: nsToTimestamp(1_700_000_000n * 1_000_000_000n),
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
  return {
    ...{ app, store, response },
    async close() {
      await store.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

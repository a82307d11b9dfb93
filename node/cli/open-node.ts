/** The application over its database, as `start` and the offline commands need it. */
import type { GasPrice } from "@interfirm/modules/auth/fee";
import { splitCoin } from "@interfirm/modules/kernel/coins";
import { parse as parseDec } from "@interfirm/modules/kernel/decimal";
import { interfirmModules } from "../app/app.ts";
import { type Application, createApplication, storeKeysOf, storeUpgradesOf } from "../app/application.ts";
import type { Composition } from "../app/composition.ts";
import { createRpc } from "../comet/rpc.ts";
import type { AppConfig } from "../config/app-toml.ts";
import { buildCommit } from "../config/commit.ts";
import type { Home } from "../config/home.ts";
import { pruningFor } from "../config/preflight.ts";
import { COSMOS_SDK_VERSION, VERSION } from "../config/version.ts";
import { createVerify } from "../crypto/verify.ts";
import { type Logger, withFields } from "../log/logger.ts";
import { MultiStore } from "../store/multistore.ts";
import { Snapshots } from "../store/snapshots.ts";
import { writeUpgradeInfo } from "./upgrade-info.ts";

/** What a build makes of the chain's modules. */
export type Build = (chain: Composition) => Composition;

export interface OpenNodeOptions {
  readonly home: Home;
  readonly app: AppConfig;
  readonly logger: Logger;
  /** CometBFT's RPC, for methods of the application that need it. */
  readonly rpc?: string | undefined;
  /** Transactions that CometBFT's mempool holds. */
  readonly mempoolSize?: number | undefined;
  readonly invariantPeriod?: bigint | undefined;
  /** The chain as it is when left out. */
  readonly build?: Build | undefined;
  /** Heights whose upgrades are passed over. */
  readonly skippedUpgrades?: ReadonlySet<bigint> | undefined;
  /** How long to wait for another process that holds the database; half a minute when left out. */
  readonly lockWaitMs?: number | undefined;
}

export interface OpenNode {
  readonly application: Application;
  readonly store: MultiStore;
  readonly snapshots: Snapshots;
  close(): Promise<void>;
}

/** CometBFT looks ten times a second for votes that a peer lacks. */
const UPGRADE_LINGER_MS = 3_000;

/** Transactions that CometBFT's mempool is taken to hold when nobody says. */
const MEMPOOL_SIZE_DEFAULT = 10_000;

/** Rejects with a StoreError when the database is held by another process for too long, or is damaged. */
export async function openNode(options: OpenNodeOptions): Promise<OpenNode> {
  const { home, app, logger, rpc, mempoolSize = MEMPOOL_SIZE_DEFAULT, build = (chain) => chain } = options;
  const onBug = ({ stack }: Error): void => logger.error({ error: stack }, "a message met a bug");
  const composition = build(interfirmModules({ verifier: createVerify(), onBug }));
  const pruning = pruningFor(app);
  const log = withFields(logger, { module: "store" });
  const { skippedUpgrades } = options;
  const store = await MultiStore.open({
    path: home.applicationDb,
    storeKeys: storeKeysOf(composition),
    upgrades: storeUpgradesOf(composition, skippedUpgrades),
    pruning,
    log,
    lockWaitMs: options.lockWaitMs,
  });
  const interval = app["state-sync.snapshot-interval"];
  const keepRecent = app["state-sync.snapshot-keep-recent"];
  const snapshots = await Snapshots.open({ path: home.snapshots, interval, keepRecent, log });
  const application = createApplication({
    composition,
    store,
    snapshots,
    logger: withFields(logger, { module: "app" }),
    minGasPrices: readGasPrices(app["minimum-gas-prices"]),
    version: {
      name: "interfirm",
      appName: "interfirmd",
      version: VERSION,
      gitCommit: buildCommit(),
      cosmosSdkVersion: COSMOS_SDK_VERSION,
    },
    config: {
      minimumGasPrices: app["minimum-gas-prices"],
      pruningKeepRecent: String(pruning.keepRecent ?? 0),
      pruningInterval: String(pruning.interval),
      haltHeight: BigInt(app["halt-height"]),
    },
    rpc: rpc === undefined ? undefined : createRpc(rpc),
    snapshotBlocks: BigInt(interval) * BigInt(keepRecent),
    minRetainBlocks: BigInt(app["min-retain-blocks"]),
    halt: { height: BigInt(app["halt-height"]), timeSeconds: BigInt(app["halt-time"]) },
    skippedUpgrades,
    upgradeLingerMs: UPGRADE_LINGER_MS,
    leaveUpgradeInfo: (info) => writeUpgradeInfo(home, info),
    invariantPeriod: options.invariantPeriod,
    indexEvents: app["index-events"],
    decodedTxs: mempoolSize,
    ...(app["query-gas-limit"] > 0 ? { queryLimits: { gas: app["query-gas-limit"], timeMs: 500 } } : {}),
  });
  return {
    application,
    store,
    snapshots,
    async close() {
      await snapshots.close();
      await store.close();
    },
  };
}

/** `0.025ufirm,1uusd`, as preflight has checked it. */
function readGasPrices(text: string): readonly GasPrice[] {
  return text
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) => {
      const [number, denom] = splitCoin(part.trim());
      return { denom, amount: parseDec(number) };
    });
}

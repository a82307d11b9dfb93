import { setTimeout as sleep } from "node:timers/promises";
import type { GasPrice } from "@interfirm/modules/auth/fee";
import { createTxDecoder } from "@interfirm/modules/auth/tx";
import { Branch } from "@interfirm/modules/kernel/branch";
import type { IndexPolicy } from "@interfirm/modules/kernel/ctx";
import { timestampToNs } from "@interfirm/modules/kernel/time";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import type { MessageType } from "@interfirm/proto/types";
import type { Logger } from "../abci/logger.ts";
import type { AbciHandlers } from "../abci/methods.ts";
import type { Rpc } from "../comet/rpc.ts";
import type { MultiStore } from "../store/multistore.ts";
import type { Snapshots } from "../store/snapshots.ts";
import type { ReadView } from "../store/version.ts";
import { createBlocks, type Executed } from "./blocks.ts";
import { CHAIN_STORE, readValidators, type Validator } from "./chain-state.ts";
import type { Composition } from "./composition.ts";
import { cacheDecoded } from "./decoded.ts";
import { createExecutor } from "./execute.ts";
import { type AppState, exportGenesis } from "./genesis.ts";
import type { HaltPoint } from "./halt.ts";
import { createMempool } from "./mempool.ts";
import { createPaths } from "./paths.ts";
import { chooseTxs, isAcceptable } from "./proposals.ts";
import { createQueries, type QueryAnswer, type QueryLimits } from "./query.ts";
import { retainHeight } from "./retention.ts";
import { routeMessages, routeQueries } from "./router.ts";
import { type NodeConfig, nodeService } from "./services/node.ts";
import { tendermintService, type VersionInfo } from "./services/tendermint.ts";
import { txService } from "./services/tx.ts";
import { createStateSync } from "./state-sync.ts";
import { storeUpgradesAfter, type UpgradeInfo, UpgradeNeededError } from "./upgrades.ts";

export interface ApplicationOptions {
  /** The chain's modules: `interfirmModules` of app.ts. */
  readonly composition: Composition;
  /** Opened with `storeKeysOf(composition)`. */
  readonly store: MultiStore;
  readonly logger: Logger;
  /** What this node asks for gas; empty asks for nothing. */
  readonly minGasPrices: readonly GasPrice[];
  readonly version: VersionInfo;
  /** How this node is set up, for whoever asks it. */
  readonly config: NodeConfig;
  /** CometBFT's RPC; without it, methods that need it answer `Unavailable`. */
  readonly rpc?: Rpc | undefined;
  readonly snapshots?: Snapshots | undefined;
  /** Blocks that a snapshot keeps CometBFT from pruning (interval times number kept); 0 for none. */
  readonly snapshotBlocks?: bigint | undefined;
  /** `min-retain-blocks`; 0 keeps all. */
  readonly minRetainBlocks?: bigint | undefined;
  readonly halt?: HaltPoint | undefined;
  /** `unsafe-skip-upgrades`: heights whose upgrades are passed over. */
  readonly skippedUpgrades?: ReadonlySet<bigint> | undefined;
  /** Makes a plan durable whose height has come, before the node stops for it. */
  readonly leaveUpgradeInfo?: ((info: UpgradeInfo) => void) | undefined;
  /**
   * How long FinalizeBlock keeps CometBFT waiting before it says that another build must go on. Meanwhile peers get the
   * block's last votes from this node; one that lacks them would never reach the plan's height. Default: not at all.
   */
  readonly upgradeLingerMs?: number | undefined;
  /** `inv-check-period`: every how many blocks all invariants are checked; 0 for never. */
  readonly invariantPeriod?: bigint | undefined;
  readonly queryLimits?: QueryLimits | undefined;
  /** `index-events`: `type.key` of attributes that CometBFT indexes. Empty means all. */
  readonly indexEvents?: readonly string[] | undefined;
  /** Transactions whose decoded form is remembered: about the size of CometBFT's mempool. */
  readonly decodedTxs?: number | undefined;
}

export interface Application {
  readonly handlers: AbciHandlers;
  /** One method of a service, by `/pkg.Service/Method`. Rejects with `ChainError`. Height 0 is the latest. */
  query(path: string, request: Uint8Array, height: bigint): Promise<QueryAnswer>;
  /** Called after each commit, in order of subscription. Returns how to end it. */
  onCommit(listener: (committed: Executed) => void): () => void;
  /** State at a committed height, 0 being the latest, in the form of a genesis file. */
  export(height: bigint): Promise<ExportedState>;
}

export interface ExportedState {
  readonly chainId: string;
  readonly height: bigint;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly appState: AppState;
  readonly validators: readonly Validator[];
  readonly consensusParams: ConsensusParams;
}

const QUERY_LIMITS: QueryLimits = { gas: 0, timeMs: 500 };
const DECODED_TXS = 5_000;
const NEVER: HaltPoint = { height: 0n, timeSeconds: 0n };

const prepared = (txs: readonly Uint8Array[]): abci.ResponsePrepareProposal => ({ txs });
const { ACCEPT, REJECT } = abci.ResponseProcessProposal_ProposalStatus;
const vote = abci.ResponseVerifyVoteExtension_VerifyStatus;

/** Keys of all stores that a chain of these modules has: what its `MultiStore` is opened with. */
export function storeKeysOf({ modules }: Composition): readonly string[] {
  return [CHAIN_STORE, ...modules.flatMap(({ storeKey }) => storeKey ?? [])];
}

/** The `upgrades` that its `MultiStore` is opened with: whatever the plan in state says of the next height. */
export const storeUpgradesOf =
  ({ modules, upgrade, upgrades }: Composition, skipped: ReadonlySet<bigint> = new Set()) =>
  (latest: ReadView) =>
    storeUpgradesAfter(latest, { modules, keeper: upgrade, upgrades, skipped });

/** Builds the application over its store. Throws a plain Error when modules do not fit together. */
export function createApplication(options: ApplicationOptions): Application {
  const { composition, store, logger, minGasPrices, version, config, rpc, snapshots } = options;
  const { modules, ante, consensusParams, registry, upgrade, upgrades } = composition;
  const isIndexed = indexPolicy(options.indexEvents ?? []);
  const routes = routeMessages(modules);
  const messages = new Map<string, MessageType<unknown>>([...routes].map(([url, { input }]) => [url, input]));
  const decoder = createTxDecoder({ messages, registry });
  const txs = cacheDecoded(decoder, options.decodedTxs ?? DECODED_TXS);
  const { decode } = txs;
  const executor = createExecutor({ txs, ante, routes, minGasPrices, isIndexed, logger });
  const blocks = createBlocks({
    modules,
    consensusParams,
    executor,
    store,
    registry,
    isIndexed,
    halt: options.halt ?? NEVER,
    upgrades: {
      modules,
      keeper: upgrade,
      upgrades,
      skipped: options.skippedUpgrades ?? new Set(),
      leaveInfo: options.leaveUpgradeInfo ?? (() => {}),
      logger,
    },
    invariantPeriod: options.invariantPeriod ?? 0n,
    logger,
  });
  const limits = options.queryLimits ?? QUERY_LIMITS;
  const mempool = createMempool({ blocks, executor, txs, limits, logger });
  const stateSync = createStateSync({
    store,
    snapshots,
    logger,
    onRestored() {
      blocks.reload();
      mempool.reset();
    },
  });
  let validatorHash: Uint8Array = new Uint8Array(0);
  const nodeRoutes = new Map([
    ...txService({ rpc, simulate: mempool.simulate, decode }),
    ...tendermintService({
      rpc,
      version,
      addressPrefix: () => blocks.chain().addressPrefix,
      abciQuery: (request) => queries.abciQuery(request),
    }),
    ...nodeService({ config, earliestHeight: () => store.earliest, validatorHash: () => validatorHash }),
  ]);
  const queries = createQueries({
    appName: version.appName,
    store,
    blocks,
    routes: routeQueries(modules),
    nodeRoutes,
    paths: createPaths({ version: version.version, simulate: mempool.simulate, registry }),
    limits,
    logger,
  });
  const proposalDeps = { decode, logger };
  const listeners = new Set<(committed: Executed) => void>();

  const handlers: AbciHandlers = {
    info: () => ({
      data: version.appName,
      version: version.version,
      appVersion: blocks.hasChain ? (blocks.params().version?.app ?? 0n) : 0n,
      lastBlockHeight: store.version,
      lastBlockAppHash: store.version === 0n ? new Uint8Array(0) : store.appHash,
    }),
    initChain(request) {
      const response = blocks.initChain(request);
      mempool.reset();
      return response;
    },
    checkTx: mempool.checkTx,
    query: queries.abciQuery,

    prepareProposal({ txs, maxTxBytes, height, time }) {
      const limits = { maxBytes: maxTxBytes, maxGas: blocks.maxBlockGas() };
      const block = { ...blocks.header(), height, time: timestampToNs(time) };
      const chosen = chooseTxs(txs, limits, proposalDeps);
      if (mempool.surelyPass(chosen, block)) return prepared(chosen);
      const branch = new Branch(blocks.openBase);
      const passes = (tx: Uint8Array): boolean => {
        const { code } = executor.run("check", tx, { branch, block, maxBlockGas: limits.maxGas });
        branch.settle();
        return code === 0;
      };
      return prepared(chooseTxs(txs, limits, proposalDeps, passes));
    },
    processProposal: ({ txs }) => ({
      status: isAcceptable(txs, blocks.maxBlockGas(), proposalDeps) ? ACCEPT : REJECT,
    }),
    // There are no vote extensions: whoever sends one gets refused, whatever the parameters say.
    extendVote: () => ({ voteExtension: new Uint8Array(0) }),
    verifyVoteExtension: ({ voteExtension }) => ({ status: voteExtension.length === 0 ? vote.ACCEPT : vote.REJECT }),

    finalizeBlock(request) {
      try {
        return blocks.finalizeBlock(request);
      } catch (error) {
        if (error instanceof UpgradeNeededError) return failAfter(options.upgradeLingerMs ?? 0, error);
        throw error;
      }
    },
    async commit() {
      const committed = await blocks.commit();
      mempool.reset();
      validatorHash = committed.request.nextValidatorsHash;
      snapshots?.committed(store.latest);
      for (const listener of listeners) tell(listener, committed);
      return { retainHeight: retained() };
    },
    ...stateSync,
  };

  /** What others do with a block is not the block's concern. */
  function tell(listener: (committed: Executed) => void, committed: Executed): void {
    try {
      listener(committed);
    } catch (error) {
      logger.error({ height: `${committed.header.height}`, error: String(error) }, "a listener of commits failed");
    }
  }

  function retained(): bigint {
    return retainHeight({
      height: store.version,
      minRetainBlocks: options.minRetainBlocks ?? 0n,
      evidenceMaxAgeBlocks: blocks.params().evidence?.maxAgeNumBlocks ?? 0n,
      snapshotBlocks: options.snapshotBlocks ?? 0n,
      persistedHeight: store.version,
    });
  }

  return {
    handlers,
    query: queries.query,
    onCommit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async export(height) {
      const view = await queries.viewAt(height);
      const ctx = queries.contextOf(view, { gas: 0, timeMs: Number.POSITIVE_INFINITY });
      return {
        chainId: ctx.chainId,
        height: view.height,
        time: view.time,
        appState: exportGenesis(modules, ctx, registry),
        validators: readValidators(view.store(CHAIN_STORE)),
        consensusParams: consensusParams.params(ctx),
      };
    },
  };
}

async function failAfter(ms: number, error: Error): Promise<never> {
  await sleep(ms);
  throw error;
}

function indexPolicy(indexEvents: readonly string[]): IndexPolicy {
  if (indexEvents.length === 0) return () => true;
  const indexed = new Set(indexEvents);
  return (type, key) => indexed.has(`${type}.${key}`);
}

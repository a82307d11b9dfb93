import { Branch } from "@interfirm/modules/kernel/branch";
import type { QueryCtx } from "@interfirm/modules/kernel/context";
import { createQueryCtx, type Header, type IndexPolicy, RunCtx } from "@interfirm/modules/kernel/ctx";
import { GasMeter } from "@interfirm/modules/kernel/gas";
import type { AnyModule, ValidatorUpdate } from "@interfirm/modules/kernel/module";
import { timestampToNs } from "@interfirm/modules/kernel/time";
import type * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { ConsensusParams } from "@interfirm/proto/gen/tendermint/types";
import type { Registry } from "@interfirm/proto/registry";
import type { Logger } from "../abci/logger.ts";
import type { MultiStore } from "../store/multistore.ts";
import { BlockGas } from "./block-gas.ts";
import { blockInfo } from "./block-info.ts";
import {
  CHAIN_STORE,
  type ChainIdentity,
  readIdentity,
  readValidators,
  writeIdentity,
  writeValidators,
} from "./chain-state.ts";
import type { ConsensusParamsKeeper } from "./composition.ts";
import type { Executor, TxOutcome } from "./execute.ts";
import { addressPrefixOf, initGenesis, parseAppState, readGenesis } from "./genesis.ts";
import { HaltError, type HaltPoint, haltsAt } from "./halt.ts";
import { type BlockUpgradesDeps, beginUpgrade, checkBuild, recordVersions } from "./upgrades.ts";
import { mergeUpdates, validateUpdates } from "./validators.ts";

export interface BlocksDeps {
  readonly modules: readonly AnyModule[];
  readonly consensusParams: ConsensusParamsKeeper;
  readonly executor: Executor;
  readonly store: MultiStore;
  readonly registry: Registry;
  readonly isIndexed: IndexPolicy;
  readonly halt: HaltPoint;
  readonly upgrades: BlockUpgradesDeps;
  /** Every how many blocks all invariants are checked; 0 for never. */
  readonly invariantPeriod: bigint;
  readonly logger: Logger;
}

/** A block that was executed. Until its commit, nothing of it is on disk. */
export interface Executed {
  readonly header: Header;
  readonly request: abci.RequestFinalizeBlock;
  readonly response: abci.ResponseFinalizeBlock;
}

/** SHA-256 of nothing: what the header of the first block has for an app hash, as on every chain of the SDK. */
const EMPTY_HASH = Uint8Array.from(
  Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex"),
);

/** Genesis runs at height 0: no gas limits, no account numbers in signatures, as in the SDK. */
const GENESIS_HEIGHT = 0n;

export type Blocks = ReturnType<typeof createBlocks>;

/**
 * The life of blocks: genesis, execution, commit. Nothing reaches the disk before `commit`, and everything of a
 * height reaches it in one batch, so after a crash the application is at the height of the last commit.
 */
export function createBlocks(deps: BlocksDeps) {
  const { modules, consensusParams, executor, store, registry, isIndexed, halt, upgrades, invariantPeriod, logger } =
    deps;
  let identity: ChainIdentity | undefined = readIdentity(store.latest.store(CHAIN_STORE));
  checkBuild(store.latest, upgrades);
  /** State of genesis until the first commit: CometBFT may ask for it again. */
  let genesis: { readonly request: abci.RequestInitChain; readonly branch: Branch } | undefined;
  let pending: Executed | undefined;
  /** Parameters for the next block, read once. */
  let nextParams: ConsensusParams | undefined;

  const unlimited = () => new GasMeter(Number.POSITIVE_INFINITY);

  function chain(): ChainIdentity {
    if (!identity) throw new Error("the application has no chain yet, want InitChain or a snapshot first");
    return identity;
  }

  /** Reads what the next block starts from: the last commit, or genesis before there is one. */
  function openBase(storeKey: string) {
    return genesis ? genesis.branch.store(storeKey) : store.latest.store(storeKey);
  }

  /** Header for what runs between blocks. Before the first commit that is the first block's height, since 0 is genesis. */
  function header(): Header {
    const { chainId, addressPrefix, initialHeight } = chain();
    const { height, time } = store.latest;
    return { chainId, addressPrefix, time, height: height === 0n ? initialHeight : height };
  }

  const paramsIn = (ctx: QueryCtx): ConsensusParams => consensusParams.params(ctx);

  function params(): ConsensusParams {
    nextParams ??= paramsIn(createQueryCtx({ ...header(), open: openBase }));
    return nextParams;
  }

  function initChain(request: abci.RequestInitChain): abci.ResponseInitChain {
    if (store.version !== 0n) throw new Error(`InitChain at height ${store.version}, want it before the first commit`);
    const { chainId, initialHeight, consensusParams: given } = request;
    const time = timestampToNs(request.time);
    const state = parseAppState(request.appStateBytes);
    const addressPrefix = addressPrefixOf(state);
    const parts = readGenesis(modules, state, addressPrefix, registry, logger);

    store.discard();
    pending = undefined;
    nextParams = undefined;
    const branch = new Branch((key) => store.working(key));
    identity = { chainId, addressPrefix, initialHeight: initialHeight < 1n ? 1n : initialHeight };
    const ctx = new RunCtx({ chainId, addressPrefix, time, height: GENESIS_HEIGHT }, branch, unlimited(), isIndexed);
    if (given) consensusParams.init(ctx, given);
    const named = mergeUpdates(initGenesis(modules, parts, ctx));
    const validators = genesisValidators(named, request.validators.map(fromAbci), paramsIn(ctx));

    const own = branch.store(CHAIN_STORE);
    writeIdentity(own, identity);
    writeValidators(own, validators);
    recordVersions(ctx, upgrades);
    branch.settle();
    genesis = { request, branch };
    logger.info({ chainId, initialHeight: `${identity.initialHeight}`, validators: validators.length }, "genesis read");
    return { consensusParams: undefined, validators: named.map(toAbci), appHash: EMPTY_HASH };
  }

  /** Executes a block. Throws, which stops the node, when it is not the next one, or when going on would fork the chain. */
  function finalizeBlock(request: abci.RequestFinalizeBlock): abci.ResponseFinalizeBlock {
    const { chainId, addressPrefix, initialHeight } = chain();
    const { height } = request;
    const time = timestampToNs(request.time);
    if (haltsAt(halt, height, time)) throw new HaltError(halt);
    const expected = store.version === 0n ? initialHeight : store.version + 1n;
    if (height !== expected) throw new Error(`invalid height: ${height}; expected: ${expected}`);

    const branch = openBlock();
    const block: Header = { chainId, addressPrefix, height, time };
    const ctx = new RunCtx(block, branch, unlimited(), isIndexed);
    const paramsBefore = paramsIn(ctx);
    ctx.suffix = ["mode", "BeginBlock"];
    const upgraded = beginUpgrade(ctx, upgrades);
    const maxBlockGas = (upgraded ? paramsIn(ctx) : paramsBefore).block?.maxGas ?? -1n;
    const blockGas = new BlockGas(maxBlockGas);

    const info = blockInfo(request, store.version === 0n ? EMPTY_HASH : store.appHash);
    for (const module of modules) module.beginBlock?.(ctx, info);
    branch.settle();

    const txResults: abci.ExecTxResult[] = [];
    for (const tx of request.txs) {
      txResults.push(toResult(executor.run("deliver", tx, { branch, block, maxBlockGas, blockGas })));
      branch.settle();
    }

    const updates: (readonly ValidatorUpdate[])[] = [];
    ctx.suffix = ["mode", "EndBlock"];
    for (const module of modules) updates.push(module.endBlock?.(ctx) ?? []);

    const validatorUpdates = mergeUpdates(updates);
    applyValidators(branch, validatorUpdates, paramsIn(ctx));
    if (invariantPeriod > 0n && height % invariantPeriod === 0n) checkInvariants(ctx);
    branch.flush((key) => store.working(key));
    const appHash = store.prepare(height);
    const response: abci.ResponseFinalizeBlock = {
      events: ctx.takeEvents(),
      txResults,
      validatorUpdates: validatorUpdates.map(toAbci),
      consensusParamUpdates: consensusParams.changedSince(ctx, paramsBefore),
      appHash,
    };
    pending = { header: block, request, response };
    return response;
  }

  /** Makes the executed block durable, and only then visible. Throws, which stops the node, when the disk refuses. */
  async function commit(): Promise<Executed> {
    if (!pending) throw new Error("Commit without FinalizeBlock before it");
    const committed = pending;
    await store.commit({ time: committed.header.time });
    pending = undefined;
    genesis = undefined;
    nextParams = undefined;
    return committed;
  }

  /** The branch of the next block. What an earlier try at the same height left is gone. */
  function openBlock(): Branch {
    if (pending) {
      store.discard();
      pending = undefined;
      // Genesis is part of the first block's writes.
      if (genesis) initChain(genesis.request);
    }
    if (store.version > 0n) {
      store.discard();
      return new Branch((key) => store.working(key));
    }
    if (!genesis) throw new Error("FinalizeBlock of the first block without InitChain before it");
    return genesis.branch;
  }

  function applyValidators(branch: Branch, updates: readonly ValidatorUpdate[], params: ConsensusParams): void {
    if (updates.length === 0) return;
    const own = branch.store(CHAIN_STORE);
    const problem = validateUpdates(readValidators(own), updates, params.validator?.pubKeyTypes ?? []);
    if (problem !== undefined) throw new Error(`validator updates would halt every node: ${problem}`);
    writeValidators(own, updates);
  }

  function checkInvariants(ctx: QueryCtx): void {
    for (const { name, invariants } of modules) {
      for (const [rule, isBroken] of Object.entries(invariants ?? {})) {
        const problem = isBroken(ctx);
        if (problem !== undefined) throw new Error(`invariant ${name}/${rule} is broken: ${problem}`);
      }
    }
  }

  /** Takes up a state that came from elsewhere: a snapshot, or a database that was rolled back. */
  function reload(): void {
    identity = readIdentity(store.latest.store(CHAIN_STORE));
    checkBuild(store.latest, upgrades);
    genesis = undefined;
    pending = undefined;
    nextParams = undefined;
  }

  return {
    initChain,
    finalizeBlock,
    commit,
    reload,
    header,
    openBase,
    chain,
    /** Consensus parameters that hold for the next block. */
    params,
    /** Gas that the transactions of the next block may ask for; below 1 for no limit. */
    maxBlockGas: (): bigint => params().block?.maxGas ?? -1n,
    get hasChain(): boolean {
      return identity !== undefined;
    },
  };
}

/** Those that modules name, else those that the genesis file lists. Throws when both exist and differ, or neither does. */
function genesisValidators(
  named: readonly ValidatorUpdate[],
  listed: readonly ValidatorUpdate[],
  params: ConsensusParams,
): readonly ValidatorUpdate[] {
  const validators = named.length > 0 ? named : listed;
  if (named.length > 0 && listed.length > 0 && !sameSet(named, listed)) {
    throw new Error(`genesis: validators are ${describe(listed)}, but modules name ${describe(named)}`);
  }
  if (validators.length === 0) {
    throw new Error("genesis: no validators, want some under validators or in genutil's gen_txs");
  }
  const problem = validateUpdates([], validators, params.validator?.pubKeyTypes ?? []);
  if (problem !== undefined) throw new Error(`genesis: ${problem}`);
  return validators;
}

const describe = (validators: readonly ValidatorUpdate[]): string =>
  validators
    .map(({ pubKey, power }) => `${Buffer.from(pubKey).toString("hex")}=${power}`)
    .sort()
    .join(", ");

const sameSet = (a: readonly ValidatorUpdate[], b: readonly ValidatorUpdate[]): boolean => describe(a) === describe(b);

const toResult = ({ code, codespace, log, data, gasWanted, gasUsed, events }: TxOutcome): abci.ExecTxResult => ({
  code,
  data,
  log,
  info: "",
  gasWanted,
  gasUsed,
  events,
  codespace,
});

const toAbci = ({ pubKeyType, pubKey, power }: ValidatorUpdate): abci.ValidatorUpdate => ({
  pubKey: { [pubKeyType]: pubKey },
  power,
});

function fromAbci({ pubKey, power }: abci.ValidatorUpdate): ValidatorUpdate {
  if (pubKey.ed25519) return { pubKeyType: "ed25519", pubKey: pubKey.ed25519, power };
  if (pubKey.secp256k1) return { pubKeyType: "secp256k1", pubKey: pubKey.secp256k1, power };
  throw new Error("genesis: a validator has no key, want ed25519 or secp256k1");
}

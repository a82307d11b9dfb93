import { type BlockMoment, timeoutOf } from "@interfirm/modules/auth/ante";
import type { Tx } from "@interfirm/modules/auth/tx";
import { Branch } from "@interfirm/modules/kernel/branch";
import { ChainError } from "@interfirm/modules/kernel/errors";
import type { GasMeter } from "@interfirm/modules/kernel/gas";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { Logger } from "../abci/logger.ts";
import type { Blocks } from "./blocks.ts";
import { countOf, type TxCache } from "./decoded.ts";
import type { Executor, TxOutcome } from "./execute.ts";
import type { QueryLimits } from "./query.ts";
import { QueryMeter } from "./query-meter.ts";

/**
 * Checks that are remembered between two commits, long transactions counting as several; more only cost time in a proposal.
 * Whoever has something checked that never enters the mempool pays for none of it.
 */
const PASSED_MAX = 100_000;

/** Gas of a simulation where neither queries nor blocks have a limit. */
const SIMULATION_GAS = 100_000_000;

const refused = ({ code, codespace, message: log }: ChainError): TxOutcome => ({
  code,
  codespace,
  log,
  data: new Uint8Array(0),
  gasWanted: 0n,
  gasUsed: 0n,
  events: [],
  responses: [],
});

export interface MempoolDeps {
  readonly blocks: Blocks;
  readonly executor: Executor;
  /** The executor's. */
  readonly txs: TxCache;
  readonly limits: QueryLimits;
  readonly logger: Logger;
}

export type Mempool = ReturnType<typeof createMempool>;

/**
 * The checks before a transaction enters the mempool, and again after each block. They run on a branch of their own
 * over the last commit, where the sequences of waiting transactions have moved on; a commit starts a new one.
 */
export function createMempool({ blocks, executor, txs, limits, logger }: MempoolDeps) {
  let state = new Branch(blocks.openBase);
  /** Transactions that passed a check since the last commit, each with those that its signers had passed last: it passed behind them. */
  const passed = new Map<Tx, readonly Tx[]>();
  let count = 0;
  /** By signer: the last one that passed. */
  const latest = new Map<string, Tx>();

  function remember(tx: Tx): void {
    if (count >= PASSED_MAX) return;
    count += countOf(tx.bytes);
    const behind: Tx[] = [];
    for (const signer of tx.facts.signers(blocks.chain().addressPrefix)) {
      const before = latest.get(signer);
      if (before) behind.push(before);
      latest.set(signer, tx);
    }
    // An allowance may be over by the time of the block.
    if (!tx.authInfo.fee?.granter) passed.set(tx, behind);
  }

  function run(mode: "check" | "recheck" | "simulate", tx: Uint8Array, meter?: GasMeter): TxOutcome {
    return executor.run(mode, tx, { branch: state, block: blocks.header(), maxBlockGas: blocks.maxBlockGas(), meter });
  }

  /** A bug in a check refuses the transaction: a node that stopped would be at the mercy of whoever sends it. */
  function check(tx: Uint8Array, type: abci.CheckTxType): TxOutcome {
    if (!blocks.hasChain) return refused(sdkError.invalidHeight("there is no chain yet"));
    try {
      return run(type === abci.CheckTxType.RECHECK ? "recheck" : "check", tx);
    } catch (error) {
      logger.error({ error: error instanceof Error ? error.stack : String(error) }, "a check met a bug");
      return refused(new ChainError("internal", 1, "internal error"));
    }
  }

  return {
    checkTx({ tx, type }: abci.RequestCheckTx): abci.ResponseCheckTx {
      const { code, codespace, log, data, gasWanted, gasUsed, events } = check(tx, type);
      state.settle();
      if (code === 0) remember(txs.decode(tx));
      return { code, codespace, log, data, info: "", gasWanted, gasUsed, events };
    },

    /**
     * Runs a transaction with its messages on the state of the checks, and leaves no trace. It may use as much gas as a
     * block has, or as a query may, and as much time as a query: nobody pays for it.
     */
    simulate(tx: Uint8Array): TxOutcome {
      const ofBlock = Number(blocks.maxBlockGas());
      const gas = limits.gas > 0 ? limits.gas : ofBlock > 0 ? ofBlock : SIMULATION_GAS;
      const mark = state.mark();
      try {
        return run("simulate", tx, new QueryMeter({ gas, timeMs: limits.timeMs }));
      } finally {
        state.rollback(mark);
      }
    },

    /**
     * Whether it is known, without running them, that the ante takes all of them in this block: each passed a check on the
     * last commit's state, behind none that is not there before it. Whoever has something checked that never enters the mempool, as
     * CometBFT's `check_tx` lets anybody, must not get what follows it into a block, where it would fail for free.
     */
    surelyPass(proposed: readonly Uint8Array[], block: BlockMoment): boolean {
      const before = new Set<Tx>();
      for (const bytes of proposed) {
        const tx = txs.peek(bytes);
        const behind = tx && passed.get(tx);
        if (!tx || !behind || before.has(tx) || timeoutOf(tx, block)) return false;
        if (!behind.every((other) => before.has(other))) return false;
        before.add(tx);
      }
      return true;
    },

    /** Forgets every check: to be called after each commit and after genesis. */
    reset(): void {
      state = new Branch(blocks.openBase);
      passed.clear();
      count = 0;
      latest.clear();
    },
  };
}

import type { Tx } from "@interfirm/modules/auth/tx";
import { Branch } from "@interfirm/modules/kernel/branch";
import { ChainError } from "@interfirm/modules/kernel/errors";
import type { GasMeter } from "@interfirm/modules/kernel/gas";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { Logger } from "../abci/logger.ts";
import type { Blocks } from "./blocks.ts";
import type { TxCache } from "./decoded.ts";
import type { Executor, TxOutcome } from "./execute.ts";
import type { QueryLimits } from "./query.ts";
import { QueryMeter } from "./query-meter.ts";

/** Checks that are remembered between two commits; more only cost time in a proposal. */
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
  /** Transactions that passed a check since the last commit. */
  const passed = new Set<Tx>();

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
      if (code === 0 && passed.size < PASSED_MAX) passed.add(txs.decode(tx));
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
     * Whether every one passed a check on the last commit's state. Checks follow the mempool's order, so such
     * transactions pass in a block, too.
     */
    havePassed(proposed: readonly Uint8Array[]): boolean {
      return proposed.every((bytes) => {
        const tx = txs.peek(bytes);
        return tx !== undefined && passed.has(tx);
      });
    },

    /** Forgets every check: to be called after each commit and after genesis. */
    reset(): void {
      state = new Branch(blocks.openBase);
      passed.clear();
    },
  };
}

import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { Blocks } from "./blocks.ts";
import type { Executor, TxOutcome } from "./execute.ts";
import { Branch } from "./overlay.ts";

export type Mempool = ReturnType<typeof createMempool>;

/**
 * The checks before a transaction enters the mempool, and again after each block. They run on a branch of their own
 * over the last commit, where the sequences of waiting transactions have moved on; a commit starts a new one.
 */
export function createMempool(blocks: Blocks, executor: Executor) {
  let state = new Branch(blocks.openBase);

  function run(mode: "check" | "recheck" | "simulate", tx: Uint8Array): TxOutcome {
    const maxBlockGas = blocks.params().block?.maxGas ?? -1n;
    return executor.run(mode, tx, { branch: state, block: blocks.header(), maxBlockGas });
  }

  return {
    checkTx({ tx, type }: abci.RequestCheckTx): abci.ResponseCheckTx {
      const { code, codespace, log, data, gasWanted, gasUsed, events } = run(
        type === abci.CheckTxType.RECHECK ? "recheck" : "check",
        tx,
      );
      state.settle();
      return { code, codespace, log, data, info: "", gasWanted, gasUsed, events };
    },

    /** Runs a transaction with its messages on the state of the checks, and leaves no trace. */
    simulate(tx: Uint8Array): TxOutcome {
      const mark = state.mark();
      try {
        return run("simulate", tx);
      } finally {
        state.rollback(mark);
      }
    },

    /** Forgets every check: to be called after each commit and after genesis. */
    reset(): void {
      state = new Branch(blocks.openBase);
    },
  };
}

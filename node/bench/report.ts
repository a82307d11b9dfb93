/** Prints what was measured, every number with its unit. */
import { quantile } from "./measure.ts";
import type { Phase } from "./run.ts";

const line = (text: string): void => void process.stdout.write(`${text}\n`);

function row(what: string, value: string): void {
  line(`  ${what.padEnd(44)} ${value}`);
}

const MIB = 1024 * 1024;

export function printPhase(phase: Phase): void {
  const { chain, connections, txPerSecond, cpuPer1000, load, times, memoryMiB, diskPer10000 } = phase;
  line(`${chain}, ${connections} connections, ${phase.blocks} blocks in ${phase.seconds.toFixed(1)} s`);
  row("committed", `${txPerSecond.toFixed(0)} tx/s (${phase.txs} transactions)`);
  const { application, comet, total } = cpuPer1000;
  row(
    "CPU for 1,000 transactions",
    `${total.toFixed(3)} s: application ${application.toFixed(3)}, CometBFT ${comet.toFixed(3)}`,
  );
  row(
    "accepted by CheckTx, refused",
    `${load.accepted}, ${load.refused}${load.firstRefusal ? ` (${load.firstRefusal})` : ""}`,
  );
  if (load.exhausted) row("note", "the signed transactions ran out before the end");
  row("the load itself", `${phase.loadCores.toFixed(2)} cores`);
  row("answer to a batch of 10, p50 / p99", `${ms(load.batchMs, 0.5)} / ${ms(load.batchMs, 0.99)}`);
  if (times) {
    row("CheckTx, p50 / p99", `${ms(times.checkTx, 0.5)} / ${ms(times.checkTx, 0.99)}`);
    const per1000 = times.finalizeBlock.filter(({ txs }) => txs >= 100).map(({ ms: took, txs }) => (took / txs) * 1000);
    row("FinalizeBlock for 1,000 transactions, p50 / p99", `${ms(per1000, 0.5)} / ${ms(per1000, 0.99)}`);
    row("Commit, p50 / p99", `${ms(times.commit, 0.5)} / ${ms(times.commit, 0.99)}`);
    const shares = Object.entries(times.total).map(([method, took]) => `${method} ${(took / 1000).toFixed(1)} s`);
    row("time in handlers", shares.join(", "));
  }
  const memory = Object.entries(memoryMiB).map(
    ([name, { now, peak }]) => `${name} ${now.toFixed(0)} (peak ${peak.toFixed(0)})`,
  );
  row("memory, MiB", memory.join(", "));
  const disk = Object.entries(diskPer10000).map(([name, bytes]) => `${name} ${(bytes / MIB).toFixed(1)}`);
  row("disk for 10,000 transactions, MiB", disk.join(", "));
}

const ms = (values: readonly number[], p: number): string => `${quantile(values, p).toFixed(2)} ms`;

/** The best phase of each chain decides; all phases are in the JSON. */
export function printSummary(ours: readonly Phase[], ceiling: readonly Phase[], json: boolean): void {
  const best = bestOf(ours);
  const top = bestOf(ceiling);
  if (best && top) {
    const share = ((best.txPerSecond / top.txPerSecond) * 100).toFixed(0);
    line(
      `best: ${best.txPerSecond.toFixed(0)} tx/s at ${best.cpuPer1000.total.toFixed(3)} CPU-s per 1,000; ${share} % of kvstore`,
    );
  }
  if (!json) return;
  const summary = {
    txPerSecond: round(best?.txPerSecond),
    cpuSecondsPer1000: round(best?.cpuPer1000.total),
    ceilingTxPerSecond: round(top?.txPerSecond),
    phases: [...ours, ...ceiling].map(({ chain, connections, txPerSecond, cpuPer1000 }) => ({
      ...{ chain, connections, txPerSecond: round(txPerSecond), cpuSecondsPer1000: round(cpuPer1000.total) },
    })),
  };
  line(JSON.stringify(summary));
}

const bestOf = (phases: readonly Phase[]): Phase | undefined =>
  phases.toSorted((a, b) => b.txPerSecond - a.txPerSecond)[0];

const round = (value: number | undefined): number => Math.round((value ?? 0) * 1000) / 1000;

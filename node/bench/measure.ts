/** What the benchmark reads from the operating system and from CometBFT. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Rpc } from "../comet/rpc.ts";

/** Ticks of `/proc/<pid>/stat`, as every Linux on the machines we run on has them. */
const TICKS_PER_SECOND = 100;

/** CPU seconds that a process has used, in user and kernel mode. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name in parentheses may hold blanks; fields count from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Memory in MiB that a process holds now and held at most. */
export function memoryMiB(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) / 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}

/** Bytes of all files under a folder, 0 when it is not there. */
export function folderBytes(folder: string): number {
  let bytes = 0;
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return 0;
  }
  for (const name of names) {
    // LevelDB deletes files while we look.
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (stat?.isFile()) bytes += stat.size;
  }
  return bytes;
}

/** The value below which the share `p` of the values lies; 0 for none. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
}

export interface BlockSummary {
  readonly height: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly txs: number;
}

const METAS_PER_CALL = 20;

/** Heights `[from, to]`, ascending. */
export async function blockSummaries(rpc: Rpc, from: number, to: number): Promise<BlockSummary[]> {
  const blocks: BlockSummary[] = [];
  for (let height = from; height <= to; height += METAS_PER_CALL) {
    const last = Math.min(to, height + METAS_PER_CALL - 1);
    const { block_metas: metas } = await rpc.call<{
      readonly block_metas: readonly {
        readonly header: { readonly height: string; readonly time: string };
        readonly num_txs: string;
      }[];
    }>("blockchain", { minHeight: String(height), maxHeight: String(last) });
    for (const { header, num_txs: txs } of metas) {
      blocks.push({ height: Number(header.height), time: Date.parse(header.time), txs: Number(txs) });
    }
  }
  return blocks.sort((a, b) => a.height - b.height);
}

export async function latestHeight(rpc: Rpc): Promise<number> {
  const status = await rpc.status();
  return Number(status.sync_info.latest_block_height);
}

const POLL_MS = 50;

/** Waits until a block was just committed, and returns its height. Throws after `timeoutMs` without one. */
export async function nextBlock(rpc: Rpc, timeoutMs = 60_000): Promise<number> {
  const before = await latestHeight(rpc);
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    const height = await latestHeight(rpc);
    if (height > before) return height;
    await sleep(POLL_MS);
  }
  throw new Error(`no block after ${before} in ${timeoutMs} ms`);
}

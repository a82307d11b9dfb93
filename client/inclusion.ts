import type { Comet38Client } from "@cosmjs/tendermint-rpc";
import { type Block, type BlockTx, followBlocks } from "./blocks.ts";
import { clientError } from "./errors.ts";
import type { HeadOptions } from "./heads.ts";
import type { Rpc } from "./rpc.ts";

export interface Included {
  readonly tx: BlockTx;
  readonly height: bigint;
  readonly time: Date;
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A stretch of blocks under watch, from the moment it was asked for. */
export interface Watch {
  /**
   * Resolves when a block since the beginning of the watch holds the transaction. Rejects with `client/timeout`;
   * the transaction may be included even so.
   */
  wait(hash: string, options: WaitOptions): Promise<Included>;
  end(): void;
}

/** Waits for transactions by reading each new block once, however many wait: needs neither index nor websocket. */
export interface Inclusion {
  /** Begin before the transaction is broadcast, so that no block is missed. */
  begin(): Promise<Watch>;
  /** The last height whose transactions have been looked at. */
  seen(): bigint;
  /** Whoever still waits is refused with `client/connection`. */
  close(): void;
}

interface Waiter {
  resolve(included: Included): void;
  reject(error: unknown): void;
}

/** Milliseconds that following goes on with nobody watching: the next transaction is often near. */
const LINGER_MS = 2_000;

export function createInclusion(rpc: Rpc, comet: Comet38Client, options: HeadOptions = {}): Inclusion {
  const waiters = new Map<string, Set<Waiter>>();
  let watches = 0;
  let seen = 0n;
  let stop: AbortController | undefined;
  let starting: Promise<void> | undefined;
  let linger: ReturnType<typeof setTimeout> | undefined;

  function look(block: Block): void {
    seen = block.height;
    for (const tx of block.txs) {
      for (const waiter of waiters.get(tx.hash) ?? []) waiter.resolve({ tx, height: block.height, time: block.time });
    }
  }

  function halt(): void {
    clearTimeout(linger);
    stop?.abort();
    stop = undefined;
    starting = undefined;
  }

  function giveUp(reason: unknown): void {
    for (const waiter of [...waiters.values()].flatMap((set) => [...set])) waiter.reject(reason);
  }

  async function follow(controller: AbortController): Promise<void> {
    try {
      const { signal } = controller;
      for await (const block of followBlocks(rpc, comet, { ...options, fromHeight: seen + 1n, signal })) look(block);
    } catch (error) {
      giveUp(error);
    }
    if (stop === controller) halt();
  }

  async function start(): Promise<void> {
    seen = BigInt((await comet.status()).syncInfo.latestBlockHeight);
    stop = new AbortController();
    void follow(stop);
  }

  function wait(hash: string, { timeoutMs, signal }: WaitOptions): Promise<Included> {
    return new Promise<Included>((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        const set = waiters.get(hash);
        set?.delete(waiter);
        if (set?.size === 0) waiters.delete(hash);
      };
      const waiter: Waiter = {
        resolve: (included) => {
          leave();
          resolve(included);
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiter.reject(signal?.reason);
      const timer = setTimeout(() => {
        const message = `transaction is in no block after ${timeoutMs} ms, up to height ${seen}`;
        waiter.reject(clientError("timeout", message, { txHash: hash }));
      }, timeoutMs);
      const set = waiters.get(hash) ?? new Set();
      waiters.set(hash, set.add(waiter));
      signal?.addEventListener("abort", onAbort);
      if (signal?.aborted) onAbort();
    });
  }

  return {
    async begin() {
      watches++;
      clearTimeout(linger);
      let ended = false;
      const end = () => {
        if (ended) return;
        ended = true;
        if (--watches > 0) return;
        linger = setTimeout(halt, LINGER_MS);
      };
      try {
        starting ??= start();
        await starting;
      } catch (error) {
        starting = undefined;
        end();
        throw error;
      }
      return { wait, end };
    },
    seen: () => seen,
    close() {
      halt();
      giveUp(clientError("connection", "the client is closed"));
    },
  };
}

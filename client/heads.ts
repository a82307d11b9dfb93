import type { Comet38Client } from "@cosmjs/tendermint-rpc";
import { member, type Rpc, sleep } from "./rpc.ts";

export interface HeadOptions {
  /** Milliseconds between two looks while no websocket tells. 500 unless told. */
  readonly pollMs?: number;
  /** Listen on the endpoint's websocket, where the environment has one. True unless told. */
  readonly websocket?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told when no endpoint answers. Following goes on until it is aborted. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
}

/** Height of the newest block, as it grows. */
export interface Heads {
  /** Resolves with the newest height as soon as it is at least `height`. Rejects when aborted. */
  reached(height: number): Promise<number>;
  close(): void;
}

/** A websocket that brings nothing for this long, in milliseconds, is taken for dead. */
const SILENCE_MS_MAX = 30_000;
/** With a live websocket heights are polled all the same, this seldom: half-open connections tell nobody. */
const SLOW_POLL_MS = 5_000;
const REST_MS_MAX = 10_000;

/**
 * Follows the newest height. The websocket is only a bell: heights are polled whenever it is down,
 * so that nothing hangs on a connection that proxies and laptops cut.
 */
export function createHeads(
  rpc: Rpc,
  comet: Comet38Client,
  { pollMs = 500, websocket = true, signal, onFailure }: HeadOptions = {},
): Heads {
  const stop = new AbortController();
  const stopped = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const waiting = new Set<() => void>();
  let newest = 0;
  let bell = false;

  const wakeAll = (): void => {
    for (const wake of [...waiting]) wake();
  };
  const see = (height: number): void => {
    if (height <= newest) return;
    newest = height;
    wakeAll();
  };
  /** True when woken, false when the time is over. */
  const woken = (ms: number): Promise<boolean> =>
    new Promise((resolve) => {
      const settle = (early: boolean) => {
        clearTimeout(timer);
        waiting.delete(wake);
        resolve(early);
      };
      const wake = () => settle(true);
      const timer = setTimeout(settle, ms, false);
      waiting.add(wake);
    });

  async function ring(): Promise<void> {
    let rest = pollMs;
    while (!stopped.aborted) {
      const opened = Date.now();
      await listen(websocketUrl(rpc.endpoint().url), stopped, (height) => {
        bell = true;
        see(height);
      });
      bell = false;
      wakeAll();
      rest = Date.now() - opened > SILENCE_MS_MAX ? pollMs : Math.min(rest * 2, REST_MS_MAX);
      await sleep(rest, stopped);
    }
  }
  if (websocket && typeof WebSocket !== "undefined") void ring();
  stopped.addEventListener("abort", wakeAll);

  return {
    async reached(height) {
      let look = !bell;
      for (;;) {
        if (stopped.aborted) throw stopped.reason;
        if (newest >= height) return newest;
        if (look) {
          try {
            see((await comet.status()).syncInfo.latestBlockHeight);
          } catch (cause) {
            onFailure?.(cause);
          }
          if (newest >= height || stopped.aborted) continue;
        }
        look = !(await woken(bell ? SLOW_POLL_MS : pollMs)) || !bell;
      }
    },
    close: () => stop.abort(),
  };
}

const websocketUrl = (url: string): string => `${url.replace(/^http/, "ws")}/websocket`;

/** Listens to new headers until the socket ends, in whatever way. Never rejects. */
function listen(url: string, signal: AbortSignal, onHeight: (height: number) => void): Promise<void> {
  return new Promise((resolve) => {
    let socket: WebSocket;
    try {
      socket = new WebSocket(url);
    } catch {
      // The environment forbids the connection (mixed content, for one).
      return resolve();
    }
    let silence: ReturnType<typeof setTimeout> | undefined;
    const end = () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", end);
      socket.onmessage = null;
      socket.onclose = null;
      socket.onerror = null;
      socket.close();
      resolve();
    };
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(end, SILENCE_MS_MAX);
    };
    alive();
    signal.addEventListener("abort", end);
    socket.onclose = end;
    socket.onerror = end;
    socket.onopen = () =>
      socket.send(
        JSON.stringify({ jsonrpc: "2.0", id: 1, method: "subscribe", params: { query: "tm.event='NewBlockHeader'" } }),
      );
    socket.onmessage = (message) => {
      alive();
      if (typeof message.data !== "string") return;
      let height: number;
      try {
        const header = member(member(member(member(JSON.parse(message.data), "result"), "data"), "value"), "header");
        height = Number(member(header, "height"));
      } catch {
        return end();
      }
      if (Number.isSafeInteger(height)) onHeight(height);
    };
  });
}

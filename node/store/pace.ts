/**
 * Long work on the thread that makes blocks is cut into slices: it checks `due` every few hundred steps and then rests,
 * so that no block waits longer than one slice.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

export interface Pace {
  /** Whether the slice is used up. */
  readonly due: boolean;
  /** Lets others run. Throws what `stop` was given once the work is called off. */
  rest(): Promise<void>;
}

/** For start-up and offline commands, where nothing waits. */
export const unpaced: Pace = { due: false, rest: async () => {} };

export class Slices implements Pace {
  readonly #sliceMs: number;
  readonly #restMs: number;
  #started = performance.now();
  #stop: Error | undefined;

  constructor(sliceMs = 2, restMs = 1) {
    this.#sliceMs = sliceMs;
    this.#restMs = restMs;
  }

  get due(): boolean {
    return performance.now() - this.#started >= this.#sliceMs;
  }

  async rest(): Promise<void> {
    if (this.#stop !== undefined) throw this.#stop;
    await nextTurn();
    if (this.#restMs > 0) await sleep(this.#restMs);
    if (this.#stop !== undefined) throw this.#stop;
    this.#started = performance.now();
  }

  /** The next rest throws `reason`. */
  stop(reason: Error): void {
    this.#stop = reason;
  }
}

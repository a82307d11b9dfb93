import { setTimeout as sleep } from "node:timers/promises";

/** Thrown by a question that will never have an answer. */
export class Hopeless extends Error {}

/**
 * Asks again and again until there is an answer other than undefined; a question that throws has none yet. Throws with
 * what was wanted, and the last failure as its cause, when the time is over.
 */
export async function until<T>(want: string, timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let cause: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      cause = error;
    }
    if (performance.now() > deadline) {
      const reason = cause instanceof Error ? `: ${cause.message}` : "";
      throw new Error(`${want}: not within ${timeoutMs / 1000} s${reason}`, { cause });
    }
    await sleep(100);
  }
}

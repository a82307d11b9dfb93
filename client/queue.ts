/** Runs one task at a time, in the order of asking. A failing task does not stop the next one. */
export function createLock(): <R>(task: () => Promise<R>) => Promise<R> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const mine = last.then(task, task);
    last = mine.catch(() => {});
    return mine;
  };
}

/** Lets at most `limit` holders in; the others wait in the order of asking. */
export function createSlots(limit: number): { take(signal?: AbortSignal): Promise<() => void> } {
  let free = limit;
  const waiting: (() => void)[] = [];

  const give = (): (() => void) => {
    let given = true;
    return () => {
      if (!given) return;
      given = false;
      const next = waiting.shift();
      if (next) next();
      else free++;
    };
  };

  return {
    async take(signal) {
      signal?.throwIfAborted();
      if (free > 0) {
        free--;
        return give();
      }
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(signal?.reason);
        };
        const enter = () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        waiting.push(enter);
        signal?.addEventListener("abort", onAbort, { once: true });
      });
      return give();
    },
  };
}

export interface Progress {
  done(): void;
  failed(): void;
}

/**
 * Says on a terminal, second by second, that something long goes on; anywhere else, with one line at its start and one
 * at its end.
 */
export function createProgress(output: NodeJS.WriteStream, what: string): Progress {
  const start = performance.now();
  const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`;
  const tty = output.isTTY === true;
  if (!tty) output.write(`${what} …\n`);
  const timer = tty ? setInterval(() => output.write(`\r${what} … ${seconds()}`), 250) : undefined;
  const end = (how: string) => {
    clearInterval(timer);
    output.write(tty ? `\r${what}: ${how} after ${seconds()}\n` : `${what}: ${how} after ${seconds()}\n`);
  };
  return { done: () => end("done"), failed: () => end("failed") };
}

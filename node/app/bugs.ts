/** What a transaction or a message tells of a bug that it met: nothing. */
export const INTERNAL = { codespace: "internal", code: 1, message: "internal error" } as const;

/**
 * A bug that is the same on every node, so that it may become a result. When a stack overflows or memory runs out differs
 * between machines, and a result would fork the chain: throws `RangeError`, and whatever is no Error, to stop the process.
 */
export function sameBug(error: unknown): Error {
  if (!(error instanceof Error) || error instanceof RangeError) throw error;
  return error;
}

import type { ResponseQuery } from "@interfirm/proto/gen/tendermint/abci";

export type Maybe<T> = T | Promise<T>;

/**
 * `await` that does not wait when there is nothing to wait for: most queries are answered at once.
 * Not called `then`: a module that exports that name is taken for a promise when it is imported.
 */
export function andThen<A, B>(value: Maybe<A>, next: (value: A) => Maybe<B>): Maybe<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** What `act` gives, or what `otherwise` makes of what it throws or rejects with. */
export function orElse<T>(act: () => Maybe<T>, otherwise: (error: unknown) => T): Maybe<T> {
  try {
    const result = act();
    return result instanceof Promise ? result.catch(otherwise) : result;
  } catch (error) {
    return otherwise(error);
  }
}

/** What a ResponseQuery has when nothing is said. */
export const NOTHING: ResponseQuery = {
  code: 0,
  log: "",
  info: "",
  index: 0n,
  key: new Uint8Array(0),
  value: new Uint8Array(0),
  proofOps: undefined,
  height: 0n,
  codespace: "",
};

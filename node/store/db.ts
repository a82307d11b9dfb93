/** The little that the store asks of LevelDB, so that tests can stand a failing one in its place. */
import { setTimeout as sleep } from "node:timers/promises";
import { Level } from "level";
import { StoreError } from "./errors.ts";
import type { KeyRange } from "./layout.ts";
import type { Log } from "./log.ts";

export type Write =
  | { readonly type: "put"; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly type: "del"; readonly key: Uint8Array };

export interface EntryOptions extends KeyRange {
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** Every method throws `StoreError` of kind `io` when the disk refuses, `corrupt` when LevelDB says so. */
export interface Database {
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** All or nothing. With `sync` it is on the disk when the promise resolves. */
  write(batch: readonly Write[], sync: boolean): Promise<void>;
  entries(options: EntryOptions): AsyncIterable<readonly [key: Uint8Array, value: Uint8Array]>;
  keys(options: EntryOptions): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

/** The innermost code: abstract-level wraps LevelDB's error of opening in its own. */
function innerCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? codeOf(error) : (innerCode(cause) ?? codeOf(error));
}

function toStoreError(error: unknown, doing: string): StoreError {
  const detail = error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : error;
  const kind = innerCode(error) === "LEVEL_CORRUPTION" ? "corrupt" : "io";
  return new StoreError(kind, `cannot ${doing}: ${detail}`, { cause: error });
}

export interface OpenDatabaseOptions {
  /** How long to wait for another process that holds the database. Default 30,000. */
  readonly lockWaitMs?: number | undefined;
  readonly log: Log;
  readonly createIfMissing?: boolean | undefined;
}

const LOCK_RETRY_MS = 200;

/** Opens LevelDB at `path`. Waits while another process holds its lock; `locked` after `lockWaitMs`. */
export async function openDatabase(path: string, options: OpenDatabaseOptions): Promise<Database> {
  const { lockWaitMs = 30_000, log, createIfMissing = true } = options;
  const level = new Level<Uint8Array, Uint8Array>(path, {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
    createIfMissing,
  });
  const end = performance.now() + lockWaitMs;
  for (let attempt = 0; ; attempt++) {
    try {
      await level.open();
      return wrap(level);
    } catch (error) {
      if (innerCode(error) !== "LEVEL_LOCKED") throw toStoreError(error, `open the database ${path}`);
      if (performance.now() >= end) {
        const message = `database ${path} is held by another process, waited ${lockWaitMs} ms: stop the node that runs on this home first`;
        throw new StoreError("locked", message, { cause: error });
      }
      if (attempt === 0) log.warn({ path, lockWaitMs }, "another process holds the database, waiting for it");
      await sleep(LOCK_RETRY_MS);
    }
  }
}

function wrap(level: Level<Uint8Array, Uint8Array>): Database {
  return {
    async get(key) {
      try {
        return await level.get(key);
      } catch (error) {
        throw toStoreError(error, "read the database");
      }
    },
    async write(batch, sync) {
      try {
        await level.batch([...batch], { sync });
      } catch (error) {
        throw toStoreError(error, "write the database");
      }
    },
    async *entries(options) {
      try {
        yield* level.iterator(options);
      } catch (error) {
        throw error instanceof StoreError ? error : toStoreError(error, "read the database");
      }
    },
    async *keys(options) {
      try {
        yield* level.keys(options);
      } catch (error) {
        throw error instanceof StoreError ? error : toStoreError(error, "read the database");
      }
    },
    close: () => level.close(),
  };
}

/** For the tests of the store: databases in folders of their own, and one whose writes fail on request. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, type OpenDatabaseOptions, openDatabase } from "./db.ts";
import { StoreError } from "./errors.ts";
import { MultiStore, type MultiStoreOptions } from "./multistore.ts";
import type { ReadView } from "./version.ts";

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
export const hex = (data: Uint8Array): string => Buffer.from(data).toString("hex");

/** Folders that a test made; `clean` removes them. */
export function createFolders(): { make(): string; clean(): void } {
  const made: string[] = [];
  return {
    make() {
      const folder = mkdtempSync(join(tmpdir(), "interfirm-store-"));
      made.push(folder);
      return folder;
    },
    clean() {
      for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Opens a store with the stores `a` and `b`, keeping every height. */
export const openTestStore = (path: string, options: Partial<MultiStoreOptions> = {}): Promise<MultiStore> =>
  MultiStore.open({ path, storeKeys: ["a", "b"], pruning: { keepRecent: undefined, interval: 0 }, ...options });

/** Writes of height `height` that any test can tell apart: ten keys, some shared between heights, one deletion. */
export function writeBlock(store: MultiStore, height: number): void {
  for (let i = 0; i < 10; i++) {
    store.working("a").set(bytes(`key-${(height * 7 + i * 13) % 60}`), bytes(`${height}/${i}`));
  }
  store.working("b").delete(bytes(`only-${height - 3}`));
  store.working("b").set(bytes(`only-${height}`), bytes(`${height}`));
}

/** Commits a block of {@link writeBlock} and returns the app hash in hex. */
export async function commitBlock(store: MultiStore, height: number): Promise<string> {
  writeBlock(store, height);
  const appHash = store.prepare(BigInt(height));
  await store.commit({ time: BigInt(height) * 1_000_000_000n, metadata: bytes(`meta-${height}`) });
  return hex(appHash);
}

/** Every entry of every store, as text. */
export function dump(view: ReadView): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const { name } of view.stores) {
    all[name] = [...view.store(name).range(undefined, undefined)].map(([k, v]) => `${hex(k)}=${hex(v)}`);
  }
  return all;
}

export interface FailingDatabase {
  /** Writes from now on that succeed before the next one fails; undefined: none fails. */
  failAfter: number | undefined;
  readonly open: (path: string, options: OpenDatabaseOptions) => Promise<Database>;
}

/** Opens real databases whose writes fail like a full disk when `failAfter` runs out. */
export function createFailingDatabase(): FailingDatabase {
  const control: FailingDatabase = {
    failAfter: undefined,
    async open(path, options) {
      const db = await openDatabase(path, options);
      return {
        ...db,
        async write(batch, sync) {
          if (control.failAfter !== undefined && control.failAfter-- <= 0) {
            throw new StoreError("io", "cannot write the database: No space left on device");
          }
          await db.write(batch, sync);
        },
      };
    },
  };
  return control;
}

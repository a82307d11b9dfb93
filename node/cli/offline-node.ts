/** The node's state for commands that run while the node does not. */
import { existsSync } from "node:fs";
import { appToml } from "../config/app-toml.ts";
import type { Home } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger } from "../log/logger.ts";
import { StoreError } from "../store/errors.ts";
import type { Io } from "./io.ts";
import type { OpenNode } from "./open-node.ts";

/** A node that was just killed holds its database for a moment longer. One that runs does not end while we wait. */
export const LOCK_WAIT_MS = 2_000;

interface Offline {
  readonly home: Home;
  readonly io: Io;
}

/** Throws an Error when the node has never committed a block. */
export function requireState({ applicationDb }: Home): void {
  if (existsSync(applicationDb)) return;
  throw new Error(`${applicationDb} is not there: run interfirmd start for a block or more first, or give --home`);
}

/** Throws a StoreError of kind `locked` while the node runs. */
export async function requireStopped({ applicationDb }: Home): Promise<void> {
  if (!existsSync(applicationDb)) return;
  const { openDatabase } = await import("../store/db.ts");
  const { silent } = await import("../store/log.ts");
  try {
    const db = await openDatabase(applicationDb, { log: silent, lockWaitMs: LOCK_WAIT_MS, createIfMissing: false });
    await db.close();
  } catch (error) {
    // Whatever else is wrong with it, nobody holds it.
    if (error instanceof StoreError && error.kind === "locked") throw error;
  }
}

/** Opens the state, lets `act` work on it and closes it. Rejects as `openNode` does. */
export async function withOfflineNode<R>({ home, io }: Offline, act: (node: OpenNode) => Promise<R>): Promise<R> {
  const { openNode } = await import("./open-node.ts");
  const app = loadConfig(appToml, { path: home.appToml, env: io.env }).values;
  const logger = createLogger({ level: "error", write: io.err });
  const node = await openNode({ home, app, logger, build: io.build, lockWaitMs: LOCK_WAIT_MS });
  try {
    return await act(node);
  } finally {
    await node.close();
  }
}

import type { Logger } from "../abci/logger.ts";
import { spawnComet } from "./child.ts";

export interface CompleteIndexOptions {
  /** Path of the executable, from `locateTool`. */
  readonly binary: string;
  readonly home: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** The last height that the application has committed. */
  readonly height: bigint;
  readonly logger: Logger;
}

/** CometBFT writes the index of a block while it works on the next one, so it can lack the last two. */
const BLOCKS = 2n;

/** Far more than two blocks take. An index that is not complete is no reason not to start. */
const TIMEOUT_MS = 60_000;

/**
 * Writes the index entries of the last committed blocks again. CometBFT 0.38 commits a block first and indexes it
 * afterwards, from events that are nowhere on disk: when it is killed in between, or merely stopped, `tx` and `tx_search`
 * of this node never find the block's transactions. `cometbft reindex-event` makes the entries anew from the stored
 * results; entries that are there already are written as they are. Never throws: without it the node is as CometBFT is.
 */
export async function completeIndex({ binary, home, env, height, logger }: CompleteIndexOptions): Promise<void> {
  const run = async (from: bigint): Promise<string> => {
    let said = "";
    const child = await spawnComet({
      binary,
      home,
      env,
      args: ["reindex-event", "--start-height", `${from}`, "--end-height", `${height}`],
      onLine: (line) => {
        said = `${said}${line}\n`.slice(0, 2_000);
      },
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    await child.exited;
    clearTimeout(timer);
    return said;
  };
  try {
    const first = height < BLOCKS ? 1n : height - BLOCKS + 1n;
    let said = await run(first);
    // Blocks before the last one may be pruned, or never have been here: a node that began with a snapshot.
    if (said.includes("height is not available") && first < height) said = await run(height);
    const [failure] = said.split("\n").filter((line) => line.includes("event re-index failed"));
    if (failure) logger.info({ height, reason: failure }, "the index of the last blocks was not checked");
    else logger.debug({ height }, "the index of the last blocks is complete");
  } catch (error) {
    logger.warn({ height, error: String(error) }, "the index of the last blocks was not checked");
  }
}

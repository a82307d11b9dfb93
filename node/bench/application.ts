/**
 * The node's application in a process of its own, opened as `interfirmd start` opens it, with a clock on every answer.
 * Arguments: home, address. Its parent asks for the times with the message `times`, see {@link Times}.
 */
import { createAbciServer } from "../abci/server.ts";
import { openNode } from "../cli/open-node.ts";
import { appToml } from "../config/app-toml.ts";
import { homeAt } from "../config/home.ts";
import { loadConfig } from "../config/load.ts";
import { createLogger } from "../log/logger.ts";

/** Milliseconds from a request to its encoded response, since the last time they were asked for. */
export interface Times {
  readonly checkTx: readonly number[];
  /** With the number of transactions of the block. */
  readonly finalizeBlock: readonly { readonly ms: number; readonly txs: number }[];
  readonly commit: readonly number[];
  /** Sum of all times, by method. */
  readonly total: Readonly<Record<string, number>>;
}

const MEMPOOL_SIZE = 50_000;

const [root = "", address = ""] = process.argv.slice(2);
const home = homeAt(root);
const logger = createLogger({ level: "error" });
const app = loadConfig(appToml, { path: home.appToml, env: {}, flags: {} }).values;
const { application, close } = await openNode({ home, app, logger, mempoolSize: MEMPOOL_SIZE });

let checkTx: number[] = [];
let finalizeBlock: { ms: number; txs: number }[] = [];
let commit: number[] = [];
let total: Record<string, number> = {};
let txs = 0;

const { finalizeBlock: finalize } = application.handlers;
const server = createAbciServer({
  address,
  logger,
  handlers: {
    ...application.handlers,
    finalizeBlock(request) {
      txs = request.txs.length;
      return finalize(request);
    },
  },
  onFatal(error) {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  },
  onAnswer(method, ms) {
    total[method] = (total[method] ?? 0) + ms;
    if (method === "checkTx") checkTx.push(ms);
    else if (method === "finalizeBlock") finalizeBlock.push({ ms, txs });
    else if (method === "commit") commit.push(ms);
  },
});
await server.listen();
process.send?.({ listening: server.address });

process.on("message", (message) => {
  if (message !== "times") return;
  const times: Times = { checkTx, finalizeBlock, commit, total };
  process.send?.(times);
  checkTx = [];
  finalizeBlock = [];
  commit = [];
  total = {};
});

process.on("SIGTERM", async () => {
  await server.close();
  await close();
  process.exit();
});
process.on("disconnect", () => process.exit());

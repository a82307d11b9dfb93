/**
 * The node's application in a process of its own, wired as `interfirmd start` wires it, with a clock on every answer.
 * Arguments: home, address, minimum gas price and its denom. Its parent asks for the times with the message `times`, see
 * {@link Times}.
 */
import { createVerifiedSignatures } from "@interfirm/modules/auth/verified";
import { createAbciServer } from "../abci/server.ts";
import { interfirmModules } from "../app/app.ts";
import { createApplication, storeKeysOf } from "../app/application.ts";
import { homeAt } from "../config/home.ts";
import { createVerify } from "../crypto/verify.ts";
import { createLogger } from "../log/logger.ts";
import { MultiStore } from "../store/multistore.ts";

/** Milliseconds from a request to its encoded response, since the last time they were asked for. */
export interface Times {
  readonly checkTx: readonly number[];
  /** With the number of transactions of the block. */
  readonly finalizeBlock: readonly { readonly ms: number; readonly txs: number }[];
  readonly commit: readonly number[];
  /** Sum of all times, by method. */
  readonly total: Readonly<Record<string, number>>;
}

const CACHED_TXS = 50_000;

const [root = "", address = "", price = "", denom = ""] = process.argv.slice(2);
const logger = createLogger({ level: "error" });
const composition = interfirmModules({ verifier: createVerify(), verified: createVerifiedSignatures(CACHED_TXS) });
const store = await MultiStore.open({
  path: homeAt(root).applicationDb,
  storeKeys: storeKeysOf(composition),
  log: logger,
});
const application = createApplication({
  composition,
  store,
  logger,
  minGasPrices: [{ denom, amount: BigInt(price) }],
  version: { name: "interfirm", appName: "interfirmd", version: "bench", gitCommit: "", cosmosSdkVersion: "v0.53" },
  config: { minimumGasPrices: "", pruningKeepRecent: "", pruningInterval: "", haltHeight: 0n },
  decodedTxs: CACHED_TXS,
});

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
  await store.close();
  process.exit();
});
process.on("disconnect", () => process.exit());

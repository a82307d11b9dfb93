/** `interfirmd query block|blocks|block-results|tx|txs|wait-tx|comet-validator-set`: what CometBFT itself keeps. */
import { setTimeout as sleep } from "node:timers/promises";
import { bytesToAddress, consensusPrefix } from "@interfirm/modules/kernel/address";
import { Block } from "@interfirm/proto/gen/tendermint/types";
import { toJson } from "@interfirm/proto/json";
import type { Command } from "commander";
import { blockOf, hexOf, validatorKeyOf } from "../app/services/comet-json.ts";
import { type Rpc, RpcError } from "../comet/rpc.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Run } from "./program.ts";
import { rpcOf } from "./query-node.ts";
import { registry } from "./tx-json.ts";
import { txResponseJson } from "./tx-response.ts";
import { toYaml } from "./yaml.ts";

const NODE_FLAGS: Readonly<Record<string, string>> = {
  "-n, --node <address>": "CometBFT RPC of the node (default: tcp://localhost:26657)",
  "-o, --output <form>": "text or json",
};

const PAGE_FLAGS: Readonly<Record<string, string>> = {
  "--query <events>": "conditions on events: message.sender='firm1…' AND tx.height>5",
  "--page <number>": "page, from 1",
  "--limit <entries>": "entries in the page, at most 100 (default: 100)",
  "--order_by <order>": "asc or desc",
};

export function registerChain(query: Command, run: Run): void {
  const answer = (context: Context, json: unknown) => context.answer(json, () => toYaml(json));
  const heightOf = (text: string | undefined): bigint | undefined => {
    if (text === undefined || text === "") return undefined;
    if (!/^[1-9][0-9]{0,18}$/.test(text))
      throw new Error(`height is ${JSON.stringify(text.slice(0, 40))}, want a whole number from 1`);
    return BigInt(text);
  };

  const block = query
    .command("block [height-or-hash]")
    .description("a block: the latest, or that of a height or hash")
    .action(
      run(async (context, given: string | undefined) => {
        const rpc = rpcOf(context);
        const byHash =
          context.flags.text("type") === "hash" || (given !== undefined && /^[0-9a-fA-F]{64}$/.test(given));
        const found = byHash
          ? await rpc.call<{ readonly block: unknown }>("block_by_hash", {
              hash: Buffer.from(given ?? "", "hex").toString("base64"),
            })
          : await rpc.block(heightOf(given));
        answer(context, blockJson(found.block));
      }),
    );
  valueFlags(block, { "--type <kind>": "height or hash", ...NODE_FLAGS });

  const blocks = query
    .command("blocks")
    .description("blocks whose events meet conditions")
    .action(
      run(async (context) => {
        const { flags } = context;
        const { page, limit } = readPage(context);
        const found = await rpcOf(context).call<{
          readonly blocks: readonly { readonly block: unknown }[];
          readonly total_count: string;
        }>("block_search", {
          query: flags.text("query") ?? "block.height>0",
          page: String(page),
          per_page: String(limit),
          order_by: flags.text("order_by") ?? "asc",
        });
        const blocks = found.blocks.map((one) => blockJson(one.block));
        answer(context, { ...pageJson(found.total_count, blocks.length, page, limit), blocks });
      }),
    );
  valueFlags(blocks, { ...PAGE_FLAGS, ...NODE_FLAGS });

  const results = query
    .command("block-results [height]")
    .description("what came of a block's transactions")
    .action(
      run(async (context, given: string | undefined) =>
        answer(context, await rpcOf(context).blockResults(heightOf(given))),
      ),
    );
  valueFlags(results, NODE_FLAGS);

  const validators = query
    .command("comet-validator-set [height]")
    .description("the validators of a height")
    .action(
      run(async (context, given: string | undefined) => {
        const { flags } = context;
        const height = heightOf(given);
        const set = await rpcOf(context).call<{
          readonly block_height: string;
          readonly validators: readonly { readonly address: string; readonly pub_key: { readonly value: string } }[];
          readonly total: string;
        }>("validators", {
          ...(height === undefined ? {} : { height: String(height) }),
          page: String(flags.count("page") ?? 1n),
          per_page: String(flags.count("limit") ?? 100n),
        });
        const shown = set.validators.map((validator) => ({
          ...validator,
          address: bytesToAddress(hexOf(validator.address), consensusPrefix(context.prefix)),
          pub_key: { "@type": validatorKeyOf(validator.pub_key).typeUrl, key: validator.pub_key.value },
        }));
        answer(context, {
          block_height: set.block_height,
          validators: shown,
          pagination: { next_key: null, total: set.total },
        });
      }),
    );
  valueFlags(validators, {
    "--page <number>": "page, from 1",
    "--limit <entries>": "entries in the page",
    ...NODE_FLAGS,
  });

  registerTxs(query, run, answer);
}

/** The block in the SDK's JSON, out of CometBFT's. */
const blockJson = (json: unknown) => toJson(Block, blockOf(json), registry);

const readPage = ({ flags }: Context) => ({
  page: Number(flags.count("page") ?? 1n),
  limit: Number(flags.count("limit") ?? 100n),
});

/** What the SDK says of a page of search results. */
const pageJson = (total: string, count: number, page: number, limit: number) => ({
  total_count: total,
  count: String(count),
  page_number: String(page),
  page_total: String(Math.max(1, Math.ceil(Number(total) / limit))),
  limit: String(limit),
});

function registerTxs(query: Command, run: Run, answer: (context: Context, json: unknown) => void): void {
  const tx = query
    .command("tx <hash-or-other>")
    .description("a transaction in a block, by its hash, a signature of it or <signer>/<sequence>")
    .action(
      run(async (context, word: string) => {
        const kind = context.flags.text("type") ?? "hash";
        const rpc = rpcOf(context);
        const hash = kind === "hash" ? word : await searchTx(rpc, kind, word);
        answer(context, await findTx(rpc, hash));
      }),
    );
  valueFlags(tx, { "--type <kind>": "hash, acc_seq or signature (default: hash)", ...NODE_FLAGS });

  const txs = query
    .command("txs")
    .description("transactions whose events meet conditions")
    .action(
      run(async (context) => {
        const { flags } = context;
        const rpc = rpcOf(context);
        const conditions = flags.text("query") ?? fromEvents(flags.text("events"));
        if (!conditions) throw new Error("--query is missing, want conditions such as \"message.sender='firm1…'\"");
        const { page, limit } = readPage(context);
        const order = flags.text("order_by") === "desc" ? "desc" : "asc";
        const found = await rpc.txSearch(conditions, page, limit, order);
        const shown = [];
        for (const result of found.txs) shown.push(txResponseJson(result, await blockTime(rpc, result.height)));
        answer(context, { ...pageJson(found.total_count, shown.length, page, limit), txs: shown });
      }),
    );
  valueFlags(txs, { ...PAGE_FLAGS, "--events <events>": "older form of --query, with & for AND", ...NODE_FLAGS });

  const wait = query
    .command("wait-tx [hash]")
    .aliases(["event-query-tx-for"])
    .description("wait until a transaction is in a block; without a hash, that of a broadcast's JSON on stdin")
    .action(
      run(async (context, given: string | undefined) => {
        const hash = given ?? hashIn(await context.io.prompt.line(""));
        const timeoutMs = readSeconds(context.flags.text("timeout") ?? "15s") * 1000;
        const rpc = rpcOf(context);
        for (const deadline = performance.now() + timeoutMs; ; await sleep(200)) {
          try {
            answer(context, await findTx(rpc, hash));
            return;
          } catch (error) {
            if (!(error instanceof RpcError)) throw error;
            if (performance.now() > deadline) {
              throw new Error(
                `transaction ${hash} is in no block after ${timeoutMs / 1000} s: it may come yet, or never`,
              );
            }
          }
        }
      }),
    );
  valueFlags(wait, { "--timeout <time>": "how long to wait (default: 15s)", ...NODE_FLAGS });
  boolFlags(tx, { "--prove": "without effect" });
}

/** The older `message.sender=firm1…&tx.height=5` in CometBFT's language. */
const fromEvents = (text: string | undefined): string | undefined =>
  text
    ?.split("&")
    .map((part) =>
      part.replace(/^([^=]+)=([^'].*)$/, (_, key, value) =>
        /^\d+$/.test(value) ? `${key}=${value}` : `${key}='${value}'`,
      ),
    )
    .join(" AND ");

function hashIn(line: string): string {
  const hash = (JSON.parse(line) as { readonly txhash?: unknown }).txhash;
  if (typeof hash !== "string") throw new Error("stdin has no txhash, want the JSON of a broadcast");
  return hash;
}

function readSeconds(text: string): number {
  const match = /^(\d{1,5})(ms|s|m)?$/.exec(text);
  if (!match) throw new Error(`--timeout is ${JSON.stringify(text)}, want a length of time such as 15s`);
  return Number(match[1]) * { ms: 0.001, s: 1, m: 60 }[(match[2] ?? "s") as "ms" | "s" | "m"];
}

/** The hash of the one transaction with this signer and sequence, or with these signatures, with commas between. */
async function searchTx(rpc: Rpc, kind: string, text: string): Promise<string> {
  if (kind !== "acc_seq" && kind !== "signature")
    throw new Error(`--type is ${kind.slice(0, 40)}, want hash, acc_seq or signature`);
  const form = kind === "acc_seq" ? /^[0-9a-z]{1,120}\/\d{1,20}$/ : /^[A-Za-z0-9+/=]{1,100}$/;
  const parts = kind === "acc_seq" ? [text] : text.split(",");
  const wrong = parts.find((part) => !form.test(part));
  if (wrong !== undefined)
    throw new Error(
      `${kind} is ${JSON.stringify(wrong.slice(0, 100))}, want ${kind === "acc_seq" ? "<address>/<sequence>" : "base64"}`,
    );
  const found = await rpc.txSearch(parts.map((part) => `tx.${kind}='${part}'`).join(" AND "), 1, 2, "asc");
  const [first] = found.txs;
  if (!first || found.txs.length > 1)
    throw new Error(`${found.total_count} transactions have ${kind} ${text.slice(0, 120)}, want one`);
  return first.hash;
}

async function findTx(rpc: Rpc, hash: string) {
  const plain = hash.replace(/^0x/, "");
  if (!/^[0-9a-fA-F]{64}$/.test(plain)) throw new Error(`hash has ${plain.length} characters, want 64 hex digits`);
  const result = await rpc.tx(plain);
  return txResponseJson(result, await blockTime(rpc, result.height));
}

/** Time of a block as the SDK shows it: RFC 3339 in seconds. */
async function blockTime(rpc: Rpc, height: string): Promise<string> {
  const { block } = await rpc.block(BigInt(height));
  return block.header.time.replace(/\.\d+Z$/, "Z");
}

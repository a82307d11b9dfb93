/** `interfirmd query`: one command for each method of each query service, and CometBFT's blocks and transactions. */

import { toShown } from "@interfirm/proto/amino";
import type { Field } from "@interfirm/proto/types";
import type { Command } from "commander";
import { addressResolver } from "./addresses.ts";
import { chainModules } from "./chain-modules.ts";
import type { Context } from "./context.ts";
import { kebab, readField, valueTerm } from "./field-values.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Register, Run } from "./program.ts";
import { registerChain } from "./query-chain.ts";
import { queryNode, rpcOf } from "./query-node.ts";
import { isPage, type MethodCommand, methodCommands, servedServices } from "./services.ts";
import { registry } from "./tx-json.ts";
import { toYaml } from "./yaml.ts";

const QUERY_FLAGS: Readonly<Record<string, string>> = {
  "-n, --node <address>": "CometBFT RPC of the node (default: tcp://localhost:26657)",
  "--height <height>": "answer as of this height (default: the latest)",
  "-o, --output <form>": "text or json",
  "--grpc-addr <address>": "without effect: queries go through the RPC",
  "--keyring-backend <kind>": "where names of keys are looked up (default: that of client.toml)",
  "--keyring-dir <folder>": "folder of the keyring (default: the home)",
  "--chain-id <id>": "without effect: a node knows one chain",
};

const QUERY_BOOL_FLAGS: Readonly<Record<string, string>> = {
  "--grpc-insecure": "without effect: queries go through the RPC",
  "--no-indent": "without effect: JSON is one line",
};

/** By the SDK's names of today, `--page-limit`, and those of before, `--limit`. */
const PAGE_FLAGS: Readonly<Record<string, string>> = {
  "--page-key <key>": "where the page starts: next_key of the page before",
  "--page-limit <entries>": "entries in the page",
  "--page-offset <entries>": "entries to pass over",
  "--limit <entries>": "the same as --page-limit",
  "--offset <entries>": "the same as --page-offset",
};
const PAGE_BOOL_FLAGS: Readonly<Record<string, string>> = {
  "--page-count-total": "count all entries, too",
  "--page-reverse": "from the last to the first",
  "--count-total": "the same as --page-count-total",
  "--reverse": "the same as --page-reverse",
};

export const register: Register = (program, run) => {
  const query = program.command("query").alias("q").description("ask a node");
  registerChain(query, run);
  const modules = new Map<string, Command>();
  const specs = methodCommands("query", servedServices(chainModules()));
  for (const spec of specs) {
    let parent = modules.get(spec.module);
    if (!parent) {
      parent = query.command(spec.module).description(`queries of ${spec.module}`);
      modules.set(spec.module, parent);
    }
    registerMethod(parent, spec, run);
  }
  // Where the SDK has them.
  const comet = (modules.get("consensus") as Command).command("comet").description("what CometBFT knows");
  for (const spec of specs) if (spec.module === "comet") registerMethod(comet, spec, run);
};

function registerMethod(parent: Command, spec: MethodCommand, run: Run): void {
  const { method, args, required } = spec;
  const terms = args.map((field, index) => {
    const name = kebab(field.protoName);
    if (field.repeated) return `[${name}...]`;
    return index < required ? `<${name}>` : `[${name}]`;
  });
  const command = parent
    .command([spec.command, ...terms].join(" "))
    .aliases([...spec.aliases])
    .description(method.comment)
    .action(
      run(async (context, ...words: string[]) => {
        const request = await readRequest(context, spec, words);
        const path = `/${spec.service.typeName}/${method.name}`;
        const height = context.flags.count("height");
        const answer = await queryNode(rpcOf(context), path, method.input, method.output, request, height);
        const json = toShown(method.output, answer, registry);
        context.answer(json, () => toYaml(json));
      }),
    );
  addFieldFlags(command, spec.flags);
  valueFlags(command, QUERY_FLAGS);
  boolFlags(command, QUERY_BOOL_FLAGS);
}

/** Flags of fields that are no arguments. */
export function addFieldFlags(command: Command, fields: readonly Field[]): void {
  for (const field of fields) {
    if (isPage(field)) {
      valueFlags(command, PAGE_FLAGS);
      boolFlags(command, PAGE_BOOL_FLAGS);
    } else if (field.kind === "scalar" && field.scalar === "bool" && !field.repeated) {
      boolFlags(command, { [`--${kebab(field.protoName)}`]: field.comment });
    } else valueFlags(command, { [`--${kebab(field.protoName)} <${valueTerm(field)}>`]: field.comment });
  }
}

async function readRequest(context: Context, spec: MethodCommand, words: readonly string[]): Promise<unknown> {
  const resolve = addressResolver(context);
  const request: Record<string, unknown> = {};
  for (const [index, field] of spec.args.entries()) {
    const word = words[index] as string | readonly string[] | undefined;
    if (word === undefined) continue;
    request[field.name] = await readField(field, typeof word === "string" ? word : word.join(","), resolve);
  }
  await readFieldFlags(context, spec.flags, request, resolve);
  return spec.method.input.fromPartial(request as never);
}

/** Reads the flags of fields into a message. */
export async function readFieldFlags(
  { flags }: Context,
  fields: readonly Field[],
  message: Record<string, unknown>,
  resolve: (text: string) => Promise<string>,
): Promise<void> {
  for (const field of fields) {
    const name = kebab(field.protoName);
    if (isPage(field)) message[field.name] = readPage(flags);
    else if (field.kind === "scalar" && field.scalar === "bool" && !field.repeated)
      message[field.name] = flags.is(name);
    else if (flags.given(name)) message[field.name] = await readField(field, flags.text(name) as string, resolve);
  }
}

function readPage(flags: Context["flags"]) {
  const key = flags.text("page-key");
  return {
    key: key === undefined ? new Uint8Array() : new Uint8Array(Buffer.from(key, "base64")),
    offset: flags.count("page-offset") ?? flags.count("offset") ?? 0n,
    limit: flags.count("page-limit") ?? flags.count("limit") ?? 0n,
    countTotal: flags.is("page-count-total") || flags.is("count-total"),
    reverse: flags.is("page-reverse") || flags.is("reverse"),
  };
}

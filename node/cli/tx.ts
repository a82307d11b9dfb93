/** `interfirmd tx`: one command for each method of each `Msg` service, and tools for transactions in files. */
import { addressToBytes, bytesToAddress, validatorPrefix } from "@interfirm/modules/kernel/address";
import type { Command } from "commander";
import { addressResolver } from "./addresses.ts";
import { chainModules } from "./chain-modules.ts";
import type { Context } from "./context.ts";
import { isCoin, kebab, readField } from "./field-values.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Register, Run } from "./program.ts";
import { addFieldFlags, readFieldFlags } from "./query.ts";
import { type MethodCommand, methodCommands, servedServices } from "./services.ts";
import { registerAuthorizations } from "./tx-authz.ts";
import { registerDistribution } from "./tx-distribution.ts";
import { registerAllowances } from "./tx-feegrant.ts";
import { registerGovernance } from "./tx-gov.ts";
import { addProposalFlags, propose } from "./tx-propose.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";
import { registerStaking } from "./tx-staking.ts";
import { registerTools } from "./tx-tools.ts";
import { registerUpgrades } from "./tx-upgrade.ts";
import { registerPeriods } from "./tx-vesting.ts";

/** Flags of every command that makes or signs a transaction. */
const TX_FLAGS: Readonly<Record<string, string>> = {
  "--from <key>": "key or address that signs",
  "--keyring-backend <kind>": "file, test or memory (default: that of client.toml)",
  "--keyring-dir <folder>": "folder of the keyring (default: the home)",
  "--chain-id <id>": "the chain (default: that of client.toml)",
  "-n, --node <address>": "CometBFT RPC of the node (default: tcp://localhost:26657)",
  "--gas <gas>": "gas limit, or auto to estimate it (default: 200000 gas)",
  "--gas-adjustment <factor>": "what an estimate is multiplied with (default: 1.0)",
  "--gas-prices <prices>": "price of a unit of gas: 0.025ufirm",
  "--fees <coins>": "fee: 5000ufirm",
  "--note <text>": "a note in the transaction, public and for ever",
  "--fee-payer <address>": "who pays the fee, and signs, too",
  "--fee-granter <address>": "whose allowance pays the fee",
  "-b, --broadcast-mode <mode>": "sync or async (default: sync)",
  "-a, --account-number <number>": "number of the account, with --offline",
  "-s, --sequence <number>": "sequence of the account, with --offline",
  "--sign-mode <mode>": "direct or amino-json (default: direct)",
  "--timeout-height <height>": "the last height at which it may be in a block",
  "--timeout-duration <time>": "not in this release",
  "--output-document <file>": "write the transaction to a file",
  "-o, --output <form>": "text or json",
};

const TX_BOOL_FLAGS: Readonly<Record<string, string>> = {
  "-y, --yes": "do not ask before signing",
  "--generate-only": "print the unsigned transaction",
  "--dry-run": "only estimate the gas",
  "--offline": "ask no node: needs --account-number and --sequence",
  "--unordered": "not in this release",
  "--ledger": "not in this release",
};

export function addTxFlags(command: Command): void {
  const has = (flag: string) => command.options.some(({ long }) => long === /--[a-z0-9-]+/.exec(flag)?.[0]);
  const missing = (flags: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(flags).filter(([flag]) => !has(flag)));
  valueFlags(command, missing(TX_FLAGS));
  boolFlags(command, missing(TX_BOOL_FLAGS));
}

export const register: Register = (program, run) => {
  const tx = program.command("tx").description("make, sign and send transactions");
  registerTools(tx, run);
  const modules = new Map<string, Command>();
  for (const spec of methodCommands("tx", servedServices(chainModules()))) {
    let parent = modules.get(spec.module);
    if (!parent) {
      parent = tx.command(spec.module).description(`transactions of ${spec.module}`);
      modules.set(spec.module, parent);
    }
    registerMethod(parent, spec, run);
  }
  registerMultiSend(modules.get("bank") as Command, run);
  registerDistribution(modules.get("distribution") as Command, run, addTxFlags);
  registerGovernance(modules.get("gov") as Command, run, addTxFlags);
  registerAuthorizations(modules.get("authz") as Command, run, addTxFlags);
  registerAllowances(modules.get("feegrant") as Command, run, addTxFlags);
  registerStaking(modules.get("staking") as Command, run, addTxFlags);
  registerUpgrades(modules.get("upgrade") as Command, run, addTxFlags);
  registerPeriods(modules.get("vesting") as Command, run, addTxFlags);
};

function registerMethod(parent: Command, spec: MethodCommand, run: Run): void {
  const { method, args, signerFirst } = spec;
  const terms = args.map((field) =>
    field.repeated && !isCoin(field) ? `<${kebab(field.protoName)}...>` : `<${kebab(field.protoName)}>`,
  );
  const signer = method.input.fields.find(({ name }) => name === method.input.signers[0]);
  const command = parent
    .command([spec.command, ...(signerFirst ? [`<${kebab(signer?.protoName ?? "from")}>`] : []), ...terms].join(" "))
    .aliases([...spec.aliases])
    .description(method.comment)
    .action(
      run(async (context, ...words: string[]) => {
        const message = await readMessage(context, spec, signerFirst ? words.slice(1) : words);
        if (spec.proposes && !context.flags.is("no-proposal")) {
          await propose(context, (authority) => packAny(method.input, { ...message, authority } as never));
          return;
        }
        const from = await signerOf(context, signerFirst ? words[0] : undefined);
        for (const name of method.input.signers)
          message[name] ??= signerText(method, name, from.address, context.prefix);
        await sendMessages(context, from, [packAny(method.input, message as never)]);
      }),
    );
  addFieldFlags(command, spec.flags);
  if (spec.proposes) {
    addProposalFlags(command);
    boolFlags(command, { "--no-proposal": "send the message itself, signed by the authority" });
  }
  addTxFlags(command);
}

/** The signer as the field has it: an operator is named by an address of its own, with the bytes of its account's. */
function signerText({ input }: MethodCommand["method"], name: string, address: string, prefix: string): string {
  const isOperator = input.fields.find((field) => field.name === name)?.cosmos === "cosmos.ValidatorAddressString";
  return isOperator ? bytesToAddress(addressToBytes(address, prefix), validatorPrefix(prefix)) : address;
}

async function readMessage(
  context: Context,
  spec: MethodCommand,
  words: readonly (string | readonly string[] | undefined)[],
): Promise<Record<string, unknown>> {
  const resolve = addressResolver(context);
  const message: Record<string, unknown> = {};
  for (const [index, field] of spec.args.entries()) {
    const word = words[index];
    if (word !== undefined)
      message[field.name] = await readField(field, typeof word === "string" ? word : word.join(","), resolve);
  }
  await readFieldFlags(context, spec.flags, message, resolve);
  return message;
}

/** The SDK's form of a multi-send: one sender, several recipients, one amount. */
function registerMultiSend(bank: Command, run: Run): void {
  const command = bank
    .command("multi-send <from-address> <to-addresses-and-amount...>")
    .description("sends an amount to each of several addresses, or with --split an equal part of it")
    .action(
      run(async (context, who: string | undefined, rest: readonly string[]) => {
        const words = rest;
        const { parseCoins } = await import("@interfirm/modules/kernel/coins");
        const { MsgMultiSend } = await import("@interfirm/proto/gen/cosmos/bank/v1beta1");
        const resolve = addressResolver(context);
        const recipients: string[] = [];
        for (const word of words.slice(0, -1)) recipients.push(await resolve(word));
        if (recipients.length === 0) throw new Error("there is no recipient, want addresses and then an amount");
        const amount = parseCoins(words.at(-1) as string);
        const share = BigInt(context.flags.is("split") ? recipients.length : 1);
        const each = amount
          .map((coin) => ({ ...coin, amount: coin.amount / share }))
          .filter((coin) => coin.amount > 0n);
        const total = each.map((coin) => ({ ...coin, amount: coin.amount * BigInt(recipients.length) }));
        const from = await signerOf(context, who);
        const message = {
          inputs: [{ address: from.address, coins: total }],
          outputs: recipients.map((address) => ({ address, coins: each })),
        };
        await sendMessages(context, from, [packAny(MsgMultiSend, message)]);
      }),
    );
  boolFlags(command, { "--split": "divide the amount among the recipients" });
  addTxFlags(command);
}

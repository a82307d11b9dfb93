/** `interfirmd keys`. Mnemonics and private keys are asked for or printed, never taken as arguments. */
import type { Command } from "commander";
import type { KeyRecord } from "../keyring/record.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { type AddressForm, addressOf, keyLines, keyOutput, readAddressForm } from "./key-output.ts";
import type { Register, Run } from "./program.ts";

export const KEYRING_FLAGS: Readonly<Record<string, string>> = {
  "--keyring-backend <kind>": "file, test or memory (default: that of client.toml)",
  "--keyring-dir <folder>": "folder of the keyring (default: the home)",
  "--bech32-prefix <prefix>": "prefix of addresses (default: that of the genesis file, else firm)",
  "-o, --output <form>": "text or json",
};

const DERIVATION_FLAGS: Readonly<Record<string, string>> = {
  "--hd-path <path>": "path of the key (default: m/44'/118'/0'/0/0)",
  "--coin-type <number>": "SLIP-44 number (default: 118)",
  "--account <number>": "account in the path (default: 0)",
  "--index <number>": "index in the path (default: 0)",
};

/** A key by its name or its address. Throws an Error that says where to look. */
export async function needKey(context: Context, nameOrAddress: string): Promise<KeyRecord> {
  const keyring = await context.keyring();
  const named = keyring.get(nameOrAddress);
  if (named) return named;
  const { bech32 } = await import("@scure/base");
  const decoded = bech32.decodeUnsafe(nameOrAddress, 1023);
  const found = decoded && keyring.byAddress(bech32.fromWords(decoded.words));
  if (found) return found;
  throw new Error(
    `key ${JSON.stringify(nameOrAddress)} is not in the keyring "${keyring.backend}": see interfirmd keys list, or give --keyring-backend`,
  );
}

export const register: Register = async (program, run) => {
  const keys = program.command("keys").description("manage keys");
  const { registerAdd } = await import("./keys-add.ts");
  const { registerTransfer } = await import("./keys-transfer.ts");
  registerAdd(keys, run);
  registerTransfer(keys, run);
  registerList(keys, run);
  registerShow(keys, run);
  registerChanges(keys, run);
  registerTools(keys, run);
  for (const command of keys.commands) {
    for (const [flag, description] of Object.entries(KEYRING_FLAGS)) {
      const long = /--[a-z0-9-]+/.exec(flag)?.[0];
      if (!command.options.some((option) => option.long === long)) valueFlags(command, { [flag]: description });
    }
  }
};

export const addDerivationFlags = (command: Command): void => valueFlags(command, DERIVATION_FLAGS);

/** The path that the flags ask for. */
export async function pathOf({ flags }: Context): Promise<string> {
  const given = flags.text("hd-path");
  if (given !== undefined) return given;
  const { hdPath } = await import("../keyring/hd.ts");
  const number = (name: string) => {
    const value = flags.count(name);
    if (value !== undefined && value >= 2n ** 31n) throw new Error(`--${name} is ${value}, want less than 2147483648`);
    return value === undefined ? undefined : Number(value);
  };
  return hdPath({ coinType: number("coin-type"), account: number("account"), index: number("index") });
}

function registerList(keys: Command, run: Run): void {
  const list = keys
    .command("list")
    .description("all keys, by name")
    .action(
      run(async (context) => {
        const records = (await context.keyring()).list();
        if (context.flags.is("list-names")) {
          context.io.out(records.map(({ name }) => name).join("\n"));
          return;
        }
        const shown = records.map((record) => keyOutput(record, context.prefix));
        if (shown.length > 0 || context.json) context.answer(shown, () => keyLines(shown));
        else context.io.err("the keyring has no keys: interfirmd keys add makes one");
      }),
    );
  boolFlags(list, { "-n, --list-names": "only the names" });
}

function registerShow(keys: Command, run: Run): void {
  const show = keys
    .command("show <names...>")
    .description("one key by name or address, or the multisig key of several")
    .action(
      run(async (context, given: readonly string[]) => {
        const form: AddressForm = readAddressForm(context.flags.text("bech"));
        const record =
          given.length === 1 ? await needKey(context, given[0] as string) : await multisigOfKeys(context, given);
        if (context.flags.is("address")) context.io.out(addressOf(record.pubKey, context.prefix, form));
        else if (context.flags.is("pubkey")) context.io.out(keyOutput(record, context.prefix).pubkey);
        else {
          const shown = keyOutput(record, context.prefix, form);
          context.answer(shown, () => keyLines([shown]));
        }
      }),
    );
  boolFlags(show, { "-a, --address": "only the address", "-p, --pubkey": "only the public key" });
  valueFlags(show, {
    "--bech <form>": "form of the address: acc, val or cons",
    "--multisig-threshold <number>": "how many of several keys must sign (default: 1)",
  });
}

async function multisigOfKeys(context: Context, names: readonly string[]): Promise<KeyRecord> {
  const { multisigOf } = await import("../keyring/pubkey-json.ts");
  const members: KeyRecord[] = [];
  for (const name of names) members.push(await needKey(context, name));
  const threshold = Number(context.flags.count("multisig-threshold") ?? 1n);
  return {
    name: "multi",
    kind: "multi",
    pubKey: multisigOf(
      threshold,
      members.map(({ pubKey }) => pubKey),
    ),
  };
}

function registerChanges(keys: Command, run: Run): void {
  const remove = keys
    .command("delete <names...>")
    .description("remove keys, for good")
    .action(
      run(async (context, names: readonly string[]) => {
        const keyring = await context.keyring();
        for (const name of names) {
          const record = await needKey(context, name);
          const sure = context.flags.is("yes") || context.flags.is("force");
          if (!sure && !(await context.io.prompt.confirm(`Remove key ${record.name} for good?`))) {
            throw new Error(`key ${record.name} stays: not confirmed`);
          }
          keyring.remove(record.name);
          context.io.err(`removed key ${record.name}`);
        }
      }),
    );
  boolFlags(remove, { "-y, --yes": "do not ask", "-f, --force": "do not ask" });

  const rename = keys
    .command("rename <name> <new-name>")
    .description("give a key another name")
    .action(
      run(async (context, from: string, to: string) => {
        const keyring = await context.keyring();
        if (!context.flags.is("yes") && !(await context.io.prompt.confirm(`Rename key ${from} to ${to}?`))) {
          throw new Error(`key ${from} keeps its name: not confirmed`);
        }
        await keyring.rename(from, to);
        context.io.err(`renamed key ${from} to ${to}`);
      }),
    );
  boolFlags(rename, { "-y, --yes": "do not ask" });
}

function registerTools(keys: Command, run: Run): void {
  keys
    .command("mnemonic")
    .description("print a new mnemonic of 24 words, without keeping it")
    .action(
      run(async ({ io }) => {
        const { newMnemonic } = await import("../keyring/hd.ts");
        io.out(newMnemonic());
      }),
    );

  keys
    .command("parse <address>")
    .description("an address from bech32 to hex, or from hex to bech32")
    .action(
      run(async (context, text: string) => {
        const { bech32 } = await import("@scure/base");
        const decoded = bech32.decodeUnsafe(text, 1023);
        if (decoded) {
          const parsed = {
            human: decoded.prefix,
            bytes: Buffer.from(bech32.fromWords(decoded.words)).toString("hex").toUpperCase(),
          };
          context.answer(parsed, () => `bytes: ${parsed.bytes}\nhuman: ${parsed.human}`);
          return;
        }
        if (!/^([0-9a-fA-F]{2}){1,255}$/.test(text))
          throw new Error(`address is ${JSON.stringify(text.slice(0, 100))}, want bech32 or hex`);
        const words = bech32.toWords(new Uint8Array(Buffer.from(text, "hex")));
        const formats = ["", "valoper", "valcons"].map((suffix) =>
          bech32.encode(`${context.prefix}${suffix}`, words, 1023),
        );
        context.answer({ formats }, () => ["formats:", ...formats.map((format) => `- ${format}`)].join("\n"));
      }),
    );

  keys
    .command("list-key-types")
    .description("the kinds of keys that keys add makes")
    .action(run(({ io }) => io.out("secp256k1")));
}

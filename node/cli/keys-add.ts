/** `interfirmd keys add`: a new key, one from a mnemonic, a public key, or a multisig key of several. */

import { secp256k1 } from "@noble/curves/secp256k1.js";
import type { Command } from "commander";
import { readText } from "../config/files.ts";
import { multisigOf, pubKeyFromJson, pubKeyFromText } from "../keyring/pubkey-json.ts";
import { checkKeyName, type KeyRecord } from "../keyring/record.ts";
import type { Context } from "./context.ts";
import { boolFlags, listFlags, valueFlags } from "./flags.ts";
import { keyLines, keyOutput } from "./key-output.ts";
import { addDerivationFlags, needKey, pathOf } from "./keys.ts";
import type { Run } from "./program.ts";

export function registerAdd(keys: Command, run: Run): void {
  const add = keys
    .command("add <name>")
    .description("make a key, or keep one that is known by its mnemonic or public key")
    .action(run((context, name: string) => addKey(context, name)));
  boolFlags(add, {
    "--recover": "derive the key from a mnemonic, which is asked for",
    "-i, --interactive": "ask for the mnemonic and for a BIP-39 passphrase",
    "--dry-run": "show the key and keep nothing",
    "--no-backup": "do not print the mnemonic",
    "--nosort": "keep the keys of a multisig in the order given",
    "--ledger": "use a key on a Ledger",
  });
  valueFlags(add, {
    "--pubkey <json>": 'keep a public key: {"@type":"/cosmos.crypto.secp256k1.PubKey","key":"…"}',
    "--pubkey-base64 <key>": "keep a secp256k1 public key given in base64",
    "--multisig-threshold <number>": "how many keys must sign (default: 1)",
    "--source <file>": "read the mnemonic from a file",
    "--key-type <kind>": "secp256k1",
  });
  listFlags(add, { "--multisig <names>": "make a multisig key of these keys, with commas" });
  addDerivationFlags(add);
}

async function addKey(context: Context, name: string): Promise<void> {
  const { flags } = context;
  checkKeyName(name);
  if (flags.is("ledger"))
    throw new Error("--ledger is not there yet: sign on a Ledger with Keplr, or keep the key in the keyring");
  const kind = flags.text("key-type") ?? "secp256k1";
  if (kind !== "secp256k1") throw new Error(`--key-type is ${kind}, want secp256k1`);
  const members = flags.list("multisig");
  if (members.length > 0) return addPublic(context, name, await multisigPubKey(context, members));
  const json = flags.text("pubkey");
  if (json !== undefined) return addPublic(context, name, pubKeyFromText(json));
  const base64 = flags.text("pubkey-base64");
  if (base64 !== undefined) {
    return addPublic(context, name, pubKeyFromJson({ "@type": "/cosmos.crypto.secp256k1.PubKey", key: base64 }));
  }
  return addFromMnemonic(context, name);
}

async function addPublic(context: Context, name: string, pubKey: KeyRecord["pubKey"]): Promise<void> {
  const kind = pubKey.type === "multisig" ? "multi" : "offline";
  const record: KeyRecord = context.flags.is("dry-run")
    ? { name, kind, pubKey }
    : (await context.keyring()).addPublic(name, pubKey);
  show(context, record);
}

/** The SDK sorts the members by address unless told otherwise, so that all of them get the same address. */
async function multisigPubKey(context: Context, names: readonly string[]): Promise<KeyRecord["pubKey"]> {
  const { addressBytes } = await import("@interfirm/modules/auth/pubkey");
  const keys: KeyRecord["pubKey"][] = [];
  for (const member of names) keys.push((await needKey(context, member)).pubKey);
  if (!context.flags.is("nosort")) {
    keys.sort((a, b) => Buffer.compare(addressBytes(a), addressBytes(b)));
  }
  return multisigOf(Number(context.flags.count("multisig-threshold") ?? 1n), keys);
}

async function addFromMnemonic(context: Context, name: string): Promise<void> {
  const { flags, io } = context;
  const { deriveSecp256k1, newMnemonic, readMnemonic } = await import("../keyring/hd.ts");
  const known = await mnemonicGiven(context);
  const mnemonic = known === undefined || known === "" ? newMnemonic() : readMnemonic(known);
  const bip39 = flags.is("interactive") ? await io.prompt.secret("BIP-39 passphrase (empty for none): ") : "";
  const privateKey = deriveSecp256k1(mnemonic, await pathOf(context), bip39);
  const record: KeyRecord = flags.is("dry-run")
    ? { name, kind: "local", pubKey: { type: "secp256k1", key: secp256k1.getPublicKey(privateKey, true) } }
    : await (await context.keyring()).addLocal(name, privateKey);
  const fresh = known === undefined || known === "";
  show(context, record, fresh && !flags.is("no-backup") ? mnemonic : undefined);
}

/** The mnemonic that a file or the prompt gives; undefined when a new one is wanted. */
async function mnemonicGiven({ flags, io }: Context): Promise<string | undefined> {
  const source = flags.text("source");
  if (source !== undefined) {
    return readText(source);
  }
  if (flags.is("recover")) {
    const answer = await io.prompt.secret("Mnemonic: ");
    if (answer.trim() === "") throw new Error("mnemonic is empty, want 12 to 24 words");
    return answer;
  }
  return flags.is("interactive") ? io.prompt.secret("Mnemonic (empty for a new one): ") : undefined;
}

function show(context: Context, record: KeyRecord, mnemonic?: string): void {
  const shown = keyOutput(record, context.prefix);
  if (context.json) {
    context.answer(mnemonic === undefined ? shown : { ...shown, mnemonic });
    return;
  }
  context.io.out(`\n${keyLines([shown])}\n`);
  if (mnemonic === undefined) return;
  context.io.err(
    "\nWrite this mnemonic down and keep it safe: it is the only way to recover the key when its passphrase or this machine is lost.\n",
  );
  context.io.err(`${mnemonic}\n`);
}

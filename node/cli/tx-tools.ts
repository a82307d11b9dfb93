/** `interfirmd tx sign|sign-batch|multisign|multisign-batch|validate-signatures|broadcast|encode|decode|simulate`: transactions in files. */

import type { MultisigKey } from "@interfirm/modules/auth/pubkey";
import { SimulateResponse, type Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { toJson } from "@interfirm/proto/json";
import type { Command } from "commander";
import { createRpc } from "../comet/rpc.ts";
import type { KeyRecord } from "../keyring/record.ts";
import { addressNamed } from "./addresses.ts";
import { ExitCode } from "./command.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { addressOf } from "./key-output.ts";
import { needKey } from "./keys.ts";
import type { Run } from "./program.ts";
import { addTxFlags } from "./tx.ts";
import {
  addSignature,
  checkMode,
  joinSignatures,
  type MemberSignature,
  memberSignatureJson,
  onlySignature,
  ownerOf,
  problemOf,
  readMemberSignatures,
  readSignatureLines,
  readTx,
  readTxs,
  type Signature,
  signaturesOf,
} from "./tx-files.ts";
import { registry, txToJson } from "./tx-json.ts";
import { broadcast, offlineAccount, onlineAccount, signerOf, simulate, writeDocument } from "./tx-send.ts";
import {
  decodeTx,
  encodeTx,
  imaginedSignature,
  imaginedSigner,
  readSignMode,
  type SignerData,
  type SignModeName,
  signBytes,
  signersOf,
  signSecp256k1,
  singleSigner,
} from "./tx-sign.ts";
import { toYaml } from "./yaml.ts";

export function registerTools(tx: Command, run: Run): void {
  registerSign(tx, run);
  registerSignBatch(tx, run);
  registerMultisign(tx, run);
  registerMultisignBatch(tx, run);
  registerValidate(tx, run);
  registerCoding(tx, run);
}

/** Account number and sequence of an account: from the flags with `--offline`, else from the chain. */
async function accountOf(context: Context, address: string): Promise<SignerData> {
  if (context.flags.is("offline")) return offlineAccount(context);
  return onlineAccount(context, createRpc(context.client.node), address);
}

/** Signs with a key of the keyring, for its own account or as a member of a multisig. */
async function signWith(
  context: Context,
  tx: Tx,
  key: KeyRecord,
  account: SignerData,
  mode: SignModeName,
): Promise<Signature> {
  const info = singleSigner(key.pubKey, mode, account.sequence);
  const bytes = signBytes(onlySignature(tx, { info, bytes: new Uint8Array() }), mode, account);
  return { info, bytes: signSecp256k1(await (await context.keyring()).privateKey(key.name), bytes) };
}

function registerSign(tx: Command, run: Run): void {
  const command = tx
    .command("sign <file>")
    .description("sign the transaction in a file")
    .action(
      run(async (context, file: string) => {
        const { flags, prefix } = context;
        const unsigned = readTx(file);
        const { key, address } = await signerOf(context);
        const multisig = flags.text("multisig");
        const owner = multisig === undefined ? address : await addressNamed(context, multisig);
        const wanted = signersOf(unsigned, prefix);
        if (!wanted.includes(owner)) throw new Error(`${owner} signs, but the transaction wants ${wanted.join(", ")}`);
        // In direct mode the members of a multisig would have to agree on all of auth_info first.
        const mode = multisig === undefined ? readSignMode(flags.text("sign-mode")) : "amino-json";
        checkMode(unsigned, mode, prefix);
        const signature = await signWith(context, unsigned, key as KeyRecord, await accountOf(context, owner), mode);
        if (multisig !== undefined || flags.is("signature-only"))
          await writeDocument(context, memberSignatureJson(signature));
        else {
          const signed = flags.is("overwrite")
            ? onlySignature(unsigned, signature)
            : addSignature(unsigned, signature, prefix);
          await writeDocument(context, txToJson(signed));
        }
      }),
    );
  valueFlags(command, { "--multisig <key>": "the multisig key or address that this key is a member of" });
  boolFlags(command, {
    "--signature-only": "print only the signature",
    "--overwrite": "drop signatures that are there",
  });
  addTxFlags(command);
}

function registerSignBatch(tx: Command, run: Run): void {
  const command = tx
    .command("sign-batch <file>")
    .description("sign the transactions in a file, one a line, with ascending sequences")
    .action(
      run(async (context, file: string) => {
        const { key, address } = await signerOf(context);
        const multisig = context.flags.text("multisig");
        const mode = multisig === undefined ? readSignMode(context.flags.text("sign-mode")) : "amino-json";
        const owner = multisig === undefined ? address : await addressNamed(context, multisig);
        const { sequence, ...account } = await accountOf(context, owner);
        for (const [at, unsigned] of readTxs(file).entries()) {
          checkMode(unsigned, mode, context.prefix);
          const signer = { ...account, sequence: sequence + BigInt(at) };
          const signature = await signWith(context, unsigned, key as KeyRecord, signer, mode);
          const signed =
            multisig === undefined ? txToJson(onlySignature(unsigned, signature)) : memberSignatureJson(signature);
          context.io.out(JSON.stringify(signed));
        }
      }),
    );
  valueFlags(command, { "--multisig <key>": "the multisig key or address that this key is a member of" });
  addTxFlags(command);
}

function registerMultisign(tx: Command, run: Run): void {
  const command = tx
    .command("multisign <file> <multisig-key> <signature-files...>")
    .aliases(["multi-sign"])
    .description("join the members' signatures to that of their multisig key")
    .action(
      run(async (context, file: string, name: string, files: readonly string[]) => {
        const unsigned = readTx(file);
        const key = await multisigNamed(context, name);
        const account = await accountOf(context, addressOf(key, context.prefix));
        const given = files.flatMap(readMemberSignatures);
        await writeDocument(context, txToJson(multisigned(context, unsigned, key, given, account)));
      }),
    );
  addTxFlags(command);
}

function registerMultisignBatch(tx: Command, run: Run): void {
  const command = tx
    .command("multisign-batch <file> <multisig-key> <signature-files...>")
    .description("the same for a file of transactions, one a line, and the files that sign-batch --multisig wrote")
    .action(
      run(async (context, file: string, name: string, files: readonly string[]) => {
        const key = await multisigNamed(context, name);
        const { sequence, ...account } = await accountOf(context, addressOf(key, context.prefix));
        const unsigned = readTxs(file);
        const members = files.map((path) => readSignatureLines(path, unsigned.length));
        for (const [at, one] of unsigned.entries()) {
          const given = members.map((signatures) => signatures[at] as MemberSignature);
          const signer = { ...account, sequence: sequence + BigInt(at) };
          context.io.out(JSON.stringify(txToJson(multisigned(context, one, key, given, signer))));
        }
      }),
    );
  addTxFlags(command);
}

async function multisigNamed(context: Context, name: string): Promise<MultisigKey> {
  const { pubKey } = await needKey(context, name);
  if (pubKey.type !== "multisig") throw new Error(`key ${name} is ${pubKey.type}, want a multisig key`);
  return pubKey;
}

/** The transaction with the members' signatures as one. Throws when they are too few, or of another transaction. */
function multisigned(
  { prefix }: Context,
  unsigned: Tx,
  key: MultisigKey,
  given: readonly MemberSignature[],
  account: SignerData,
): Tx {
  const joined = joinSignatures(key, given, account.sequence);
  const signed = addSignature(unsigned, joined, prefix);
  const wrong = problemOf(signed, joined, account);
  if (!wrong) return signed;
  throw new Error(
    `the members' signatures do not fit the transaction: ${wrong} (same chain id, account number and sequence?)`,
  );
}

function registerValidate(tx: Command, run: Run): void {
  const command = tx
    .command("validate-signatures <file>")
    .description("check who must sign the transaction in a file, and the signatures that are there")
    .action(
      run(async (context, file: string) => {
        const signed = readTx(file);
        const wanted = signersOf(signed, context.prefix);
        const given = signaturesOf(signed);
        const lines = ["Signers:", ...wanted.map((address, at) => `  ${at}: ${address}`), "", "Signatures:"];
        let sound = given.length === wanted.length;
        for (const [at, signature] of given.entries()) {
          const owner = ownerOf(signature, context.prefix);
          const wrong =
            owner === wanted[at]
              ? problemOf(signed, signature, await accountOf(context, owner))
              : `signer is not the wanted one, ${wanted[at] ?? "nobody"}`;
          if (wrong) sound = false;
          lines.push(`  ${at}: ${owner}\t\t\t[${wrong ? `ERROR: ${wrong}` : "OK"}]`);
        }
        context.io.out(lines.join("\n"));
        if (!sound) {
          context.io.err("Error: signatures are missing or wrong");
          throw new ExitCode(1);
        }
      }),
    );
  addTxFlags(command);
}

function registerCoding(tx: Command, run: Run): void {
  const sending = tx
    .command("broadcast <file>")
    .description("send the signed transaction in a file")
    .action(run((context, file: string) => broadcast(context, createRpc(context.client.node), encodeTx(readTx(file)))));
  const encode = tx
    .command("encode <file>")
    .description("the transaction in a file as base64")
    .action(run((context, file: string) => context.io.out(Buffer.from(encodeTx(readTx(file))).toString("base64"))));
  const decode = tx
    .command("decode <base64>")
    .description("a transaction in base64, or with --hex in hex, as JSON")
    .action(
      run((context, text: string) => {
        const bytes = Buffer.from(text, context.flags.is("hex") ? "hex" : "base64");
        const json = txToJson(decodeTx(new Uint8Array(bytes)));
        context.io.out(context.flags.text("output") === "text" ? toYaml(json) : JSON.stringify(json));
      }),
    );
  boolFlags(decode, { "-x, --hex": "the argument is hex" });
  const estimate = tx
    .command("simulate <file>")
    .description("what would come of the transaction in a file, with the gas that it would use")
    .action(
      run(async (context, file: string) => {
        const unsigned = await withSigner(context, readTx(file));
        const answer = await simulate(createRpc(context.client.node), unsigned);
        const json = toJson(SimulateResponse, answer, registry);
        context.answer(json, () => toYaml(json));
      }),
    );
  for (const command of [sending, encode, decode, estimate]) addTxFlags(command);
}

/** A simulation needs the signer's key and sequence: a transaction without them gets those of `--from`. */
async function withSigner(context: Context, tx: Tx): Promise<Tx> {
  if (signaturesOf(tx).length > 0) return tx;
  const { key, address } = await signerOf(context);
  const { sequence } = await accountOf(context, address);
  const { pubKey } = key as KeyRecord;
  const info = imaginedSigner(pubKey, readSignMode(context.flags.text("sign-mode")), sequence);
  return onlySignature(tx, { info, bytes: imaginedSignature(pubKey) });
}

/** `interfirmd tx sign|sign-batch|multisign|validate-signatures|broadcast|encode|decode|simulate`: transactions in files. */
import { readFileSync } from "node:fs";
import { addressBytes, type PubKey, pubKeyFromAny } from "@interfirm/modules/auth/pubkey";
import { readSignature, type SignatureData, verifySignature } from "@interfirm/modules/auth/signature";
import { bytesToAddress, parseAddress } from "@interfirm/modules/kernel/address";
import { MultiSignature } from "@interfirm/proto/gen/cosmos/crypto/multisig/v1beta1";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import type { SignerInfo, Tx } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { unpackAny } from "@interfirm/proto/registry";
import type { Command } from "commander";
import { createRpc } from "../comet/rpc.ts";
import type { JsonObject } from "../config/genesis.ts";
import type { KeyRecord } from "../keyring/record.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import { addressOf } from "./key-output.ts";
import { needKey } from "./keys.ts";
import { ExitCode, type Run } from "./program.ts";
import { addTxFlags } from "./tx.ts";
import { registry, txFromJson, txToJson } from "./tx-json.ts";
import { broadcast, offlineAccount, onlineAccount, signerOf, simulateGas, writeDocument } from "./tx-send.ts";
import {
  decodeTx,
  encodeTx,
  imaginedSignature,
  imaginedSigner,
  multiSigner,
  readSignMode,
  type SignerData,
  type SignModeName,
  signBytes,
  signSecp256k1,
  singleSigner,
} from "./tx-sign.ts";
import { toYaml } from "./yaml.ts";

export function registerTools(tx: Command, run: Run): void {
  registerSign(tx, run);
  registerMultisign(tx, run);
  registerValidate(tx, run);
  registerCoding(tx, run);
}

/** A transaction in a file as JSON; `-` is stdin. */
function readTx(path: string): Tx {
  const source = readFileSync(path === "-" ? 0 : path, "utf8");
  return parseTx(source, path);
}

function parseTx(source: string, what: string): Tx {
  try {
    return txFromJson(JSON.parse(source));
  } catch (cause) {
    throw new Error(`${what} holds no transaction: ${(cause as Error).message}`, { cause });
  }
}

/** Addresses that must sign, in order: of the messages' signer fields, then of the fee payer. */
function signersOf(tx: Tx): readonly string[] {
  const signers = new Set<string>();
  for (const any of tx.body?.messages ?? []) {
    const { type, message } = unpackAny(any, registry);
    for (const name of type.signers) {
      const value = (message as Record<string, unknown>)[name];
      if (typeof value === "string") signers.add(value);
      else if (Array.isArray(value))
        for (const input of value as { readonly address?: string }[]) signers.add(input.address ?? "");
    }
  }
  const payer = tx.authInfo?.fee?.payer;
  if (payer) signers.add(payer);
  return [...signers];
}

/** Account number and sequence of an account: from the flags with `--offline`, else from the chain. */
async function accountOf(context: Context, address: string): Promise<SignerData> {
  if (context.flags.is("offline")) return offlineAccount(context);
  return onlineAccount(context, createRpc(context.client.node), address);
}

/** The transaction with the key's signature added, or in place of all others with `overwrite`. */
async function sign(
  context: Context,
  tx: Tx,
  key: KeyRecord,
  account: SignerData,
): Promise<{ readonly tx: Tx; readonly info: SignerInfo; readonly signature: Uint8Array }> {
  const multisig = context.flags.text("multisig");
  // A member of a multisig signs in amino JSON: with the direct mode all members would have to agree on all of auth_info first.
  const mode: SignModeName = multisig === undefined ? readSignMode(context.flags.text("sign-mode")) : "amino-json";
  const info = singleSigner(key.pubKey, mode, account.sequence);
  const before = context.flags.is("overwrite") || multisig !== undefined ? [] : (tx.authInfo?.signerInfos ?? []);
  const others = context.flags.is("overwrite") || multisig !== undefined ? [] : tx.signatures;
  const withInfo = { ...tx, authInfo: { ...tx.authInfo, signerInfos: [...before, info] } } as Tx;
  const bytes = signBytes(withInfo, mode, account);
  const signature = signSecp256k1(await (await context.keyring()).privateKey(key.name), bytes);
  return { tx: { ...withInfo, signatures: [...others, signature] }, info, signature };
}

/** The SDK's form of a signature alone, which `multisign` takes. */
const signatureJson = (tx: Tx): JsonObject => {
  const { auth_info, signatures } = txToJson(tx) as {
    readonly auth_info: { readonly signer_infos: readonly JsonObject[] };
    readonly signatures: readonly string[];
  };
  return {
    signatures: auth_info.signer_infos.map((info, at) => {
      const { mode } = (info["mode_info"] as { readonly single: { readonly mode: string } }).single;
      return {
        public_key: info["public_key"] ?? null,
        data: { single: { mode, signature: signatures[at] ?? "" } },
        sequence: String(info["sequence"]),
      };
    }),
  };
};

function registerSign(tx: Command, run: Run): void {
  const one = tx
    .command("sign <file>")
    .description("sign the transaction in a file")
    .action(
      run(async (context, file) => {
        const unsigned = readTx(file as string);
        const from = await signerOf(context);
        const key = from.key as KeyRecord;
        const owner = context.flags.text("multisig");
        const address = owner === undefined ? from.address : await addressNamed(context, owner);
        const wanted = signersOf(unsigned);
        if (!wanted.includes(address))
          throw new Error(`${address} signs, but the transaction wants ${wanted.join(", ")}`);
        const signed = await sign(context, unsigned, key, await accountOf(context, address));
        const alone = context.flags.is("signature-only") || owner !== undefined;
        await writeDocument(
          context,
          alone
            ? signatureJson({
                ...signed.tx,
                authInfo: { ...signed.tx.authInfo, signerInfos: [signed.info] },
                signatures: [signed.signature],
              } as Tx)
            : txToJson(signed.tx),
        );
      }),
    );
  const batch = tx
    .command("sign-batch <file>")
    .description("sign the transactions in a file, one a line, with ascending sequences")
    .action(
      run(async (context, file) => {
        const from = await signerOf(context);
        const address = from.address;
        const account = await accountOf(context, address);
        const lines = readFileSync(file as string, "utf8")
          .split("\n")
          .filter((line) => line.trim() !== "");
        const signed: string[] = [];
        for (const [at, line] of lines.entries()) {
          const unsigned = parseTx(line, `line ${at + 1} of ${file}`);
          const { tx: done } = await sign(context, unsigned, from.key as KeyRecord, {
            ...account,
            sequence: account.sequence + BigInt(at),
          });
          signed.push(JSON.stringify(txToJson(done)));
        }
        context.io.out(signed.join("\n"));
      }),
    );
  for (const command of [one, batch]) {
    valueFlags(command, { "--multisig <key>": "the multisig key or address that this key is a member of" });
    boolFlags(command, {
      "--signature-only": "print only the signature",
      "--overwrite": "drop signatures that are there",
    });
    addTxFlags(command);
  }
}

async function addressNamed(context: Context, nameOrAddress: string): Promise<string> {
  const record = (await context.keyring()).get(nameOrAddress);
  return record ? addressOf(record.pubKey, context.prefix) : parseAddress(nameOrAddress, context.prefix);
}

interface MemberSignature {
  readonly pubKey: PubKey;
  readonly mode: SignMode;
  readonly signature: Uint8Array;
}

/** The signatures in a file that `tx sign --multisig` wrote. */
async function readMemberSignatures(path: string): Promise<readonly MemberSignature[]> {
  const { pubKeyFromJson } = await import("../keyring/pubkey-json.ts");
  const { signatures } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly signatures?: readonly {
      readonly public_key: unknown;
      readonly data?: { readonly single?: { readonly mode: string; readonly signature: string } };
    }[];
  };
  if (!Array.isArray(signatures))
    throw new Error(`${path} holds no signatures, want what interfirmd tx sign --multisig wrote`);
  return signatures.map(({ public_key, data }) => ({
    pubKey: pubKeyFromJson(public_key),
    mode: (SignMode as Readonly<Record<string, SignMode>>)[data?.single?.mode ?? ""] ?? SignMode.SIGN_MODE_UNSPECIFIED,
    signature: new Uint8Array(Buffer.from(data?.single?.signature ?? "", "base64")),
  }));
}

function registerMultisign(tx: Command, run: Run): void {
  const command = tx
    .command("multisign <file> <multisig-key> <signature-files...>")
    .aliases(["multi-sign"])
    .description("join the members' signatures to that of their multisig key")
    .action(
      run(async (context, file, name, files) => {
        const unsigned = readTx(file as string);
        const key = await needKey(context, name as string);
        if (key.pubKey.type !== "multisig")
          throw new Error(`key ${key.name} is ${key.pubKey.type}, want a multisig key`);
        const account = await accountOf(context, addressOf(key.pubKey, context.prefix));
        const given: MemberSignature[] = [];
        for (const path of files as unknown as readonly string[]) given.push(...(await readMemberSignatures(path)));
        const same = (a: PubKey, b: PubKey) => Buffer.compare(addressBytes(a), addressBytes(b)) === 0;
        const signing = key.pubKey.keys.map((member) => given.find(({ pubKey }) => same(pubKey, member)));
        const present = signing.filter((entry) => entry !== undefined);
        if (present.length < key.pubKey.threshold) {
          throw new Error(`${present.length} members have signed, want at least ${key.pubKey.threshold}`);
        }
        const info = multiSigner(
          key.pubKey,
          signing.map((entry) => entry !== undefined),
          present.map(({ mode }) => mode),
          account.sequence,
        );
        const joined = MultiSignature.encode({ signatures: present.map(({ signature }) => signature) }).finish();
        const signed = {
          ...unsigned,
          authInfo: { ...unsigned.authInfo, signerInfos: [info] },
          signatures: [joined],
        } as Tx;
        await requireValid(signed, key.pubKey, account);
        await writeDocument(context, txToJson(signed));
      }),
    );
  boolFlags(command, { "--signature-only": "without effect" });
  addTxFlags(command);
}

async function verify(tx: Tx, pubKey: PubKey, data: SignatureData, account: SignerData): Promise<string | undefined> {
  const { createVerify } = await import("../crypto/verify.ts");
  return verifySignature(createVerify(), pubKey, data, (mode) =>
    signBytes(tx, mode === SignMode.SIGN_MODE_DIRECT ? "direct" : "amino-json", account),
  );
}

async function requireValid(tx: Tx, pubKey: PubKey, account: SignerData): Promise<void> {
  const data = readSignature(tx.authInfo?.signerInfos[0]?.modeInfo, tx.signatures[0] ?? new Uint8Array());
  const wrong = await verify(tx, pubKey, data, account);
  if (wrong)
    throw new Error(
      `the members' signatures do not fit the transaction: ${wrong} (same chain id, account number and sequence?)`,
    );
}

function registerValidate(tx: Command, run: Run): void {
  const command = tx
    .command("validate-signatures <file>")
    .description("check who must sign the transaction in a file, and the signatures that are there")
    .action(
      run(async (context, file) => {
        const signed = readTx(file as string);
        const wanted = signersOf(signed);
        const lines = ["Signers:", ...wanted.map((address, at) => `  ${at}: ${address}`), "", "Signatures:"];
        let sound = signed.signatures.length === wanted.length;
        for (const [at, info] of (signed.authInfo?.signerInfos ?? []).entries()) {
          const pubKey = info.publicKey && pubKeyFromAny(info.publicKey);
          if (!pubKey) throw new Error(`signature ${at} has no public key`);
          const address = bytesToAddress(addressBytes(pubKey), context.prefix);
          const data = readSignature(info.modeInfo, signed.signatures[at] ?? new Uint8Array());
          const wrong =
            address === wanted[at]
              ? await verify(signed, pubKey, data, await accountOf(context, address))
              : "signer is not the wanted one";
          if (wrong) sound = false;
          lines.push(`  ${at}: ${address}\t\t\t[${wrong ? `ERROR: ${wrong}` : "OK"}]`);
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
    .action(
      run(async (context, file) => {
        await broadcast(context, createRpc(context.client.node), encodeTx(readTx(file as string)));
      }),
    );
  const encode = tx
    .command("encode <file>")
    .description("the transaction in a file as base64")
    .action(run((context, file) => context.io.out(Buffer.from(encodeTx(readTx(file as string))).toString("base64"))));
  const decode = tx
    .command("decode <base64>")
    .description("a transaction in base64, or with --hex in hex, as JSON")
    .action(
      run((context, text) => {
        const bytes = Buffer.from(text as string, context.flags.is("hex") ? "hex" : "base64");
        const json = txToJson(decodeTx(new Uint8Array(bytes)));
        context.io.out(context.flags.text("output") === "text" ? toYaml(json) : JSON.stringify(json));
      }),
    );
  boolFlags(decode, { "-x, --hex": "the argument is hex" });
  const simulate = tx
    .command("simulate <file>")
    .description("the gas that the transaction in a file would use")
    .action(
      run(async (context, file) => {
        const gas = await simulateGas(
          createRpc(context.client.node),
          await withSigner(context, readTx(file as string)),
        );
        context.answer({ gas_info: { gas_used: String(gas) } }, () => `gas estimate: ${gas} gas`);
      }),
    );
  for (const command of [sending, encode, decode, simulate]) addTxFlags(command);
}

/** A simulation needs the signer's key and sequence: a transaction without them gets those of `--from`. */
async function withSigner(context: Context, tx: Tx): Promise<Tx> {
  if ((tx.authInfo?.signerInfos.length ?? 0) > 0) return tx;
  const { key, address } = await signerOf(context);
  const { sequence } = await accountOf(context, address);
  const { pubKey } = key as KeyRecord;
  const info = imaginedSigner(pubKey, readSignMode(context.flags.text("sign-mode")), sequence);
  return { ...tx, authInfo: { ...tx.authInfo, signerInfos: [info] }, signatures: [imaginedSignature(pubKey)] } as Tx;
}

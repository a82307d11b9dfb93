/** Commands of validators in the SDK's form: what a validator is stands in a JSON file, or in flags. */

import { addressToBytes, bytesToAddress, validatorPrefix } from "@interfirm/modules/kernel/address";
import type { Command } from "commander";
import { readJson } from "../config/files.ts";
import { pubKeyFromText, pubKeyToJson } from "../keyring/pubkey-json.ts";
import { validatorPubKeyJson } from "./comet.ts";
import type { Context } from "./context.ts";
import { boolFlags, valueFlags } from "./flags.ts";
import type { Run } from "./program.ts";
import { sendMessages, signerOf } from "./tx-send.ts";
import { packAny } from "./tx-sign.ts";

/** What may stand in the file, in the SDK's names, and as flags with the same names. */
const VALIDATOR_FIELDS: Readonly<Record<string, string>> = {
  pubkey: "the ed25519 key that signs blocks, as JSON (default: that of this node)",
  amount: "what the validator stakes itself: 1000000ufirm",
  moniker: "name of the validator",
  identity: "identity for Keybase",
  website: "website of the validator",
  security: "whom to tell of a security problem",
  details: "more about the validator",
  "commission-rate": "what the validator keeps of rewards: 0.1",
  "commission-max-rate": "the most it may ever keep: 0.2",
  "commission-max-change-rate": "the most that may change in a day: 0.01",
  "min-self-delegation": "the least that the validator stakes itself: 1",
};

/** The SDK's mark for a part of the description that stays as it is. */
const KEEP = "[do-not-modify]";

export function registerStaking(staking: Command, run: Run, addTxFlags: (command: Command) => void): void {
  const create = staking
    .command("create-validator [file]")
    .description("makes the signer a validator, as a JSON file or flags say; --generate prints such a file")
    .action(run((context, file: string | undefined) => createValidator(context, file)));
  valueFlags(
    create,
    Object.fromEntries(Object.entries(VALIDATOR_FIELDS).map(([name, text]) => [`--${name} <value>`, text])),
  );
  boolFlags(create, { "--generate": "print a file to fill in, and send nothing" });
  addTxFlags(create);
  const edit = staking
    .command("edit-validator")
    .description("changes what is said of the signer's validator; what no flag names stays")
    .action(run(editValidator));
  valueFlags(edit, {
    "--new-moniker <text>": "name of the validator",
    "--identity <text>": "identity for Keybase",
    "--website <url>": "website of the validator",
    "--security-contact <address>": "whom to tell of a security problem",
    "--details <text>": "more about the validator",
    "--commission-rate <fraction>": "what the validator keeps of rewards",
    "--min-self-delegation <amount>": "the least that the validator stakes itself: can only grow",
  });
  addTxFlags(edit);
}

async function createValidator(context: Context, file: string | undefined): Promise<void> {
  const { flags, io } = context;
  if (flags.is("generate")) {
    io.out(JSON.stringify(template(validatorPubKeyJson(context)), undefined, 2));
    return;
  }
  const { parseCoin } = await import("@interfirm/modules/kernel/coins");
  const { parse } = await import("@interfirm/modules/kernel/decimal");
  const { Any } = await import("@interfirm/proto/gen/google/protobuf");
  const { fromJson } = await import("@interfirm/proto/json");
  const { MsgCreateValidator } = await import("@interfirm/proto/gen/cosmos/staking/v1beta1");
  const { registry } = await import("./tx-json.ts");
  const said: Readonly<Record<string, unknown>> = file === undefined ? {} : readValidator(file);
  const text = (name: string, standard?: string): string => {
    const value = flags.text(name) ?? said[name] ?? standard;
    if (typeof value !== "string") throw new Error(`${name} is missing, want it in the file or as --${name}`);
    return value;
  };
  const flag = flags.text("pubkey");
  const pubkey =
    flag === undefined ? (said["pubkey"] ?? validatorPubKeyJson(context)) : pubKeyToJson(pubKeyFromText(flag));
  const from = await signerOf(context, undefined);
  const least = text("min-self-delegation", "1");
  const message = MsgCreateValidator.fromPartial({
    description: {
      moniker: text("moniker"),
      identity: text("identity", ""),
      website: text("website", ""),
      securityContact: text("security", ""),
      details: text("details", ""),
    },
    commission: {
      rate: parse(text("commission-rate", "0.1")),
      maxRate: parse(text("commission-max-rate", "0.2")),
      maxChangeRate: parse(text("commission-max-change-rate", "0.01")),
    },
    minSelfDelegation: wholeNumber("min-self-delegation", least),
    validatorAddress: operatorOf(from.address, context.prefix),
    pubkey: fromJson(Any, pubkey as never, registry),
    value: parseCoin(text("amount")),
  });
  await sendMessages(context, from, [packAny(MsgCreateValidator, message)]);
}

async function editValidator(context: Context): Promise<void> {
  const { flags } = context;
  const { parse } = await import("@interfirm/modules/kernel/decimal");
  const { MsgEditValidator } = await import("@interfirm/proto/gen/cosmos/staking/v1beta1");
  const from = await signerOf(context, undefined);
  const rate = flags.text("commission-rate");
  const least = flags.text("min-self-delegation");
  const message = MsgEditValidator.fromPartial({
    description: {
      moniker: flags.text("new-moniker") ?? KEEP,
      identity: flags.text("identity") ?? KEEP,
      website: flags.text("website") ?? KEEP,
      securityContact: flags.text("security-contact") ?? KEEP,
      details: flags.text("details") ?? KEEP,
    },
    validatorAddress: operatorOf(from.address, context.prefix),
    ...(rate === undefined ? {} : { commissionRate: parse(rate) }),
    ...(least === undefined ? {} : { minSelfDelegation: wholeNumber("min-self-delegation", least) }),
  });
  await sendMessages(context, from, [packAny(MsgEditValidator, message)]);
}

/** The file that `--generate` prints: every field, with the node's own key and the usual commission. */
const template = (pubkey: unknown): Readonly<Record<string, unknown>> => ({
  pubkey,
  amount: "1000000ufirm",
  moniker: "my-validator",
  identity: "",
  website: "",
  security: "",
  details: "",
  "commission-rate": "0.1",
  "commission-max-rate": "0.2",
  "commission-max-change-rate": "0.01",
  "min-self-delegation": "1",
});

function readValidator(file: string): Readonly<Record<string, unknown>> {
  const json = readJson(file);
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error(`${file} has no JSON object`);
  const unknown = Object.keys(json).find((name) => !Object.hasOwn(VALIDATOR_FIELDS, name));
  if (unknown !== undefined)
    throw new Error(`${file} has ${unknown}, want ${Object.keys(VALIDATOR_FIELDS).join(", ")}`);
  return json as Readonly<Record<string, unknown>>;
}

const operatorOf = (address: string, prefix: string): string =>
  bytesToAddress(addressToBytes(address, prefix), validatorPrefix(prefix));

function wholeNumber(name: string, text: string): bigint {
  if (!/^[1-9][0-9]{0,76}$/.test(text)) throw new Error(`${name} is ${text.slice(0, 80)}, want a whole number from 1`);
  return BigInt(text);
}

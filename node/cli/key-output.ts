/** How keys are shown: the SDK's `{name,type,address,pubkey}`. */
import { addressBytes, type PubKey } from "@interfirm/modules/auth/pubkey";
import { bech32 } from "@scure/base";
import { pubKeyToJson } from "../keyring/pubkey-json.ts";
import type { KeyRecord } from "../keyring/record.ts";

export type AddressForm = "acc" | "val" | "cons";

const SUFFIX: Readonly<Record<AddressForm, string>> = { acc: "", val: "valoper", cons: "valcons" };

/** Throws an Error for another word. */
export function readAddressForm(text: string | undefined): AddressForm {
  if (text === undefined) return "acc";
  if (text !== "acc" && text !== "val" && text !== "cons") throw new Error(`--bech is ${text}, want acc, val or cons`);
  return text;
}

export const addressOf = (pubKey: PubKey, prefix: string, form: AddressForm = "acc"): string =>
  bech32.encode(`${prefix}${SUFFIX[form]}`, bech32.toWords(addressBytes(pubKey)), 1023);

export interface KeyOutput {
  readonly name: string;
  readonly type: string;
  readonly address: string;
  /** The public key as JSON text, as the SDK has it. */
  readonly pubkey: string;
}

export function keyOutput(record: KeyRecord, prefix: string, form: AddressForm = "acc"): KeyOutput {
  return {
    name: record.name,
    type: record.kind,
    address: addressOf(record.pubKey, prefix, form),
    pubkey: JSON.stringify(pubKeyToJson(record.pubKey)),
  };
}

/** A list as YAML, which is what the SDK prints for people. */
export const keyLines = (keys: readonly KeyOutput[]): string =>
  keys
    .map(
      ({ address, name, pubkey, type }) =>
        `- address: ${address}\n  name: ${name}\n  pubkey: '${pubkey}'\n  type: ${type}`,
    )
    .join("\n");

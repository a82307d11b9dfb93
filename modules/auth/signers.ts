import type { MessageType } from "@interfirm/proto/types";
import { type Address, operatorAccount, parseAddress } from "../kernel/address.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { Tx } from "./tx.ts";

/**
 * Accounts that must sign: those that the messages name as signers, in order and each once, then the fee payer.
 * Throws `sdk/7` when one of them is not an address of this chain.
 */
export function signersOf(tx: Pick<Tx, "authInfo" | "messages">, prefix: string): readonly Address[] {
  const signers = new Set<Address>();
  for (const { type, value } of tx.messages) {
    for (const signer of messageSigners(type, value, prefix)) signers.add(signer);
  }
  const payer = tx.authInfo.fee?.payer;
  if (payer) signers.add(parseAddress(payer, prefix));
  return [...signers];
}

/** Signer fields may hold a message, whose own signer fields are meant then (`MsgMultiSend.inputs`): so deep at most. */
const NESTING_MAX = 4;

/** Signers of one message, by its `cosmos.msg.v1.signer` option; an operator signs with its account. Throws `sdk/7`, and `sdk/35` for a type that names none. */
export function messageSigners(type: MessageType<unknown>, message: unknown, prefix: string, depth = 0): Address[] {
  if (type.signers.length === 0 || depth > NESTING_MAX) {
    throw sdkError.logic(`no signer is declared for ${type.typeName}`);
  }
  const signers: Address[] = [];
  for (const name of type.signers) {
    const value = (message as Readonly<Record<string, unknown>>)[name];
    const field = type.fields.find((candidate) => candidate.name === name);
    for (const item of Array.isArray(value) ? value : [value]) {
      if (field?.kind === "message" && field.message) {
        if (item !== undefined) signers.push(...messageSigners(field.message(), item, prefix, depth + 1));
      } else if (field?.cosmos === "cosmos.ValidatorAddressString") {
        signers.push(operatorAccount(String(item ?? ""), prefix));
      } else {
        signers.push(parseAddress(String(item ?? ""), prefix));
      }
    }
  }
  return signers;
}

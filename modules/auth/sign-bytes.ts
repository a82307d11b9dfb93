import { aminoSignBytes, toAmino } from "@interfirm/proto/amino";
import { isCanonical } from "@interfirm/proto/canonical";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { AuthInfo, SignDoc, TxBody } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { JsonError } from "@interfirm/proto/json-text";
import { WireError } from "@interfirm/proto/runtime";
import { sdkError } from "../kernel/sdk-errors.ts";
import type { Tx } from "./tx.ts";

/** What a signature is for, beside the transaction: one account on one chain, once. */
export interface SignerData {
  readonly chainId: string;
  readonly accountNumber: bigint;
  readonly sequence: bigint;
}

/** What documents are made of. */
export type Document = Omit<Tx, "bytes" | "facts">;

/** The bytes that a signer signs. Throws `sdk/4` for a mode that is not supported, or that cannot express the transaction. */
export function signBytes(tx: Document, mode: number, signer: SignerData): Uint8Array {
  switch (mode) {
    case SignMode.SIGN_MODE_DIRECT: {
      const { bodyBytes, authInfoBytes } = tx;
      const { chainId, accountNumber } = signer;
      return SignDoc.encode({ bodyBytes, authInfoBytes, chainId, accountNumber }).finish();
    }
    case SignMode.SIGN_MODE_LEGACY_AMINO_JSON:
      return aminoDocument(tx, signer);
    default:
      throw sdkError.unauthorized(`unsupported sign mode ${mode}, want direct (1) or legacy amino JSON (127)`);
  }
}

/**
 * What the document does not show must not be in the transaction, for nobody would have signed it. That goes for its encoding, too:
 * of all bytes that decode to the same, only ADR-027's are accepted, or anybody could give the transaction another hash.
 */
function aminoDocument(tx: Document, signer: SignerData): Uint8Array {
  const { body, bodyBytes, authInfo, authInfoBytes, messages, registry, hasNonCritical } = tx;
  if (hasNonCritical) throw sdkError.unauthorized("amino JSON cannot express fields that are not known");
  const isOnlyForm = isCanonical(TxBody, bodyBytes, registry) && isCanonical(AuthInfo, authInfoBytes, registry);
  if (!isOnlyForm) throw sdkError.unauthorized("amino JSON signs the shortest encoding, and this is another");
  const { amount = [], gasLimit: gas = 0n, payer = "", granter = "" } = authInfo.fee ?? {};
  try {
    return aminoSignBytes({
      ...signer,
      fee: { amount, gas, payer, granter },
      memo: body.memo,
      msgs: messages.map(({ type, value }) => toAmino(type, value, registry)),
      timeoutHeight: body.timeoutHeight,
      timeoutTimestamp: body.timeoutTimestamp,
      unordered: body.unordered,
    });
  } catch (cause) {
    if (!(cause instanceof JsonError || cause instanceof WireError)) throw cause;
    throw sdkError.unauthorized(`amino JSON cannot express the transaction: ${cause.message}`);
  }
}

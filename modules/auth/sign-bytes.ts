import { aminoSignBytes, toAmino } from "@interfirm/proto/amino";
import { SignMode } from "@interfirm/proto/gen/cosmos/tx/signing/v1beta1";
import { SignDoc } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
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

/** The bytes that a signer signs. Throws `sdk/4` for a mode that is not supported, or that cannot express the transaction. */
export function signBytes(tx: Tx, mode: number, signer: SignerData): Uint8Array {
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

/** What the document does not show must not be in the transaction: nobody would have signed it. */
function aminoDocument({ body, authInfo, messages, registry, hasNonCritical }: Tx, signer: SignerData): Uint8Array {
  if (hasNonCritical) throw sdkError.unauthorized("amino JSON cannot express fields that are not known");
  if (body.timeoutTimestamp) throw sdkError.unauthorized("amino JSON cannot express a timeout time");
  const { amount = [], gasLimit: gas = 0n, payer = "", granter = "" } = authInfo.fee ?? {};
  try {
    return aminoSignBytes({
      ...signer,
      fee: { amount, gas, payer, granter },
      memo: body.memo,
      msgs: messages.map(({ type, value }) => toAmino(type, value, registry)),
      timeoutHeight: body.timeoutHeight,
    });
  } catch (cause) {
    if (!(cause instanceof JsonError || cause instanceof WireError)) throw cause;
    throw sdkError.unauthorized(`amino JSON cannot express the transaction: ${cause.message}`);
  }
}

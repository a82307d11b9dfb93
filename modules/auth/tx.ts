import { AuthInfo, TxBody, TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Registry } from "@interfirm/proto/registry";
import { Reader, WireError } from "@interfirm/proto/runtime";
import { checkWire } from "@interfirm/proto/strict";
import type { MessageType } from "@interfirm/proto/types";
import { toUtf8 } from "../kernel/bytes.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { TxFacts } from "./facts.ts";
import { isPubKeyType } from "./pubkey.ts";

/** A message of a transaction, decoded. */
export interface TxMessage {
  readonly type: MessageType<unknown>;
  readonly value: unknown;
}

/** A transaction that is well formed on the wire. What it says is not checked yet. */
export interface Tx {
  /** As it came. The other bytes of the transaction are views of it. */
  readonly bytes: Uint8Array;
  readonly body: TxBody;
  readonly authInfo: AuthInfo;
  /** As they came: what is signed. */
  readonly bodyBytes: Uint8Array;
  readonly authInfoBytes: Uint8Array;
  readonly signatures: readonly Uint8Array[];
  /** The messages of the body, in order. */
  readonly messages: readonly TxMessage[];
  /** Types that it was decoded with. */
  readonly registry: Registry;
  /** The body has fields that this version does not know and may ignore (ADR-020). */
  readonly hasNonCritical: boolean;
  /** Length of the memo in UTF-8. */
  readonly memoBytes: number;
  /** What follows from it alone, and what was found out about it. */
  readonly facts: TxFacts;
}

export interface TxDecoderDeps {
  /** Types that may be messages of a transaction, by type URL. */
  readonly messages: ReadonlyMap<string, MessageType<unknown>>;
  /** Types that may stand in an `Any`, at any depth. */
  readonly registry: Registry;
}

/**
 * A decoder of transactions. It throws `sdk/2` for bytes that are not one: unknown fields, but for those of the body that
 * their number marks as not critical (ADR-020); types that are not known; a `TxRaw` in another than its one form (ADR-027).
 * The bytes belong to the transaction from then on: nobody may change them.
 *
 * Cost: linear in the length of the bytes.
 */
export function createTxDecoder({ messages, registry }: TxDecoderDeps): (bytes: Uint8Array) => Tx {
  return (bytes) => {
    try {
      checkWire(TxRaw, bytes, { canonical: true });
      const { bodyBytes, authInfoBytes, signatures } = TxRaw.decode(Reader.over(bytes));
      const { hasNonCritical } = checkWire(TxBody, bodyBytes, { registry, allowNonCritical: true });
      const body = TxBody.decode(Reader.over(bodyBytes));
      checkWire(AuthInfo, authInfoBytes, { registry });
      const authInfo = AuthInfo.decode(Reader.over(authInfoBytes));
      for (const { publicKey } of authInfo.signerInfos) {
        if (publicKey && !isPubKeyType(publicKey.typeUrl)) {
          throw new WireError(`type URL is ${publicKey.typeUrl}, want a public key`);
        }
      }
      const decoded = body.messages.map(({ typeUrl, value }) => {
        const type = messages.get(typeUrl);
        if (!type) throw new WireError(`type URL is ${typeUrl}, want a message of this chain`);
        return { type, value: type.decode(Reader.over(value)) };
      });
      return {
        bytes,
        body,
        authInfo,
        bodyBytes,
        authInfoBytes,
        signatures,
        messages: decoded,
        registry,
        hasNonCritical,
        memoBytes: body.memo === "" ? 0 : toUtf8(body.memo).length,
        facts: new TxFacts({ authInfo, messages: decoded, signatures }),
      };
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      throw sdkError.txDecode(cause.message);
    }
  };
}

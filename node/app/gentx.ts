import { type Account, updateBase } from "@interfirm/modules/auth/accounts";
import { addressBytes, pubKeyFromAny } from "@interfirm/modules/auth/pubkey";
import { signBytes } from "@interfirm/modules/auth/sign-bytes";
import { readSignature, type Verifier, verifySignature } from "@interfirm/modules/auth/signature";
import { createTxDecoder, type Tx } from "@interfirm/modules/auth/tx";
import { type Address, addressToBytes } from "@interfirm/modules/kernel/address";
import { equal, fromUtf8 } from "@interfirm/modules/kernel/bytes";
import type { Ctx } from "@interfirm/modules/kernel/context";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { AuthInfo, TxBody, TxRaw, Tx as TxType } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import { fromJson } from "@interfirm/proto/json";
import type { Registry } from "@interfirm/proto/registry";
import type { MsgRoute } from "./router.ts";

/** Reads a transaction of the genesis file, which stands there in proto3 JSON. Throws `sdk/2`, `JsonError`, `SyntaxError`. */
export function createGenTxReader(registry: Registry): (json: Uint8Array) => Tx {
  const messages = new Map([[MsgCreateValidator.typeUrl, MsgCreateValidator]]);
  const decode = createTxDecoder({ messages, registry });
  return (json) => {
    const { body, authInfo, signatures } = fromJson(TxType, JSON.parse(fromUtf8(json)), registry);
    if (!body || !authInfo) throw sdkError.txDecode("transaction has no body or no auth_info, want both");
    const bodyBytes = TxBody.encode(body).finish();
    const authInfoBytes = AuthInfo.encode(authInfo).finish();
    return decode(TxRaw.encode({ bodyBytes, authInfoBytes, signatures }).finish());
  };
}

/** What running a transaction of the genesis file takes. */
export interface GenTxDelivery {
  readonly accounts: {
    get(ctx: Ctx, address: Address): Account | undefined;
    set(ctx: Ctx, account: Account): void;
  };
  /** Handlers of the messages that such a transaction may have. */
  readonly routes: ReadonlyMap<string, MsgRoute>;
}

/**
 * Runs a verified transaction: its signer's account gets its key and the next sequence, so that the transaction cannot be
 * sent again, and its messages run. Throws `sdk/6`, `sdk/9`, and what a handler throws.
 */
export function createGenTxDelivery({ accounts, routes }: GenTxDelivery) {
  return (ctx: Ctx, tx: Tx, signer: Address): void => {
    const account = accounts.get(ctx, signer);
    if (!account) throw sdkError.unknownAddress(`account ${signer} does not exist`);
    const pubKey = tx.authInfo.signerInfos[0]?.publicKey;
    accounts.set(ctx, updateBase(account, { pubKey, sequence: account.base.sequence + 1n }));
    for (const { type, value } of tx.messages) {
      const route = routes.get(type.typeUrl);
      if (!route) throw sdkError.unknownRequest(`no message handler found for ${type.typeUrl}`);
      route.handle(ctx, value);
    }
  };
}

/**
 * Checks that `signer` alone signed the transaction, as the first one of an account without a number: genesis has no
 * account numbers yet. Throws `sdk/4`, `sdk/8`, `sdk/15`, `sdk/32`.
 */
export function createGenTxVerifier(verifier: Verifier) {
  return (
    tx: Tx,
    signer: Address,
    { chainId, addressPrefix }: { readonly chainId: string; readonly addressPrefix: string },
  ): void => {
    const [info, ...others] = tx.authInfo.signerInfos;
    const [signature, ...rest] = tx.signatures;
    if (!info?.publicKey || !signature) throw sdkError.noSignatures("transaction has no signature");
    if (others.length + rest.length > 0) {
      throw sdkError.unauthorized(`transaction has ${tx.signatures.length} signatures, want one`);
    }
    const key = pubKeyFromAny(info.publicKey);
    if (!equal(addressBytes(key), addressToBytes(signer, addressPrefix))) {
      throw sdkError.invalidPubKey(`public key is not that of ${signer}`);
    }
    if (info.sequence !== 0n) throw sdkError.wrongSequence(0n, info.sequence);
    const document = { chainId, accountNumber: 0n, sequence: 0n };
    const data = readSignature(info.modeInfo, signature);
    const problem = verifySignature(verifier, key, data, (mode) => signBytes(tx, mode, document));
    if (problem !== undefined) {
      throw sdkError.unauthorized(`${problem}; account number 0, sequence 0, chain-id ${chainId}`);
    }
  };
}

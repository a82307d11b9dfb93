/**
 * Signed statements outside of transactions (Cosmos ADR-036): proof that somebody holds an address, for logins.
 * The document can never pass for a transaction: its chain id is empty and its message type is unknown to any chain.
 */
import {
  decodeSignature,
  makeSignDoc,
  type OfflineAminoSigner,
  rawSecp256k1PubkeyToRawAddress,
  type StdSignature,
  type StdSignDoc,
  serializeSignDoc,
} from "@cosmjs/amino";
import { fromBech32 } from "@cosmjs/encoding";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { equalBytes, sha256, toBase64, toUtf8 } from "./bytes.ts";

const document = (signer: string, data: string | Uint8Array): StdSignDoc =>
  makeSignDoc(
    [{ type: "sign/MsgSignData", value: { signer, data: toBase64(typeof data === "string" ? toUtf8(data) : data) } }],
    { gas: "0", amount: [] },
    "",
    "",
    0,
    0,
  );

/** Signs text (as UTF-8) or bytes as `address`, which the signer must hold. */
async function sign(signer: OfflineAminoSigner, address: string, data: string | Uint8Array): Promise<StdSignature> {
  return (await signer.signAmino(address, document(address, data))).signature;
}

/** Whether the holder of `address` signed exactly `data`. Never throws: what cannot be read was not signed. */
function verify(address: string, data: string | Uint8Array, signature: StdSignature): boolean {
  try {
    const { pubkey, signature: bytes } = decodeSignature(signature);
    if (signature.pub_key.type !== "tendermint/PubKeySecp256k1") return false;
    if (!equalBytes(rawSecp256k1PubkeyToRawAddress(pubkey), fromBech32(address).data)) return false;
    const digest = sha256(serializeSignDoc(document(address, data)));
    return secp256k1.verify(bytes, digest, pubkey, { prehash: false, lowS: true });
  } catch {
    return false;
  }
}

export const adr36 = { sign, verify };

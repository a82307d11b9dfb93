import type { Address } from "../kernel/address.ts";
import { toBase64 } from "../kernel/bytes.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { isBlankKey, type PubKey, pubKeyFromAny } from "./pubkey.ts";
import { flattenSignature, readSignature, type SignatureData } from "./signature.ts";
import { signersOf } from "./signers.ts";
import type { Tx } from "./tx.ts";

/** What a transaction says of its signatures, read once. */
export interface Signatures {
  /** By signer. */
  readonly data: readonly SignatureData[];
  /** By signer: every signature in it, in base64. */
  readonly texts: readonly (readonly string[])[];
}

/**
 * What follows from a transaction alone, worked out when it is first asked for. The same transaction comes by on its way
 * into the mempool, in every recheck and in its block; what does not parse throws each time.
 */
export class TxFacts {
  readonly #tx: Tx;
  #prefix: string | undefined;
  #signers: readonly Address[] = [];
  #keys: readonly (PubKey | undefined)[] | undefined;
  #signatures: Signatures | undefined;
  readonly #verificationIds: { readonly accountNumber: bigint; readonly id: string }[] = [];

  constructor(tx: Tx) {
    this.#tx = tx;
  }

  /** See `signersOf`. */
  signers(prefix: string): readonly Address[] {
    if (this.#prefix !== prefix) {
      this.#signers = signersOf(this.#tx, prefix);
      this.#prefix = prefix;
    }
    return this.#signers;
  }

  /** The keys in the signer infos, where they are given. Throws `sdk/8` for one that is none. */
  get keys(): readonly (PubKey | undefined)[] {
    this.#keys ??= this.#tx.authInfo.signerInfos.map(({ publicKey }) => publicKey && pubKeyFromAny(publicKey));
    return this.#keys;
  }

  /**
   * The same for an estimate of gas, which a client may ask for before it has its key: the SDK's clients then send
   * a secp256k1 key of no bytes (`Factory.getSimPK`). It counts as not given.
   */
  get keysOfEstimate(): readonly (PubKey | undefined)[] {
    return this.#tx.authInfo.signerInfos.map(({ publicKey }) =>
      publicKey && !isBlankKey(publicKey) ? pubKeyFromAny(publicKey) : undefined,
    );
  }

  /** Throws `sdk/2` unless there is one for each signer info, and as `readSignature` does. */
  get signatures(): Signatures {
    this.#signatures ??= this.#readSignatures();
    return this.#signatures;
  }

  /**
   * What names the verification of a signer's signature. The transaction's bytes fix signer, sequence, signature and document;
   * number and key come from state, and a number belongs to one account, whose key cannot change.
   */
  verificationId(index: number, accountNumber: bigint): string {
    const made = this.#verificationIds[index];
    if (made?.accountNumber === accountNumber) return made.id;
    const id = `${this.#tx.id}/${index}/${accountNumber}`;
    this.#verificationIds[index] = { accountNumber, id };
    return id;
  }

  #readSignatures(): Signatures {
    const { authInfo, signatures } = this.#tx;
    const { signerInfos } = authInfo;
    if (signatures.length !== signerInfos.length) {
      throw sdkError.txDecode(`expected ${signerInfos.length} signatures, got ${signatures.length}`);
    }
    const data = signerInfos.map(({ modeInfo }, index) => readSignature(modeInfo, signatures[index]!));
    return { data, texts: data.map((signature) => flattenSignature(signature).map(toBase64)) };
  }
}

const known = new WeakMap<Tx, TxFacts>();

export function factsOf(tx: Tx): TxFacts {
  let facts = known.get(tx);
  if (!facts) {
    facts = new TxFacts(tx);
    known.set(tx, facts);
  }
  return facts;
}

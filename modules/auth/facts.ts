import type { Address } from "../kernel/address.ts";
import { sdkError } from "../kernel/sdk-errors.ts";
import { isBlankKey, type PubKey, pubKeyFromAny } from "./pubkey.ts";
import { readSignature, type SignatureData } from "./signature.ts";
import { signersOf } from "./signers.ts";
import type { Tx } from "./tx.ts";

/** What the facts follow from. */
export type FactSource = Pick<Tx, "authInfo" | "messages" | "signatures">;

/**
 * What follows from a transaction alone, worked out when it is first asked for. The same transaction comes by on its way
 * into the mempool, in every recheck and in its block; what does not parse throws each time.
 */
export class TxFacts {
  readonly #tx: FactSource;
  #prefix: string | undefined;
  #signers: readonly Address[] = [];
  #keys: readonly (PubKey | undefined)[] | undefined;
  #signatures: readonly SignatureData[] | undefined;
  /** By signer: the account number that its signature was found valid for. */
  readonly #verified: (bigint | undefined)[] = [];

  constructor(tx: FactSource) {
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

  /** By signer. Throws `sdk/2` unless there is one for each signer info, and as `readSignature` does. */
  get signatures(): readonly SignatureData[] {
    this.#signatures ??= this.#readSignatures();
    return this.#signatures;
  }

  /**
   * Whether this process has found a signer's signature valid before, so that it need not look again. The transaction's bytes
   * fix signer, sequence, signature and document; number and key come from state, and a number belongs to one account,
   * whose key cannot change. A "no" costs time and nothing else: gas and results are the same either way.
   */
  isVerified(index: number, accountNumber: bigint): boolean {
    return this.#verified[index] === accountNumber;
  }

  setVerified(index: number, accountNumber: bigint): void {
    this.#verified[index] = accountNumber;
  }

  #readSignatures(): readonly SignatureData[] {
    const { authInfo, signatures } = this.#tx;
    const { signerInfos } = authInfo;
    if (signatures.length !== signerInfos.length) {
      throw sdkError.txDecode(`expected ${signerInfos.length} signatures, got ${signatures.length}`);
    }
    return signerInfos.map(({ modeInfo }, index) => readSignature(modeInfo, signatures[index]!));
  }
}

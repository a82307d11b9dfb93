/**
 * What the application itself keeps in state, besides its modules: enough to go on after a restart without the genesis
 * file. Store key `chain`; prefixes are consensus: never reused, never renumbered.
 *
 *     0x00                      → chain id, UTF-8
 *     0x01                      → human-readable part of account addresses, UTF-8
 *     0x02 | key type:1 | key   → voting power as CometBFT knows it, u64; type 1 is ed25519, 2 is secp256k1
 *     0x04                      → initial height, u64
 */
import { concat, fromUtf8, prefixEnd, toUtf8 } from "@interfirm/modules/kernel/bytes";
import type { ValidatorUpdate } from "@interfirm/modules/kernel/module";
import type { KVStore, ReadStore } from "@interfirm/modules/kernel/store";

export const CHAIN_STORE = "chain";

const CHAIN_ID = Uint8Array.of(0);
const ADDRESS_PREFIX = Uint8Array.of(1);
const VALIDATORS = Uint8Array.of(2);
const INITIAL_HEIGHT = Uint8Array.of(4);

export interface ChainIdentity {
  readonly chainId: string;
  readonly addressPrefix: string;
  readonly initialHeight: bigint;
}

/** Undefined before the first commit. */
export function readIdentity(store: ReadStore): ChainIdentity | undefined {
  const chainId = store.get(CHAIN_ID);
  const prefix = store.get(ADDRESS_PREFIX);
  if (!chainId || !prefix) return undefined;
  return {
    chainId: fromUtf8(chainId),
    addressPrefix: fromUtf8(prefix),
    initialHeight: readU64(store.get(INITIAL_HEIGHT)),
  };
}

export function writeIdentity(store: KVStore, { chainId, addressPrefix, initialHeight }: ChainIdentity): void {
  store.set(CHAIN_ID, toUtf8(chainId));
  store.set(ADDRESS_PREFIX, toUtf8(addressPrefix));
  store.set(INITIAL_HEIGHT, u64(initialHeight));
}

export type Validator = ValidatorUpdate;

/** The set that CometBFT will have once all updates took effect, in order of key type and key. Bounded by that set. */
export function readValidators(store: ReadStore): readonly Validator[] {
  const validators: Validator[] = [];
  for (const [key, value] of store.range(VALIDATORS, prefixEnd(VALIDATORS))) {
    validators.push({
      pubKeyType: key[1] === 1 ? "ed25519" : "secp256k1",
      pubKey: key.slice(2),
      power: readU64(value),
    });
  }
  return validators;
}

export function writeValidators(store: KVStore, updates: readonly Validator[]): void {
  for (const { pubKeyType, pubKey, power } of updates) {
    const key = concat(VALIDATORS, Uint8Array.of(pubKeyType === "ed25519" ? 1 : 2), pubKey);
    if (power === 0n) store.delete(key);
    else store.set(key, u64(power));
  }
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

const readU64 = (bytes: Uint8Array | undefined): bigint =>
  bytes ? new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0) : 0n;

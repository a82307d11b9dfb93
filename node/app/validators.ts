import { toLatin1 } from "@interfirm/modules/kernel/bytes";
import type { ValidatorUpdate } from "@interfirm/modules/kernel/module";

/** The most voting power that a validator set may have together. Source: CometBFT v0.38 types/validator_set.go. */
export const TOTAL_POWER_MAX = (2n ** 63n - 1n) / 8n;

const KEY_LENGTHS = { ed25519: 32, secp256k1: 33 } as const;

/**
 * Joins the updates that modules gave in one block: of two for the same key the later one holds. CometBFT does not
 * take a key twice.
 */
export function mergeUpdates(lists: readonly (readonly ValidatorUpdate[])[]): readonly ValidatorUpdate[] {
  const merged = new Map<string, ValidatorUpdate>();
  for (const updates of lists) {
    for (const update of updates) {
      const key = keyOf(update);
      merged.delete(key);
      merged.set(key, update);
    }
  }
  return [...merged.values()];
}

/**
 * What CometBFT would find wrong with `updates` to the set `current`, or undefined. CometBFT checks only after it has
 * stored the answer of FinalizeBlock, and then every node of the network stops for good; so we check before.
 * Source: CometBFT v0.38 state/execution.go `validateValidatorUpdates`, types/validator_set.go `updateWithChangeSet`.
 */
export function validateUpdates(
  current: readonly ValidatorUpdate[],
  updates: readonly ValidatorUpdate[],
  allowedKeyTypes: readonly string[],
): string | undefined {
  const powers = new Map(current.map((validator) => [keyOf(validator), validator.power]));
  const seen = new Set<string>();
  for (const update of updates) {
    const { pubKey, pubKeyType, power } = update;
    const key = keyOf(update);
    if (seen.has(key)) return `validator ${hex(pubKey)} is updated twice in one block`;
    seen.add(key);
    if (pubKey.length !== KEY_LENGTHS[pubKeyType]) {
      return `${pubKeyType} key of a validator has ${pubKey.length} bytes, want ${KEY_LENGTHS[pubKeyType]}`;
    }
    if (power < 0n || power > TOTAL_POWER_MAX) {
      return `power of validator ${hex(pubKey)} is ${power}, want 0 to ${TOTAL_POWER_MAX}`;
    }
    if (power === 0n && !powers.delete(key)) return `validator ${hex(pubKey)} is removed but is not in the set`;
    if (power > 0n) {
      if (!allowedKeyTypes.includes(pubKeyType)) {
        return `validator ${hex(pubKey)} has a ${pubKeyType} key, want one of ${allowedKeyTypes.join(", ")}`;
      }
      powers.set(key, power);
    }
  }
  let total = 0n;
  for (const power of powers.values()) total += power;
  if (total > TOTAL_POWER_MAX) return `validators have ${total} power together, want at most ${TOTAL_POWER_MAX}`;
  if (powers.size === 0) return "no validator would be left, want at least one";
  return undefined;
}

const keyOf = ({ pubKeyType, pubKey }: ValidatorUpdate): string => `${pubKeyType}/${toLatin1(pubKey)}`;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

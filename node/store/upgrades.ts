/** Stores that come, go or change their name with an upgrade of the program (the SDK's `StoreUpgrades`). */
import { StoreError } from "./errors.ts";

export interface StoreUpgrades {
  /** The height at which the new program takes over: its first block. */
  readonly height: bigint;
  readonly added?: readonly string[];
  readonly deleted?: readonly string[];
  readonly renamed?: readonly { readonly from: string; readonly to: string }[];
}

/** Throws `stores` unless the stores of `height`, changed by the upgrade, are exactly `wanted`. */
export function checkUpgrades(
  height: number,
  present: readonly string[],
  wanted: readonly string[],
  upgrades: StoreUpgrades | undefined,
): void {
  const after = new Set(present);
  const remove = (name: string): void => {
    if (!after.delete(name)) throw new StoreError("stores", `the upgrade takes store ${name} away, which is not there`);
  };
  const add = (name: string): void => {
    if (after.has(name)) throw new StoreError("stores", `the upgrade adds store ${name}, which is there`);
    after.add(name);
  };
  for (const name of upgrades?.deleted ?? []) remove(name);
  for (const { from, to } of upgrades?.renamed ?? []) {
    remove(from);
    add(to);
  }
  for (const name of upgrades?.added ?? []) add(name);
  const missing = wanted.filter((name) => !after.has(name));
  const extra = [...after].filter((name) => !wanted.includes(name));
  if (missing.length > 0 || extra.length > 0) {
    const message =
      `stores at height ${height} lack [${missing.join(", ")}] and have [${extra.join(", ")}] too many; ` +
      "name them in the upgrade that adds, deletes or renames them";
    throw new StoreError("stores", message);
  }
}

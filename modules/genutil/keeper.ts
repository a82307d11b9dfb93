import type { Ctx, QueryCtx } from "../kernel/context.ts";
import type { ValidatorUpdate } from "../kernel/module.ts";
import { state } from "./state.ts";

const KEY_TYPES = ["ed25519", "secp256k1"] as const;

export type Keeper = typeof keeper;

/** The validators of this chain while it has no staking: those it began with. */
export const keeper = {
  /** By key type and key. Cost: one read a validator. */
  validators: (ctx: QueryCtx): readonly ValidatorUpdate[] =>
    [...state.validators.entries(ctx)].map(([[type, pubKey], power]) => {
      const pubKeyType = KEY_TYPES[type];
      if (pubKeyType === undefined) throw new Error(`validator has key type ${type}, want 0 or 1`);
      return { pubKeyType, pubKey: pubKey.slice(), power };
    }),

  /** Keeps the validators that InitChain names when the genesis file has no genesis transactions. Power 0 removes. */
  apply(ctx: Ctx, updates: readonly ValidatorUpdate[]): void {
    for (const { pubKeyType, pubKey, power } of updates) {
      const key = [KEY_TYPES.indexOf(pubKeyType), pubKey] as const;
      if (power === 0n) state.validators.delete(ctx, key);
      else state.validators.set(ctx, key, power);
    }
  },
};

import type { Invariant } from "../kernel/module.ts";
import type { Keeper } from "./keeper.ts";

export const invariants = (keeper: Keeper): Readonly<Record<string, Invariant>> => ({
  /** Every account has a number of its own below the next one, and the index leads from it to the account. */
  numbersUnique(ctx) {
    const next = keeper.state.nextNumber.peek(ctx);
    let accounts = 0;
    for (const [address, { base }] of keeper.state.accounts.entries(ctx)) {
      accounts++;
      if (base.address !== address) return `account at ${address} says it is ${base.address}`;
      if (base.accountNumber >= next)
        return `account ${address} has number ${base.accountNumber}, want less than ${next}`;
      const indexed = keeper.addressByNumber(ctx, base.accountNumber);
      if (indexed !== address) return `number ${base.accountNumber} of ${address} leads to ${indexed}`;
    }
    let numbers = 0;
    for (const _ of keeper.state.byNumber.keys(ctx)) numbers++;
    return numbers === accounts ? undefined : `${numbers} numbers for ${accounts} accounts, want as many`;
  },
});

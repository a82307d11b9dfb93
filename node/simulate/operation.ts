import type { Address } from "@interfirm/modules/kernel/address";
import type { DeepPartial, Method } from "@interfirm/proto/types";
import type { AnyMessage, TestAccount } from "../test/accounts.ts";
import type { Random } from "./random.ts";

/** What an operation sees of the chain: committed state, and who can sign. */
export interface View {
  readonly random: Random;
  /** Accounts whose keys the simulation has. */
  readonly accounts: readonly TestAccount[];
  readonly denom: string;
  /** Height of the block that is being filled. */
  readonly height: bigint;
  /** Time of the latest block, nanoseconds since 1970. */
  readonly time: bigint;
  query<I, O>(service: string, method: Method<I, O>, request: DeepPartial<I>): Promise<O>;
  /** Coins in the chain's token that the account may spend. */
  spendable(address: Address): Promise<bigint>;
}

/** A transaction to be signed. */
export interface Planned {
  readonly signer: TestAccount;
  readonly messages: readonly AnyMessage[];
  /** Pays the fee instead of the signer. */
  readonly granter?: Address;
}

/**
 * Something that users do. It looks at the state for a case that may well succeed; a share of its cases should be wrong
 * on purpose. Undefined when the state offers nothing to do.
 */
export interface Operation {
  readonly name: string;
  /** How often, relative to the others. */
  readonly weight: number;
  plan(view: View): Promise<Planned | undefined>;
}

/** The account behind an address, where the simulation has its key. */
export const ownerOf = (view: View, address: string): TestAccount | undefined =>
  view.accounts.find((account) => account.address === address);

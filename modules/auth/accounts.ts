import { BaseAccount, ModuleAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { Any } from "@interfirm/proto/gen/google/protobuf";
import { Reader, Writer } from "@interfirm/proto/runtime";
import type { MessageType } from "@interfirm/proto/types";
import { addressToBytes, moduleAddress, parseAddress } from "../kernel/address.ts";
import { equal } from "../kernel/bytes.ts";
import type { Coins } from "../kernel/coins.ts";
import { fail } from "./errors.ts";
import { addressBytes, pubKeyFromAny } from "./pubkey.ts";

/** Name of the module account that fees are paid to. */
export const FEE_COLLECTOR = "fee_collector";

/** What a module account may do with coins, beyond sending and receiving. */
export type Permission = "minter" | "burner" | "staking";

/**
 * A kind of account that the chain knows: how it is encoded, and where its base account stands in it.
 * A module that brings its own kinds (vesting) passes them to `auth`.
 */
export interface AccountType<T> {
  readonly type: MessageType<T>;
  base(value: T): BaseAccount;
  withBase(value: T, base: BaseAccount): T;
  /** Throws when the value breaks a rule of its kind. */
  validate?(value: T, prefix: string): void;
  /** Coins that the account holds but cannot spend at `time`, in nanoseconds since 1970. */
  locked?(value: T, time: bigint): Coins;
  /** The value after the account delegated `coins` of its `balance` at `time`. */
  delegated?(value: T, time: bigint, balance: Coins, coins: Coins): T;
  /** The value after the account got delegated `coins` back. */
  undelegated?(value: T, coins: Coins): T;
}

/** An account of any kind. */
export interface Account {
  readonly kind: AccountType<unknown>;
  readonly value: unknown;
  /** What every account has: address, public key once it is known, number, sequence. */
  readonly base: BaseAccount;
  /** Length of what is stored, which gas depends on; 0 when this is not what is stored. */
  readonly storedBytes: number;
}

const baseAccountType: AccountType<BaseAccount> = {
  type: BaseAccount,
  base: (value) => value,
  withBase: (_, base) => base,
};

const moduleAccountType: AccountType<ModuleAccount> = {
  type: ModuleAccount,
  base: (value) => value.baseAccount ?? BaseAccount.fromPartial({}),
  withBase: (value, baseAccount) => ({ ...value, baseAccount }),
  validate({ name, baseAccount }, prefix) {
    if (name.trim() === "") throw fail.badGenesis("module account name is blank, want a module's name");
    const derived = moduleAddress(name, prefix);
    if (baseAccount?.address !== derived) {
      throw fail.badGenesis(`module account ${name} has address ${baseAccount?.address}, want ${derived}`);
    }
  },
};

export function baseAccount(base: BaseAccount): Account {
  return { kind: baseAccountType as AccountType<unknown>, value: base, base, storedBytes: 0 };
}

export function moduleAccount(value: ModuleAccount): Account {
  return {
    kind: moduleAccountType as AccountType<unknown>,
    value,
    base: moduleAccountType.base(value),
    storedBytes: 0,
  };
}

/** The module account in it, or undefined for an account of another kind. */
export function asModuleAccount(account: Account): ModuleAccount | undefined {
  return account.kind.type === ModuleAccount ? (account.value as ModuleAccount) : undefined;
}

/** Whether it is a base account that nobody has signed for. */
export const isUnused = ({ kind, base }: Account): boolean =>
  kind.type === BaseAccount && base.pubKey === undefined && base.sequence === 0n;

/** The account with some fields of its base changed. */
export function updateBase(account: Account, change: Partial<BaseAccount>): Account {
  const base = { ...account.base, ...change };
  return { kind: account.kind, value: account.kind.withBase(account.value, base), base, storedBytes: 0 };
}

export const accountToAny = ({ kind, value }: Account): Any => ({
  typeUrl: kind.type.typeUrl,
  value: kind.type.encode(value).finish(),
});

/** Throws a `ChainError` when the account breaks a rule. */
export function validateAccount({ kind, value, base }: Account, prefix: string): void {
  parseAddress(base.address, prefix);
  if (base.pubKey && !equal(addressBytes(pubKeyFromAny(base.pubKey)), addressToBytes(base.address, prefix))) {
    throw fail.badGenesis(`public key of ${base.address} belongs to another address`);
  }
  kind.validate?.(value, prefix);
}

const ANY_TYPE_URL = (1 << 3) | 2;
const ANY_VALUE = (2 << 3) | 2;

/** Reads and writes accounts as `Any`, whatever their kind. */
export interface AccountCodec {
  encode(account: Account): Uint8Array;
  decode(bytes: Uint8Array): Account;
  fromAny(any: Any): Account;
}

/** A codec for base and module accounts and these further kinds. */
export function createAccountCodec(kinds: readonly AccountType<unknown>[]): AccountCodec {
  const known = [baseAccountType, moduleAccountType, ...kinds] as readonly AccountType<unknown>[];
  const byUrl = new Map(known.map((kind) => [kind.type.typeUrl, kind]));
  const fromAny = ({ typeUrl, value: bytes }: Any): Account => {
    const kind = byUrl.get(typeUrl);
    if (!kind) throw fail.badAccount(typeUrl);
    // Bytes of a store or of a message, which nobody changes: views of them will do.
    const value = kind.type.decode(Reader.over(bytes));
    return { kind, value, base: kind.base(value), storedBytes: 0 };
  };
  return {
    fromAny,
    // As `Any.encode(accountToAny(account))`, without the bytes in between: every transaction saves an account.
    encode({ kind, value }) {
      const writer = new Writer();
      writer.tag(ANY_TYPE_URL).string(kind.type.typeUrl);
      kind.type.encode(value, writer.tag(ANY_VALUE).fork()).ldelim();
      return writer.finish();
    },
    decode: (bytes) => fromAny(Any.decode(Reader.over(bytes))),
  };
}

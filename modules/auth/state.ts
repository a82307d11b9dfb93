import { Params } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { defineState } from "../kernel/collections.ts";
import { addressLast, u64 } from "../kernel/keys.ts";
import { bytesValue, message, type ValueCodec } from "../kernel/values.ts";
import type { Account, AccountCodec } from "./accounts.ts";

/** Name of the store, which is the SDK's and not the module's. */
export const STORE_KEY = "acc";

/**
 * State layout of the store `acc`: the keys and values of the SDK's x/auth, so that its verifiers and its gas apply.
 *
 *     0x00                       → Params
 *     0x01 | address             → Any that holds an account
 *     0x02                       → u64, the next account number (numbers start at 0)
 *     "accountNumber" | number:8 → raw address, one entry an account
 */
export const createState = (codec: AccountCodec) =>
  defineState(STORE_KEY, (store) => ({
    params: store.item(0x00, { ...message(Params), decode: decodeOnce((bytes) => Params.decode(bytes)) }),
    accounts: store.map(0x01, addressLast, accountValue(codec)),
    nextNumber: store.sequence(0x02, 0n),
    byNumber: store.map("accountNumber", u64, bytesValue),
  }));

const accountValue = ({ encode, decode }: AccountCodec): ValueCodec<Account> => ({
  form: "google.protobuf.Any",
  encode,
  decode: decodeOnce((bytes) => ({ ...decode(bytes), storedBytes: bytes.length })),
});

const RECENT = 4;

/**
 * Remembers what the last few values decoded to, for a transaction reads its payer's account and the parameters many times.
 * A store never changes the bytes of a value, so the same array is the same value.
 */
function decodeOnce<T>(decode: (bytes: Uint8Array) => T): (bytes: Uint8Array) => T {
  const recent: { readonly bytes: Uint8Array; readonly value: T }[] = [];
  let next = 0;
  return (bytes) => {
    for (const known of recent) if (known.bytes === bytes) return known.value;
    const value = decode(bytes);
    recent[next] = { bytes, value };
    next = (next + 1) % RECENT;
    return value;
  };
}

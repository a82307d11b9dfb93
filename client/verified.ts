/** Reads of the state that need not trust the node: proof up to the app hash, header by the validators' signatures. */

import { fromBech32 } from "@cosmjs/encoding";
import type { Comet38Client } from "@cosmjs/tendermint-rpc";
import { BaseAccount, ModuleAccount } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { Any } from "@interfirm/proto/gen/google/protobuf";
import { Agreement } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { parseInteger } from "@interfirm/proto/runtime";
import { concat, equalBytes, fromUtf8, toUtf8, u64 } from "./bytes.ts";
import { clientError, InterfirmError } from "./errors.ts";
import { toMilliseconds } from "./header.ts";
import { decodeProof, iavlSpec, simpleSpec, verifyAbsence, verifyExistence } from "./ics23.ts";
import type { LightClient } from "./light.ts";
import { toQueryError } from "./queries.ts";
import { sleep } from "./rpc.ts";

export interface VerifiedOptions {
  /** Height of the state to read: a height in a block's result has its state once the next block is there. */
  readonly height?: bigint;
}

/** A value that more than two thirds of the validators' power vouch for. */
export interface Verified<T> {
  readonly value: T;
  /** Height of the state. */
  readonly height: bigint;
  /** Of the header that commits to the state. A node can hold back newer ones: judge its age. */
  readonly time: Date;
}

/** Throws `client/badProof`, `client/badHeader`, `client/trustExpired`, `client/noTrustRoot`. */
export interface VerifiedReads {
  /** What a module's store holds at a key; undefined when it provably holds nothing. */
  get(storeKey: string, key: Uint8Array, options?: VerifiedOptions): Promise<Verified<Uint8Array | undefined>>;
  /** Balance in minimal units; 0 when there is none. */
  balance(address: string, denom: string, options?: VerifiedOptions): Promise<Verified<bigint>>;
  account(address: string, options?: VerifiedOptions): Promise<Verified<BaseAccount | undefined>>;
  agreement(id: bigint, options?: VerifiedOptions): Promise<Verified<Agreement | undefined>>;
}

/** Milliseconds to wait for the block that commits to the state asked for. */
const WAIT_MS_MAX = 60_000;
const WAIT_REST_MS = 250;

export function createVerifiedReads(comet: Comet38Client, light: LightClient | undefined): VerifiedReads {
  /** Header H + 1 holds the app hash of state H. */
  async function waitFor(height: bigint): Promise<void> {
    const deadline = Date.now() + WAIT_MS_MAX;
    while (BigInt((await comet.status()).syncInfo.latestBlockHeight) < height) {
      if (Date.now() > deadline) throw clientError("timeout", `block ${height} is not there after ${WAIT_MS_MAX} ms`);
      await sleep(WAIT_REST_MS);
    }
  }

  async function get(
    storeKey: string,
    key: Uint8Array,
    { height }: VerifiedOptions = {},
  ): Promise<Verified<Uint8Array | undefined>> {
    if (!light) throw clientError("noTrustRoot", "no trust root, want one in connect's options");
    const newest = BigInt((await comet.status()).syncInfo.latestBlockHeight);
    const at = height ?? (newest > 1n ? newest - 1n : 1n);
    await waitFor(at + 1n);
    const query = { path: `/store/${storeKey}/key`, data: key, prove: true, height: Number(at) };
    const [header, response] = await Promise.all([light.header(at + 1n), comet.abciQuery(query)]);
    if (response.code) throw toQueryError(response);
    const [store, root, ...rest] = response.proof?.ops ?? [];
    if (!store || !root || rest.length > 0 || store.type !== iavlSpec.name || root.type !== simpleSpec.name) {
      throw clientError(
        "badProof",
        `proof has operations ${response.proof?.ops.map(({ type }) => type)}, want iavl, simple`,
      );
    }
    if (!equalBytes(root.key, toUtf8(storeKey))) throw clientError("badProof", "proof is about another store");
    // What the store's proof leads to is taken from the root's proof, which leads to the header.
    const rootProof = decodeProof(root.data);
    const storeHash = rootProof.exist?.value ?? new Uint8Array();
    verifyExistence(simpleSpec, rootProof, header.appHash, toUtf8(storeKey), storeHash);
    const storeProof = decodeProof(store.data);
    const time = new Date(toMilliseconds(header.time));
    if (storeProof.nonexist) {
      verifyAbsence(iavlSpec, storeProof, storeHash, key);
      return { value: undefined, height: at, time };
    }
    verifyExistence(iavlSpec, storeProof, storeHash, key, response.value);
    return { value: response.value, height: at, time };
  }

  async function read<T>(
    store: string,
    key: Uint8Array,
    options: VerifiedOptions | undefined,
    decode: (value: Uint8Array) => T,
  ): Promise<Verified<T | undefined>> {
    const { value, ...rest } = await get(store, key, options);
    return { ...rest, value: value && decode(value) };
  }

  return {
    get,
    // SDK x/bank: 0x02 | length:1 | address | denom → amount as text.
    async balance(address, denom, options) {
      const data = addressBytes(address);
      const key = concat(Uint8Array.of(2, data.length), data, toUtf8(denom));
      const { value, ...rest } = await read("bank", key, options, (bytes) => parseInteger(fromUtf8(bytes)));
      return { ...rest, value: value ?? 0n };
    },
    // SDK x/auth: 0x01 | address → Any.
    account: async (address, options) =>
      read("acc", concat(Uint8Array.of(1), addressBytes(address)), options, (bytes) => readAccount(Any.decode(bytes))),
    // modules/agreements: 0x01 | id:8 → Agreement.
    agreement: async (id, options) =>
      read("agreements", concat(Uint8Array.of(1), u64(id)), options, (bytes) => Agreement.decode(bytes)),
  };
}

function addressBytes(address: string): Uint8Array {
  try {
    return fromBech32(address).data;
  } catch (cause) {
    const rawLog = `address is ${address.slice(0, 120)}, want bech32`;
    throw new InterfirmError({ codespace: "sdk", code: 7, rawLog, cause });
  }
}

function readAccount({ typeUrl, value }: Any): BaseAccount | undefined {
  if (typeUrl === BaseAccount.typeUrl) return BaseAccount.decode(value);
  if (typeUrl === ModuleAccount.typeUrl) return ModuleAccount.decode(value).baseAccount;
  throw clientError("badResponse", `account is a ${typeUrl}, want a base or module account`);
}

import type { MessageType, Method, ServiceType } from "@interfirm/proto/types";
import type { Ctx, QueryCtx } from "./context.ts";

type Input<M> = M extends Method<infer I, infer _> ? I : never;
// biome-ignore lint/suspicious/noConfusingVoidType: a handler whose response is empty may return nothing
type Output<M> = M extends Method<infer _, infer O> ? (keyof O extends never ? void | O : O) : never;

/** One function a method of the service. A method whose response is empty may return nothing. */
export type Handlers<S extends ServiceType, C> = {
  readonly [K in keyof S["methods"]]: (ctx: C, request: Input<S["methods"][K]>) => Output<S["methods"][K]>;
};

export interface ServiceImpl<C> {
  readonly type: ServiceType;
  /** By method name in camelCase. */
  readonly handlers: Readonly<Record<string, (ctx: C, request: never) => unknown>>;
}

export const serve = <S extends ServiceType, C>(type: S, handlers: Handlers<S, C>): ServiceImpl<C> => ({
  type,
  handlers,
});

/** A change of a validator's power, as FinalizeBlock and InitChain return it. Power 0 removes. */
export interface ValidatorUpdate {
  readonly pubKeyType: "ed25519" | "secp256k1";
  readonly pubKey: Uint8Array;
  readonly power: bigint;
}

/** A validator's part in the commit of the block before this one. */
export interface CommitVote {
  /** First 20 bytes of SHA-256 of its consensus key. */
  readonly validator: Uint8Array;
  readonly power: bigint;
  readonly flag: "absent" | "commit" | "nil";
}

/** Evidence that a validator broke the rules of consensus, as CometBFT reports it. It may be old, unknown to us or known already. */
export interface Misbehavior {
  readonly kind: "duplicateVote" | "lightClientAttack" | "unknown";
  readonly validator: Uint8Array;
  /** Power at the height of the infraction. */
  readonly power: bigint;
  readonly height: bigint;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly totalPower: bigint;
}

/** What CometBFT tells of a block besides its transactions. */
export interface BlockInfo {
  readonly hash: Uint8Array;
  /** Consensus address of the proposer, 20 bytes. */
  readonly proposer: Uint8Array;
  /** Empty in the first block. In descending order of power. */
  readonly lastCommit: readonly CommitVote[];
  readonly misbehavior: readonly Misbehavior[];
  /** Of the set that votes on the next block. */
  readonly nextValidatorsHash?: Uint8Array | undefined;
  /** State after the block before; empty in the first block. */
  readonly lastAppHash?: Uint8Array | undefined;
}

export interface Genesis<G> {
  readonly type: MessageType<G>;
  /** State of a module that the genesis file does not mention. */
  readonly empty: G;
  /** Throws on the first broken rule. `addressPrefix` is the chain's. */
  validate(state: G, addressPrefix: string): void;
  // biome-ignore lint/suspicious/noConfusingVoidType: most modules return nothing
  init(ctx: Ctx, state: G): void | readonly ValidatorUpdate[];
  /** Law: `init(export(s))` gives the same store, byte for byte. */
  export(ctx: QueryCtx): G;
}

/** Returns what is broken, or undefined when the invariant holds. Pure; reads as much as it needs, never runs in a tx. */
export type Invariant = (ctx: QueryCtx) => string | undefined;

export interface Module<G = unknown, K = unknown> {
  /** Key in `app_state` of the genesis file and codespace of its errors. */
  readonly name: string;
  /** Key of its store in the multistore, `name` unless the SDK says otherwise (`acc`). Undefined: has no store. */
  readonly storeKey?: string | undefined;
  /** Version of its state and rules. Raised by an upgrade, with a migration. */
  readonly version: number;
  readonly keeper: K;
  readonly msgs?: readonly ServiceImpl<Ctx>[];
  readonly queries?: readonly ServiceImpl<QueryCtx>[];
  readonly genesis: Genesis<G>;
  readonly invariants?: Readonly<Record<string, Invariant>>;
  /** `migrations[n]` takes the state from version n − 1 to n. */
  readonly migrations?: Readonly<Record<number, (ctx: Ctx) => void>>;
  readonly beginBlock?: (ctx: Ctx, block: BlockInfo) => void;
  // biome-ignore lint/suspicious/noConfusingVoidType: most modules return nothing
  readonly endBlock?: (ctx: Ctx) => void | readonly ValidatorUpdate[];
}

/** A module as the application composes them, whatever its genesis and keeper. */
// biome-ignore lint/suspicious/noExplicitAny: a list of modules is heterogeneous in genesis and keeper types
export type AnyModule = Module<any, any>;

/** Throws a plain Error when a version lacks its migration: that is a wiring bug, found at start. */
export function defineModule<G, K>(module: Module<G, K>): Module<G, K> {
  for (let version = 2; version <= module.version; version++) {
    if (!module.migrations?.[version]) throw new Error(`${module.name}: no migration to version ${version}`);
  }
  return Object.freeze(module);
}

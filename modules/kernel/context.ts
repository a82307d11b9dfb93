import type { MessageType } from "@interfirm/proto/types";
import type { GasMeter } from "./gas.ts";
import type { KVStore, ReadStore } from "./store.ts";

/** An event as CometBFT indexes it. */
export interface Event {
  readonly type: string;
  readonly attributes: readonly EventAttribute[];
}

export interface EventAttribute {
  readonly key: string;
  readonly value: string;
  readonly index: boolean;
}

/** What a query sees: one committed version, read only. */
export interface QueryCtx {
  readonly chainId: string;
  /** Height of the block being executed, or of the committed version being read. */
  readonly height: bigint;
  /** Time in the block's header, in nanoseconds since 1970. Consensus code has no other clock. */
  readonly time: bigint;
  /** Human-readable part of account addresses, from genesis. */
  readonly addressPrefix: string;
  /** Every read and write is charged here. */
  readonly gas: GasMeter;
  /** The store of a module, by its store key. Throws a plain Error for an unknown key: that is a wiring bug. */
  store(key: string): ReadStore;
}

/** What a message handler or a begin or end of a block sees. */
export interface Ctx extends QueryCtx {
  store(key: string): KVStore;
  /** Emits a typed event: type is the message's full name, attributes are its fields, in field order, as JSON. */
  emit<T>(type: MessageType<T>, event: T): void;
  /** Emits an event of the standard modules, whose types and keys wallets and explorers know. */
  emitRaw(type: string, attributes: readonly (readonly [key: string, value: string])[]): void;
  /**
   * Runs `act` on a branch of state and events: kept when it returns, dropped when it throws (the error passes on).
   * Gas stays spent either way.
   */
  atomically<R>(act: (ctx: Ctx) => R): R;
}

import type { MessageType } from "@interfirm/proto/types";
import type { Ctx, Event, QueryCtx } from "./context.ts";
import { typedEvent } from "./events.ts";
import { GasMeter } from "./gas.ts";
import { GasReadStore, GasStore } from "./gas-store.ts";
import type { KVStore, ReadStore } from "./store.ts";
import { CachedStore } from "./stores.ts";

/** The block, or the committed version, that a context speaks of. */
export interface Header {
  readonly chainId: string;
  readonly height: bigint;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly addressPrefix: string;
}

export interface BranchOptions {
  /** Another meter than the parent's: for a transaction in a block. */
  readonly gas?: GasMeter;
  /** Events stay with the branch when it is written: for a transaction, whose events its result carries. */
  readonly eventsApart?: boolean;
}

/** A context with a branch of state and events of its own: nothing leaves it but through `write`. */
export interface BranchCtx extends Ctx {
  /** Events emitted so far, branches that were written included. */
  readonly events: readonly Event[];
  /** Hands state, and events unless apart, to what this is a branch of. Not writing is the rollback. */
  write(): void;
  branch(options?: BranchOptions): BranchCtx;
}

class Branch implements BranchCtx {
  readonly chainId: string;
  readonly height: bigint;
  readonly time: bigint;
  readonly addressPrefix: string;
  readonly gas: GasMeter;
  readonly events: Event[] = [];
  readonly #open: (key: string) => KVStore;
  readonly #onWrite: (events: readonly Event[]) => void;
  readonly #branches = new Map<string, CachedStore>();
  readonly #stores = new Map<string, GasStore>();

  constructor(
    header: Header,
    gas: GasMeter,
    open: (key: string) => KVStore,
    onWrite: (events: readonly Event[]) => void,
  ) {
    this.chainId = header.chainId;
    this.height = header.height;
    this.time = header.time;
    this.addressPrefix = header.addressPrefix;
    this.gas = gas;
    this.#open = open;
    this.#onWrite = onWrite;
  }

  store(key: string): KVStore {
    let store = this.#stores.get(key);
    if (!store) {
      store = new GasStore(this.#branchOf(key), this.gas);
      this.#stores.set(key, store);
    }
    return store;
  }

  emit<T>(type: MessageType<T>, event: T): void {
    this.events.push(typedEvent(type, event));
  }

  emitRaw(type: string, attributes: readonly (readonly [key: string, value: string])[]): void {
    this.events.push({ type, attributes: attributes.map(([key, value]) => ({ key, value, index: true })) });
  }

  atomically<R>(act: (ctx: Ctx) => R): R {
    const branch = this.branch();
    const result = act(branch);
    branch.write();
    return result;
  }

  branch({ gas = this.gas, eventsApart = false }: BranchOptions = {}): BranchCtx {
    return new Branch(
      this,
      gas,
      (key) => this.#branchOf(key),
      (events) => {
        if (!eventsApart) for (const event of events) this.events.push(event);
      },
    );
  }

  write(): void {
    for (const store of this.#branches.values()) store.write();
    this.#onWrite(this.events);
  }

  /** Without gas: branches of a branch charge once, at the top. */
  #branchOf(key: string): CachedStore {
    let branch = this.#branches.get(key);
    if (!branch) {
      branch = new CachedStore(this.#open(key));
      this.#branches.set(key, branch);
    }
    return branch;
  }
}

/**
 * The context of a block over the stores that `open` gives by store key (it throws for an unknown one).
 * Nothing reaches them before `write`. Gas is unlimited unless a meter is given.
 *
 * A transaction runs in `block.branch({ gas, eventsApart: true })`, its ante rules and its messages each in a branch of that.
 */
export function createCtx(
  options: Header & { readonly gas?: GasMeter; readonly open: (key: string) => KVStore },
): BranchCtx {
  return new Branch(options, options.gas ?? new GasMeter(Number.POSITIVE_INFINITY), options.open, () => {});
}

/** The context of a query over one committed version. */
export function createQueryCtx(
  options: Header & { readonly gas?: GasMeter; readonly open: (key: string) => ReadStore },
): QueryCtx {
  const gas = options.gas ?? new GasMeter(Number.POSITIVE_INFINITY);
  const stores = new Map<string, ReadStore>();
  return {
    chainId: options.chainId,
    height: options.height,
    time: options.time,
    addressPrefix: options.addressPrefix,
    gas,
    store(key) {
      let store = stores.get(key);
      if (!store) {
        store = new GasReadStore(options.open(key), gas);
        stores.set(key, store);
      }
      return store;
    },
  };
}

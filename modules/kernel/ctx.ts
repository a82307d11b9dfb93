import type { MessageType } from "@interfirm/proto/types";
import type { Branch } from "./branch.ts";
import type { Ctx, Event, EventAttribute, QueryCtx } from "./context.ts";
import { typedEvent } from "./events.ts";
import { GasMeter } from "./gas.ts";
import { GasReadStore, GasStore } from "./gas-store.ts";
import type { KVStore, ReadStore } from "./store.ts";

/** The block, or the committed version, that a context speaks of. */
export interface Header {
  readonly chainId: string;
  readonly height: bigint;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly addressPrefix: string;
}

/** Says which attributes CometBFT indexes: `type.key`. */
export type IndexPolicy = (type: string, key: string) => boolean;

/** The context of one transaction, of its simulation, of the begin or end of a block, or of genesis, on a branch of state. */
export class RunCtx implements Ctx {
  readonly chainId: string;
  readonly height: bigint;
  readonly time: bigint;
  readonly addressPrefix: string;
  readonly gas: GasMeter;
  /** What was emitted so far. Whoever takes it over empties it by `takeEvents`. */
  events: Event[] = [];
  /** An attribute that every event gets at its end, such as the index of its message. */
  suffix: readonly [key: string, value: string] | undefined;
  readonly #branch: Branch;
  /** Without it, nobody asks for events, and none are made. */
  readonly #isIndexed: IndexPolicy | undefined;
  readonly #stores = new Map<string, KVStore>();

  constructor(header: Header, branch: Branch, gas: GasMeter, isIndexed: IndexPolicy | undefined) {
    this.chainId = header.chainId;
    this.height = header.height;
    this.time = header.time;
    this.addressPrefix = header.addressPrefix;
    this.gas = gas;
    this.#branch = branch;
    this.#isIndexed = isIndexed;
  }

  store(key: string): KVStore {
    let store = this.#stores.get(key);
    if (!store) {
      store = new GasStore(this.#branch.store(key), this.gas);
      this.#stores.set(key, store);
    }
    return store;
  }

  emit<T>(type: MessageType<T>, event: T): void {
    if (!this.#isIndexed) return;
    const { type: name, attributes } = typedEvent(type, event);
    this.emitRaw(
      name,
      attributes.map(({ key, value }) => [key, value]),
    );
  }

  emitRaw(type: string, attributes: readonly (readonly [key: string, value: string])[]): void {
    const isIndexed = this.#isIndexed;
    if (!isIndexed) return;
    const { suffix } = this;
    const { length } = attributes;
    // As long as it will be: a block keeps tens of thousands of these, and `push` makes room for more.
    const list = new Array<EventAttribute>(suffix ? length + 1 : length);
    for (let i = 0; i < list.length; i++) {
      const [key, value] = attributes[i] ?? suffix!;
      list[i] = { key, value, index: isIndexed(type, key) };
    }
    this.events.push({ type, attributes: list });
  }

  atomically<R>(act: (ctx: Ctx) => R): R {
    const mark = this.#branch.mark();
    const { length } = this.events;
    try {
      return act(this);
    } catch (error) {
      this.#branch.rollback(mark);
      this.events.length = length;
      throw error;
    }
  }

  takeEvents(): Event[] {
    const { events } = this;
    this.events = [];
    return events;
  }
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

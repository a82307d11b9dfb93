import type { Ctx, Event, EventAttribute } from "@interfirm/modules/kernel/context";
import type { Header } from "@interfirm/modules/kernel/ctx";
import { typedEvent } from "@interfirm/modules/kernel/events";
import type { GasMeter } from "@interfirm/modules/kernel/gas";
import { GasStore } from "@interfirm/modules/kernel/gas-store";
import type { KVStore } from "@interfirm/modules/kernel/store";
import type { MessageType } from "@interfirm/proto/types";
import type { Branch } from "./overlay.ts";

/** Says which attributes CometBFT indexes: `type.key`. */
export type IndexPolicy = (type: string, key: string) => boolean;

/** The context of one transaction, of its simulation, or of the begin or end of a header. */
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
    const isIndexed = this.#isIndexed;
    if (!isIndexed) return;
    const { type: name, attributes } = typedEvent(type, event);
    this.#push(
      name,
      attributes.map(({ key, value }) => ({ key, value, index: isIndexed(name, key) })),
      isIndexed,
    );
  }

  emitRaw(type: string, attributes: readonly (readonly [key: string, value: string])[]): void {
    const isIndexed = this.#isIndexed;
    if (!isIndexed) return;
    const list: EventAttribute[] = [];
    for (const [key, value] of attributes) list.push({ key, value, index: isIndexed(type, key) });
    this.#push(type, list, isIndexed);
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

  #push(type: string, attributes: EventAttribute[], isIndexed: IndexPolicy): void {
    if (this.suffix) {
      const [key, value] = this.suffix;
      attributes.push({ key, value, index: isIndexed(type, key) });
    }
    this.events.push({ type, attributes });
  }

  takeEvents(): Event[] {
    const { events } = this;
    this.events = [];
    return events;
  }
}

import { type GasCosts, type GasMeter, KV_GAS_COSTS } from "./gas.ts";
import type { Entry, KVStore, ReadStore } from "./store.ts";

/**
 * Charges every access to a store, in the order and with the names of the SDK's `gaskv` (store v1.1): a failing
 * transaction reports the same gas used as there.
 */
export class GasReadStore<S extends ReadStore = ReadStore> implements ReadStore {
  protected readonly inner: S;
  protected readonly meter: GasMeter;
  protected readonly costs: GasCosts;

  constructor(inner: S, meter: GasMeter, costs: GasCosts = KV_GAS_COSTS) {
    this.inner = inner;
    this.meter = meter;
    this.costs = costs;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.meter.use(this.costs.readCostFlat, "ReadFlat");
    const value = this.inner.get(key);
    this.meter.use(this.costs.readCostPerByte * key.length, "ReadPerByte");
    this.meter.use(this.costs.readCostPerByte * (value?.length ?? 0), "ReadPerByte");
    return value;
  }

  has(key: Uint8Array): boolean {
    this.meter.use(this.costs.hasCost, "Has");
    return this.inner.has(key);
  }

  /** Seeking charges the first entry, if any; each step on charges the entry that is left. So does `gaskv`. */
  *range(from?: Uint8Array, to?: Uint8Array, reverse = false): Generator<Entry> {
    let first = true;
    for (const entry of this.inner.range(from, to, reverse)) {
      if (first) this.#seek(entry);
      first = false;
      yield entry;
      this.#seek(entry);
    }
    if (first) this.#seek(undefined);
  }

  #seek(entry: Entry | undefined): void {
    if (entry) {
      this.meter.use(this.costs.readCostPerByte * entry[0].length, "ValuePerByte");
      this.meter.use(this.costs.readCostPerByte * entry[1].length, "ValuePerByte");
    }
    this.meter.use(this.costs.iterNextCostFlat, "IterNextFlat");
  }
}

export class GasStore extends GasReadStore<KVStore> implements KVStore {
  set(key: Uint8Array, value: Uint8Array): void {
    this.meter.use(this.costs.writeCostFlat, "WriteFlat");
    this.meter.use(this.costs.writeCostPerByte * key.length, "WritePerByte");
    this.meter.use(this.costs.writeCostPerByte * value.length, "WritePerByte");
    this.inner.set(key, value);
  }

  delete(key: Uint8Array): void {
    this.meter.use(this.costs.deleteCost, "Delete");
    this.inner.delete(key);
  }
}

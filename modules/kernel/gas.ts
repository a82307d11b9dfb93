import { sdkError } from "./sdk-errors.ts";

/**
 * Gas used so far against a limit. Amounts are integers below 2^53, exact as `number`.
 * Throws `sdk/11` when the limit would be passed; the attempted amount is counted first, as the SDK does.
 */
export class GasMeter {
  readonly limit: number;
  #used = 0;
  /** Where the part that runs now ends, and where it began: the whole meter unless in `within`. */
  #end: number;
  #start = 0;
  #isFree = false;

  /** `limit` of `Infinity` never runs out: for genesis and for the begin and end of blocks. */
  constructor(limit: number) {
    this.limit = limit;
    this.#end = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** `why` names the operation in the error: `ReadFlat`, `txSize`, … as the SDK's descriptors do. */
  use(amount: number, why: string): void {
    if (this.#isFree) return;
    this.#used += amount;
    if (this.#used > this.#end) throw sdkError.outOfGas(why, this.#end - this.#start, this.#used - this.#start);
  }

  /** Runs `act` with at most `gas`, and at most what is left: for messages that no transaction pays for. */
  within<R>(gas: number, act: () => R): R {
    const [start, end] = [this.#start, this.#end];
    if (this.#used + gas < end) {
      this.#start = this.#used;
      this.#end = this.#used + gas;
    }
    try {
      return act();
    } finally {
      this.#start = start;
      this.#end = end;
    }
  }

  /**
   * Runs `act` for nothing: for what a module writes down beside an operation whose gas is the SDK's, and whose cost
   * a bound of its own limits.
   */
  free<R>(act: () => R): R {
    const wasFree = this.#isFree;
    this.#isFree = true;
    try {
      return act();
    } finally {
      this.#isFree = wasFree;
    }
  }

  /** Gives gas back, never below zero. */
  refund(amount: number): void {
    this.#used = Math.max(0, this.#used - amount);
  }
}

/** Cost of store access. The numbers are consensus: `gas_used` enters `last_results_hash`. Source: SDK store/v1.1 `KVGasConfig`. */
export interface GasCosts {
  readonly hasCost: number;
  readonly deleteCost: number;
  readonly readCostFlat: number;
  readonly readCostPerByte: number;
  readonly writeCostFlat: number;
  readonly writeCostPerByte: number;
  readonly iterNextCostFlat: number;
}

export const KV_GAS_COSTS: GasCosts = {
  hasCost: 1000,
  deleteCost: 1000,
  readCostFlat: 1000,
  readCostPerByte: 3,
  writeCostFlat: 2000,
  writeCostPerByte: 30,
  iterNextCostFlat: 30,
};

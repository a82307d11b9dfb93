import { ChainError } from "@interfirm/modules/kernel/errors";
import { GasMeter } from "@interfirm/modules/kernel/gas";

/** Charges between two looks at the clock. */
const CHARGES_PER_LOOK = 256;

/**
 * Bounds a query in gas and in time: it runs on the thread that makes blocks. Time makes answers differ between nodes,
 * so transactions have the kernel's meter.
 */
export class QueryMeter extends GasMeter {
  readonly #timeMs: number;
  readonly #deadline: number;
  #charges = 0;

  /** `gas` of 0 means no limit of gas. */
  constructor({ gas, timeMs }: { readonly gas: number; readonly timeMs: number }) {
    super(gas > 0 ? gas : Number.POSITIVE_INFINITY);
    this.#timeMs = timeMs;
    this.#deadline = performance.now() + timeMs;
  }

  override use(amount: number, why: string): void {
    super.use(amount, why);
    if (++this.#charges % CHARGES_PER_LOOK === 0 && performance.now() > this.#deadline) {
      throw new ChainError(
        "sdk",
        11,
        `query ran for ${this.#timeMs} ms, want less: ask for fewer entries a page: out of gas`,
      );
    }
  }
}

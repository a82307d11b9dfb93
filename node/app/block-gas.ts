import type { GasMeter } from "@interfirm/modules/kernel/gas";
import { sdkError } from "@interfirm/modules/kernel/sdk-errors";

/** Gas that the transactions of one block have used, each counted once and at most up to its limit. */
export class BlockGas {
  readonly #limit: number;
  #used = 0;
  #counted: GasMeter | undefined;

  /** `limit` below 1 means none. */
  constructor(limit: bigint) {
    this.#limit = limit < 1n ? Number.POSITIVE_INFINITY : Number(limit);
  }

  /** Nothing is left: no further transaction runs. */
  get isSpent(): boolean {
    return this.#used >= this.#limit;
  }

  /** Throws `sdk/11` when it does not fit. It counts all the same, so that whatever follows is refused. */
  spend(meter: GasMeter): void {
    if (this.#counted === meter) return;
    this.#counted = meter;
    this.#used += Math.min(meter.used, meter.limit);
    if (this.#used > this.#limit) throw sdkError.outOfGas("block gas meter", this.#limit, this.#used);
  }
}

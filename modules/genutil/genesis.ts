import { GenesisState } from "@interfirm/proto/gen/cosmos/genutil/v1beta1";
import { JsonError } from "@interfirm/proto/json";
import { WireError } from "@interfirm/proto/runtime";
import type { Address } from "@interfirm/proto/types";
import { toHex } from "../kernel/bytes.ts";
import type { Ctx } from "../kernel/context.ts";
import { ChainError } from "../kernel/errors.ts";
import type { Genesis, ValidatorUpdate } from "../kernel/module.ts";
import { fail } from "./errors.ts";
import { type FirstValidator, firstValidator, type GenTx, GenTxProblem } from "./gentx.ts";

/** What this module asks of the application. */
export interface GenutilDeps<T extends GenTx = GenTx> {
  /** Reads a transaction in proto3 JSON, as `gen_txs` has them. Throws a `ChainError`, `JsonError` or `WireError` when it is none. */
  readonly read: (json: Uint8Array) => T;
  /**
   * Throws a `ChainError` unless `signer`, and nobody else, has signed it for this chain as the first transaction of an
   * account that has no number yet: account number 0, sequence 0.
   */
  readonly verify: (
    tx: T,
    signer: Address,
    chain: { readonly chainId: string; readonly addressPrefix: string },
  ) => void;
  /** Runs a verified transaction, as one of a block. Throws a `ChainError` when its message is refused. */
  readonly deliver: (ctx: Ctx, tx: T, signer: Address) => void;
  /** The set that the transactions made: what CometBFT does not know yet. */
  readonly validators: (ctx: Ctx) => readonly ValidatorUpdate[];
}

/** Source: CometBFT v0.38 types/validator_set.go `MaxTotalVotingPower`. */
const TOTAL_POWER_MAX = ((1n << 63n) - 1n) / 8n;

interface Read<T> {
  readonly tx: T;
  readonly validator: FirstValidator;
}

/** Runs `act` and names the transaction in what it throws. */
function named<R>(index: number, act: () => R): R {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof ChainError && cause.codespace === "genutil") throw cause;
    const said = [ChainError, GenTxProblem, JsonError, WireError].some((kind) => cause instanceof kind);
    if (!said) throw cause;
    throw fail.badGenTx(index, (cause as Error).message);
  }
}

/** Reads all of them. Throws `badGenTx`, `duplicate`, `tooMuchPower`. */
function readAll<T extends GenTx>(deps: GenutilDeps<T>, { genTxs }: GenesisState, addressPrefix: string): Read<T>[] {
  const operators = new Set<string>();
  const keys = new Set<string>();
  let total = 0n;
  const all = genTxs.map((json, index) => {
    const tx = named(index, () => deps.read(json));
    const validator = named(index, () => firstValidator(tx, addressPrefix));
    const { operator, pubKey, power } = validator;
    if (operators.has(operator)) throw fail.duplicate(index, `operator ${operator}`);
    if (keys.has(toHex(pubKey))) throw fail.duplicate(index, `consensus key ${toHex(pubKey)}`);
    operators.add(operator);
    keys.add(toHex(pubKey));
    total += power;
    return { tx, validator };
  });
  if (total > TOTAL_POWER_MAX) throw fail.tooMuchPower(total, TOTAL_POWER_MAX);
  return all;
}

export const genesis = <T extends GenTx>(deps: GenutilDeps<T>): Genesis<GenesisState> => ({
  type: GenesisState,
  empty: { genTxs: [] },
  validate(state, addressPrefix) {
    readAll(deps, state, addressPrefix);
  },
  /** Checks signatures too, runs the transactions in order and returns the validators that they make. */
  init(ctx: Ctx, state): readonly ValidatorUpdate[] {
    for (const [index, { tx, validator }] of readAll(deps, state, ctx.addressPrefix).entries()) {
      named(index, () => {
        deps.verify(tx, validator.operator, ctx);
        deps.deliver(ctx, tx, validator.operator);
      });
    }
    return state.genTxs.length > 0 ? deps.validators(ctx) : [];
  },
  /** No transactions: they have run. An exported genesis names its validators where CometBFT looks for them. */
  export: () => ({ genTxs: [] }),
});

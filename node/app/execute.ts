import type { AnteMode, AnteOptions } from "@interfirm/modules/auth/ante";
import { setUpGas } from "@interfirm/modules/auth/ante";
import type { GasPrice } from "@interfirm/modules/auth/fee";
import { messageSigners } from "@interfirm/modules/auth/signers";
import type { Tx } from "@interfirm/modules/auth/tx";
import type { Branch } from "@interfirm/modules/kernel/branch";
import type { Ctx, Event } from "@interfirm/modules/kernel/context";
import type { Header } from "@interfirm/modules/kernel/ctx";
import { type IndexPolicy, RunCtx } from "@interfirm/modules/kernel/ctx";
import { ChainError } from "@interfirm/modules/kernel/errors";
import type { GasMeter } from "@interfirm/modules/kernel/gas";
import { TxMsgData } from "@interfirm/proto/gen/cosmos/base/abci/v1beta1";
import type { Any } from "@interfirm/proto/gen/google/protobuf";
import type { Logger } from "../abci/logger.ts";
import type { BlockGas } from "./block-gas.ts";
import { INTERNAL, sameBug } from "./bugs.ts";
import type { TxCache } from "./decoded.ts";
import type { MsgRoute } from "./router.ts";

/** What came of a transaction. `code`, `data`, `gasWanted` and `gasUsed` enter `last_results_hash`. */
export interface TxOutcome {
  readonly code: number;
  readonly codespace: string;
  readonly log: string;
  readonly data: Uint8Array;
  readonly gasWanted: bigint;
  readonly gasUsed: bigint;
  readonly events: readonly Event[];
  /** Of the messages that ran, in order; empty unless all of them succeeded. */
  readonly responses: readonly Any[];
}

/** Where a transaction runs. */
export interface RunPlace {
  readonly branch: Branch;
  readonly block: Header;
  /** −1: blocks are not limited. */
  readonly maxBlockGas: bigint;
  /** What is left of the block, in `deliver`. */
  readonly blockGas?: BlockGas | undefined;
  /** Bounds a simulation, which pays for nothing. */
  readonly meter?: GasMeter | undefined;
}

export interface ExecutorDeps {
  readonly txs: TxCache;
  readonly ante: (ctx: Ctx, tx: Tx, options: AnteOptions) => void;
  readonly routes: ReadonlyMap<string, MsgRoute>;
  readonly minGasPrices: readonly GasPrice[];
  readonly isIndexed: IndexPolicy;
  readonly logger: Logger;
}

const SUCCESS = { code: 0, codespace: "", log: "", data: new Uint8Array(0), events: [], responses: [] } as const;
const INT64_MAX = 2n ** 63n - 1n;
/** What the SDK says a meter without limit wanted. */
const UNLIMITED = 2n ** 64n - 1n;
const OUT_OF_GAS = 11;
/** The events of a simulation reach no index, and say so. */
const NO_INDEX: IndexPolicy = () => false;

export type Executor = ReturnType<typeof createExecutor>;

/**
 * Runs transactions: decode, ante, messages. The ante's writes (fee, sequence) stay even when a message fails; the
 * messages' stay only when every one succeeds. Source: Cosmos SDK 0.53 baseapp `runTx`.
 */
export function createExecutor({ txs, ante, routes, minGasPrices, isIndexed, logger }: ExecutorDeps) {
  /** Never throws for what a transaction may do; a throw means that this process must not go on. */
  function run(mode: AnteMode, bytes: Uint8Array, place: RunPlace): TxOutcome {
    const { branch, block, maxBlockGas, blockGas } = place;
    const isExecuted = mode === "deliver" || mode === "simulate";
    let gasWanted = 0n;
    let meter: GasMeter | undefined;
    let events: Event[] = [];
    try {
      if (blockGas?.isSpent) throw new ChainError("sdk", OUT_OF_GAS, "no block gas left to run tx: out of gas");
      // After its block, a transaction does not come again.
      const tx = mode === "deliver" ? txs.take(bytes) : txs.decode(bytes);
      gasWanted = wanted(tx, mode);
      meter = place.meter ?? setUpGas(tx, mode, block.height, maxBlockGas);
      const ctx = new RunCtx(
        block,
        branch,
        meter,
        isExecuted ? (mode === "deliver" ? isIndexed : NO_INDEX) : undefined,
      );
      ctx.atomically(() => ante(ctx, tx, { mode, minGasPrices }));
      events = ctx.takeEvents();
      if (!isExecuted) return { ...SUCCESS, gasWanted, gasUsed: gasUsed(meter) };
      const responses: Any[] = [];
      ctx.atomically(() => {
        runMessages(ctx, tx, responses);
        if (meter) blockGas?.spend(meter);
      });
      for (const event of ctx.takeEvents()) events.push(event);
      const data = TxMsgData.encode({ data: [], msgResponses: responses }).finish();
      return { ...SUCCESS, data, gasWanted, gasUsed: gasUsed(meter), events, responses };
    } catch (error) {
      const failure = failureOf(spend(error, meter, blockGas), logger);
      return { ...SUCCESS, ...failure, gasWanted, gasUsed: gasUsed(meter), events: isExecuted ? events : [] };
    }
  }

  function runMessages(ctx: RunCtx, tx: Tx, responses: Any[]): void {
    for (const [index, { type, value }] of tx.messages.entries()) {
      // The decoder knows the messages that have a route, and no others.
      const route = routes.get(type.typeUrl)!;
      ctx.suffix = ["msg_index", String(index)];
      const first = ctx.events.length;
      let response: unknown;
      try {
        response = route.handle(ctx, value) ?? {};
      } catch (error) {
        throw atMessage(error, index);
      }
      const attributes: (readonly [string, string])[] = [["action", type.typeUrl]];
      const sender = messageSigners(type, value, ctx.addressPrefix)[0];
      if (sender !== undefined) attributes.push(["sender", sender]);
      const named = namesModule(ctx.events, first);
      const module = type.typeName.split(".")[1];
      if (!named && module !== undefined) attributes.push(["module", module]);
      ctx.emitRaw("message", attributes);
      // It belongs before what the message emitted.
      ctx.events.splice(first, 0, ctx.events.pop()!);
      responses.push({ typeUrl: route.output.typeUrl, value: route.output.encode(response).finish() });
    }
    ctx.suffix = undefined;
  }

  return { run };
}

/** Whether one of the events from `first` on has an attribute `module`. */
function namesModule(events: readonly Event[], first: number): boolean {
  for (let at = first; at < events.length; at++) {
    if (events[at]!.attributes.some(({ key }) => key === "module")) return true;
  }
  return false;
}

/** A failed transaction takes its gas from the block, too; that it does not fit becomes its error, as in the SDK. */
function spend(error: unknown, meter: GasMeter | undefined, blockGas: BlockGas | undefined): unknown {
  try {
    if (meter) blockGas?.spend(meter);
    return error;
  } catch (overrun) {
    return overrun;
  }
}

/** At most the limit, as it is in a block's sum: the step that would have passed it was not done (M6). The SDK adds that step. */
const gasUsed = (meter: GasMeter | undefined): bigint => (meter ? BigInt(Math.min(meter.used, meter.limit)) : 0n);

function wanted(tx: Tx, mode: AnteMode): bigint {
  if (mode === "simulate") return UNLIMITED;
  const limit = tx.authInfo.fee?.gasLimit ?? 0n;
  return limit > INT64_MAX ? 0n : limit;
}

/** Running out of gas ends the whole transaction, whichever message did it. */
function atMessage(error: unknown, index: number): unknown {
  if (!(error instanceof ChainError)) return error;
  if (error.codespace === "sdk" && error.code === OUT_OF_GAS) return error;
  const message = `failed to execute message; message index: ${index}: ${error.message}`;
  return new ChainError(error.codespace, error.code, message, { cause: error });
}

/** What a throw becomes in a result. A `ChainError` says itself what it is. Any other error is a bug, or passes on (`sameBug`). */
export function failureOf(error: unknown, logger: Logger): Pick<TxOutcome, "code" | "codespace" | "log"> {
  if (error instanceof ChainError) return { code: error.code, codespace: error.codespace, log: error.message };
  logger.error({ error: sameBug(error).stack }, "a transaction met a bug");
  const { codespace, code, message } = INTERNAL;
  return { code, codespace, log: message };
}

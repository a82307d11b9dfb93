/**
 * Many transactions of one account at the same time.
 *
 * Sequences are given out here, one after another, and each transaction reaches the node before the next one is signed,
 * so that a refusal simply leaves its sequence to the next. One rule keeps money safe: what a node has accepted, or may
 * have, is sent again only as the same bytes; it is never signed anew, for both could end up in blocks.
 */
import { txHash } from "./blocks.ts";
import { clientError, expectedSequence, InterfirmError, isError } from "./errors.ts";
import type { Included, Inclusion, Watch } from "./inclusion.ts";
import { type CheckResult, isFull, isKnown, refusalOf } from "./mempool.ts";
import { createLock, createSlots } from "./queue.ts";
import { sleep } from "./rpc.ts";

export interface SequenceNode {
  /** Sequence of the account in the newest committed state. */
  committed(): Promise<bigint>;
  /**
   * `broadcast_tx_sync`, asked once. Throws `client/rpc` when CometBFT refuses before CheckTx, `client/connection`
   * without an answer: the transaction may have arrived even so.
   */
  broadcast(bytes: Uint8Array): Promise<CheckResult>;
  height(): Promise<bigint>;
}

export interface SequencerOptions {
  /** Transactions of the account that may be under way at once; more wait their turn. 1,000 unless told. */
  readonly inFlightMax?: number;
  /** Milliseconds after which a transaction that is in no block is sent again. 10,000 unless told. */
  readonly resendMs?: number;
  /** Milliseconds of rest after a refusal for want of room, doubled up to twenty times this. 100 unless told. */
  readonly restMs?: number;
}

export interface SubmitOptions {
  /** Milliseconds for the whole: place in the mempool, block. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Sequencer {
  /**
   * `sign` gets the sequence to sign with and may be called again with another one, but only after a node has refused
   * the first result. Throws what the chain refused, `client/timeout`, `client/superseded`, or what `sign` throws.
   */
  submit(sign: (sequence: bigint) => Promise<Uint8Array>, options: SubmitOptions): Promise<Sent>;
}

/** A transaction that a node has accepted. */
export interface Sent {
  readonly hash: string;
  readonly bytes: Uint8Array;
  readonly sequence: bigint;
  /** Settles when it is in a block, or never can be. */
  readonly included: Promise<Included>;
}

interface Answer {
  /** Undefined when the node accepted, or knows, the transaction. */
  readonly refusal?: CheckResult;
  /** The node has had these bytes before. */
  readonly known?: true;
  /** A node may have taken the transaction before this answer came. */
  readonly unsure: boolean;
}

interface Pending extends Sent {
  readonly watch: Watch;
  fail(error: unknown): void;
}

/** Sequences that the chain may refuse for one transaction, while others use the account. */
const REFUSALS_MAX = 20;

export function createSequencer(
  node: SequenceNode,
  inclusion: Inclusion,
  { inFlightMax = 1_000, resendMs = 10_000, restMs = 100 }: SequencerOptions = {},
): Sequencer {
  const inTurn = createLock();
  const slots = createSlots(inFlightMax);
  /** Accepted by a node, not yet seen in a block. */
  const pending = new Map<bigint, Pending>();
  let next: bigint | undefined;
  /** The chain has certainly got this far: a node that expects less is behind. */
  let floor = 0n;

  /** Hands the bytes to a node. Waits while its mempool is full or nobody answers. */
  async function push(bytes: Uint8Array, deadline: number, signal?: AbortSignal): Promise<Answer> {
    let unsure = false;
    for (let rest = restMs; ; rest = Math.min(rest * 2, restMs * 20)) {
      const late = () => signal?.aborted || Date.now() + rest > deadline;
      try {
        const result = await node.broadcast(bytes);
        if (isKnown(result)) return { known: true, unsure };
        if (result.code === 0) return { unsure };
        if (!isFull(result) || late()) return { refusal: result, unsure };
      } catch (error) {
        if (isError(error, "client", "rpc")) {
          if (isKnown(error)) return { known: true, unsure };
          if (!isFull(error) || late()) return { refusal: refusalOf(error), unsure };
        } else if (!isError(error, "client", "connection") || late()) throw error;
        else unsure = true;
      }
      await sleep(rest, signal);
    }
  }

  function forget(sent: Pending): void {
    if (pending.get(sent.sequence) === sent) pending.delete(sent.sequence);
    sent.watch.end();
  }

  /**
   * The first sequence from `from` on that none of our transactions holds. Those that do are handed to the node again:
   * it has lost them (a restart empties the mempool) or has not heard of them.
   */
  async function firstFree(from: bigint, deadline: number): Promise<bigint> {
    let sequence = from;
    for (let held = pending.get(sequence); held; held = pending.get(sequence)) {
      const { refusal } = await push(held.bytes, deadline);
      const expected = refusal && expectedSequence(refusal);
      if (!refusal) sequence++;
      else if (expected !== undefined && expected > sequence) sequence = expected;
      else if (expected !== undefined) return expected;
      else {
        held.fail(new InterfirmError({ ...refusal, txHash: held.hash }));
        forget(held);
      }
    }
    return sequence;
  }

  /** Signs and hands in one transaction. Runs in turn. */
  async function place(
    sign: (sequence: bigint) => Promise<Uint8Array>,
    deadline: number,
    { timeoutMs, signal }: SubmitOptions,
  ): Promise<Pending> {
    let refusal: CheckResult | undefined;
    for (let refusals = 0; refusals < REFUSALS_MAX; ) {
      signal?.throwIfAborted();
      const sequence = await firstFree(next ?? (await node.committed()), deadline);
      next = sequence;
      const bytes = await sign(sequence);
      const hash = txHash(bytes);
      const watch = await inclusion.begin();
      const failed = new AbortController();
      const seen = watch.wait(hash, {
        timeoutMs,
        signal: signal ? AbortSignal.any([signal, failed.signal]) : failed.signal,
      });
      seen.catch(() => {});
      let answer: Answer;
      try {
        answer = await push(bytes, deadline, signal);
      } catch (cause) {
        // The node may have it or not. Whoever asks next learns it from the chain.
        next = undefined;
        failed.abort(cause);
        watch.end();
        throw clientError("timeout", "no node confirmed the transaction, but one may have it", { txHash: hash, cause });
      }
      refusal = answer.refusal;
      const { known, unsure } = answer;
      const expected = refusal && expectedSequence(refusal);
      // A sequence that is taken may have been taken by this very transaction.
      const taken = unsure && expected !== undefined && expected > sequence;
      // Bytes that the node had before they were first sent are another program's, which pays the same with the same key.
      const twin = known && !unsure;
      if ((!refusal && !twin) || taken) {
        next = taken ? expected : sequence + 1n;
        const sent: Pending = { hash, bytes, sequence, watch, included: seen, fail: (error) => failed.abort(error) };
        pending.set(sequence, sent);
        seen.then(
          ({ tx }) => {
            if (tx.code === 0 && floor <= sequence) floor = sequence + 1n;
            forget(sent);
          },
          () => forget(sent),
        );
        return sent;
      }
      failed.abort(refusal);
      watch.end();
      if (!refusal) {
        next = sequence + 1n;
        if (Date.now() > deadline) break;
        continue;
      }
      refusals++;
      if (expected === undefined) throw new InterfirmError({ ...refusal, txHash: hash });
      if (expected >= floor) next = expected;
      if (expected <= sequence) await sleep(restMs, signal);
    }
    if (refusal) throw new InterfirmError(refusal);
    throw clientError("timeout", `other programs took every sequence for ${timeoutMs} ms`);
  }

  /** Sends again what stays out of blocks too long, and notices when it can no longer enter one. */
  async function nurse(sent: Pending, deadline: number): Promise<void> {
    const settled = new AbortController();
    sent.included.then(
      () => settled.abort(),
      () => settled.abort(),
    );
    for (;;) {
      await sleep(resendMs, settled.signal);
      if (settled.signal.aborted) return;
      const { refusal } = await inTurn(async (): Promise<Partial<Answer>> => {
        // What comes before it has to be there first.
        const earlier = [...pending.keys()].filter((sequence) => sequence < sent.sequence);
        for (const sequence of earlier.sort((a, b) => Number(a - b))) {
          const before = pending.get(sequence);
          if (before) await push(before.bytes, deadline);
        }
        return pending.get(sent.sequence) === sent ? push(sent.bytes, deadline) : {};
      }).catch((): Partial<Answer> => ({}));
      if (!refusal) continue;
      const expected = expectedSequence(refusal);
      if (expected === undefined) sent.fail(new InterfirmError({ ...refusal, txHash: sent.hash }));
      else if (expected > sent.sequence) await settleSuperseded(sent).catch(() => undefined);
    }
  }

  /** Another transaction has its sequence: certain once the blocks up to that moment have been looked at. */
  async function settleSuperseded(sent: Pending): Promise<void> {
    if ((await node.committed()) <= sent.sequence || inclusion.seen() < (await node.height())) return;
    const message = `sequence ${sent.sequence} was used by another transaction`;
    sent.fail(clientError("superseded", message, { txHash: sent.hash }));
  }

  return {
    async submit(sign, options) {
      const deadline = Date.now() + options.timeoutMs;
      const release = await slots.take(options.signal);
      try {
        const sent = await inTurn(() => place(sign, deadline, options));
        void nurse(sent, deadline);
        sent.included.then(release, release);
        return sent;
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

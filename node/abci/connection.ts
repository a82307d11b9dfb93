import type { Socket } from "node:net";
import { ResponseException } from "@interfirm/proto/gen/tendermint/abci";
import { FrameError, FrameReader, FrameWriter } from "./frames.ts";
import type { Logger } from "./logger.ts";
import { type AbciHandlers, type AbciMethod, type Envelope, EXCEPTION_FIELD, openRequest } from "./methods.ts";

/** Unread bytes above which a connection stops reading, and below which it goes on. */
const READ_HIGH_BYTES = 1024 * 1024;
const READ_LOW_BYTES = 256 * 1024;

/** Unsent bytes above which a connection answers nothing more until the peer has read them. */
const WRITE_HIGH_BYTES = 1024 * 1024;

/**
 * How long a connection may answer pipelined requests before it lets the event loop turn. CometBFT pipelines thousands
 * of CheckTx on the mempool connection, and a proposal that comes meanwhile on the consensus connection waits for at
 * most one such slice. The consensus connection itself is never interrupted.
 */
const SLICE_MS = 2;

/** How long a connection that is being closed may take to hand its last bytes over. */
const LINGER_MS = 1_000;

const CONSENSUS_METHODS: ReadonlySet<AbciMethod> = new Set<AbciMethod>([
  "initChain",
  "prepareProposal",
  "processProposal",
  "extendVote",
  "verifyVoteExtension",
  "finalizeBlock",
  "commit",
]);

export interface ConnectionOptions {
  readonly id: number;
  readonly handlers: AbciHandlers;
  readonly maxFrameBytes: number;
  readonly logger: Logger;
  readonly onFatal: (error: unknown, method: AbciMethod) => void;
  readonly onAnswer: ((method: AbciMethod, durationMs: number) => void) | undefined;
}

const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One peer of the server: answers its requests in their order, one at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  /** The loop that answers, while there is something to answer. */
  #running: Promise<void> | undefined;
  #active = false;
  #consensus = false;
  #peerEnded = false;
  /** No request is started any more. */
  #closing = false;
  #flushDue = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new FrameReader(options.maxFrameBytes);
    this.#writer = new FrameWriter((bytes) => {
      if (!socket.destroyed) socket.write(bytes);
    });
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("end", () => {
      this.#peerEnded = true;
      if (!this.#running) this.#end();
    });
    socket.on("error", (error) => {
      options.logger.debug({ connection: options.id, error: error.message }, "abci connection broke");
    });
    socket.on("close", () => {
      this.#closing = true;
    });
  }

  /** Ends the request that is being answered, sends what is answered, and closes. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#running;
    this.#end();
    if (!this.#socket.closed) await new Promise<void>((resolve) => this.#socket.once("close", () => resolve()));
  }

  #receive(chunk: Uint8Array): void {
    if (this.#closing) return;
    // A plain view, once a packet: every message would otherwise turn its own Buffer into one.
    this.#reader.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    if (!this.#running) {
      const running = this.#run();
      // Answering synchronously is the rule: the loop has then ended already, and with it cleared the field.
      if (this.#active) this.#running = running;
    }
    if (this.#reader.size > READ_HIGH_BYTES && !this.#reader.starved) this.#socket.pause();
  }

  async #run(): Promise<void> {
    this.#active = true;
    let sliceStart = performance.now();
    while (!this.#closing) {
      if (this.#socket.writableLength > WRITE_HIGH_BYTES) {
        await this.#drained();
        sliceStart = performance.now();
        continue;
      }
      const envelope = this.#next();
      if (!envelope) break;
      const answered = this.#answer(envelope, sliceStart);
      const now = isPromise(answered) ? await answered : answered;
      if (this.#socket.isPaused() && (this.#reader.size < READ_LOW_BYTES || this.#reader.starved))
        this.#socket.resume();
      if (now - sliceStart > SLICE_MS && !this.#consensus) {
        this.#writer.flush();
        await nextTurn();
        sliceStart = performance.now();
      }
    }
    this.#writer.flush();
    this.#active = false;
    this.#running = undefined;
    if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#peerEnded) this.#end();
  }

  #next(): Envelope | undefined {
    try {
      const frame = this.#reader.next();
      return frame && openRequest(frame);
    } catch (error) {
      this.#refuse(error);
      return undefined;
    }
  }

  /** Answers one request and returns the time when it was answered. Never throws. */
  #answer({ codec, body }: Envelope, start: number): number | Promise<number> {
    const { method } = codec;
    let request: unknown;
    try {
      request = codec.request.decode(body);
    } catch (error) {
      this.#refuse(error);
      return start;
    }
    if (method === "flush" || method === "echo") {
      // The response of both has the shape of the request. CometBFT flushes after nearly every request: what is answered
      // goes once nothing more is here to answer, or at the end of the slice, in one write instead of hundreds.
      this.#writer.append(codec.responseField, codec.response.encode(request).finish());
      return performance.now();
    }
    if (!this.#consensus && CONSENSUS_METHODS.has(method)) this.#consensus = true;
    const began = this.#options.onAnswer ? performance.now() : 0;
    const answer = (response: unknown): number => {
      this.#writer.append(codec.responseField, codec.response.encode(response).finish());
      const now = performance.now();
      this.#options.onAnswer?.(method, now - began);
      return now;
    };
    try {
      const response: unknown = this.#options.handlers[method](request as never);
      if (!isPromise(response)) return answer(response);
      this.#flushSoon();
      return response.then(answer).catch((error: unknown) => this.#fail(error, method));
    } catch (error) {
      return this.#fail(error, method);
    }
  }

  /** Lets earlier answers go while a handler takes its time, without a write for each handler that takes none. */
  #flushSoon(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    setImmediate(() => {
      this.#flushDue = false;
      this.#writer.flush();
    });
  }

  /** The peer sent what is no request: say so and close this connection, no other. */
  #refuse(error: unknown): void {
    const reason = messageOf(error);
    const level = error instanceof FrameError ? "warn" : "error";
    this.#options.logger[level]({ connection: this.#options.id, reason }, "abci request refused");
    this.#except(reason);
  }

  /** A handler threw: the application is broken, and CometBFT stops on the answer (requirements T7 and X1). */
  #fail(error: unknown, method: AbciMethod): number {
    const stack = error instanceof Error ? error.stack : undefined;
    const fields = { connection: this.#options.id, method, error: messageOf(error), stack };
    this.#options.logger.error(fields, "abci handler failed");
    this.#except(`${method}: ${messageOf(error)}`);
    this.#options.onFatal(error, method);
    return performance.now();
  }

  #except(reason: string): void {
    this.#writer.append(EXCEPTION_FIELD, ResponseException.encode({ error: reason }).finish());
    this.#closing = true;
    this.#end();
  }

  /** Sends what is buffered, then closes. What the peer still sends is read and dropped, lest a reset lose the answer. */
  #end(): void {
    this.#closing = true;
    if (this.#socket.writableEnded || this.#socket.destroyed) return;
    this.#writer.flush();
    this.#socket.end();
    this.#socket.resume();
    if (this.#peerEnded) return;
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once("close", () => clearTimeout(timer));
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off("drain", done).off("close", done);
        resolve();
      };
      this.#socket.on("drain", done).on("close", done);
    });
  }
}

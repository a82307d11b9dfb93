import { connect, type Socket } from "node:net";
import { ResponseException } from "@interfirm/proto/gen/tendermint/abci";
import { parseAbciAddress } from "../address.ts";
import { FrameReader, FrameWriter } from "../frames.ts";
import { type AbciHandlers, type AbciMethod, EXCEPTION_FIELD, methodCodecs } from "../methods.ts";

type RequestOf<M extends AbciMethod> = M extends keyof AbciHandlers
  ? Parameters<AbciHandlers[M]>[0]
  : M extends "echo"
    ? { readonly message: string }
    : Record<string, never>;
type ResponseOf<M extends AbciMethod> = M extends keyof AbciHandlers
  ? Awaited<ReturnType<AbciHandlers[M]>>
  : M extends "echo"
    ? { readonly message: string }
    : Record<string, never>;

interface Pending {
  readonly method: AbciMethod;
  resolve(response: unknown): void;
  reject(error: Error): void;
}

/** Speaks to an application as CometBFT does, over one connection: to test one, or to replay recorded requests. */
export interface AbciClient {
  /**
   * Queues a request and resolves with its response. Requests go out with the next `flush`, or when enough have come
   * together. Rejects on an exception, on an answer out of order, and when the connection ends.
   */
  request<M extends AbciMethod>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>>;
  /** Sends what is queued, with a Flush, and resolves when that is answered. */
  flush(): Promise<void>;
  close(): void;
}

const RESPONSE_BYTES_MAX = 256 * 1024 * 1024;

export async function connectAbci(address: string): Promise<AbciClient> {
  const target = parseAbciAddress(address);
  const socket = target.kind === "unix" ? connect(target.path) : connect(target.port, target.host);
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return new SocketClient(socket);
}

class SocketClient implements AbciClient {
  readonly #socket: Socket;
  readonly #reader = new FrameReader(RESPONSE_BYTES_MAX);
  readonly #writer: FrameWriter;
  #pending: Pending[] = [];
  #answered = 0;
  #failure: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#writer = new FrameWriter((bytes) => void socket.write(bytes));
    socket.on("data", (chunk: Uint8Array) => {
      try {
        this.#reader.push(chunk);
        for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) this.#settle(frame);
      } catch (error) {
        this.#fail(error as Error);
      }
    });
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("abci connection closed")));
  }

  request<M extends AbciMethod>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    if (this.#failure) return Promise.reject(this.#failure);
    const codec = methodCodecs.get(method);
    if (!codec) return Promise.reject(new Error(`abci has no method ${method}`));
    const response = new Promise<unknown>((resolve, reject) => this.#pending.push({ method, resolve, reject }));
    this.#writer.append(codec.requestField, codec.request.encode(request).finish());
    return response as Promise<ResponseOf<M>>;
  }

  async flush(): Promise<void> {
    const flushed = this.request("flush", {});
    this.#writer.flush();
    await flushed;
  }

  close(): void {
    this.#socket.destroy();
  }

  #settle(frame: Uint8Array): void {
    const pending = this.#pending[this.#answered++];
    if (!pending) throw new Error("abci answered more than was asked");
    if (this.#answered > 1024) {
      this.#pending = this.#pending.slice(this.#answered);
      this.#answered = 0;
    }
    const { field, body } = openResponse(frame);
    const codec = methodCodecs.get(pending.method);
    if (field === codec?.responseField) {
      pending.resolve(codec.response.decode(body));
    } else {
      const reason =
        field === EXCEPTION_FIELD ? ResponseException.decode(body).error : `abci answered field ${field} out of order`;
      const failure = new Error(reason);
      pending.reject(failure);
      this.#fail(failure);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const pending = this.#pending.slice(this.#answered);
    this.#pending = [];
    this.#answered = 0;
    for (const { reject } of pending) reject(this.#failure);
    this.#socket.destroy();
  }
}

/** The one field of a `Response`: tags of abci's responses take one or two bytes. */
function openResponse(frame: Uint8Array): { readonly field: number; readonly body: Uint8Array } {
  const reader = new FrameReader(RESPONSE_BYTES_MAX);
  const wide = (frame[0] ?? 0) >= 0x80;
  const tag = wide ? ((frame[0] ?? 0) & 0x7f) + (frame[1] ?? 0) * 128 : (frame[0] ?? 0);
  // What follows the tag is a length and that many bytes: a frame.
  reader.push(frame.subarray(wide ? 2 : 1));
  return { field: tag >> 3, body: reader.next() ?? new Uint8Array(0) };
}

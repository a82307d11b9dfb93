/** The methods of ABCI 2.0 as CometBFT 0.38 calls them, read off the generated `Request` and `Response`. */
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import type { MessageType } from "@interfirm/proto/types";
import { FrameError } from "./frames.ts";

type Handler<Request, Response> = (request: Request) => Response | Promise<Response>;

/**
 * What an application answers, one function a method; echo and flush are the server's own. A handler may be
 * asynchronous: the next request of the same connection starts when it has ended, other connections go on meanwhile.
 * A handler that throws stops the node (requirement T7), so it throws only where that is meant: a bad transaction,
 * query or snapshot is an ordinary response with a code.
 */
export interface AbciHandlers {
  readonly info: Handler<abci.RequestInfo, abci.ResponseInfo>;
  readonly initChain: Handler<abci.RequestInitChain, abci.ResponseInitChain>;
  readonly query: Handler<abci.RequestQuery, abci.ResponseQuery>;
  readonly checkTx: Handler<abci.RequestCheckTx, abci.ResponseCheckTx>;
  readonly prepareProposal: Handler<abci.RequestPrepareProposal, abci.ResponsePrepareProposal>;
  readonly processProposal: Handler<abci.RequestProcessProposal, abci.ResponseProcessProposal>;
  readonly extendVote: Handler<abci.RequestExtendVote, abci.ResponseExtendVote>;
  readonly verifyVoteExtension: Handler<abci.RequestVerifyVoteExtension, abci.ResponseVerifyVoteExtension>;
  readonly finalizeBlock: Handler<abci.RequestFinalizeBlock, abci.ResponseFinalizeBlock>;
  readonly commit: Handler<abci.RequestCommit, abci.ResponseCommit>;
  readonly listSnapshots: Handler<abci.RequestListSnapshots, abci.ResponseListSnapshots>;
  readonly offerSnapshot: Handler<abci.RequestOfferSnapshot, abci.ResponseOfferSnapshot>;
  readonly loadSnapshotChunk: Handler<abci.RequestLoadSnapshotChunk, abci.ResponseLoadSnapshotChunk>;
  readonly applySnapshotChunk: Handler<abci.RequestApplySnapshotChunk, abci.ResponseApplySnapshotChunk>;
}

export type AbciMethod = "echo" | "flush" | keyof AbciHandlers;

/** Every method that an application handles. */
export const HANDLER_NAMES: readonly (keyof AbciHandlers)[] = [
  "info",
  "initChain",
  "query",
  "checkTx",
  "prepareProposal",
  "processProposal",
  "extendVote",
  "verifyVoteExtension",
  "finalizeBlock",
  "commit",
  "listSnapshots",
  "offerSnapshot",
  "loadSnapshotChunk",
  "applySnapshotChunk",
];

export interface MethodCodec {
  readonly method: AbciMethod;
  /** Field of the method in `Request.value`. */
  readonly requestField: number;
  /** Field of the method in `Response.value`. */
  readonly responseField: number;
  readonly request: MessageType<unknown>;
  readonly response: MessageType<unknown>;
}

function codecOf(method: AbciMethod): MethodCodec {
  const request = abci.Request.fields.find((field) => field.name === method);
  const response = abci.Response.fields.find((field) => field.name === method);
  if (!request?.message || !response?.message) throw new Error(`abci has no method ${method}`);
  return {
    method,
    requestField: request.no,
    responseField: response.no,
    request: request.message(),
    response: response.message(),
  };
}

/** By name. */
export const methodCodecs: ReadonlyMap<AbciMethod, MethodCodec> = new Map(
  (["echo", "flush", ...HANDLER_NAMES] as const).map((method) => [method, codecOf(method)]),
);

/** By field of the request: a sparse array, for it is read once a message. */
const byRequestField: readonly (MethodCodec | undefined)[] = (() => {
  const table: (MethodCodec | undefined)[] = [];
  for (const codec of methodCodecs.values()) table[codec.requestField] = codec;
  return table;
})();

/** Field of `Response.value` that reports a failure of the whole application. */
export const EXCEPTION_FIELD: number = (() => {
  const field = abci.Response.fields.find((candidate) => candidate.name === "exception");
  if (!field) throw new Error("abci has no exception");
  return field.no;
})();

export interface Envelope {
  readonly codec: MethodCodec;
  /** The method's own message: a view of the frame. */
  readonly body: Uint8Array;
}

/**
 * Opens a `Request`: one field of the oneof, which fills the frame. CometBFT writes nothing else, and a frame that
 * holds more than that would be answered once though it asks twice. Throws `FrameError`.
 */
export function openRequest(frame: Uint8Array): Envelope {
  if (frame.length === 0) throw new FrameError("request is empty, want one method");
  let tag = frame[0] as number;
  let at = 1;
  if (tag >= 0x80) {
    const high = frame[at++];
    if (high === undefined || high >= 0x80) throw new FrameError("request has no tag of an abci method");
    tag = (tag & 0x7f) + high * 128;
  }
  const codec = byRequestField[tag >> 3];
  if (codec === undefined || (tag & 7) !== 2) throw new FrameError(`request has tag ${tag}, want an abci method`);
  let length = 0;
  let scale = 1;
  for (;;) {
    const byte = frame[at++];
    // Five bytes hold more than any frame can be long.
    if (byte === undefined || scale > 2 ** 28) throw new FrameError(`${codec.method} has no whole length`);
    length += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) break;
  }
  if (at + length !== frame.length) {
    throw new FrameError(`${codec.method} is ${length} bytes long, want the ${frame.length - at} that its frame holds`);
  }
  return { codec, body: frame.subarray(at) };
}

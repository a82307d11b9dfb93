import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as abci from "@interfirm/proto/gen/tendermint/abci";
import { parseAbciAddress } from "../address.ts";
import { FrameReader } from "../frames.ts";
import type { AbciHandlers, AbciMethod } from "../methods.ts";
import { type AbciServer, type AbciServerOptions, createAbciServer } from "../server.ts";
import { type AbciClient, connectAbci } from "./client.ts";
import { silentLogger } from "./silent-logger.ts";

/** Answers every method with nothing, but for those given. */
export function stubHandlers(handlers: Partial<AbciHandlers> = {}): AbciHandlers {
  return {
    info: () => abci.ResponseInfo.fromPartial({}),
    initChain: () => abci.ResponseInitChain.fromPartial({}),
    query: () => abci.ResponseQuery.fromPartial({}),
    checkTx: () => abci.ResponseCheckTx.fromPartial({}),
    prepareProposal: () => abci.ResponsePrepareProposal.fromPartial({}),
    processProposal: () => abci.ResponseProcessProposal.fromPartial({ status: 1 }),
    extendVote: () => abci.ResponseExtendVote.fromPartial({}),
    verifyVoteExtension: () => abci.ResponseVerifyVoteExtension.fromPartial({ status: 1 }),
    finalizeBlock: () => abci.ResponseFinalizeBlock.fromPartial({}),
    commit: () => abci.ResponseCommit.fromPartial({}),
    listSnapshots: () => abci.ResponseListSnapshots.fromPartial({}),
    offerSnapshot: () => abci.ResponseOfferSnapshot.fromPartial({ result: 1 }),
    loadSnapshotChunk: () => abci.ResponseLoadSnapshotChunk.fromPartial({}),
    applySnapshotChunk: () => abci.ResponseApplySnapshotChunk.fromPartial({ result: 1 }),
    ...handlers,
  };
}

export interface Scene {
  readonly server: AbciServer;
  /** Errors that reached `onFatal`. */
  readonly fatal: { readonly error: unknown; readonly method: AbciMethod }[];
  connect(): Promise<AbciClient>;
  /** Sends bytes in the given pieces, then ends; resolves with all frames that came back once the server has closed. */
  raw(...pieces: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

/** A server on a unix socket of its own. */
export async function openScene(
  handlers: Partial<AbciHandlers> = {},
  options: Partial<AbciServerOptions> = {},
): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "interfirm-abci-"));
  const fatal: { readonly error: unknown; readonly method: AbciMethod }[] = [];
  const server = createAbciServer({
    address: `unix://${join(folder, "app.sock")}`,
    handlers: stubHandlers(handlers),
    logger: silentLogger,
    onFatal: (error, method) => fatal.push({ error, method }),
    ...options,
  });
  await server.listen();
  const clients: AbciClient[] = [];
  return {
    server,
    fatal,
    async connect() {
      const client = await connectAbci(server.address);
      clients.push(client);
      return client;
    },
    async raw(...pieces) {
      const target = parseAbciAddress(server.address);
      const socket = target.kind === "unix" ? connect(target.path) : connect(target.port, target.host);
      const reader = new FrameReader(1 << 28);
      socket.on("data", (chunk: Uint8Array) => reader.push(chunk));
      socket.on("error", () => {});
      const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
      for (const piece of pieces) {
        socket.write(piece);
        // Each piece is a packet of its own, or the kernel would join them.
        if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
      await closed;
      const frames: Uint8Array[] = [];
      for (let frame = reader.next(); frame; frame = reader.next()) frames.push(frame);
      return frames;
    },
    async close() {
      for (const client of clients) client.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A whole frame that holds a `Request`. */
export function requestFrame(request: Parameters<typeof abci.Request.fromPartial>[0]): Uint8Array {
  return frameOf(abci.Request.encode(abci.Request.fromPartial(request)).finish());
}

/** `uvarint length | message`. */
export function frameOf(message: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = message.length;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) length.push((rest % 128) | 0x80);
  return Uint8Array.of(...length, rest, ...message);
}

export const concat = (parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

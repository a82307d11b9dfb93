import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { isMainThread } from "node:worker_threads";
import { type AbciAddress, formatAbciAddress, parseAbciAddress } from "./address.ts";
import { Connection } from "./connection.ts";
import type { Logger } from "./logger.ts";
import type { AbciHandlers, AbciMethod } from "./methods.ts";

/** The largest block that CometBFT takes (100 MiB) with room for its commit; a genesis comes in one frame, too. */
const FRAME_BYTES_MAX = 128 * 1024 * 1024;

export interface AbciServerOptions {
  /** `unix:///path/app.sock` or `tcp://127.0.0.1:26658`. */
  readonly address: string;
  readonly handlers: AbciHandlers;
  readonly logger: Logger;
  /** Longest request, in bytes. Default: 128 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** Called when a handler threw: CometBFT stops on the exception that it gets, and so should the node. */
  readonly onFatal: (error: unknown, method: AbciMethod) => void;
  /** Called after each answer of a handler, with the time from its request to its encoded response. */
  readonly onAnswer?: ((method: AbciMethod, durationMs: number) => void) | undefined;
  /** Allows TCP off the loopback. ABCI has no authentication: only inside a wall. */
  readonly allowRemote?: boolean | undefined;
}

export interface AbciServer {
  /** Resolves when CometBFT can connect. Rejects when the address is taken or refused. */
  listen(): Promise<void>;
  /** Accepts nobody any more, ends the requests being answered, closes. Idempotent. */
  close(): Promise<void>;
  /** For CometBFT's `proxy_app`; after `listen`, with the port that the system chose. */
  readonly address: string;
}

/**
 * An ABCI 2.0 socket server. CometBFT opens four connections (query, snapshot, mempool, consensus), tools may open
 * more; each is answered in the order of its requests, whatever the others do.
 */
export function createAbciServer(options: AbciServerOptions): AbciServer {
  let address = parseAbciAddress(options.address, options.allowRemote);
  const connections = new Set<Connection>();
  let connectionCount = 0;
  let closed: Promise<void> | undefined;

  function accept(socket: Socket): void {
    const id = ++connectionCount;
    if (address.kind === "tcp") socket.setNoDelay(true);
    const { handlers, logger, onFatal, onAnswer, maxFrameBytes = FRAME_BYTES_MAX } = options;
    const connection = new Connection(socket, { id, handlers, logger, onFatal, onAnswer, maxFrameBytes });
    connections.add(connection);
    logger.debug({ connection: id }, "abci connection opened");
    socket.once("close", () => {
      connections.delete(connection);
      logger.debug({ connection: id }, "abci connection closed");
    });
  }

  // Half open: a peer that has sent all its requests still gets all its answers.
  const server = createServer({ allowHalfOpen: true }, accept);

  return {
    get address() {
      return formatAbciAddress(address);
    },
    async listen() {
      if (address.kind === "unix") await removeStaleSocket(address.path);
      await bind(server, address);
      const bound = server.address();
      if (address.kind === "tcp" && typeof bound === "object" && bound) address = { ...address, port: bound.port };
      options.logger.info({ address: formatAbciAddress(address) }, "abci server listens");
    },
    close() {
      closed ??= (async () => {
        const stopped = server.listening ? new Promise<void>((resolve) => server.close(() => resolve())) : undefined;
        await Promise.all([...connections].map((connection) => connection.close()));
        await stopped;
      })();
      return closed;
    },
  };
}

async function bind(server: Server, address: AbciAddress): Promise<void> {
  const failed = new Promise<never>((_, reject) =>
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = `abci address ${formatAbciAddress(address)} is in use by another process: end it, or give another --address`;
      reject(error.code === "EADDRINUSE" ? new Error(taken, { cause: error }) : error);
    }),
  );
  const listening = new Promise<void>((resolve) => server.once("listening", () => resolve()));
  if (address.kind === "tcp") {
    server.listen(address.port, address.host);
    await Promise.race([listening, failed]);
    return;
  }
  // The file is bound inside `listen`, so nobody else sees the mask. Worker threads may not set it: chmod follows anyway.
  const mask = isMainThread ? process.umask(0o177) : undefined;
  try {
    server.listen(address.path);
  } finally {
    if (mask !== undefined) process.umask(mask);
  }
  await Promise.race([listening, failed]);
  chmodSync(address.path, 0o600);
}

/** Removes the socket file that a killed node left. Throws when the file is no socket, or somebody answers on it. */
async function removeStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isSocket()) throw new Error(`${path} is no socket, want a free path for the abci socket`);
  const answered = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
  if (answered) throw new Error(`abci socket ${path} is in use by another process: end it, or give another --address`);
  unlinkSync(path);
}

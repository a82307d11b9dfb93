/** The server's half of RFC 6455, as far as tests of the client need it: short text frames, and sudden death. */
import { createHash } from "node:crypto";
import type { Server } from "node:http";
import type { Duplex } from "node:stream";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const frame = (text: string): Buffer => {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? Buffer.from([0x81, payload.length])
      : Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, payload]);
};

/** Serves `/websocket` on an HTTP server: everybody who connects hears everything. */
export function serveWebsocket(server: Server) {
  const sockets = new Set<Duplex>();
  let opened = 0;
  server.on("upgrade", (request, socket: Duplex) => {
    const accept = createHash("sha1")
      .update(request.headers["sec-websocket-key"] + GUID)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    opened++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.resume();
  });
  return {
    opened: () => opened,
    open: () => sockets.size,
    tell(text: string): void {
      for (const socket of sockets) socket.write(frame(text));
    },
    /** Cuts every connection without a goodbye. */
    cut(): void {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
  };
}

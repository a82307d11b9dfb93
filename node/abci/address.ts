/** Where an ABCI server listens. */
export type AbciAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Room for a path in `sockaddr_un` of Linux (108) and macOS (104), with its terminator. */
const UNIX_PATH_BYTES_MAX = 103;

const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);

/**
 * Reads `unix:///path/app.sock` or `tcp://127.0.0.1:26658` (CometBFT's `proxy_app`). Port 0 lets the system choose.
 * ABCI has no authentication, so TCP is refused off the loopback unless `allowRemote` says that a wall stands around it.
 * Throws an Error that names what is wrong.
 */
export function parseAbciAddress(text: string, allowRemote = false): AbciAddress {
  if (text.startsWith("unix://")) {
    const path = text.slice("unix://".length);
    const bytes = Buffer.byteLength(path);
    if (bytes === 0) throw new Error("abci address has no socket path, want unix:///path/app.sock");
    if (bytes > UNIX_PATH_BYTES_MAX) {
      throw new Error(`abci socket path is ${bytes} bytes long, want at most ${UNIX_PATH_BYTES_MAX}: ${path}`);
    }
    return { kind: "unix", path };
  }
  const match = /^(?:tcp:\/\/)?(?:\[([0-9a-fA-F:]+)\]|([^[\]:/]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535) {
    throw new Error(`abci address is ${text}, want unix:///path/app.sock or tcp://127.0.0.1:26658`);
  }
  if (!allowRemote && !isLoopback(host)) {
    throw new Error(`abci address is ${host}, want a loopback address, for whoever reaches the socket rules the node`);
  }
  return { kind: "tcp", host, port };
}

/** The form that CometBFT's `proxy_app` takes. */
export function formatAbciAddress(address: AbciAddress): string {
  if (address.kind === "unix") return `unix://${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}

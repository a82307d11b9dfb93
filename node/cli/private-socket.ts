import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Longest path of a unix socket on every system. */
const SOCKET_PATH_BYTES_MAX = 103;

export interface PrivateSocket {
  /** `unix:///…/abci.sock` */
  readonly address: string;
  /** Leaves nothing behind. */
  remove(): void;
}

/**
 * A unix socket that only this user reaches: in the folder, or where that path is too long for a socket, in one of its own
 * under the system's temporary files. That one has the same name each time, so that a killed node leaves no more than one.
 */
export function privateSocket(folder: string, temporary = tmpdir()): PrivateSocket {
  const path = join(folder, "abci.sock");
  if (Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX) {
    return { address: `unix://${path}`, remove: () => rmSync(path, { force: true }) };
  }
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const wanted = join(temporary, `interfirmd-${name}`);
  const own = isOurs(wanted) ? wanted : mkdtempSync(join(temporary, "interfirmd-"));
  return { address: `unix://${join(own, "abci.sock")}`, remove: () => rmSync(own, { recursive: true, force: true }) };
}

/** Makes the folder, or finds it made by us and closed to others: in a folder that all may write, it could be a trap. */
function isOurs(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const status = lstatSync(path);
  return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
}

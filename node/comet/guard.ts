import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { Writable } from "node:stream";

/** How long a process whose guardian died may take to end by itself. With start and kill this stays below 5 s. */
const ORPHAN_GRACE_DECISECONDS = 30;

/**
 * Waits for a line, or for the end of its input, which comes when the process that holds the other end is gone, however
 * it went. A line means that there is nothing to do. Arguments: the process to end, tenths of a second to wait.
 */
const WATCH = `
read -r line && exit 0
kill -TERM "$1" 2>/dev/null || exit 0
left=$2
while [ "$left" -gt 0 ]; do
  kill -0 "$1" 2>/dev/null || exit 0
  sleep 0.1
  left=$((left - 1))
done
kill -KILL "$1" 2>/dev/null
`;

/**
 * Becomes the program, once a watch over it runs and its id is in the file. The shell does both itself: the process that
 * started it may be killed at any moment. Arguments: the watch, its patience, the file or nothing, the program's own.
 */
const GUARD = `
watch=$1 patience=$2 file=$3
shift 3
(/bin/sh -c "$watch" interfirmd-watchdog "$$" "$patience" <&3 3<&- >/dev/null 2>&1 &)
exec 3<&-
if [ -n "$file" ]; then (umask 077 && echo "$$" > "$file") || exit 1; fi
exec "$@"
`;

export interface GuardedOptions extends Pick<SpawnOptions, "env"> {
  /** Of stdin, stdout and stderr. */
  readonly stdio: readonly ("ignore" | "pipe" | number)[];
  /** Where its process id is written, for a later life of this process; it is there before the program begins. */
  readonly pidFile?: string | undefined;
}

/**
 * Starts a program, by its absolute path, that is gone some 3 seconds after this process is, even when that is by SIGKILL
 * and at once. CometBFT 0.38 sometimes hangs when its application dies: a request queued just after its socket client
 * drained waits forever (cometbft#5850). The program is in a session of its own: a Ctrl-C at the terminal, or a kill of
 * our process group, passes it by. Throws when there is no such program.
 */
export function spawnGuarded(
  command: readonly [file: string, ...args: string[]],
  options: GuardedOptions,
): ChildProcess {
  const { env, stdio, pidFile = "" } = options;
  accessSync(command[0], constants.X_OK);
  const args = ["-c", GUARD, "interfirmd-guard", WATCH, `${ORPHAN_GRACE_DECISECONDS}`, pidFile, ...command];
  const child = spawn("/bin/sh", args, { env, detached: true, stdio: [...stdio, "pipe"] });
  const leash = child.stdio[3] as Writable & { unref?(): void };
  // The watch may have ended before it is dismissed.
  leash.on("error", () => {});
  leash.unref?.();
  child.once("exit", () => leash.end("done\n"));
  return child;
}

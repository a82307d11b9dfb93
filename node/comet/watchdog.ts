import { type ChildProcess, spawn } from "node:child_process";

/** How long a CometBFT whose application died may take to end by itself. With start and kill this stays below 5 s. */
const ORPHAN_GRACE_DECISECONDS = 30;

/**
 * Waits for a line, or for the end of its input, which comes when the process that holds the other end is gone, however
 * it went. A line means that there is nothing to do. Arguments: the process to end, tenths of a second to wait.
 */
const SCRIPT = `
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

export interface Watchdog {
  /** The process that it watches over has ended: nothing is left to do. */
  dismiss(): void;
}

/**
 * Ends process `pid` within some 3 seconds after this process is gone, even by SIGKILL. CometBFT 0.38 sometimes hangs
 * when its application dies: a request queued just after its socket client drained waits forever (cometbft#5850).
 */
export function startWatchdog(pid: number): Watchdog {
  const child: ChildProcess = spawn(
    "/bin/sh",
    ["-c", SCRIPT, "interfirmd-watchdog", `${pid}`, `${ORPHAN_GRACE_DECISECONDS}`],
    {
      // In a session of its own, so that a Ctrl-C or a kill of our process group passes it by.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    },
  );
  child.unref();
  child.once("error", () => {});
  // It may have ended by itself when it is dismissed.
  child.stdin?.on("error", () => {});
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return { dismiss: () => child.stdin?.end("done\n") };
}

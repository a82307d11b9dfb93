import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "../../abci/logger.ts";

/**
 * A stand-in for CometBFT, started like it. It says that it started and then obeys its last argument: `--polite` ends
 * on SIGTERM with code 0, `--deaf` ignores SIGTERM, `--exit=N` ends at once with code N, `--stuck` runs on after its
 * consensus failed, `--cut-off` panics as after a state sync that was cut off. `reindex-event` has blocks from
 * height 10 to 20, and no results of block 15. Its calls are in `cometbft.calls`.
 */
const SCRIPT = `#!/bin/sh
for last; do :; done
echo "$*" >> "$0.calls"
if [ "$1" = reindex-event ]; then
  if [ "$5" -lt 10 ]; then
    echo "event re-index failed:  height is not available (requested start height: $5, base height: 10)"
  elif [ "$7" -eq 15 ]; then
    echo "panic: event re-index failed: not able to load ABCI Response at height 15" >&2
    exit 2
  else
    echo "event re-index finished"
  fi
  exit 0
fi
case "$last" in
  --polite) trap 'echo polite-end; exit 0' TERM ;;
  --deaf) trap '' TERM ;;
esac
echo '{"level":"info","module":"main","ts":"2026-01-01T00:00:00Z","_msg":"started","height":"7"}'
echo "a panic" >&2
case "$last" in --cut-off)
  echo 'panic: state (70) and store (0) height mismatch, stores were left in an inconsistent state' >&2
  exit 2 ;;
esac
case "$last" in --stuck)
  echo '{"level":"error","module":"consensus","ts":"2026-01-01T00:00:00Z","_msg":"CONSENSUS FAILURE!!!","err":"write x: no space left on device"}' ;;
esac
case "$last" in --exit=*) exit "\${last#--exit=}" ;; esac
left=600
while [ "$left" -gt 0 ]; do sleep 0.05; left=$((left - 1)); done
`;

export interface FakeComet {
  readonly home: string;
  readonly binary: string;
}

export function makeFakeComet(): FakeComet {
  const home = mkdtempSync(join(tmpdir(), "interfirm-comet-"));
  const binary = join(home, "cometbft");
  mkdirSync(join(home, "data"));
  writeFileSync(binary, SCRIPT);
  chmodSync(binary, 0o755);
  return { home, binary };
}

export interface LogEntry {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A logger that keeps what it gets. `until` resolves when a message has come. */
export function recordingLogger(): Logger & { readonly entries: LogEntry[]; until(message: string): Promise<void> } {
  const entries: LogEntry[] = [];
  const waiting: { readonly message: string; resolve(): void }[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    entries.push({ level, fields: { ...fields }, message });
    for (const entry of waiting) if (message.includes(entry.message)) entry.resolve();
  };
  return {
    entries,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    until: (message) =>
      new Promise((resolve) => {
        if (entries.some((entry) => entry.message.includes(message))) resolve();
        else waiting.push({ message, resolve });
      }),
  };
}

/** Whether a process runs. One that has ended and waits to be reaped by init does not. */
export function isRunning(pid: number): boolean {
  const { status, stdout } = spawnSync("ps", ["-o", "state=", "-p", `${pid}`], { encoding: "utf8" });
  return status === 0 && !stdout.trim().startsWith("Z");
}

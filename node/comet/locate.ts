/** Finds the CometBFT that this node runs with, or builds it once. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createProgress } from "./progress.ts";

/** The release that this node is built against. CosmJS reads 0.38 and misreads 0.39 and later. */
export const COMETBFT_VERSION = "0.38.26";

/** What is looked for: CometBFT itself, or its ABCI command line (for smoke tests and the benchmark's ceiling). */
export type Tool = "cometbft" | "abci-cli";

interface ToolSource {
  /** Environment variable that names the executable. */
  readonly variable: string;
  readonly goPackage: string;
  /** Whether `<tool> version` prints the release, so that one on the PATH can be trusted. */
  readonly printsRelease: boolean;
}

const SOURCES: Readonly<Record<Tool, ToolSource>> = {
  cometbft: {
    variable: "INTERFIRMD_COMETBFT",
    goPackage: "github.com/cometbft/cometbft/cmd/cometbft",
    printsRelease: true,
  },
  // `abci-cli version` prints the version of ABCI, which many releases share.
  "abci-cli": {
    variable: "INTERFIRMD_ABCI_CLI",
    goPackage: "github.com/cometbft/cometbft/abci/cmd/abci-cli",
    printsRelease: false,
  },
};

export interface LocateOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where progress of a build goes. */
  readonly output: NodeJS.WriteStream;
  /** How long to wait for another process that builds the same thing. */
  readonly lockTimeoutMs?: number | undefined;
}

const LOCK_TIMEOUT_MS = 10 * 60_000;

/**
 * The path of an executable of release `COMETBFT_VERSION`: the one that the environment names, else one on the PATH
 * whose version is right, else the cached one, else one that `go install` builds into the cache.
 * Throws an Error with both ways out when there is no Go to build it with.
 */
export async function locateTool(tool: Tool, options: Partial<LocateOptions> = {}): Promise<string> {
  const { env = process.env, output = process.stderr, lockTimeoutMs = LOCK_TIMEOUT_MS } = options;
  const source = SOURCES[tool];

  const named = env[source.variable];
  if (named) {
    if (!isExecutable(named)) throw new Error(`${source.variable} is ${named}, want an executable file`);
    if (source.printsRelease) requireProtocol(named, source.variable);
    return named;
  }

  const onPath = source.printsRelease && findOnPath(tool, env);
  if (onPath && releaseOf(onPath) === COMETBFT_VERSION) return onPath;

  const folder = cacheFolder(env);
  const cached = join(folder, tool);
  if (isExecutable(cached)) return cached;

  const go = findOnPath("go", env);
  if (!go) throw new Error(noGo(tool, source));
  const release = await acquireLock(join(folder, `${tool}.lock`), lockTimeoutMs);
  try {
    if (!isExecutable(cached)) await build({ tool, source, go, folder, env, output });
  } finally {
    release();
  }
  return cached;
}

const noGo = (tool: Tool, source: ToolSource): string =>
  `there is no ${tool} ${COMETBFT_VERSION}, and no Go to build it with: ` +
  `either install Go (https://go.dev/dl) and run this again, ` +
  `or put ${tool} ${COMETBFT_VERSION} on the PATH or name it in ${source.variable}`;

/** `$XDG_CACHE_HOME/interfirm/cometbft/<version>`, made if need be. */
function cacheFolder(env: LocateOptions["env"]): string {
  const { XDG_CACHE_HOME, HOME } = env;
  const cache = XDG_CACHE_HOME || join(HOME || homedir(), ".cache");
  const folder = join(cache, "interfirm", "cometbft", COMETBFT_VERSION);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function findOnPath(name: string, env: LocateOptions["env"]): string | undefined {
  const { PATH = "" } = env;
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** What `cometbft version` prints, or undefined when it fails. */
function releaseOf(binary: string): string | undefined {
  const { status, stdout } = spawnSync(binary, ["version"], { encoding: "utf8", timeout: 10_000 });
  return status === 0 ? stdout.trim().replace(/^v/, "") : undefined;
}

/** A CometBFT chosen by hand may be another patch release, but it must speak the same ABCI. */
function requireProtocol(binary: string, variable: string): void {
  const release = releaseOf(binary);
  if (!release?.startsWith("0.38.")) {
    throw new Error(
      `${variable} names CometBFT ${release ?? "of unknown version"}, want 0.38, best ${COMETBFT_VERSION}`,
    );
  }
}

/** Takes a lock file that names its holder, waiting for a live holder and removing one that died. */
async function acquireLock(path: string, timeoutMs: number): Promise<() => void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const holder = Number(readLock(path));
    if (!isAlive(holder)) rmSync(path, { force: true });
    else if (performance.now() > deadline) throw new Error(`${path} is held by process ${holder} for too long`);
    else await sleep(500);
  }
}

function readLock(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  // An empty file is one whose holder has not written its id yet.
  if (pid === 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

interface BuildOptions {
  readonly tool: Tool;
  readonly source: ToolSource;
  readonly go: string;
  readonly folder: string;
  readonly env: LocateOptions["env"];
  readonly output: NodeJS.WriteStream;
}

/** Builds beside the cache and moves the result in place, so that nobody ever sees half a file. */
async function build({ tool, source, go, folder, env, output }: BuildOptions): Promise<void> {
  const bin = mkdtempSync(join(folder, "build-"));
  const progress = createProgress(output, `building ${tool} ${COMETBFT_VERSION} with Go, once, into ${folder}`);
  try {
    const child = spawn(go, ["install", `${source.goPackage}@v${COMETBFT_VERSION}`], {
      // GOBIN cannot be set for a foreign platform, and flags such as -mod=vendor forbid installing a version.
      env: { ...env, GOBIN: bin, GOFLAGS: "", GOOS: "", GOARCH: "", CGO_ENABLED: "0" },
      cwd: bin,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const { code, errors } = await ended(child);
    if (code !== 0) throw new Error(`go could not build ${tool}: ${errors.trim().split("\n").slice(-5).join("; ")}`);
    renameSync(join(bin, tool), join(folder, tool));
    progress.done();
  } catch (error) {
    progress.failed();
    throw error;
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
}

/** Keeps the end of what a child says on stderr. */
const ERROR_TEXT_MAX = 16_384;

async function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly errors: string }> {
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-ERROR_TEXT_MAX);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, errors };
}

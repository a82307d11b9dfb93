/** Starts, stops and kills the processes of a local network. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { spawnGuarded } from "@interfirm/node/comet/guard";
import { runningComet } from "@interfirm/node/comet/pid-file";
import { createRpc, type Rpc } from "@interfirm/node/comet/rpc";
import type { Manifest, NodeSpec } from "./manifest.ts";
import { Hopeless, until } from "./wait.ts";

/** A program and its first arguments, before `start`. */
export type Program = readonly [file: string, ...args: string[]];

const INTERFIRMD: Program = [fileURLToPath(new URL("../node/bin/interfirmd", import.meta.url))];

/** What of a node gets a signal: the application, its CometBFT, or both in the same moment. */
export type Victim = "application" | "cometbft" | "both";

/** CometBFT is gone this long after its application at the latest, even when it hangs. */
const ORPHAN_MS = 5_000;

/** How long a node may take to end after SIGTERM before it is killed. */
const STOP_MS = 20_000;

export interface NetworkNode {
  readonly spec: NodeSpec;
  readonly rpc: Rpc;
  /** Everything that the node logs, over all its lives. */
  readonly logFile: string;
  readonly running: boolean;
  /** Starts `interfirmd start`. Resolves once the process runs; `untilHeight` tells when it serves. */
  start(options?: StartOptions): Promise<void>;
  /** Resolves with the exit code when the node has ended, by itself or not. */
  ended(): Promise<number | null>;
  /** SIGTERM. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. Resolves when the application and CometBFT are both gone. */
  kill(victim: Victim): Promise<void>;
  /** Any other signal, such as SIGSTOP and SIGCONT. */
  signal(to: Victim, signal: NodeJS.Signals): void;
  /** Resolves with the height once the node has committed at least `height`. */
  untilHeight(height: bigint, timeoutMs: number): Promise<bigint>;
  /** What the application has committed. */
  height(): Promise<bigint>;
}

export interface StartOptions {
  /** Further flags of `interfirmd start`. */
  readonly flags?: readonly string[];
  /** Further environment, which CometBFT inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Instead of the network's program. */
  readonly program?: Program | undefined;
}

export interface Network {
  readonly manifest: Manifest;
  readonly nodes: readonly NetworkNode[];
  readonly validators: readonly NetworkNode[];
  readonly fullNodes: readonly NetworkNode[];
  /** Starts all validators and resolves when each has committed the first block. */
  start(timeoutMs: number): Promise<void>;
  /** Stops whatever runs. Resolves with the exit codes, undefined for a node that did not run. */
  stop(): Promise<readonly (number | null | undefined)[]>;
  /** SIGKILL to whatever runs. */
  killAll(): Promise<void>;
}

export interface NetworkOptions {
  /** Path of CometBFT, found once for all nodes. */
  readonly comet: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** What its nodes run: `interfirmd` unless told. */
  readonly program?: Program | undefined;
}

export function createNetwork(manifest: Manifest, options: NetworkOptions): Network {
  const nodes = manifest.nodes.map((spec) => createNode(spec, options));
  const validators = nodes.filter(({ spec }) => spec.power > 0);
  return {
    manifest,
    nodes,
    validators,
    fullNodes: nodes.filter(({ spec }) => spec.power === 0),
    async start(timeoutMs) {
      await Promise.all(validators.map((node) => node.start()));
      await Promise.all(validators.map((node) => node.untilHeight(BigInt(manifest.initialHeight), timeoutMs)));
    },
    stop: () => Promise.all(nodes.map((node) => (node.running ? node.stop() : Promise.resolve(undefined)))),
    async killAll() {
      await Promise.allSettled(nodes.map((node) => (node.running ? node.kill("both") : Promise.resolve())));
    },
  };
}

function createNode(spec: NodeSpec, options: NetworkOptions): NetworkNode {
  const { comet: binary, env = process.env, program: usual = INTERFIRMD } = options;
  const rpc = createRpc(`http://127.0.0.1:${spec.ports.rpc}`, { timeoutMs: 5_000 });
  const logFile = join(spec.home, "node.log");
  let child: ChildProcess | undefined;
  let exited: Promise<number | null> = Promise.resolve(null);

  // Not from status, which counts a block that is stored and not executed yet.
  const height = async () => BigInt((await rpc.abciInfo()).response.last_block_height ?? "0");

  function signal(to: Victim, name: NodeJS.Signals): void {
    const comet = runningComet(spec.home);
    if (to !== "cometbft") child?.kill(name);
    if (to !== "application" && comet !== undefined) process.kill(comet, name);
  }

  async function gone(): Promise<void> {
    await exited;
    await until(`cometbft of ${spec.name} is gone`, ORPHAN_MS, async () =>
      runningComet(spec.home) === undefined ? true : undefined,
    );
  }

  return {
    spec,
    rpc,
    logFile,
    get running() {
      return child !== undefined;
    },
    async start({ flags = [], env: more = {}, program = usual } = {}) {
      if (child) throw new Error(`${spec.name} runs already`);
      const log = openSync(logFile, "a");
      // Should this process be killed, its nodes end as well. A Ctrl-C reaches it alone: it stops its nodes in order.
      const started = spawnGuarded([...program, "start", "--home", spec.home, ...flags], {
        stdio: ["ignore", log, log],
        env: { ...env, ...more, INTERFIRMD_COMETBFT: binary },
      });
      closeSync(log);
      const ended = once(started, "exit");
      await once(started, "spawn");
      child = started;
      exited = ended.then(([code]) => {
        child = undefined;
        return code as number | null;
      });
    },
    ended: () => exited,
    async stop() {
      const stopping = child;
      stopping?.kill("SIGTERM");
      const timer = setTimeout(() => stopping?.kill("SIGKILL"), STOP_MS);
      const code = await exited;
      clearTimeout(timer);
      await gone();
      return code;
    },
    async kill(victim) {
      signal(victim, "SIGKILL");
      await gone();
    },
    signal,
    height,
    untilHeight: (least, timeoutMs) =>
      until(`${spec.name} is at height ${least}`, timeoutMs, async () => {
        if (!child) throw new Hopeless(`${spec.name} has ended, see ${logFile}`);
        const now = await height();
        return now >= least ? now : undefined;
      }),
  };
}

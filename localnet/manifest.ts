/** A local network as data: who validates with what power, where everybody's home and ports are. */
import { join } from "node:path";
import { freePorts } from "./ports.ts";

export interface NodeSpec {
  readonly name: string;
  /** Voting power at genesis. 0: a full node that validates nothing. */
  readonly power: number;
  /** Absolute path of the home. */
  readonly home: string;
  /** Ports on 127.0.0.1. */
  readonly ports: { readonly p2p: number; readonly rpc: number };
}

/** What a chain calls itself, its addresses and its coin. */
export interface ChainNames {
  readonly chainId: string;
  /** Human-readable part of addresses. */
  readonly prefix: string;
  /** The only denom at genesis: stake and fees. */
  readonly denom: string;
}

const USUAL_NAMES: ChainNames = { chainId: "interfirm-local-1", prefix: "firm", denom: "ufirm" };

export interface Manifest extends ChainNames {
  /** Folder that holds all homes. */
  readonly root: string;
  /** Rest after each block, as in config.toml. The same for all. */
  readonly timeoutCommit: string;
  readonly nodes: readonly NodeSpec[];
  /** Height of the first block. */
  readonly initialHeight: number;
  /** State-sync snapshots are made every so many heights; 0: never. */
  readonly snapshotInterval: number;
}

export interface ManifestOptions {
  /** Folder that holds all homes; its path is short, for sockets live there. */
  readonly root: string;
  /** How many validators, from 1 to 16. */
  readonly validators: number;
  /** Full nodes beside them, which `startNetwork` leaves to be started later. */
  readonly fullNodes?: number | undefined;
  /** Whether to take CometBFT's usual ports, ten apart, where all of them are free. */
  readonly usualPorts?: boolean | undefined;
  readonly timeoutCommit?: string | undefined;
  readonly snapshotInterval?: number | undefined;
  readonly initialHeight?: number | undefined;
  readonly chain?: ChainNames | undefined;
}

const VALIDATORS_MAX = 16;

/**
 * Power of a validator. Not 1: CometBFT takes a validator with a third of the power, in integers, for one without
 * which the chain cannot go on, and lets it skip block sync.
 */
const POWER = 10;

const P2P_PORT = 26_656;
const RPC_PORT = 26_657;
const PORT_STEP = 10;

export async function createManifest(options: ManifestOptions): Promise<Manifest> {
  const { root, validators, fullNodes = 0, usualPorts = false } = options;
  if (!Number.isInteger(validators) || validators < 1 || validators > VALIDATORS_MAX) {
    throw new Error(`validators is ${validators}, want a whole number from 1 to ${VALIDATORS_MAX}`);
  }
  const count = validators + fullNodes;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const usual = indexes.flatMap((index) => [P2P_PORT + PORT_STEP * index, RPC_PORT + PORT_STEP * index]);
  const ports = await freePorts(2 * count, usualPorts ? usual : []);
  return {
    ...(options.chain ?? USUAL_NAMES),
    root,
    timeoutCommit: options.timeoutCommit ?? "1s",
    snapshotInterval: options.snapshotInterval ?? 0,
    initialHeight: options.initialHeight ?? 1,
    nodes: indexes.map((index) => ({
      name: index < validators ? `validator${index}` : `full${index - validators}`,
      power: index < validators ? POWER : 0,
      home: join(root, index < validators ? `validator${index}` : `full${index - validators}`),
      ports: { p2p: ports[2 * index] as number, rpc: ports[2 * index + 1] as number },
    })),
  };
}

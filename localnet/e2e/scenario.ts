import type { GenesisParams } from "../homes.ts";
import type { Links } from "../links.ts";
import type { ChainNames } from "../manifest.ts";
import type { Network, NetworkNode, Program } from "../network.ts";
import type { Firms } from "../story.ts";

/** Both firms of every test network own this much at genesis. */
export const FIRM_OWNS = 1_000_000_000n;

/** A run against a real network, bounded in time. It throws when something is not as it should be. */
export interface Scenario {
  readonly name: string;
  /** Part of the bounded slice that runs on every change. */
  readonly slice: boolean;
  /** The whole of it, network included. */
  readonly timeoutMs: number;
  run(stage: Stage): Promise<void>;
}

export interface StageNetworkOptions {
  readonly validators: number;
  readonly fullNodes?: number | undefined;
  readonly snapshotInterval?: number | undefined;
  /** Height of the first block; 1 unless told. */
  readonly initialHeight?: number | undefined;
  /** Parameters by module, over those of `init`. */
  readonly params?: GenesisParams | undefined;
  /** What lies between the nodes: nothing unless told. The scenario closes it. */
  readonly links?: Links | undefined;
  /** Names other than those of every local network. */
  readonly chain?: ChainNames | undefined;
  /** What the nodes run: `interfirmd` unless told. */
  readonly program?: Program | undefined;
}

/** What a scenario plays on. */
export interface Stage {
  /** Whether only a bounded part is wanted. */
  readonly bounded: boolean;
  /** Says what happens. */
  say(what: string): void;
  /** Makes the homes of a network and starts its validators. It is stopped and checked when the scenario is over. */
  openNetwork(options: StageNetworkOptions): Promise<{ readonly network: Network; readonly firms: Firms }>;
  /** Makes the home of one validator, which the scenario starts and stops itself. */
  openHome(options?: Omit<StageNetworkOptions, "validators">): Promise<NetworkNode>;
}

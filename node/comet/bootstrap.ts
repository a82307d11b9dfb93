/** The facts for `stateFiles` from other nodes' RPC, verified from one header that the operator trusts. */
import { type Header, hashText, headerHash } from "@interfirm/client/header";
import { createLightClient, type TrustRoot } from "@interfirm/client/light";
import type { Json } from "@interfirm/client/rpc";
import * as types from "@interfirm/proto/gen/tendermint/types";
import { sha256 } from "@noble/hashes/sha2.js";
import { createRpc } from "./rpc.ts";
import { commitHash, type StateFacts } from "./state-files.ts";

export interface ReadFactsOptions {
  /** RPC addresses of at least two nodes: they must agree, and the first one is believed in what no hash covers. */
  readonly servers: readonly string[];
  readonly trust: TrustRoot;
  /** Milliseconds that the trusted header is good for. */
  readonly trustingPeriodMs: number;
  readonly chainId: string;
  readonly initialHeight: bigint;
  /** Of the application's last block. */
  readonly height: bigint;
  /** Of the application's state. */
  readonly appHash: Uint8Array;
  /** Milliseconds since 1970; the clock's unless told. */
  readonly now?: (() => number) | undefined;
}

/** Rejects with an Error that says what to change, and with the light client's errors behind the server's name. */
export async function readFacts(options: ReadFactsOptions): Promise<StateFacts> {
  const { servers, height, appHash } = options;
  if (servers.length < 2) {
    throw new Error(
      `statesync.rpc_servers names ${servers.length} servers, want at least two: interfirmd config set config statesync.rpc_servers http://one:26657,http://other:26657`,
    );
  }
  const [first, ...others] = (await Promise.all(servers.map((server) => readFrom(server, options)))) as [
    StateFacts,
    ...StateFacts[],
  ];
  for (const [index, other] of others.entries()) {
    if (digestOf(other) === digestOf(first)) continue;
    throw new Error(
      `${servers[0]} and ${servers[index + 1]} tell of different blocks or parameters at heights ${height} to ${height + 2n}: one of them is not of this chain, ask somebody whom you trust which`,
    );
  }
  const told = first.next.header.appHash;
  if (!Buffer.from(told).equals(appHash)) {
    throw new Error(
      `app hash of height ${height} is ${hashText(appHash)} here and ${hashText(told)} in the chain's header: the snapshot is not of this chain, run interfirmd comet reset-state and load another one`,
    );
  }
  return first;
}

const digestOf = ({ last, next, afterNext, params }: StateFacts): string =>
  JSON.stringify([
    ...[last, next, afterNext].map(({ header }) => hashText(headerHash(header))),
    hashText(types.ConsensusParams.encode(types.ConsensusParams.fromPartial(params)).finish()),
  ]);

async function readFrom(server: string, options: ReadFactsOptions): Promise<StateFacts> {
  const { trust, trustingPeriodMs, chainId, initialHeight, height, now } = options;
  const rpc = createRpc(server.includes("://") ? server : `http://${server}`);
  const light = createLightClient(
    { call: (method, params) => rpc.call<Json>(method, params) },
    chainId,
    trust,
    now ? { trustingPeriodMs, now } : { trustingPeriodMs },
  );
  try {
    const last = await light.block(height);
    const next = await light.block(height + 1n);
    // Two thirds of the signatures verify a block; this one goes to our disk, where consensus takes all of them for true.
    if (!Buffer.from(commitHash(last.commit)).equals(next.header.lastCommitHash)) {
      throw new Error(`commit of height ${height} is not the one that block ${height + 1n} has`);
    }
    const afterNext = await light.block(height + 2n);
    const params = readParams(await rpc.consensusParams(height + 1n), next.header);
    return { chainId, initialHeight, last, next, afterNext, params };
  } catch (error) {
    throw new Error(
      `${server}: ${error instanceof Error ? error.message : String(error)}: it must serve height ${trust.height}, which is trusted, and ${height} to ${height + 2n}; wait for them, or name another server in statesync.rpc_servers`,
      { cause: error },
    );
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** The answer of `consensus_params`. Throws an Error when it is not what the header has a hash of. */
function readParams(told: Fields, { height, consensusHash }: Header): types.ConsensusParams {
  const section = (name: string) => (told[name] ?? {}) as Fields;
  const number = (name: string, key: string): bigint => {
    const value = section(name)[key] ?? "0";
    if (typeof value === "string" && /^(0|-?[1-9][0-9]{0,18})$/.test(value)) return BigInt(value);
    throw new Error(`${name}.${key} is ${JSON.stringify(value)}, want a number`);
  };
  const keyTypes = section("validator")["pub_key_types"];
  const age = number("evidence", "max_age_duration");
  const params = types.ConsensusParams.fromPartial({
    block: { maxBytes: number("block", "max_bytes"), maxGas: number("block", "max_gas") },
    evidence: {
      maxAgeNumBlocks: number("evidence", "max_age_num_blocks"),
      maxAgeDuration: { seconds: age / 1_000_000_000n, nanos: Number(age % 1_000_000_000n) },
      maxBytes: number("evidence", "max_bytes"),
    },
    validator: { pubKeyTypes: Array.isArray(keyTypes) ? keyTypes.map(String) : [] },
    version: { app: number("version", "app") },
    abci: { voteExtensionsEnableHeight: number("abci", "vote_extensions_enable_height") },
  });
  const { maxBytes = 0n, maxGas = 0n } = params.block ?? {};
  const hashed = types.HashedParams.fromPartial({ blockMaxBytes: maxBytes, blockMaxGas: maxGas });
  const hash = sha256(types.HashedParams.encode(hashed).finish());
  if (!Buffer.from(hash).equals(consensusHash)) {
    throw new Error(`parameters of height ${height} have hash ${hashText(hash)}, want ${hashText(consensusHash)}`);
  }
  return params;
}

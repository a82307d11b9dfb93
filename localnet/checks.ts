/** What must hold on every network, whatever happened to it. Black box: asked over RPC. */
import type { Network, NetworkNode } from "./network.ts";

/** Heights compared at the most, the latest ones. */
const HEIGHTS_MAX = 300;

/**
 * All nodes that run have the same block at every height that all of them have, and with it the same app hash of the
 * height before. Returns how many heights were compared.
 */
export async function checkAgreement(nodes: readonly NetworkNode[]): Promise<number> {
  const statuses = await Promise.all(nodes.map(({ rpc }) => rpc.status()));
  // Heights of test networks are small numbers.
  const last = Math.min(...statuses.map(({ sync_info }) => Number(sync_info.latest_block_height)));
  const earliest = Math.max(...statuses.map(({ sync_info }) => Number(sync_info.earliest_block_height)));
  const first = Math.max(earliest, 1, last - HEIGHTS_MAX + 1);
  let compared = 0;
  for (let height = first; height <= last; height++) {
    const blocks = await Promise.all(nodes.map(({ rpc }) => rpc.block(height)));
    const seen = blocks.map(({ block_id, block }) => `${block_id.hash} with app hash ${block.header.app_hash}`);
    const [wanted] = seen;
    seen.forEach((found, index) => {
      if (found !== wanted) throw new Error(`${nodes[index]?.spec.name} has block ${height} ${found}, want ${wanted}`);
    });
    compared++;
  }
  return compared;
}

/** Every node tells by ABCI Info the app hash that the next block's header holds. */
export async function checkAppHashes(nodes: readonly NetworkNode[]): Promise<void> {
  for (const { rpc, spec } of nodes) {
    const { response } = await rpc.abciInfo();
    const height = BigInt(response.last_block_height ?? "0");
    const told = Buffer.from(response.last_block_app_hash ?? "", "base64")
      .toString("hex")
      .toUpperCase();
    const results = await rpc.blockResults(height);
    const committed = Buffer.from(results.app_hash, "base64").toString("hex").toUpperCase();
    if (told !== committed) throw new Error(`${spec.name} is at ${told} after block ${height}, want ${committed}`);
  }
}

export const runningNodes = (network: Network): readonly NetworkNode[] =>
  network.nodes.filter(({ running }) => running);

/** Tells what becomes of agreements, from a height on: `node client/examples/watch.ts http://127.0.0.1:26657 1` */
import { connect } from "@interfirm/client";

export async function watch(endpoint: string, fromHeight: bigint, tell: (line: string) => void, signal: AbortSignal) {
  const client = await connect(endpoint);
  try {
    const types = ["interfirm.agreements.v1.EventStatusChanged"] as const;
    for await (const { event, height } of client.watch({ fromHeight, types, signal })) {
      tell(`block ${height}: agreement ${event.value.id} went from status ${event.value.from} to ${event.value.to}`);
    }
  } finally {
    client.close();
  }
}

if (import.meta.main) {
  const [endpoint = "", from = "1"] = process.argv.slice(2);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  await watch(endpoint, BigInt(from), console.log, stop.signal);
}

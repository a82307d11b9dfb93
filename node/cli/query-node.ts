/** Queries to the application, through CometBFT's RPC. */
import type { MessageType } from "@interfirm/proto/types";
import { createRpc, type Rpc } from "../comet/rpc.ts";
import type { Context } from "./context.ts";

export const rpcOf = ({ client }: Context): Rpc => createRpc(client.node);

/** Asks the application. Rejects with an Error that has the application's own words when it refuses. */
export async function queryNode<I, O>(
  rpc: Rpc,
  path: string,
  input: MessageType<I>,
  output: MessageType<O>,
  request: I,
  height?: bigint,
): Promise<O> {
  const { response } = await rpc.abciQuery(path, input.encode(request).finish(), { height });
  if (response.code !== 0) {
    throw new QueryRefused(response.codespace, response.code, response.log);
  }
  return output.decode(new Uint8Array(Buffer.from(response.value ?? "", "base64")));
}

export class QueryRefused extends Error {
  override readonly name = "QueryRefused";
  readonly codespace: string;
  readonly code: number;
  constructor(codespace: string, code: number, log: string) {
    super(`${log} (${codespace}/${code})`);
    this.codespace = codespace;
    this.code = code;
  }
}

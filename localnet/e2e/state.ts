/** What a node's state says, asked as any client asks: ABCI queries of the standard services. */
import { BaseAccount, QueryAccountRequest, QueryAccountResponse } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { QueryBalanceRequest, QueryBalanceResponse } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import type { MessageType } from "@interfirm/proto/types";
import type { NetworkNode } from "../network.ts";

/** Throws with the node's own words when the query fails. */
export async function query<Q, A>(
  { rpc, spec }: NetworkNode,
  path: string,
  types: { readonly request: MessageType<Q>; readonly response: MessageType<A> },
  request: Parameters<MessageType<Q>["fromPartial"]>[0],
): Promise<A> {
  const bytes = types.request.encode(types.request.fromPartial(request)).finish();
  const { response } = await rpc.abciQuery(path, bytes);
  if (response.code !== 0) throw new Error(`${spec.name}: ${path}: ${response.log} (code ${response.code})`);
  return types.response.decode(Buffer.from(response.value ?? "", "base64"));
}

export async function accountOf(node: NetworkNode, address: string): Promise<BaseAccount> {
  const types = { request: QueryAccountRequest, response: QueryAccountResponse };
  const { account } = await query(node, "/cosmos.auth.v1beta1.Query/Account", types, { address });
  if (!account) throw new Error(`${node.spec.name} knows no account ${address}`);
  return BaseAccount.decode(account.value);
}

export async function balanceOf(node: NetworkNode, address: string, denom: string): Promise<bigint> {
  const types = { request: QueryBalanceRequest, response: QueryBalanceResponse };
  const { balance } = await query(node, "/cosmos.bank.v1beta1.Query/Balance", types, { address, denom });
  return balance?.amount ?? 0n;
}

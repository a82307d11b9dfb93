/** What a network says of its validators, and those who act on it: operators and delegators. */
import { connect, type SigningClient } from "@interfirm/client/client";
import { type Wallet, walletFromKey } from "@interfirm/client/wallet";
import type { ValidatorSigningInfo } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { BondStatus, type Validator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { keyOf } from "../homes.ts";
import type { Network, NetworkNode } from "../network.ts";
import { until } from "../wait.ts";

/** Tokens that make one unit of voting power. */
export const UNIT = 1_000_000n;

export const isBonded = ({ status }: Validator): boolean => status === BondStatus.BOND_STATUS_BONDED;

/** Fee and gas of a transaction of stake. */
export const how = ({ manifest: { denom } }: Network) => ({ gas: 600_000n, fee: [{ denom, amount: 6_000n }] });

/** Signs for a wallet, over the nodes given: those that stay up. The caller closes it. */
export const clientOf = (network: Network, signer: Wallet, nodes: readonly NetworkNode[]): Promise<SigningClient> =>
  connect(
    nodes.map(({ rpc }) => rpc.url),
    { signer, chainId: network.manifest.chainId },
  );

/** Signs for the operator of a validator. The caller closes it. */
export const operatorOf = async (
  network: Network,
  node: NetworkNode,
  nodes: readonly NetworkNode[],
): Promise<SigningClient> =>
  clientOf(network, walletFromKey(await keyOf(node.spec), { prefix: network.manifest.prefix }), nodes);

/** The record of a node's validator, which is named after the node. */
export async function validatorOf({ query }: SigningClient, { spec }: NetworkNode): Promise<Validator> {
  const { validators } = await query.staking.validators({});
  const found = validators.find(({ description }) => description.moniker === spec.name);
  if (!found) throw new Error(`no validator is named ${spec.name}`);
  return found;
}

export async function signingInfos({ query }: SigningClient): Promise<readonly ValidatorSigningInfo[]> {
  return (await query.slashing.signingInfos({})).info;
}

/** Resolves with the record once the validator is as wanted. */
export const untilValidator = (
  client: SigningClient,
  node: NetworkNode,
  want: string,
  timeoutMs: number,
  is: (validator: Validator) => boolean,
): Promise<Validator> =>
  until(`${node.spec.name} is ${want}`, timeoutMs, async () => {
    const validator = await validatorOf(client, node);
    return is(validator) ? validator : undefined;
  });

export function expectEqual<T>(what: string, found: T, want: T): void {
  if (found !== want) throw new Error(`${what} is ${found}, want ${want}`);
}

/** Throws unless `act` is refused with this code. */
export async function expectRefused(what: string, code: number, act: () => Promise<unknown>): Promise<void> {
  let refusal: unknown;
  try {
    await act();
  } catch (error) {
    refusal = error;
  }
  if (refusal === undefined) throw new Error(`${what} succeeded, want a refusal`);
  if ((refusal as { code?: unknown }).code !== code) throw new Error(`${what}: ${refusal}, want code ${code}`);
}

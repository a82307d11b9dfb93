/** A firm that pays another one again and again, whatever happens to the nodes, and knows what of it was committed. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { OfflineSigner } from "@cosmjs/proto-signing";
import { SigningStargateClient } from "@cosmjs/stargate";
import { TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { Network, NetworkNode } from "../network.ts";
import type { Firms } from "../story.ts";
import { until } from "../wait.ts";
import { FIRM_OWNS } from "./scenario.ts";
import { accountOf, balanceOf } from "./state.ts";

const GAS = 200_000n;
/** In the chain's denom, at the nodes' minimum price of 0.01. */
export const FEE = 2_000n;

export interface Committed {
  /** Upper-case hex. */
  readonly hash: string;
  readonly height: bigint;
}

export interface Payer {
  /** Pays once and resolves when the payment is in a block. Sends the same bytes again until it is. */
  pay(amount: bigint, timeoutMs: number): Promise<Committed>;
  /** Everything that was seen in a block. */
  readonly committed: readonly Committed[];
  /** What `committed` moved to the payee. */
  readonly paid: bigint;
}

export interface PayerOptions {
  readonly network: Network;
  readonly signer: OfflineSigner;
  readonly to: string;
}

export async function createPayer({ network, signer, to }: PayerOptions): Promise<Payer> {
  const { chainId, denom } = network.manifest;
  const [account] = await signer.getAccounts();
  if (!account) throw new Error("signer has no account");
  const from = account.address;
  const client = await SigningStargateClient.offline(signer);
  const state = await accountOf(running(network)[0] as NetworkNode, from);
  let sequence = state.sequence;
  const committed: Committed[] = [];
  let paid = 0n;

  async function sign(amount: bigint): Promise<Uint8Array> {
    const coins = (value: bigint) => [{ denom, amount: value.toString() }];
    const message = {
      typeUrl: "/cosmos.bank.v1beta1.MsgSend",
      value: { fromAddress: from, toAddress: to, amount: coins(amount) },
    };
    const fee = { amount: coins(FEE), gas: GAS.toString() };
    const at = { chainId, accountNumber: state.accountNumber, sequence: Number(sequence) };
    const { bodyBytes, authInfoBytes, signatures } = await client.sign(from, [message], fee, "", at);
    return TxRaw.encode({ bodyBytes, authInfoBytes, signatures }).finish();
  }

  return {
    committed,
    get paid() {
      return paid;
    },
    async pay(amount, timeoutMs) {
      const bytes = await sign(amount);
      const hash = createHash("sha256").update(bytes).digest("hex").toUpperCase();
      const height = await until(`payment ${hash} is in a block`, timeoutMs, async () => {
        const found = await findTx(network, hash);
        if (found !== undefined) return found;
        // The same bytes to everybody: a node that knows them says so, and no node can take them twice.
        await Promise.allSettled(running(network).map(({ rpc }) => rpc.broadcastTxSync(bytes)));
        await sleep(200);
        return undefined;
      });
      sequence++;
      paid += amount;
      committed.push({ hash, height });
      return { hash, height };
    },
  };
}

const running = (network: Network): readonly NetworkNode[] => network.nodes.filter((node) => node.running);

/** The height of a transaction that succeeded, from any node that knows it. Throws when it failed. */
async function findTx(network: Network, hash: string): Promise<bigint | undefined> {
  const answers = await Promise.allSettled(running(network).map(({ rpc }) => rpc.tx(hash)));
  for (const answer of answers) {
    if (answer.status === "rejected") continue;
    const { code, log } = answer.value.tx_result;
    if (code !== 0) throw new Error(`payment ${hash} failed with code ${code}: ${log}`);
    return BigInt(answer.value.height);
  }
  return undefined;
}

/** Two sides of payments, and what both had before. */
export interface Sides {
  readonly from: string;
  readonly to: string;
  readonly fromHad: bigint;
  readonly toHad: bigint;
  readonly denom: string;
}

/** The buyer pays the seller, from what both own at genesis. */
export const sidesOf = (network: Network, { buyer, seller }: Firms): Sides => ({
  from: buyer.address,
  to: seller.address,
  fromHad: FIRM_OWNS,
  toHad: FIRM_OWNS,
  denom: network.manifest.denom,
});

/**
 * Nothing that was committed is lost: every node knows every payment at its height. And nothing was paid twice: the
 * balances are exact.
 */
export async function checkPayments(nodes: readonly NetworkNode[], payer: Payer, sides: Sides): Promise<void> {
  for (const { rpc, spec } of nodes) {
    for (const { hash, height } of payer.committed) {
      const found = await rpc.tx(hash);
      if (BigInt(found.height) !== height)
        throw new Error(`${spec.name} has ${hash} at ${found.height}, want ${height}`);
    }
  }
  await checkBalances(nodes, payer, sides);
}

/** The balances of both sides are what the payments and their fees say, to the last unit. */
export async function checkBalances(nodes: readonly NetworkNode[], payer: Payer, sides: Sides): Promise<void> {
  const { from, to, fromHad, toHad, denom } = sides;
  const balances = [
    [from, fromHad - payer.paid - FEE * BigInt(payer.committed.length)],
    [to, toHad + payer.paid],
  ] as const;
  for (const node of nodes) {
    for (const [address, wanted] of balances) {
      const found = await balanceOf(node, address, denom);
      if (found !== wanted) throw new Error(`${node.spec.name}: balance of ${address} is ${found}, want ${wanted}`);
    }
  }
}

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "@cosmjs/proto-signing";
import {
  AminoTypes,
  assertIsDeliverTxSuccess,
  createDefaultAminoConverters,
  defaultRegistryTypes,
  SigningStargateClient,
} from "@cosmjs/stargate";
import {
  aminoConverters,
  aminoOnly,
  combineMultisig,
  connect,
  createMultisig,
  draftMultisig,
  generateMnemonic,
  isError,
  registryTypes,
  type SigningClient,
  signMultisig,
  walletFromMnemonic,
} from "@interfirm/client";
import type { NetworkNode } from "../network.ts";
import type { Scenario } from "./scenario.ts";

const PAYMENTS = 500;
const PAYMENTS_BOUNDED = 200;

/**
 * One account pays hundreds of times at once through four endpoints, of which the one in use dies and comes back.
 * Every payment is made once, the watcher tells of each once, and a proof says the same as the node.
 */
const parallel: Scenario = {
  name: "hundreds of parallel payments of one account while its node is killed",
  slice: true,
  timeoutMs: 240_000,
  async run({ openNetwork, say, bounded }) {
    const { network, firms } = await openNetwork({ validators: 4 });
    const { denom } = network.manifest;
    const endpoints = network.validators.map(({ rpc }) => rpc.url);
    const reader = await connect(endpoints[1] as string);
    const trust = await reader.trustRoot();
    reader.close();
    const client = await connect(endpoints, { signer: firms.buyer, trust });
    const stop = new AbortController();
    try {
      const payee = await walletFromMnemonic(generateMnemonic(), { prefix: client.chain.prefix });
      const told = watchTransfers(client, payee.address, stop.signal);
      const count = bounded ? PAYMENTS_BOUNDED : PAYMENTS;
      const pay = () =>
        client.bank.send({ toAddress: payee.address, amount: [{ denom, amount: 1n }] }, { timeoutMs: 120_000 });
      const paying = Promise.all(Array.from({ length: count }, pay));

      await sleep(1_500);
      const first = network.validators[0] as NetworkNode;
      await first.kill("both");
      say(`${first.spec.name} killed, the client goes on with ${client.rpc.endpoint().url}`);
      await first.start();

      const results = await paying;
      const heights = new Set(results.map(({ height }) => height));
      const last = [...heights].sort((a, b) => Number(a - b)).at(-1) as bigint;
      assert.equal(new Set(results.map(({ txHash }) => txHash)).size, count);
      assert.equal(await client.balance(payee.address, denom), BigInt(count));
      const proven = await client.verified.balance(payee.address, denom, { height: last });
      assert.equal(proven.value, BigInt(count));
      const absent = await client.verified.agreement(999n).catch((error) => error);
      // An empty store has no proof; a filled one proves that the agreement is not there.
      assert.ok(absent.value === undefined || isError(absent, "client", "badProof"));
      stop.abort();
      assert.equal(await told, count);
      say(`${count} payments in ${heights.size} blocks, each told once, proven at ${last}`);
    } finally {
      stop.abort();
      client.close();
    }
  },
};

/** Counts the payee's transfers, from the beginning of the chain on; they must come in order. */
async function watchTransfers(client: SigningClient, payee: string, signal: AbortSignal): Promise<number> {
  let count = 0;
  let before = { height: 0n, index: -1 };
  for await (const { height, index, raw } of client.watch({ fromHeight: 1n, signal })) {
    assert.ok(height > before.height || (height === before.height && index > before.index), "events out of order");
    before = { height, index };
    const isTransfer = raw.type === "transfer";
    if (isTransfer && raw.attributes.some(({ key, value }) => key === "recipient" && value === payee)) count++;
  }
  return count;
}

/** CosmJS without a line of ours, then with our types; every way of signing. */
const cosmjs: Scenario = {
  name: "stock CosmJS, amino and multisig",
  slice: true,
  timeoutMs: 120_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({ validators: 1 });
    const { denom } = network.manifest;
    const endpoint = (network.validators[0] as NetworkNode).rpc.url;
    const { buyer, seller } = firms;
    const fee = { amount: [{ denom, amount: "4000" }], gas: "200000" };
    const poll = { broadcastPollIntervalMs: 300 };

    for (const [mode, signer] of [["direct", buyer] as const, ["amino", aminoOnly(buyer)] as const]) {
      const stock = await SigningStargateClient.connectWithSigner(endpoint, signer, poll);
      const coins = [{ denom, amount: "5" }];
      assertIsDeliverTxSuccess(await stock.sendTokens(buyer.address, seller.address, coins, fee, "tea & <cake>"));

      const ours = await SigningStargateClient.connectWithSigner(endpoint, signer, {
        ...poll,
        registry: new Registry([...defaultRegistryTypes, ...registryTypes]),
        aminoTypes: new AminoTypes({ ...createDefaultAminoConverters(), ...aminoConverters }),
      });
      const terms = { payer: buyer.address, payee: seller.address, price: { denom, amount: "7" } };
      const value = { ...terms, termsHash: new Uint8Array(32).fill(1), deadlineHeight: 1_000n };
      const proposal = { typeUrl: "/interfirm.agreements.v1.MsgPropose", value };
      assertIsDeliverTxSuccess(await ours.signAndBroadcast(buyer.address, [proposal], fee));
      say(`${mode}: a payment and a proposal`);
    }

    const client = await connect(endpoint, { signer: buyer });
    try {
      const members = [buyer, seller];
      const board = createMultisig({
        threshold: 2,
        pubkeys: members.map(({ pubkey }) => pubkey),
        prefix: client.chain.prefix,
      });
      await client.bank.send({ toAddress: board.address, amount: [{ denom, amount: 10_000n }] });
      const pay = client.msgs.bank.send({
        fromAddress: board.address,
        toAddress: seller.address,
        amount: [{ denom, amount: 3n }],
      });
      const draft = await draftMultisig(client, board, [pay], { gas: 200_000n, fee: [{ denom, amount: 4_000n }] });
      const signatures = await Promise.all(members.map((member) => signMultisig(draft, member, member.address)));
      const { gasUsed } = await client.broadcast(combineMultisig(board, draft, signatures));
      assert.equal(await client.balance(board.address, denom), 5_997n);
      say(`multisig: a payment for ${gasUsed} gas`);
    } finally {
      client.close();
    }
  },
};

export const scenarios = [parallel, cosmjs];

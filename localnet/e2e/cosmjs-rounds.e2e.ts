/** Stock CosmJS on a chain that is made as its own test chain is: 21 accounts, one coin for stake and one for fees. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { createMultisigThresholdPubkey, encodeSecp256k1Pubkey, pubkeyToAddress } from "@cosmjs/amino";
import { fromBech32, toBech32 } from "@cosmjs/encoding";
import { decodeTxRaw, encodePubkey, type OfflineSigner } from "@cosmjs/proto-signing";
import {
  coin,
  coins,
  type DeliverTxResponse,
  GasPrice,
  makeMultisignedTxBytes,
  SigningStargateClient,
} from "@cosmjs/stargate";
import { aminoOnly, generateMnemonic, type Wallet, walletFromMnemonic } from "@interfirm/client";
import { checkAppHashes } from "../checks.ts";
import { interfirmd } from "../homes.ts";
import type { NetworkNode } from "../network.ts";
import { until } from "../wait.ts";
import type { Scenario } from "./scenario.ts";

const CHAIN = { chainId: "simd-testing", prefix: "cosmos", denom: "ustake" } as const;
const FEE_DENOM = "ucosm";
const PRICE = `0.01${FEE_DENOM}`;
const FEE = { amount: coins(2_000, FEE_DENOM), gas: "200000" };
/** Beside the validator and the two firms of every home. */
const ACCOUNTS = 18;
const SIGNERS = 5;
const THRESHOLD = 2;

/** Who acts in a round, and on what. */
interface Cast {
  readonly node: NetworkNode;
  /** They own both coins at genesis, and together a multisig account. */
  readonly owners: readonly Wallet[];
  readonly multisig: ReturnType<typeof createMultisigThresholdPubkey>;
}

const rounds: Scenario = {
  name: "stock CosmJS plays its rounds on a chain of two coins, before and after a crash",
  slice: false,
  timeoutMs: 240_000,
  async run({ openHome, say }) {
    const node = await openHome({ chain: CHAIN });
    const mnemonic = generateMnemonic();
    const indexes = Array.from({ length: ACCOUNTS - 1 }, (_, index) => index);
    const wallets = await Promise.all(
      indexes.map((index) => walletFromMnemonic(mnemonic, { prefix: CHAIN.prefix, index })),
    );
    const owners = wallets.slice(0, SIGNERS);
    const keys = owners.map(({ pubkey }) => encodeSecp256k1Pubkey(pubkey));
    const multisig = createMultisigThresholdPubkey(keys, THRESHOLD);
    const addresses = [...wallets.map(({ address }) => address), pubkeyToAddress(multisig, CHAIN.prefix)];
    for (const address of addresses) {
      const owned = `2000000000${CHAIN.denom},1000000000${FEE_DENOM}`;
      await interfirmd("genesis", "add-genesis-account", address, owned, "--home", node.spec.home);
    }
    const cast: Cast = { node, owners, multisig };
    for (let round = 1; round <= 2; round++) {
      await node.start({ flags: ["--minimum-gas-prices", PRICE] });
      await node.untilHeight((await heightOf(node)) + 2n, 30_000);
      await operate(cast);
      await pay(cast);
      await payTogether(cast);
      await fail(cast);
      await checkAppHashes([node]);
      say(`round ${round}: validators, payments, a shared account and failures are what CosmJS takes them for`);
      await node.kill("both");
    }
  },
};

/** 0 while the node does not answer. */
const heightOf = (node: NetworkNode): Promise<bigint> => node.height().catch(() => 0n);

const clientOf = ({ node }: Cast, signer: OfflineSigner): Promise<SigningStargateClient> =>
  SigningStargateClient.connectWithSigner(node.rpc.url, signer, {
    broadcastPollIntervalMs: 200,
    broadcastTimeoutMs: 20_000,
    gasPrice: GasPrice.fromString(PRICE),
  });

const newWallet = (): Promise<Wallet> => walletFromMnemonic(generateMnemonic(), { prefix: CHAIN.prefix });

function delivered(result: DeliverTxResponse): DeliverTxResponse {
  assert.equal(result.code, 0, result.rawLog);
  assert.equal(result.rawLog, "");
  return result;
}

/** Validators without power come and are edited, signed for in either mode. */
async function operate(cast: Cast): Promise<void> {
  const [funder] = cast.owners as [Wallet];
  const client = await clientOf(cast, funder);
  for (const only of [(wallet: Wallet): OfflineSigner => wallet, aminoOnly]) {
    const wallet = await newWallet();
    const { address } = wallet;
    const both = [coin(15_000, FEE_DENOM), coin(28, CHAIN.denom)];
    delivered(await client.sendTokens(funder.address, address, both, "auto"));
    const operator = await clientOf(cast, only(wallet));
    const send = async (name: string, value: object) =>
      delivered(await operator.signAndBroadcast(address, [{ typeUrl: `/cosmos.staking.v1beta1.${name}`, value }], FEE));
    const validatorAddress = toBech32(`${CHAIN.prefix}valoper`, fromBech32(address).data);
    // None of them empty: CosmJS signs empty ones, too, which amino JSON leaves out.
    const description = {
      moniker: "<me> & you",
      identity: "AABB1234",
      website: "example.com",
      details: "?",
      securityContact: "me",
    };
    await send("MsgCreateValidator", {
      description,
      commission: { rate: "100000000000000000", maxRate: "200000000000000000", maxChangeRate: "10000000000000000" },
      minSelfDelegation: "1",
      delegatorAddress: address,
      validatorAddress,
      pubkey: encodePubkey({ type: "tendermint/PubKeyEd25519", value: randomBytes(32).toString("base64") }),
      value: coin(3, CHAIN.denom),
    });
    // Empty: as it was.
    for (const minSelfDelegation of ["", "3"]) {
      await send("MsgEditValidator", { description, validatorAddress, minSelfDelegation, commissionRate: "" });
    }
  }
}

/** A payment in the coin of fees, found by hash, by height and by what was done. */
async function pay(cast: Cast): Promise<void> {
  const [, payer] = cast.owners as [Wallet, Wallet];
  const memo = "ampersand:&,lt:<,gt:>";
  for (const signer of [payer, aminoOnly(payer)]) {
    const client = await clientOf(cast, signer);
    const { address: to } = await newWallet();
    const paid = delivered(await client.sendTokens(payer.address, to, coins(7_890, FEE_DENOM), 1.5, memo));
    assert.deepEqual(
      paid.msgResponses.map(({ typeUrl }) => typeUrl),
      ["/cosmos.bank.v1beta1.MsgSendResponse"],
    );
    const found = await client.getTx(paid.transactionHash);
    assert.deepEqual([found?.code, found?.height, found?.txIndex], [0, paid.height, paid.txIndex]);
    assert.equal(found && decodeTxRaw(found.tx).body.memo, memo);
    const action = `message.action = '/cosmos.bank.v1beta1.MsgSend' AND message.sender = '${payer.address}'`;
    for (const query of [`tx.height = ${paid.height}`, `transfer.recipient = '${to}'`, action]) {
      const hashes = (await client.searchTx(query)).map(({ hash }) => hash);
      assert.equal(hashes.at(-1), paid.transactionHash, query);
    }
    await client.signAndBroadcastSync(payer.address, [sending(payer.address, to, 1)], FEE);
    await until("the second payment arrives", 10_000, async () =>
      (await client.getBalance(to, FEE_DENOM)).amount === "7891" ? true : undefined,
    );
  }
}

const sending = (fromAddress: string, toAddress: string, amount: number, denom: string = FEE_DENOM) => ({
  typeUrl: "/cosmos.bank.v1beta1.MsgSend",
  value: { fromAddress, toAddress, amount: coins(amount, denom) },
});

/** Three sign for an account of which two of five dispose. */
async function payTogether(cast: Cast): Promise<void> {
  const [funder] = cast.owners as [Wallet];
  const client = await clientOf(cast, funder);
  const from = pubkeyToAddress(cast.multisig, CHAIN.prefix);
  const { address: to } = await newWallet();
  const { accountNumber, sequence } = await client.getSequence(from);
  const at = { accountNumber, sequence, chainId: CHAIN.chainId };
  const signatures = new Map<string, Uint8Array>();
  let body = new Uint8Array();
  for (const owner of cast.owners.slice(1, 4)) {
    const offline = await SigningStargateClient.offline(aminoOnly(owner));
    const signed = await offline.sign(owner.address, [sending(from, to, 1_234)], FEE, "together", at);
    signatures.set(owner.address, signed.signatures[0] as Uint8Array);
    body = Uint8Array.from(signed.bodyBytes);
  }
  delivered(await client.broadcastTx(makeMultisignedTxBytes(cast.multisig, sequence, FEE, body, signatures)));
  assert.deepEqual(await client.getBalance(to, FEE_DENOM), coin(1_234, FEE_DENOM));
}

/** One who pays more than there is pays the fee only; the record says what was wanted, used and refused. */
async function fail(cast: Cast): Promise<void> {
  const [, , payer] = cast.owners as [Wallet, Wallet, Wallet];
  const client = await clientOf(cast, payer);
  const before = BigInt((await client.getBalance(payer.address, FEE_DENOM)).amount);
  const { address: to } = await newWallet();
  const tooMuch = sending(payer.address, to, Number.MAX_SAFE_INTEGER, CHAIN.denom);
  const failed = await client.signAndBroadcast(payer.address, [sending(payer.address, to, 5), tooMuch], FEE);
  assert.equal(failed.code, 5);
  assert.match(failed.rawLog ?? "", /^failed to execute message; message index: 1: .*: insufficient funds$/);
  assert.deepEqual([failed.gasWanted, failed.msgResponses.length], [200_000n, 0]);
  assert.ok(failed.gasUsed > 40_000n && failed.gasUsed <= failed.gasWanted, `${failed.gasUsed} gas`);
  assert.equal((await client.getTx(failed.transactionHash))?.code, 5);
  assert.deepEqual(await client.getBalance(to, FEE_DENOM), coin(0, FEE_DENOM));
  assert.equal(before - BigInt((await client.getBalance(payer.address, FEE_DENOM)).amount), 2_000n);
}

export const scenarios = [rounds];

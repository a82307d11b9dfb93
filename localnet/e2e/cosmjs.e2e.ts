import assert from "node:assert/strict";
import {
  BroadcastTxError,
  coin,
  coins,
  type DeliverTxResponse,
  GasPrice,
  QueryClient,
  SigningStargateClient,
  setupAuthExtension,
  setupAuthzExtension,
  setupBankExtension,
  setupDistributionExtension,
  setupFeegrantExtension,
  setupGovExtension,
  setupMintExtension,
  setupSlashingExtension,
  setupStakingExtension,
  setupTxExtension,
  TimeoutError,
} from "@cosmjs/stargate";
import { connectComet } from "@cosmjs/tendermint-rpc";
import { aminoOnly, generateMnemonic, type Wallet, walletFromMnemonic } from "@interfirm/client";
import { GenericAuthorization } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { MsgSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { BasicAllowance } from "@interfirm/proto/gen/cosmos/feegrant/v1beta1";
import { TextProposal, VoteOption } from "@interfirm/proto/gen/cosmos/gov/v1beta1";
import { TxRaw } from "@interfirm/proto/gen/cosmos/tx/v1beta1";
import type { NetworkNode } from "../network.ts";
import type { Scenario } from "./scenario.ts";

const CHAIN = { chainId: "simd-testing", prefix: "cosmos", denom: "ustake" } as const;
const FEE = { amount: coins(20_000, CHAIN.denom), gas: "2000000" };
const OPTIONS = {
  broadcastPollIntervalMs: 300,
  broadcastTimeoutMs: 20_000,
  gasPrice: GasPrice.fromString(`0.01${CHAIN.denom}`),
};

/** One who signs, in direct and in amino mode, and what CosmJS' queries say. */
interface Tester {
  readonly endpoint: string;
  readonly address: string;
  readonly direct: SigningStargateClient;
  readonly amino: SigningStargateClient;
  readonly query: Awaited<ReturnType<typeof queries>>;
  /** The first validator and another. */
  readonly operators: readonly [string, string];
}

const queries = async (endpoint: string) =>
  QueryClient.withExtensions(
    await connectComet(endpoint),
    setupAuthExtension,
    setupBankExtension,
    setupStakingExtension,
    setupDistributionExtension,
    setupGovExtension,
    setupMintExtension,
    setupSlashingExtension,
    setupTxExtension,
    setupAuthzExtension,
    setupFeegrantExtension,
  );

/** What CosmJS' own tests ask of the Go SDK's simapp, of a chain made as they make theirs. */
const suite: Scenario = {
  name: "stock CosmJS stakes, governs, grants and reads",
  slice: true,
  timeoutMs: 240_000,
  async run({ openNetwork, say }) {
    const { network, firms } = await openNetwork({
      validators: 2,
      chain: CHAIN,
      params: { gov: { min_deposit: [{ denom: CHAIN.denom, amount: "10000000" }] } },
    });
    const endpoint = (network.validators[0] as NetworkNode).rpc.url;
    const query = await queries(endpoint);
    const { validators } = await query.staking.validators("BOND_STATUS_BONDED");
    const [first, second] = validators.map(({ operatorAddress }) => operatorAddress);
    assert.ok(first && second);
    const tester = async (wallet: Wallet): Promise<Tester> => ({
      endpoint,
      address: wallet.address,
      direct: await SigningStargateClient.connectWithSigner(endpoint, wallet, OPTIONS),
      amino: await SigningStargateClient.connectWithSigner(endpoint, aminoOnly(wallet), OPTIONS),
      query,
      operators: [first, second],
    });
    const [buyer, seller] = await Promise.all([tester(firms.buyer), tester(firms.seller)]);
    await read(buyer);
    say("parameters, validators and the state at a height are read");
    await Promise.all([stake(buyer), govern(seller)]);
    say("stake is delegated, moved and rewarded; a proposal has votes");
    await Promise.all([transact(buyer), grant(seller)]);
    say("transactions are found, failures typed; grants, allowances and vesting accounts work");
  },
};

function delivered(result: DeliverTxResponse): DeliverTxResponse {
  assert.equal(result.code, 0, result.rawLog);
  return result;
}

const send = async (client: SigningStargateClient, signer: string, typeUrl: string, value: unknown) =>
  delivered(await client.signAndBroadcast(signer, [{ typeUrl, value }], FEE));

async function read({ query, direct, address, operators: [operator] }: Tester): Promise<void> {
  assert.equal(await direct.getChainId(), CHAIN.chainId);
  assert.equal((await direct.getAccount(address))?.sequence, 0);
  await assert.rejects(query.auth.account(`${CHAIN.prefix}1p79apjaufyphcmsn4g07cynqf0wyjuezqu84hd`), /not found/);
  const mint = await query.mint.params();
  assert.deepEqual([`${mint.goalBonded}`, `${mint.inflationMax}`, mint.mintDenom], ["0.67", "0.2", CHAIN.denom]);
  assert.ok((await query.mint.inflation()).toFloatApproximation() > 0.12);
  assert.equal((await query.slashing.signingInfos()).info.length, 2);
  const text = new TextDecoder();
  const { tallyParams } = await query.gov.params("tallying");
  assert.deepEqual(
    [tallyParams.quorum, tallyParams.threshold, tallyParams.vetoThreshold].map((share) => text.decode(share)),
    ["334000000000000000", "500000000000000000", "334000000000000000"],
  );
  const { validator } = await query.staking.validator(operator);
  assert.equal(validator?.commission.commissionRates.rate, "100000000000000000");
  const { hist } = await query.staking.historicalInfo(1);
  assert.deepEqual([hist?.header?.chainId, hist?.valset.length], [CHAIN.chainId, 2]);
  assert.equal((await query.bank.supplyOf("gintonic")).amount, "0");
  await assert.rejects(query.bank.denomMetadata("gintonic"), /code = NotFound/i);
}

async function stake({ query, direct, amino, address, operators }: Tester): Promise<void> {
  const [operator, other] = operators;
  const delegate = {
    typeUrl: "/cosmos.staking.v1beta1.MsgDelegate",
    value: { delegatorAddress: address, validatorAddress: operator, amount: coin(25_000, CHAIN.denom) },
  };
  const gas = await direct.simulate(address, [delegate], "");
  assert.ok(gas > 101_000 && gas < 200_000, `delegating takes ${gas} gas, want that of the SDK`);
  const staking = "/cosmos.staking.v1beta1.Msg";
  for (const client of [direct, amino]) {
    const of = { delegatorAddress: address, validatorAddress: operator };
    await send(client, address, delegate.typeUrl, delegate.value);
    await send(client, address, `${staking}Undelegate`, { ...of, amount: coin(100, CHAIN.denom) });
    const { unbond } = await query.staking.unbondingDelegation(address, operator);
    const { creationHeight } = unbond?.entries.at(-1) ?? assert.fail("no entry");
    const cancel = { ...of, amount: coin(40, CHAIN.denom), creationHeight };
    // CosmJS has no amino form of it.
    await send(direct, address, `${staking}CancelUnbondingDelegation`, cancel);
    const redelegation = {
      validatorSrcAddress: operator,
      validatorDstAddress: other,
      amount: coin(1_000, CHAIN.denom),
    };
    await send(client, address, `${staking}BeginRedelegate`, { delegatorAddress: address, ...redelegation });
    const withdrawal = await send(client, address, "/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward", of);
    assert.ok(withdrawal.events.some(({ type }) => type === "withdraw_rewards"));
  }
  assert.deepEqual(await direct.getDelegation(address, operator), coin(47_880, CHAIN.denom));
  assert.deepEqual(await direct.getBalanceStaked(address), coin(49_880, CHAIN.denom));
  assert.equal((await query.staking.redelegations(address, operator, other)).redelegationResponses.length, 1);
  assert.equal((await query.distribution.delegationTotalRewards(address)).rewards.length, 2);
  await assert.rejects(query.staking.redelegations(address, operator, operator), /redelegation not found/i);
}

async function govern({ query, direct, amino, address, operators: [operator] }: Tester): Promise<void> {
  // Before the proposal, for the power of a vote is that of the start of voting.
  const delegation = { delegatorAddress: address, validatorAddress: operator, amount: coin(424_242, CHAIN.denom) };
  await send(direct, address, "/cosmos.staking.v1beta1.MsgDelegate", delegation);
  const content = {
    typeUrl: "/cosmos.gov.v1beta1.TextProposal",
    value: TextProposal.encode(TextProposal.fromPartial({ title: "Tea", description: "Drink more" })).finish(),
  };
  const gov = "/cosmos.gov.v1beta1.Msg";
  for (const client of [direct, amino]) {
    const initialDeposit = coins(12_300_000, CHAIN.denom);
    const made = await send(client, address, `${gov}SubmitProposal`, { content, proposer: address, initialDeposit });
    const { attributes } = made.events.find(({ type }) => type === "submit_proposal") ?? assert.fail("no event");
    const id = attributes.find(({ key }) => key === "proposal_id")?.value ?? assert.fail("no id");
    const { proposal } = await query.gov.proposal(id);
    assert.deepEqual({ ...proposal.content }, content);
    const of = { proposalId: BigInt(id), voter: address };
    await send(client, address, `${gov}Vote`, { ...of, option: VoteOption.VOTE_OPTION_YES });
    assert.deepEqual((await query.gov.tally(id)).tally, { yes: "424242", abstain: "0", no: "0", noWithVeto: "0" });
    const options = [
      { option: VoteOption.VOTE_OPTION_YES, weight: "700000000000000000" },
      { option: VoteOption.VOTE_OPTION_NO, weight: "300000000000000000" },
    ];
    await send(client, address, `${gov}VoteWeighted`, { ...of, options });
    assert.deepEqual((await query.gov.vote(id, address)).vote.options, options);
    const deposit = { proposalId: BigInt(id), depositor: address, amount: coins(200_000, CHAIN.denom) };
    await send(client, address, `${gov}Deposit`, deposit);
    assert.deepEqual((await query.gov.deposit(id, address)).deposit?.amount, coins(12_500_000, CHAIN.denom));
  }
}

async function transact({ query, direct, address }: Tester): Promise<void> {
  const { address: payee } = await newWallet();
  const paid = delivered(await direct.sendTokens(address, payee, coins(7_890, CHAIN.denom), "auto", "for dinner"));
  const tx = await query.tx.getTx(paid.transactionHash);
  assert.equal(tx.tx?.body?.memo, "for dinner");
  const found = await direct.searchTx([{ key: "transfer.recipient", value: payee }]);
  assert.deepEqual([found.length, found[0]?.hash], [1, paid.transactionHash]);
  assert.equal(await direct.getTx("0".repeat(64)), null);

  const all = { fromAddress: address, toAddress: payee, amount: coins(Number.MAX_SAFE_INTEGER, CHAIN.denom) };
  const tooMuch = await direct.signAndBroadcast(
    address,
    [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: all }],
    FEE,
  );
  assert.equal(tooMuch.code, 5);
  const pay = [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: { ...all, amount: coins(1, CHAIN.denom) } }];
  const late = direct.signAndBroadcast(address, pay, FEE, "", 1n);
  await assert.rejects(late, (error) => error instanceof BroadcastTxError && error.code === 30);
  const signed = TxRaw.encode(TxRaw.fromPartial(await direct.sign(address, pay, FEE, ""))).finish();
  await assert.rejects(direct.broadcastTx(signed, 50, 20), TimeoutError);
}

async function grant({ endpoint, query, direct, amino, address }: Tester): Promise<void> {
  const wallet = await newWallet();
  const grantee = wallet.address;
  const msgSend = "/cosmos.bank.v1beta1.MsgSend";
  const authorization = {
    typeUrl: "/cosmos.authz.v1beta1.GenericAuthorization",
    value: GenericAuthorization.encode(GenericAuthorization.fromPartial({ msg: msgSend })).finish(),
  };
  await send(direct, address, "/cosmos.authz.v1beta1.MsgGrant", {
    granter: address,
    grantee,
    grant: { authorization },
  });
  assert.equal((await query.authz.granteeGrants(grantee)).grants[0]?.authorization?.typeUrl, authorization.typeUrl);
  const allowance = {
    typeUrl: "/cosmos.feegrant.v1beta1.BasicAllowance",
    value: BasicAllowance.encode(BasicAllowance.fromPartial({})).finish(),
  };
  const ofFees = { granter: address, grantee, allowance };
  await send(direct, address, "/cosmos.feegrant.v1beta1.MsgGrantAllowance", ofFees);
  assert.equal((await query.feegrant.allowance(address, grantee)).allowance?.granter, address);

  // The grantee has one coin: it moves what the granter owns, and the granter pays the fee.
  delivered(await direct.sendTokens(address, grantee, coins(1, CHAIN.denom), "auto"));
  const { address: payee } = await newWallet();
  const value = MsgSend.encode(
    MsgSend.fromPartial({ fromAddress: address, toAddress: payee, amount: [{ denom: CHAIN.denom, amount: 400n }] }),
  ).finish();
  const exec = { typeUrl: "/cosmos.authz.v1beta1.MsgExec", value: { grantee, msgs: [{ typeUrl: msgSend, value }] } };
  const client = await SigningStargateClient.connectWithSigner(endpoint, wallet, OPTIONS);
  delivered(await client.signAndBroadcast(grantee, [exec], { ...FEE, granter: address }));
  assert.deepEqual(await direct.getBalance(payee, CHAIN.denom), coin(400, CHAIN.denom));
  assert.deepEqual(await direct.getBalance(grantee, CHAIN.denom), coin(1, CHAIN.denom));

  for (const client of [direct, amino]) {
    const { address: toAddress } = await newWallet();
    const vesting = { fromAddress: address, toAddress, amount: coins(1_234, CHAIN.denom), endTime: 1_838_718_434n };
    const typeUrl = "/cosmos.vesting.v1beta1.MsgCreateVestingAccount";
    await send(client, address, typeUrl, { ...vesting, delayed: true });
    assert.equal((await direct.getAccount(toAddress))?.sequence, 0);
  }
}

const newWallet = (): Promise<Wallet> => walletFromMnemonic(generateMnemonic(), { prefix: CHAIN.prefix });

export const scenarios = [suite];

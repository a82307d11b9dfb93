/** Governance on the real application: stake, proposals in signed transactions, counts at the end of blocks. */
import { addressToBytes, bytesToAddress, moduleAddress, validatorPrefix } from "@interfirm/modules/kernel/address";
import type { Event } from "@interfirm/modules/kernel/context";
import { GenericAuthorization, MsgExec, MsgGrant } from "@interfirm/proto/gen/cosmos/authz/v1beta1";
import { Query as BankQuery, MsgUpdateParams as MsgUpdateBankParams } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import { MsgFundCommunityPool } from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import {
  MsgCancelProposal,
  MsgDeposit,
  MsgSubmitProposal,
  MsgVote,
  ProposalStatus,
  Query,
  VoteOption,
} from "@interfirm/proto/gen/cosmos/gov/v1";
import {
  MsgSubmitProposal as MsgSubmitText,
  Query as OldQuery,
  TextProposal,
} from "@interfirm/proto/gen/cosmos/gov/v1beta1";
import {
  MsgBeginRedelegate,
  MsgCreateValidator,
  MsgDelegate,
  MsgUndelegate,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { MsgRetryProposal, Query as OwnQuery } from "@interfirm/proto/gen/interfirm/governance/v1";
import type { ResponseFinalizeBlock } from "@interfirm/proto/gen/tendermint/abci";
import { afterAll, beforeAll, expect, test } from "vitest";
import { message } from "./accounts.ts";
import { TestChain } from "./chain.ts";

const coin = (amount: bigint) => ({ denom: "ufirm", amount });
const DEPOSIT = [coin(10_000_000n)];
const GOV = moduleAddress("gov", "firm");
const SERVICE = "cosmos.gov.v1.Query";
const { VOTE_OPTION_YES: YES, VOTE_OPTION_NO: NO } = VoteOption;
/** Blocks are a second apart. */
const GOV_STATE = {
  starting_proposal_id: "1",
  params: {
    min_deposit: [{ denom: "ufirm", amount: "10000000" }],
    expedited_min_deposit: [{ denom: "ufirm", amount: "50000000" }],
    max_deposit_period: "10s",
    voting_period: "5s",
    expedited_voting_period: "2s",
    quorum: "0.334000000000000000",
    threshold: "0.500000000000000000",
    expedited_threshold: "0.667000000000000000",
    veto_threshold: "0.334000000000000000",
    min_initial_deposit_ratio: "0.000000000000000000",
    proposal_cancel_ratio: "0.500000000000000000",
    min_deposit_ratio: "0.010000000000000000",
  },
  constitution: "Firms trade here.",
};

let chain: TestChain;
const operatorOf = (name: string): string =>
  bytesToAddress(addressToBytes(chain.address(name), "firm"), validatorPrefix("firm"));

beforeAll(async () => {
  const rich = [coin(1_000_000_000n)];
  chain = await TestChain.start({
    accounts: { alice: rich, bob: rich, carol: rich, dave: rich },
    appState: { gov: GOV_STATE },
    invariantPeriod: 1n,
  });
  const validator = (name: string, key: number, amount: bigint) =>
    chain.tx(
      name,
      [
        message(MsgCreateValidator, {
          description: { moniker: name },
          commission: { rate: 10n ** 17n, maxRate: 2n * 10n ** 17n, maxChangeRate: 10n ** 16n },
          minSelfDelegation: 1n,
          validatorAddress: operatorOf(name),
          pubkey: message(PubKey, { key: new Uint8Array(32).fill(key) }),
          value: coin(amount),
        }),
      ],
      { gas: 1_000_000n },
    );
  await expectSuccess([validator("alice", 31, 300_000_000n), validator("bob", 32, 200_000_000n)]);
  await expectSuccess([delegate("carol", "alice", 250_000_000n)]);
});
afterAll(() => chain.close());

const delegate = (who: string, to: string, amount: bigint) =>
  chain.tx(
    who,
    [
      message(MsgDelegate, {
        delegatorAddress: chain.address(who),
        validatorAddress: operatorOf(to),
        amount: coin(amount),
      }),
    ],
    { gas: 1_000_000n },
  );

async function expectSuccess(txs: readonly Uint8Array[]): Promise<ResponseFinalizeBlock> {
  const response = await chain.block(txs);
  expect(response.txResults.map(({ code, log }) => [code, log])).toEqual(txs.map(() => [0, ""]));
  return response;
}

const propose = (who: string, list: readonly ReturnType<typeof message>[]) =>
  chain.tx(
    who,
    [
      message(MsgSubmitProposal, {
        proposer: chain.address(who),
        messages: list,
        initialDeposit: DEPOSIT,
        title: "t",
        summary: "s",
        metadata: "m",
      }),
    ],
    { gas: 1_000_000n },
  );
const vote = (who: string, proposalId: bigint, option: VoteOption) =>
  chain.tx(who, [message(MsgVote, { proposalId, voter: chain.address(who), option })]);
const proposal = async (proposalId: bigint) =>
  (await chain.query(SERVICE, Query.methods.proposal, { proposalId })).proposal;
const results = (response: ResponseFinalizeBlock, type: string): readonly (readonly [string, string])[] =>
  (response.events as readonly Event[])
    .filter((event) => event.type === type)
    .map(({ attributes }) => [attributes[0]!.value, attributes[1]!.value]);
const skip = async (blocks: number): Promise<ResponseFinalizeBlock> => {
  for (let i = 1; i < blocks; i++) await chain.block();
  return chain.block();
};

test("a passed proposal changes a parameter, and stake that moved after voting began counts once", async () => {
  const off = message(MsgUpdateBankParams, { authority: GOV, params: { defaultSendEnabled: false } });
  await expectSuccess([propose("alice", [off])]);
  const own = "interfirm.governance.v1.Query";
  const { snapshot } = await chain.query(own, OwnQuery.methods.powerSnapshot, { proposalId: 1n });
  expect(snapshot.bondedTokens).toBe(750_000_000n);
  const powerOf = async (who: string) =>
    (await chain.query(own, OwnQuery.methods.votingPower, { proposalId: 1n, voter: chain.address(who) })).power;
  // Carol votes, moves half of her stake and takes the rest away; Dave delegates and votes with stake of today.
  const half = { delegatorAddress: chain.address("carol"), amount: coin(125_000_000n) };
  const gas = { gas: 1_000_000n };
  await expectSuccess([
    vote("carol", 1n, NO),
    chain.tx(
      "carol",
      [
        message(MsgBeginRedelegate, {
          ...half,
          validatorSrcAddress: operatorOf("alice"),
          validatorDstAddress: operatorOf("bob"),
        }),
      ],
      gas,
    ),
    chain.tx("carol", [message(MsgUndelegate, { ...half, validatorAddress: operatorOf("alice") })], gas),
    delegate("dave", "bob", 400_000_000n),
    vote("dave", 1n, NO),
    vote("alice", 1n, YES),
    vote("bob", 1n, YES),
  ]);
  expect([await powerOf("carol"), await powerOf("dave"), await powerOf("bob")]).toEqual([
    250_000_000n,
    0n,
    200_000_000n,
  ]);
  const { tally } = await chain.query(SERVICE, Query.methods.tallyResult, { proposalId: 1n });
  expect(tally).toMatchObject({ yesCount: "500000000", noCount: "250000000" });
  const last = await skip(4);
  expect(results(last, "active_proposal")).toEqual([["1", "proposal_passed"]]);
  expect(await proposal(1n)).toMatchObject({
    status: ProposalStatus.PROPOSAL_STATUS_PASSED,
    finalTallyResult: { yesCount: "500000000", noCount: "250000000" },
  });
  const { params } = await chain.query("cosmos.bank.v1beta1.Query", BankQuery.methods.params, {});
  expect(params.defaultSendEnabled).toBe(false);
  await expect(chain.query(own, OwnQuery.methods.powerSnapshot, { proposalId: 1n })).rejects.toThrow(
    "inactive proposal",
  );
});

test("a failed proposal says why, and can be executed again", async () => {
  const fund = message(MsgFundCommunityPool, { depositor: GOV, amount: [coin(1n)] });
  await expectSuccess([propose("alice", [fund])]);
  await expectSuccess([vote("alice", 2n, YES), vote("bob", 2n, YES)]);
  const last = await skip(4);
  expect(results(last, "active_proposal")).toEqual([["2", "proposal_failed"]]);
  const failed = await proposal(2n);
  expect(failed?.status).toBe(ProposalStatus.PROPOSAL_STATUS_FAILED);
  expect(failed?.failedReason).toContain("insufficient funds");
  const retry = chain.tx("dave", [message(MsgRetryProposal, { sender: chain.address("dave"), proposalId: 2n })]);
  const { txResults } = await chain.block([retry]);
  expect(txResults[0]).toMatchObject({ codespace: "gov", code: 105 });
});

test("the older form is there for CosmJS", async () => {
  const content = message(TextProposal, { title: "Text", description: "says nothing" });
  const text = message(MsgSubmitText, { content, initialDeposit: [coin(5_000_000n)], proposer: chain.address("bob") });
  await expectSuccess([chain.tx("bob", [text])]);
  const old = "cosmos.gov.v1beta1.Query";
  const { proposals } = await chain.query(old, OldQuery.methods.proposals, {});
  expect(proposals.map(({ proposalId, content: shown }) => [proposalId, shown?.typeUrl])).toEqual([
    [1n, MsgUpdateBankParams.typeUrl],
    [2n, MsgFundCommunityPool.typeUrl],
    [3n, TextProposal.typeUrl],
  ]);
  await expectSuccess([
    chain.tx("carol", [
      message(MsgDeposit, { proposalId: 3n, depositor: chain.address("carol"), amount: [coin(5_000_000n)] }),
    ]),
  ]);
  const { params } = await chain.query(SERVICE, Query.methods.params, { paramsType: "voting" });
  expect(params?.votingPeriod?.seconds).toBe(5n);
  const { constitution } = await chain.query(SERVICE, Query.methods.constitution, {});
  expect(constitution).toBe("Firms trade here.");
});

test("a proposal may cancel another that ends with it, in its proposer's name, and no block stops", async () => {
  const bob = chain.address("bob");
  const grant = { authorization: message(GenericAuthorization, { msg: MsgCancelProposal.typeUrl }) };
  const cancel = message(MsgCancelProposal, { proposalId: 5n, proposer: bob });
  await expectSuccess([chain.tx("bob", [message(MsgGrant, { granter: bob, grantee: GOV, grant })])]);
  await expectSuccess([propose("alice", [message(MsgExec, { grantee: GOV, msgs: [cancel] })]), propose("bob", [])]);
  await expectSuccess([vote("alice", 4n, YES), vote("bob", 4n, YES), vote("alice", 5n, YES)]);
  const last = await skip(4);
  // The older form's text is still voted on.
  expect(results(last, "active_proposal")).toEqual([["4", "proposal_passed"]]);
  await expect(proposal(5n)).rejects.toThrow("doesn't exist");
  await skip(2);
});

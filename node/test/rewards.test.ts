import { addressToBytes, bytesToAddress, validatorPrefix } from "@interfirm/modules/kernel/address";
import type { Coin } from "@interfirm/modules/kernel/coins";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import {
  MsgDepositValidatorRewardsPool,
  MsgFundCommunityPool,
  MsgWithdrawDelegatorReward,
  Query,
} from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { MsgCreateValidator } from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { BlockIDFlag } from "@interfirm/proto/gen/tendermint/types";
import { expect, it } from "vitest";
import { sha256 } from "../crypto/verify.ts";
import { message, send } from "./accounts.ts";
import { TestChain } from "./chain.ts";

const DISTRIBUTION = "cosmos.distribution.v1beta1.Query";
const HUGE = (1n << 255n) - 1n;
const GAS = 1_000_000n;
const KEY = new Uint8Array(32).fill(9);
const evil = (amount: bigint): Coin => ({ denom: "uevil", amount });
const ufirm = (amount: bigint): Coin => ({ denom: "ufirm", amount });

it("amounts of 2^255 in every pool and as fees leave the chain alive and its rewards right", async () => {
  const chain = await TestChain.start({
    accounts: { alice: [ufirm(10n ** 12n)], mallory: [evil(HUGE), ufirm(10n ** 9n)], bob: [ufirm(10n ** 9n)] },
    invariantPeriod: 1n,
  });
  const alice = chain.address("alice");
  const mallory = chain.address("mallory");
  const bob = chain.address("bob");
  const operator = bytesToAddress(addressToBytes(alice, "firm"), validatorPrefix("firm"));
  const create = message(MsgCreateValidator, {
    description: { moniker: "alice" },
    commission: { rate: 10n ** 17n, maxRate: 10n ** 18n, maxChangeRate: 10n ** 16n },
    minSelfDelegation: 1n,
    validatorAddress: operator,
    pubkey: { typeUrl: PubKey.typeUrl, value: PubKey.encode({ key: KEY }).finish() },
    value: ufirm(10n ** 9n),
  });
  const votes = [
    {
      validator: { address: sha256(KEY).subarray(0, 20), power: 1000n },
      blockIdFlag: BlockIDFlag.BLOCK_ID_FLAG_COMMIT,
    },
  ];
  const block = async (txs: readonly Uint8Array[], signed = true) => {
    const request = chain.request(txs);
    const response = await chain.app.handlers.finalizeBlock({
      ...request,
      decidedLastCommit: { round: 0, votes: signed ? votes : [] },
    });
    chain.height++;
    await chain.app.handlers.commit({});
    return response.txResults.map(({ codespace, code, log }) => (code === 0 ? "" : `${codespace}/${code} ${log}`));
  };

  expect(await block([chain.tx("alice", [create], { fee: [], gas: GAS })], false)).toEqual([""]);
  const refused = await block([
    chain.tx("mallory", [message(MsgFundCommunityPool, { depositor: mallory, amount: [evil(HUGE)] })], {
      fee: [],
      gas: GAS,
    }),
    chain.tx(
      "mallory",
      [
        message(MsgDepositValidatorRewardsPool, {
          depositor: mallory,
          validatorAddress: operator,
          amount: [evil(HUGE)],
        }),
      ],
      { fee: [], gas: GAS },
    ),
    chain.tx("mallory", [send(mallory, bob, 1n)], { fee: [evil(HUGE)], gas: GAS }),
  ]);
  expect(refused.map((log) => log.split(" ")[0])).toEqual(["distribution/21", "distribution/21", ""]);
  for (let i = 0; i < 100; i++) {
    expect(await block([chain.tx("bob", [send(bob, mallory, 1n)], { fee: [ufirm(100n)] })])).toEqual([""]);
  }
  await block([]);
  const rewards = await chain.query(DISTRIBUTION, Query.methods.delegationRewards, {
    delegatorAddress: alice,
    validatorAddress: operator,
  });
  // 100 fees of 100, less 2 % for the community pool and a tenth for the operator.
  expect(rewards.rewards).toEqual([ufirm(8820n * 10n ** 18n)]);
  const withdraw = message(MsgWithdrawDelegatorReward, { delegatorAddress: alice, validatorAddress: operator });
  expect(await block([chain.tx("alice", [withdraw], { fee: [], gas: GAS })])).toEqual([""]);
  const { pool } = await chain.query(DISTRIBUTION, Query.methods.communityPool, {});
  expect(pool.map(({ denom }) => denom)).toEqual(["ufirm"]);
  await chain.close();
});

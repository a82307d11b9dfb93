/** A firm stakes, the network decides on a parameter, and the stake earns: the second half of the story. */
import { connect, type SigningClient } from "@interfirm/client/client";
import { walletFromKey } from "@interfirm/client/wallet";
import { ModuleAccount, MsgUpdateParams } from "@interfirm/proto/gen/cosmos/auth/v1beta1";
import { ProposalStatus, VoteOption } from "@interfirm/proto/gen/cosmos/gov/v1";
import { packAny } from "@interfirm/proto/registry";
import { keyOf } from "./homes.ts";
import { type Ledger, tellTx } from "./ledger.ts";
import type { Network } from "./network.ts";
import { until } from "./wait.ts";

export interface GovernanceOptions {
  readonly network: Network;
  readonly buyer: SigningClient;
  readonly ledger: Ledger;
  say(line: string): void;
}

const STAKE = 40_000_000n;
/** More than in the first half: rewards and votes touch more state. Every transaction pays this much. */
const GAS = 600_000n;
const FEE = 6_000n;
const NEW_MEMO_BYTES = 512n;

/** How long voting and the block that counts it may take, on a busy machine. */
const DECISION_MS = 90_000;

/** Throws on the first thing that is not true. */
export async function tellGovernance({ network, buyer, ledger, say }: GovernanceOptions): Promise<void> {
  const { denom, chainId, prefix } = network.manifest;
  const how = { gas: GAS, fee: [{ denom, amount: FEE }] };
  const { validators } = await buyer.query.staking.validators({});
  const [validator] = validators;
  if (!validator) throw new Error("staking has no validator, want those of genesis");
  const validatorAddress = validator.operatorAddress;

  say("");
  say(`Stake: the buyer delegates ${STAKE} ${denom} to ${validator.description.moniker}`);
  const delegated = await buyer.staking.delegate({ validatorAddress, amount: { denom, amount: STAKE } }, how);
  ledger.move("buyer", -STAKE - FEE);
  tellTx(say, "delegated", delegated);
  await ledger.check(delegated.height, 0n);

  const { params } = await buyer.query.gov.params({ paramsType: "deposit" });
  const deposit = params?.minDeposit ?? [];
  const deposited = deposit.find((coin) => coin.denom === denom)?.amount ?? 0n;
  const before = (await buyer.query.auth.params({})).params;
  say("");
  say(`Governance: a proposal to allow memos of ${NEW_MEMO_BYTES} bytes instead of ${before.maxMemoCharacters}`);
  const { account } = await buyer.query.auth.moduleAccountByName({ name: "gov" });
  const authority = account && ModuleAccount.decode(account.value).baseAccount?.address;
  if (!authority) throw new Error("gov has no account, want that of governance");
  const change = packAny(MsgUpdateParams, {
    authority,
    params: { ...before, maxMemoCharacters: NEW_MEMO_BYTES },
  });
  const proposed = await buyer.gov.submitProposal(
    {
      messages: [change],
      initialDeposit: deposit,
      title: "Longer memos",
      summary: "References of purchase orders do not fit into 256 bytes.",
    },
    how,
  );
  const { proposalId } = proposed;
  ledger.move("buyer", -deposited - FEE);
  tellTx(say, `proposal ${proposalId}, with a deposit of ${deposited} ${denom}`, proposed);
  await ledger.check(proposed.height, 0n);

  for (const node of network.validators) {
    const voter = await connect([node.rpc.url], {
      signer: walletFromKey(await keyOf(node.spec), { prefix }),
      chainId,
    });
    try {
      const voted = await voter.gov.vote({ proposalId, option: VoteOption.VOTE_OPTION_YES }, how);
      tellTx(say, `${node.spec.name} votes yes`, voted);
    } finally {
      voter.close();
    }
  }
  const proposal = await until(`proposal ${proposalId} is decided`, DECISION_MS, async () => {
    const { proposal: now } = await buyer.query.gov.proposal({ proposalId });
    return now?.status === ProposalStatus.PROPOSAL_STATUS_VOTING_PERIOD ? undefined : now;
  });
  if (proposal.status !== ProposalStatus.PROPOSAL_STATUS_PASSED) {
    throw new Error(`proposal ${proposalId} has status ${proposal.status}, want it passed: ${proposal.failedReason}`);
  }
  const after = (await buyer.query.auth.params({})).params;
  if (after.maxMemoCharacters !== NEW_MEMO_BYTES) {
    throw new Error(`memos may have ${after.maxMemoCharacters} bytes, want ${NEW_MEMO_BYTES}`);
  }
  ledger.move("buyer", deposited);
  const { yesCount } = proposal.finalTallyResult ?? {};
  say(`  passed with ${yesCount} ${denom} of stake for it; memos may now have ${after.maxMemoCharacters} bytes`);
  await ledger.check(await buyer.height(), 0n);

  say("");
  say("Rewards: the buyer takes what the stake has earned");
  const rewards = await buyer.distribution.withdrawDelegatorReward({ validatorAddress }, how);
  const earned = rewards.amount.find((coin) => coin.denom === denom)?.amount ?? 0n;
  if (earned <= 0n) throw new Error(`rewards are ${earned} ${denom}, want more than 0`);
  ledger.move("buyer", earned - FEE);
  tellTx(say, `earned ${earned} ${denom}`, rewards);
  await ledger.check(rewards.height, 0n);
}

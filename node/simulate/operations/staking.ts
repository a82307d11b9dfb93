import { addressToBytes, bytesToAddress } from "@interfirm/modules/kernel/address";
import { PubKey } from "@interfirm/proto/gen/cosmos/crypto/ed25519";
import {
  MsgBeginRedelegate,
  MsgCancelUnbondingDelegation,
  MsgCreateValidator,
  MsgDelegate,
  MsgEditValidator,
  MsgUndelegate,
  Query,
  type Validator,
} from "@interfirm/proto/gen/cosmos/staking/v1beta1";
import { MsgRotateConsensusKey } from "@interfirm/proto/gen/interfirm/staking/v1";
import { packAny } from "@interfirm/proto/registry";
import { message, type TestAccount } from "../../test/accounts.ts";
import { type Operation, ownerOf, type View } from "../operation.ts";

const STAKING = "cosmos.staking.v1beta1.Query";
const PERCENT = 10n ** 16n;

export async function someValidator(view: View): Promise<Validator | undefined> {
  const { validators } = await view.query(STAKING, Query.methods.validators, { pagination: { limit: 100n } });
  return validators.length === 0 ? undefined : view.random.pick(validators);
}

/** The operator's address with the account's prefix, and the other way round. */
export const operatorOf = (account: TestAccount): string => {
  const prefix = account.address.slice(0, account.address.lastIndexOf("1"));
  return bytesToAddress(addressToBytes(account.address, prefix), `${prefix}valoper`);
};

export const accountOfOperator = (view: View, operator: string): TestAccount | undefined =>
  view.accounts.find((account) => operatorOf(account) === operator);

async function someDelegation(view: View, signer: TestAccount) {
  const { delegationResponses } = await view.query(STAKING, Query.methods.delegatorDelegations, {
    delegatorAddr: signer.address,
    pagination: { limit: 50n },
  });
  return delegationResponses.length === 0 ? undefined : view.random.pick(delegationResponses);
}

export const stakingOperations: readonly Operation[] = [
  {
    name: "create a validator",
    weight: 3,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const amount = view.random.amount(1_000_000n, (await view.spendable(signer.address)) / 4n);
      const rate = view.random.between(0, 20);
      const create = message(MsgCreateValidator, {
        description: { moniker: signer.name },
        commission: {
          rate: BigInt(rate) * PERCENT,
          maxRate: BigInt(rate + view.random.between(0, 30)) * PERCENT,
          maxChangeRate: BigInt(view.random.between(0, rate)) * PERCENT,
        },
        minSelfDelegation: 1n,
        validatorAddress: operatorOf(signer),
        pubkey: packAny(PubKey, { key: view.random.bytes(32) }),
        value: { denom: view.denom, amount },
      });
      return { signer, messages: [create] };
    },
  },
  {
    name: "edit a validator",
    weight: 2,
    async plan(view) {
      const validator = await someValidator(view);
      const signer = validator && accountOfOperator(view, validator.operatorAddress);
      if (!signer) return undefined;
      const edit = message(MsgEditValidator, {
        description: { moniker: `${signer.name} ${view.height}`, identity: "[do-not-modify]" },
        validatorAddress: validator.operatorAddress,
        ...(view.random.chance(50) ? { commissionRate: BigInt(view.random.between(0, 100)) * PERCENT } : {}),
      });
      return { signer, messages: [edit] };
    },
  },
  {
    name: "rotate a consensus key",
    weight: 2,
    async plan(view) {
      const validator = await someValidator(view);
      const signer = validator && accountOfOperator(view, validator.operatorAddress);
      if (!signer) return undefined;
      const rotate = message(MsgRotateConsensusKey, {
        validatorAddress: validator.operatorAddress,
        newPubkey: packAny(PubKey, { key: view.random.bytes(32) }),
      });
      return { signer, messages: [rotate] };
    },
  },
  {
    name: "delegate",
    weight: 15,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const validator = await someValidator(view);
      if (!validator) return undefined;
      const amount = view.random.amount(1n, (await view.spendable(signer.address)) / 5n);
      const delegate = message(MsgDelegate, {
        delegatorAddress: signer.address,
        validatorAddress: validator.operatorAddress,
        amount: { denom: view.denom, amount },
      });
      return { signer, messages: [delegate] };
    },
  },
  {
    name: "undelegate",
    weight: 8,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const found = await someDelegation(view, signer);
      if (!found) return undefined;
      // Now and then all of it, and now and then more.
      const amount = view.random.chance(15)
        ? found.balance.amount + (view.random.chance(20) ? 1n : 0n)
        : view.random.amount(1n, found.balance.amount);
      const undelegate = message(MsgUndelegate, {
        delegatorAddress: signer.address,
        validatorAddress: found.delegation.validatorAddress,
        amount: { denom: view.denom, amount },
      });
      return { signer, messages: [undelegate] };
    },
  },
  {
    name: "redelegate",
    weight: 6,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const [found, destination] = [await someDelegation(view, signer), await someValidator(view)];
      if (!found || !destination) return undefined;
      const redelegate = message(MsgBeginRedelegate, {
        delegatorAddress: signer.address,
        validatorSrcAddress: found.delegation.validatorAddress,
        validatorDstAddress: destination.operatorAddress,
        amount: { denom: view.denom, amount: view.random.amount(1n, found.balance.amount) },
      });
      return { signer, messages: [redelegate] };
    },
  },
  {
    name: "cancel an unbonding",
    weight: 3,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const { unbondingResponses } = await view.query(STAKING, Query.methods.delegatorUnbondingDelegations, {
        delegatorAddr: signer.address,
      });
      if (unbondingResponses.length === 0) return undefined;
      const unbonding = view.random.pick(unbondingResponses);
      const entry = view.random.pick(unbonding.entries);
      const cancel = message(MsgCancelUnbondingDelegation, {
        delegatorAddress: signer.address,
        validatorAddress: unbonding.validatorAddress,
        amount: { denom: view.denom, amount: view.random.amount(1n, entry.balance) },
        creationHeight: entry.creationHeight,
      });
      return { signer: ownerOf(view, unbonding.delegatorAddress) ?? signer, messages: [cancel] };
    },
  },
];

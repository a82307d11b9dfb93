import {
  MsgFundCommunityPool,
  MsgSetWithdrawAddress,
  MsgWithdrawDelegatorReward,
  MsgWithdrawValidatorCommission,
  Query,
} from "@interfirm/proto/gen/cosmos/distribution/v1beta1";
import { MsgUnjail } from "@interfirm/proto/gen/cosmos/slashing/v1beta1";
import { message } from "../../test/accounts.ts";
import type { Operation } from "../operation.ts";
import { accountOfOperator, someValidator } from "./staking.ts";

const DISTRIBUTION = "cosmos.distribution.v1beta1.Query";

export const distributionOperations: readonly Operation[] = [
  {
    name: "set a withdraw address",
    weight: 2,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const withdrawAddress = view.random.pick(view.accounts).address;
      return {
        signer,
        messages: [message(MsgSetWithdrawAddress, { delegatorAddress: signer.address, withdrawAddress })],
      };
    },
  },
  {
    name: "withdraw rewards",
    weight: 8,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const { validators } = await view.query(DISTRIBUTION, Query.methods.delegatorValidators, {
        delegatorAddress: signer.address,
      });
      if (validators.length === 0) return undefined;
      const withdraw = message(MsgWithdrawDelegatorReward, {
        delegatorAddress: signer.address,
        validatorAddress: view.random.pick(validators),
      });
      return { signer, messages: [withdraw] };
    },
  },
  {
    name: "withdraw a commission",
    weight: 4,
    async plan(view) {
      const validator = await someValidator(view);
      const signer = validator && accountOfOperator(view, validator.operatorAddress);
      if (!signer) return undefined;
      const withdraw = message(MsgWithdrawValidatorCommission, { validatorAddress: validator.operatorAddress });
      return { signer, messages: [withdraw] };
    },
  },
  {
    name: "fund the community pool",
    weight: 2,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const amount = view.random.amount(1n, (await view.spendable(signer.address)) / 100n);
      const fund = message(MsgFundCommunityPool, {
        amount: [{ denom: view.denom, amount }],
        depositor: signer.address,
      });
      return { signer, messages: [fund] };
    },
  },
  {
    name: "unjail",
    weight: 10,
    async plan(view) {
      const validator = await someValidator(view);
      if (!validator?.jailed && !view.random.chance(5)) return undefined;
      const signer = validator && accountOfOperator(view, validator.operatorAddress);
      if (!signer) return undefined;
      return { signer, messages: [message(MsgUnjail, { validatorAddr: validator.operatorAddress })] };
    },
  },
];

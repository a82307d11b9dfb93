import { MsgMultiSend } from "@interfirm/proto/gen/cosmos/bank/v1beta1";
import { message, send } from "../../test/accounts.ts";
import type { Operation } from "../operation.ts";

export const bankOperations: readonly Operation[] = [
  {
    name: "bank send",
    weight: 20,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const to = view.random.pick(view.accounts);
      const spendable = await view.spendable(signer.address);
      // Now and then more than there is.
      const amount = view.random.amount(1n, view.random.chance(5) ? spendable * 2n + 1n : spendable / 10n);
      return { signer, messages: [send(signer.address, to.address, amount, view.denom)] };
    },
  },
  {
    name: "bank multi-send",
    weight: 5,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const spendable = await view.spendable(signer.address);
      const outputs = Array.from({ length: view.random.between(1, 4) }, () => ({
        address: view.random.pick(view.accounts).address,
        coins: [{ denom: view.denom, amount: view.random.amount(1n, spendable / 50n) }],
      }));
      const sum = outputs.reduce((total, { coins }) => total + coins[0]!.amount, 0n);
      const wrong = view.random.chance(5) ? 1n : 0n;
      const inputs = [{ address: signer.address, coins: [{ denom: view.denom, amount: sum + wrong }] }];
      return { signer, messages: [message(MsgMultiSend, { inputs, outputs })] };
    },
  },
];

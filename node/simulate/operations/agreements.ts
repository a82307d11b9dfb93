import { AgreementStatus, MsgAccept, MsgPropose, MsgSettle, Query } from "@interfirm/proto/gen/interfirm/agreements/v1";
import { message } from "../../test/accounts.ts";
import { type Operation, ownerOf, type View } from "../operation.ts";

const AGREEMENTS = "interfirm.agreements.v1.Query";

/** An agreement among the latest. */
async function someAgreement(view: View) {
  const { agreements } = await view.query(AGREEMENTS, Query.methods.agreements, {
    pagination: { reverse: true, limit: 20n },
  });
  return agreements.length === 0 ? undefined : view.random.pick(agreements);
}

export const agreementOperations: readonly Operation[] = [
  {
    name: "propose an agreement",
    weight: 8,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const payee = view.random.pick(view.accounts);
      const amount = view.random.amount(1n, (await view.spendable(signer.address)) / 20n);
      const proposal = message(MsgPropose, {
        payer: signer.address,
        payee: payee.address,
        price: { denom: view.denom, amount },
        termsHash: view.random.bytes(32),
        deadlineHeight: view.height + BigInt(view.random.between(0, 30)),
      });
      return { signer, messages: [proposal] };
    },
  },
  {
    name: "accept an agreement",
    weight: 8,
    async plan(view) {
      const agreement = await someAgreement(view);
      if (!agreement) return undefined;
      const signer = view.random.chance(90) ? ownerOf(view, agreement.payee) : view.random.pick(view.accounts);
      if (!signer) return undefined;
      const termsHash = view.random.chance(95) ? agreement.termsHash : view.random.bytes(32);
      return { signer, messages: [message(MsgAccept, { payee: signer.address, id: agreement.id, termsHash })] };
    },
  },
  {
    name: "settle an agreement",
    weight: 6,
    async plan(view) {
      const agreement = await someAgreement(view);
      if (agreement?.status !== AgreementStatus.AGREEMENT_STATUS_ACTIVE && !view.random.chance(10)) return undefined;
      const signer = agreement && ownerOf(view, agreement.payer);
      if (!signer) return undefined;
      return { signer, messages: [message(MsgSettle, { payer: signer.address, id: agreement.id })] };
    },
  },
];

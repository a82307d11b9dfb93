import { govAuthority } from "@interfirm/modules/kernel/authority";
import { Query as GovQuery, MsgSubmitProposal } from "@interfirm/proto/gen/cosmos/gov/v1";
import { MsgCancelUpgrade, MsgSoftwareUpgrade, Query } from "@interfirm/proto/gen/cosmos/upgrade/v1beta1";
import { MsgSignalReady } from "@interfirm/proto/gen/interfirm/upgrade/v1";
import { message } from "../../test/accounts.ts";
import type { Operation } from "../operation.ts";
import { accountOfOperator, someValidator } from "./staking.ts";

/** No simulation comes to a plan's height, where it would stop. */
const BLOCKS_AHEAD = 1_000_000n;

export const upgradeOperations: readonly Operation[] = [
  {
    name: "propose an upgrade, or to drop it",
    weight: 1,
    async plan(view) {
      const signer = view.random.pick(view.accounts);
      const prefix = signer.address.slice(0, signer.address.lastIndexOf("1"));
      const authority = govAuthority(prefix);
      const plan = { name: `v${view.height}`, height: view.height + BLOCKS_AHEAD, info: "" };
      const wanted = view.random.chance(75)
        ? message(MsgSoftwareUpgrade, { authority, plan })
        : message(MsgCancelUpgrade, { authority });
      const { params } = await view.query("cosmos.gov.v1.Query", GovQuery.methods.params, { paramsType: "deposit" });
      const submit = message(MsgSubmitProposal, {
        messages: [wanted],
        initialDeposit: params?.minDeposit ?? [],
        proposer: signer.address,
        title: `upgrade at ${view.height}`,
        summary: "made by the simulation",
      });
      return { signer, messages: [submit] };
    },
  },
  {
    name: "signal readiness",
    weight: 2,
    async plan(view) {
      const { plan } = await view.query(Query.typeName, Query.methods.currentPlan, {});
      const validator = await someValidator(view);
      const signer = validator && accountOfOperator(view, validator.operatorAddress);
      if (!signer || !plan) return undefined;
      const planName = view.random.chance(90) ? plan.name : "v0";
      const signal = message(MsgSignalReady, { validatorAddress: validator.operatorAddress, planName });
      return { signer, messages: [signal] };
    },
  },
];
